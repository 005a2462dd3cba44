import { plural } from '../data/place.js'
import type { Split } from '../data/split.js'
import { compareIds } from '../data/toSeries.js'
import { UserError } from '../errors.js'
import { random } from '../random.js'

/** Validation series from which on they say alone when training ends, and series to train on that folds are worth it for. */
const [ENOUGH, LEAST_TRAIN] = [5, 4]
/** Folds that `auto` makes. */
const FOLDS = 5

/** How a set of series is used. */
interface Chosen {
  readonly split: Split
  /** Ids by fold, where there are several. */
  readonly folds?: readonly (readonly string[])[]
  /** What was done and why, as a line. */
  readonly said?: string
}

/**
 * Divides the series that are not kept for testing into folds, at random by the seed. All of them are then to train on: each member of the
 * ensemble leaves one fold out, which it is validated with. `auto` makes 5 where under 5 series would validate and at least 4 would be
 * trained on.
 *
 * @throws UserError `Option` for folds of windows, or more folds than series
 */
export function chooseFolds(
  split: Split,
  windows: boolean,
  { folds, seed }: { readonly folds: 'auto' | number; readonly seed: number },
): Chosen {
  const { train, valid } = split
  const few = !windows && valid.length < ENOUGH && train.length >= LEAST_TRAIN
  const series = [...train, ...valid].sort(compareIds)
  const count = folds !== 'auto' ? folds : few ? Math.min(FOLDS, series.length) : 1
  if (count === 1) return { split }
  if (windows)
    throw new UserError(
      'Option',
      `The option "folds" is ${count}, but the series are cut into windows, and one that continues another says little about when to stop. ` +
        'Leave --folds out, or say --window none.',
    )
  if (count > series.length)
    throw new UserError(
      'Option',
      `The option "folds" is ${count}, but ${plural(series.length, 'series is', 'series are')} not kept for testing. ` +
        `${series.length < 2 ? 'Leave it out.' : `Give at most ${series.length}.`}`,
    )
  const shuffled = random(seed, 'folds').shuffle(series)
  return {
    split: { train: series, valid: [], test: split.test },
    folds: Array.from({ length: count }, (_, fold) => shuffled.filter((_id, i) => i % count === fold).sort(compareIds)),
    said:
      `Trains ${count} times, on ${count} folds: ` +
      `${folds === 'auto' ? `validation would have only ${plural(valid.length, 'series', 'series')}, so ` : ''}each of the ` +
      `${series.length} series that are not kept for testing validates once and trains ${count - 1 === 1 ? 'once' : `${count - 1} times`}. ` +
      `Forecasts are the average of the ${count}.` +
      `${folds === 'auto' ? ` --folds 1 trains once, validated with ${plural(valid.length, 'series', 'series')}.` : ''}`,
  }
}
