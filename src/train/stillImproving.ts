import { plural } from '../data/place.js'
import type { ModelDescription } from './modelFile.js'
import type { EpochRecord } from './records.js'
import { LEAST_GAIN } from './schedule.js'
import type { TrainingState } from './state.js'

/**
 * That a limit ended a training that was getting somewhere.
 *
 * @param trainings that the budget is shared by
 */
export function stillImproving(
  { ending, epoch, step, history }: TrainingState,
  { patience, budget }: ModelDescription['training'],
  trainings: number,
): string | undefined {
  if (ending !== 'epochs' && ending !== 'budget') return undefined
  const least = (records: readonly EpochRecord[]): number =>
    Math.min(Infinity, ...records.map(({ validLoss, trainLoss }) => (Number.isNaN(validLoss) ? trainLoss : validLoss)))
  const recent = Math.max(1, Math.floor(patience / 2))
  if (!(least(history.slice(-recent)) < least(history.slice(0, -recent)) - LEAST_GAIN)) return undefined
  const share =
    trainings > 1 ? `its share of the --budget, ${budget},` : budget === 'auto' ? 'the time that auto gives it' : `--budget ${budget}`
  const limit = ending === 'epochs' ? `--epochs ${epoch}` : share
  const more = ending === 'epochs' ? `--epochs ${2 * epoch} or without a limit` : 'a longer --budget'
  return (
    `The loss ${trainings > 1 ? 'of a member ' : ''}was still getting better when ${limit} ended training after ${plural(step, 'step')}: ` +
    `the model is not yet what it could be. Fit it with ${more}${trainings > 1 ? '.' : ', or go on from this model with --from.'}`
  )
}
