import { models, type ModelName } from '../model/models.js'
import type { TimeAxis } from '../data/series.js'
import type { Normalisation } from '../data/normalise.js'
import type { Split } from '../data/split.js'
import type { Stack } from '../model/stack.js'
import { ensembleSize, type Ensemble } from './ensembleRecord.js'
import type { EpochRecord } from './records.js'
import type { TimeScale } from './selection.js'

/** What of a description is said in two places, or follows from another part of it. */
interface Described {
  readonly kind: ModelName
  readonly model: Readonly<Record<string, unknown>>
  readonly channels: readonly string[]
  readonly time: TimeAxis
  readonly scale: TimeScale
  readonly normalisation: Normalisation
  readonly channelWeights?: readonly number[]
  readonly split: Split
  readonly history: readonly EpochRecord[]
  readonly keptEpoch: number
  readonly stack?: Pick<Stack, 'weights'> | undefined
  readonly ensemble?: Ensemble | undefined
  readonly training: { readonly ensemble: number }
}

/** Where in a description something is, and what is wrong with it. */
export interface Disagreement {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** The first place where a description contradicts itself. */
export function disagreement({
  kind,
  model,
  channels,
  time,
  scale,
  normalisation,
  channelWeights,
  split,
  history,
  keptEpoch,
  stack,
  ensemble,
  training,
}: Described): Disagreement | undefined {
  const at =
    (...path: readonly (string | number)[]) =>
    (message: string): Disagreement => ({ path, message })
  if (repeated(channels) !== undefined) return at('channels')(`${JSON.stringify(repeated(channels))} stands there twice`)
  const named = normalisation.channels.map(({ channel }) => channel)
  if (named.length !== channels.length || named.some((name, i) => name !== channels[i]))
    return at('normalisation')('its channels are not those of the model')
  if (channelWeights !== undefined && channelWeights.length !== channels.length)
    return at('channelWeights')(`there are ${channelWeights.length} of them for ${channels.length} channels`)
  // A logarithm past these is that of no double.
  const wild = normalisation.channels.findIndex(({ transform, mean, sd }) => transform.kind === 'log' && (Math.abs(mean) > 750 || sd > 750))
  if (wild >= 0) return at('normalisation', 'channels', wild)('no double has such a logarithm')
  const moved = normalisation.channels.findIndex(({ transform, mean, rawMean }) => transform.kind === 'none' && mean !== rawMean)
  if (moved >= 0) return at('normalisation', 'channels', moved, 'mean')('it is not the rawMean, though nothing was transformed')
  if (time.kind === 'date' && !(/^\d{4}-/.test(time.epoch) && Number.isFinite(Date.parse(time.epoch))))
    return at('time', 'epoch')('this is no date')
  if (scale.span !== normalisation.timeScale) return at('scale', 'span')('it is not the timeScale of the normalisation')
  // A model that is estimated in one go has the origin that suits its data.
  if (!models[kind].estimated && model['origin'] !== 'auto' && scale.origin !== (model['origin'] ?? 'first'))
    return at('scale', 'origin')('it is not that of the model')
  if (typeof model['rate'] === 'number' && model['rate'] !== scale.rate) return at('scale', 'rate')('it is not that of the model')
  if (split.train.length === 0) return at('split', 'train')('no series was trained on')
  const twice = repeated([...split.train, ...split.valid, ...split.test])
  if (twice !== undefined) return at('split')(`the series ${JSON.stringify(twice)} stands there twice`)
  const gap = history.findIndex(({ epoch }, i) => epoch !== i + 1)
  if (gap >= 0) return at('history', gap, 'epoch')(`it should be ${gap + 1}`)
  if (stack?.weights.some(({ length }) => length !== channels.length) === true)
    return at('stack', 'weights')('its channels are not those of the model')
  if (keptEpoch > history.length) return at('keptEpoch')(`there are records of ${history.length} epochs only`)
  const wrong = ensemble && ensembleDisagreement({ ensemble, training, split })
  return wrong && { ...wrong, path: ['ensemble', ...wrong.path] }
}

/** The first place where what is said of several trainings contradicts itself. */
function ensembleDisagreement({
  ensemble,
  training,
  split,
}: Required<Pick<Described, 'training' | 'split'>> & { readonly ensemble: Ensemble }): Disagreement | undefined {
  const { members, folds } = ensemble
  const size = ensembleSize({ ensemble, training })
  if (members.length > size) return { path: ['members'], message: `there are ${members.length} of ${size}` }
  const short = members.findIndex(({ history, keptEpoch }) => keptEpoch > history.length)
  if (short >= 0) return { path: ['members', short, 'keptEpoch'], message: 'there are records of fewer epochs' }
  const gap = members.findIndex(({ history }) => history.some(({ epoch }, i) => epoch !== i + 1))
  if (gap >= 0) return { path: ['members', gap, 'history'], message: 'its epochs are not in order' }
  const folded = folds?.flat().sort() ?? []
  const trained = [...split.train].sort()
  if (folds && (folded.length !== trained.length || folded.some((id, i) => id !== trained[i])))
    return { path: ['folds'], message: 'they are not the series that were trained on' }
  return undefined
}

function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return names.find((name) => seen.size === seen.add(name).size)
}
