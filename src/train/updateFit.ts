import { domainNotices } from '../data/normalise.js'
import { fingerprint } from '../data/fingerprint.js'
import { plural } from '../data/place.js'
import type { SeriesSet } from '../data/series.js'
import { outlyingSpans } from '../data/spans.js'
import { splitSeries, type Split } from '../data/split.js'
import { cutWindows, splitWindows } from '../data/windows.js'
import type { Engine } from '../engine/engine.js'
import { UserError } from '../errors.js'
import { createModel } from '../model/createModel.js'
import { ownParameters } from '../model/stack.js'
import { version } from '../version.js'
import { engineName } from './engineName.js'
import { requireTwoRows, trainingData } from './fit.js'
import { withChannels } from './forecast.js'
import { requireSupport } from './likelihoodChoice.js'
import { startTraining } from './loop.js'
import { type FittedModel, type ModelDescription } from './modelFile.js'
import { chooseOptions, trainingOptions, type FitOptions } from './options.js'
import { runFit, type FitEvents, type TrainedFit } from './runFit.js'
import { trainedSetup } from './trainedSetup.js'

/** Options that a model to go on from has settled: what it is, and how its data are prepared. */
const settledPreparation = ['transform', 'window', 'stride'] as const

/** Options of training that a model to go on from has settled. */
const settledTraining = ['balance', 'ensemble', 'folds'] as const

/** An option that is given, and is another than that of the model to go on from; `then` is undefined where the model has none. */
export interface SettledOption {
  readonly name: string
  readonly now: unknown
  readonly then: unknown
}

/**
 * The first option that would make another model than the one to go on from. Repeating what the model has is fine, but for
 * preparation, of which a model keeps the result only.
 */
export function settledOption(
  { kind, model, training }: Pick<ModelDescription, 'kind' | 'model' | 'training'>,
  given: Readonly<Record<string, unknown>>,
): SettledOption | undefined {
  const has: Readonly<Record<string, unknown>> = {
    model: kind,
    ...model,
    ...Object.fromEntries(settledTraining.map((name) => [name, training[name]])),
    // It is of one training, which auto may have come to as well.
    folds: given['folds'] === 'auto' ? training.folds : 1,
  }
  const settled = Object.entries(given).find(
    ([name, now]) =>
      now !== undefined &&
      ((settledTraining as readonly string[]).includes(name) || !Object.hasOwn(trainingOptions.shape, name)) &&
      name !== 'validFraction' &&
      name !== 'testFraction' &&
      ((settledPreparation as readonly string[]).includes(name) || JSON.stringify(now) !== JSON.stringify(has[name])),
  )
  return settled && { name: settled[0], now: settled[1], then: has[settled[0]] }
}

/** Why there is no going on from a model of several trainings. */
export const ensembleFrom = ({ ensemble }: Pick<ModelDescription, 'ensemble'>): string =>
  `The model is the average of ${ensemble!.members.length} trainings, and only from a single one can training go on. Fit it anew, to all of ` +
  'the data, or go on from a model that was fitted with --ensemble 1 --folds 1.'

/**
 * Goes on from a fitted model: more epochs on the same data, or on data that have changed or grown. Kept are its weights to
 * begin with, what kind of model it is and its sizes, channels and their weights, normalisation and scale of time. New are the state of the
 * optimiser and the schedule of the learning rate. Options of training are those of the model where none is given, but that
 * there is no second warm-up of the KL term.
 *
 * Series that the model knows stay where they were: trained on, validated with, kept for testing. New ones are split as by
 * `fit`. Windows of data that have changed are split by time anew, so that the last ones test.
 *
 * @param set values in their own units, times on the model's axis
 * @throws UserError `NotTrained` for a model that is estimated in one go, `Ensemble` for one of several trainings, `FromOption` for an
 *   option that would make another model, `NothingToTrain`; DataError `NoChannel` for data without a channel of the model; and as `fit`
 */
