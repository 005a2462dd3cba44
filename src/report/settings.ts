import { unusedOptions, type LatentOdeOptions } from '../model/latentOdeOptions.js'
import { sharesOf } from '../model/stack.js'
import type { FittedModel } from '../train/modelFile.js'
import type { Setting } from './contents.js'
import { formatScore } from './format.js'
import { hasSolver } from './solverTotals.js'

const encoder = new Set(['encoderUnits', 'encoderFieldUnits'])
const solver = new Set(['method', 'rtol', 'atol', 'maxSteps', 'adjoint'])

/** A model's settings in words, in groups, as a table shows them. */
export function modelSettings(fitted: FittedModel): Setting[] {
  const { model } = fitted
  const unused = 'dynamics' in model ? unusedOptions(model as LatentOdeOptions) : new Map<string, string>()
  const list = (group: string, values: object, keep: (key: string) => boolean = () => true): Setting[] =>
    Object.entries(values)
      .filter(([key]) => keep(key))
      .map(([key, value]) => ({ group, label: label(key), value: typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value) }))
  return [
    { group: 'Model', label: 'Kind', value: fitted.kind },
    ...list('Model', fitted.model, (key) => !encoder.has(key) && !solver.has(key) && !unused.has(key)),
    ...list('Encoder', fitted.model, (key) => encoder.has(key) && !unused.has(key)),
    ...list('Solver', fitted.model, (key) => solver.has(key) && !unused.has(key)),
    ...(hasSolver(fitted) ? [] : [{ group: 'Solver', label: 'Method', value: 'none: z(t) is known in closed form' }]),
    // Of the options of training, one that is estimated in one go has a use for the seed only.
    ...list('Training', fitted.training, (key) => fitted.estimation === undefined || key === 'seed'),
    ...weights(fitted),
    ...estimate(fitted),
    ...averaging(fitted),
    ...weighing(fitted),
    ...stacking(fitted),
    { group: 'Made by', label: 'Version', value: fitted.version },
    { group: 'Made by', label: 'Engine', value: fitted.engine },
  ]
}

/** What a value of each channel counted in training, where not all counted the same. */
const weights = ({ channelWeights = [], channels }: FittedModel): Setting[] =>
  channelWeights.map((weight, i) => ({ group: 'Weight of channels in training', label: channels[i]!, value: formatScore(weight) }))

/** What a model that is estimated in one go says of its estimate. */
function estimate({ estimation, channels }: FittedModel): Setting[] {
  if (estimation === undefined) return []
  const { logLikelihood, gaps, ahead, found } = estimation
  const numbers = [
    ['Log density of a training value', logLikelihood],
    ['Validation, between values shown (negative log density)', gaps],
    ['Validation, after values shown (negative log density)', ahead],
  ] as const
  return [
    ...numbers.filter(([, value]) => Number.isFinite(value)).map(([name, value]) => ({ label: name, value: formatScore(value) })),
    ...channels.map((channel, i) => ({ label: channel, value: found[i] ?? '' })),
  ].map((setting) => ({ group: 'Estimate', ...setting }))
}

/** Of which trainings a forecast is the average. */
const averaging = ({ ensemble }: FittedModel): Setting[] =>
  ensemble === undefined
    ? []
    : [
        {
          group: 'Forecast',
          label: 'Averaged over',
          value: `${ensemble.members.length} trainings${ensemble.folds ? ', each validated with a fold of the series' : ''}`,
        },
      ]

/** What samples count for, where that is less than their weights say. */
const weighing = ({ weightPower }: FittedModel): Setting[] =>
  weightPower === undefined
    ? []
    : [
        {
          group: 'Forecast',
          label: 'Samples of z0',
          value: `weighted by how well they explain what is shown, to the power ${weightPower}`,
        },
      ]

/** What a forecast is averaged of. */
function stacking({ stack, kind }: FittedModel): Setting[] {
  if (stack === undefined) return []
  const shares = sharesOf(stack, kind)
  const told = (part: 'near' | 'far'): string => shares.map((share) => `${share.name} ${Math.round(100 * share[part])} %`).join(', ')
  return [
    { group: 'Forecast', label: 'Near a value that is shown', value: told('near') },
    ...(stack.distances.length > 1 ? [{ group: 'Forecast', label: 'Far from any', value: told('far') }] : []),
  ]
}

/** `encoderUnits` as `Encoder units`. */
const label = (key: string): string => {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words[0]!.toUpperCase() + words.slice(1)
}
