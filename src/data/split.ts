import { UserError } from '../errors.js'
import { random } from '../random.js'
import { compareIds } from './toSeries.js'

/** Ids of the series that are trained on, watched for early stopping, and kept for the final test. */
export interface Split {
  readonly train: readonly string[]
  readonly valid: readonly string[]
  readonly test: readonly string[]
}

/** Options of {@link splitSeries}. */
export interface SplitOptions {
  /** Default 0. */
  readonly seed?: number
  /** Fractions of the series for validation and test; the rest trains. Default 0.15 each. */
  readonly valid?: number
  readonly test?: number
}

/**
 * Splits series at random. Which series go where depends on the ids and the seed alone, not on their order.
 *
 * Each part with a fraction above zero gets the rounded number of series, at least one where there are enough:
 * training comes first, then test, then validation. So 1 series: all train. 2: one trains, one tests. 3: one each.
 * 5: three, one, one. With 0 or 1 series to test on, scores are of training data or rest on one series, and whoever
 * reports them should say so.
 *
 * @throws UserError `NoSeries`, `BadFraction`, `DuplicateId`
 */
export function splitSeries(ids: readonly string[], options: SplitOptions = {}): Split {
  const { seed = 0, valid = 0.15, test = 0.15 } = options
  if (ids.length === 0) throw new UserError('NoSeries', 'There are no series to split. Give at least one.')
  if (!(valid >= 0 && test >= 0 && valid + test < 1))
    throw new UserError(
      'BadFraction',
      `The fractions for validation (${valid}) and test (${test}) must not be negative and must leave something to train on. Give ` +
        'two numbers that sum to less than 1.',
    )
  const sorted = [...ids].sort(compareIds)
  const twice = sorted.find((id, i) => i > 0 && sorted[i - 1] === id)
  if (twice !== undefined) throw new UserError('DuplicateId', `The id "${twice}" stands for two series. Give each series an id of its own.`)
  const spare = ids.length - 1
  const testCount = Math.min(spare, test > 0 ? Math.max(1, Math.round(ids.length * test)) : 0)
  const validCount = Math.min(spare - testCount, valid > 0 ? Math.max(1, Math.round(ids.length * valid)) : 0)
  const shuffled = random(seed, 'split').shuffle(sorted)
  return {
    test: shuffled.slice(0, testCount).sort(compareIds),
    valid: shuffled.slice(testCount, testCount + validCount).sort(compareIds),
    train: shuffled.slice(testCount + validCount).sort(compareIds),
  }
}