export async function updateFit(
  engine: Engine,
  set: SeriesSet,
  from: FittedModel,
  options: Partial<FitOptions> = {},
  events: FitEvents = {},
): Promise<TrainedFit> {
  if (from.ensemble !== undefined) throw new UserError('Ensemble', ensembleFrom(from))
  const settled = settledOption(from, options)
  if (settled !== undefined)
    throw new UserError(
      'FromOption',
      `The option "${settled.name}" is ${JSON.stringify(settled.now)}, but the model to go on from has settled it` +
        `${settled.then === undefined ? '' : `: ${JSON.stringify(settled.then)}`}. Leave it out, or fit a new model.`,
    )
  trainedSetup(from)
  const { described, notice } = describeUpdate(engine, set, from, options)
  events.onNotice?.(notice, 'notice')
  const outlying = outlyingSpans(cutWindows(withChannels(set, from.channels), described.windows), described.scale.span)
  if (outlying !== undefined) events.onNotice?.(outlying, 'warning')
  requireSupport(described.model, set)
  const data = trainingData(set, described)
  if (data.train.length === 0)
    throw new UserError(
      'NothingToTrain',
      `The model keeps all ${set.series.length} series of the data to validate or to test with, so there is none to train on. Give ` +
        'the series that it was trained on, too, or new ones.',
    )
  domainNotices(withChannels(set, from.channels), from.normalisation).forEach((text) => events.onNotice?.(text, 'notice'))
  const model = createModel(engine, trainedSetup(described))
  const state = startTraining(model, described.training, engine.dtype, ownParameters(from.parameters))
  const result = await runFit(engine, model, described, data, { state }, events)
  const worse = notBetter(from, result.fitted)
  if (worse !== undefined && result.finished) events.onNotice?.(worse, 'warning')
  return result
}

/** That no epoch was better than the model that training began from, where both were judged by the same series. */
function notBetter(from: FittedModel, { history, keptEpoch, split }: FittedModel): string | undefined {
  const [before, after] = [from.history[from.keptEpoch - 1]?.validLoss, history[keptEpoch - 1]?.validLoss]
  if (before === undefined || after === undefined || !(after > before) || split.valid.join('\n') !== from.split.valid.join('\n'))
    return undefined
  return (
    `No epoch was better than the model that training began from: its loss on the validation series was ${before.toPrecision(4)}, that of ` +
    `the model now is ${after.toPrecision(4)}. Keep the old file, or try a lower --learning-rate.`
  )
}

function describeUpdate(
  engine: Engine,
  data: SeriesSet,
  { parameters: _, calibration: __, stack: ___, weightPower: ____, ...from }: FittedModel,
  given: Partial<FitOptions>,
): { described: ModelDescription; notice: string } {
  requireTwoRows(data)
  const set = withChannels(data, from.channels)
  const mark = fingerprint(set)
  const { training, preparation } = chooseOptions({ ...trainingOf(from, given), klWarmup: 0, ...defined(given), model: from.kind })
  const fractions = { valid: preparation.validFraction, test: preparation.testFraction }
  const { split, said } = updateSplit(set, from, mark, { seed: training.seed, ...fractions })
  const trained = new Set(split.train)
  const latest = cutWindows(set, from.windows).series.reduce(
    (most, { id, times }) => (trained.has(id) ? Math.max(most, times.at(-1) ?? most) : most),
    from.scale.latest ?? -Infinity,
  )
  return {
    described: {
      ...from,
      training,
      scale: { ...from.scale, ...(from.scale.latest !== undefined && { latest }) },
      split,
      fingerprint: mark,
      history: [],
      keptEpoch: 0,
      version,
      engine: engineName(engine),
    },
    notice: `Goes on from a model of ${plural(from.history.length, 'epoch')}: its weights, channels, normalisation and scale of time are kept. ${said}`,
  }
}

/** What a model was trained with; how much it was shown has no meaning to another conditioning. */
function trainingOf({ training }: Pick<FittedModel, 'training'>, { conditioning }: Partial<FitOptions>): Partial<FitOptions> {
  if (conditioning === undefined || conditioning === training.conditioning) return training
  const { shown: _, cut: __, ...rest } = training
  return rest
}

const defined = (options: Partial<FitOptions>): Partial<FitOptions> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

function updateSplit(
  set: SeriesSet,
  { split: known, windows, fingerprint: before }: Pick<ModelDescription, 'split' | 'windows' | 'fingerprint'>,
  mark: string,
  fractions: { readonly seed: number; readonly valid: number; readonly test: number },
): { split: Split; said: string } {
  if (mark === before) return { split: known, said: 'The data are those that it was fitted to.' }
  if (windows !== undefined)
    return { split: splitWindows(set, windows, fractions), said: 'The data have changed: their windows are split by time anew.' }
  const parts = new Set([...known.train, ...known.valid, ...known.test])
  const added = set.series.map(({ id }) => id).filter((id) => !parts.has(id))
  const own = added.length === 0 ? { train: [], valid: [], test: [] } : splitSeries(added, fractions)
  return {
    // Series that are gone stay named: the model has seen them.
    split: {
      train: [...known.train, ...own.train],
      valid: [...known.valid, ...own.valid],
      test: [...known.test, ...own.test],
    },
    said:
      added.length === 0
        ? 'The data have changed, but have no new series: each stays where it was.'
        : `The data have ${plural(added.length, 'new series', 'new series')}: ${own.train.length} to train on, ` +
          `${own.valid.length} to validate, ${own.test.length} to test; the others stay where they were.`,
  }
}
