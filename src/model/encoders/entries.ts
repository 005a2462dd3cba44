import { ArrayPool } from '../../arrayPool.js'
import type { FloatArray } from '../../engine/engine.js'
import { stepsOf } from '../gaps.js'
import type { Observations } from '../observations.js'

/** Numbers of one row's entry: a gap, whether something is observed, values, their mask. */
export const entryWidth = (channels: number): number => 2 + 2 * channels

/** The steps of an encoder that reads backward, aligned. A row without an entry in a step has gap 0 and observed 0 there: it rests. */
export interface EncoderEntries {
  readonly count: number
  /**
   * Writes a step's entries, `[rows, 2 + 2·channels]`: the time walked backward before the
   * update, whether the row has an observation (1 or 0), its values, its mask.
   */
  fill(step: number, into: FloatArray): void
}

/**
 * Each row's observations from last to first, then on to the origin (time 0) if the first is later, gaps cut into
 * parts no longer than `longest`; rows are aligned so that all end together. Only where entries come from is kept: as
 * numbers, all steps at once, they are larger than the batch.
 */
export function encoderEntries(observations: Observations, longest: number, loan = new ArrayPool().loan()): EncoderEntries {
  const { rows, length, channels, values, mask } = observations
  let count = 0
  for (let row = 0; row < rows; row++) count = Math.max(count, walk(observations, row, longest))
  const gaps = loan.take('float64', count * rows)
  /** The observation that is read, −1: none. */
  const sources = loan.take('int32', count * rows).fill(-1)
  for (let row = 0; row < rows; row++) walk(observations, row, longest, { gaps, sources, count })
  return {
    count,
    fill(step, into) {
      into.fill(0)
      for (let row = 0, at = 0; row < rows; row++, at += entryWidth(channels)) {
        into[at] = gaps[step * rows + row]!
        const source = sources[step * rows + row]!
        if (source < 0) continue
        const cell = (row * length + source) * channels
        for (let c = 0; c < channels; c++) {
          if (mask[cell + c] === 0) continue
          into[at + 1] = 1
          into[at + 2 + c] = values[cell + c]!
          into[at + 2 + channels + c] = 1
        }
      }
    },
  }
}

/**
 * The number of steps of one row. Given where they go, `[count, rows]`, it also writes them: their gaps, and which
 * observation (−1: none) is read after each. It is told from its end, the origin, as all rows end in the last step.
 */
function walk(
  { rows, length, lengths, times }: Observations,
  row: number,
  longest: number,
  to?: { readonly gaps: Float64Array; readonly sources: Int32Array; readonly count: number },
): number {
  const [first, last] = [row * length, row * length + lengths[row]! - 1]
  let steps = 0
  // Before the first observation lies the origin, if that is not its time.
  for (let i = first - 1; i <= last; i++) {
    if (i < first && (last < first || times[first] === 0)) continue
    const gap = i === last ? 0 : times[i + 1]! - (i < first ? 0 : times[i]!)
    const parts = stepsOf(gap, longest)
    for (let part = 0; to && part < parts; part++) {
      const at = (to.count - 1 - steps - part) * rows + row
      to.gaps[at] = gap / parts
      to.sources[at] = part === 0 && i >= first ? i - first : -1
    }
    steps += parts
  }
  return steps
}
