import { SolverError } from './errors.js'
import { requireReal, type TensorLike } from './numbers.js'
import { spacingAt } from './resolution.js'
import { short } from './status.js'
import type { Times } from './types.js'

/** Times this many spacings of float32 apart have lost less than 1 % of what is between them. */
const ample = 128

/** From this size on a time that repeats may be two that were told apart once. */
const large = 2 ** 20

/**
 * The times in a tensor, `[T]`, or `[rows, T]`. TensorFlow.js's tensors are float32: of times near 1e9 they keep a minute.
 *
 * @throws SolverError `Times` where that can have changed what lies between two of them by 1 % or more; `Shape`
 */
export function checkedTimes(times: TensorLike): Times {
  requireReal(times, 'The tensor of times')
  const values = Float64Array.from(times.dataSync())
  const length = times.shape.at(-1)
  if (length === undefined || times.shape.length > 2)
    throw new SolverError('Shape', `The times have shape [${times.shape.join(', ')}]; give a list [T], or one for each row, [rows, T].`)
  const lists = Array.from({ length: length === 0 ? 0 : values.length / length }, (_, row) =>
    values.subarray(row * length, (row + 1) * length),
  )
  for (const list of lists) requireDigits(list)
  return times.shape.length === 1 ? values : lists
}

function requireDigits(times: Float64Array): void {
  const farthest = times.reduce((most, time) => Math.max(most, Math.abs(time)), 0)
  if (!Number.isFinite(farthest) || farthest === 0) return
  const spacing = spacingAt(farthest, 'float32')
  const span = Math.abs(times.at(-1)! - times[0]!)
  // Numbers that could have had more digits but have not were whole in their unit: nothing of them is lost.
  const grid = times.every((time) => time % (16 * spacing) === 0) || (spacing <= 1 && farthest < 2 ** 24 && times.every(Number.isInteger))
  const repeats = span === 0 ? farthest >= large : span < ample * ample * spacing
  for (let i = 1; i < times.length; i++) {
    const gap = Math.abs(times[i]! - times[i - 1]!)
    if (gap === 0 ? !repeats : gap >= ample * spacing || grid) continue
    const what = gap === 0 ? `entries ${i - 1} and ${i} are both ${times[i]!}` : `entries ${i - 1} and ${i} are ${short(gap)} apart`
    throw new SolverError(
      'Times',
      `Of the times in a tensor: ${what}, where float32 numbers are ${short(spacing)} apart: a tensor cannot hold such times. Give ` +
        'them as a list of numbers or a Float64Array, or subtract an origin before they become a tensor.',
    )
  }
}
