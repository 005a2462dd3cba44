import type { Loan } from '../arrayPool.js'
import type { FloatArray } from '../engine/engine.js'
import type { Observations } from './observations.js'

/**
 * Which rows the decoder solves, and what each of its outputs is. A series is solved `samples` times, forward from its
 * origin for times at or after it, and in rows of their own backward for those before; each row starts at the origin.
 */
export interface SamplePlan {
  /** Sample row (series · samples + sample) of each solver row. */
  readonly source: Int32Array
  /** Solver times of each row; the first is the origin, 0. */
  readonly times: readonly Float64Array[]
  /** Outputs of solver row r are points `offsets[r]` to `offsets[r + 1]`; the first is the state at the origin, which nobody asked for. */
  readonly offsets: Int32Array
  /** For each point, the index in the series' times; −1 at origins. */
  readonly entry: Int32Array
}

/** Plans the solve for each series' ascending `times`, relative to its origin. `times` and `entry` are lent. */
export function planSamples(times: readonly Float64Array[], samples: number, loan: Loan): SamplePlan {
  const ways = times.map((all) => {
    const split = all.findIndex((t) => t >= 0)
    const past = split < 0 ? all.length : split
    return [
      { from: past, step: 1, count: all.length - past },
      { from: past - 1, step: -1, count: past },
    ].filter(({ count }) => count > 0)
  })
  const rowCount = samples * ways.reduce((sum, { length }) => sum + length, 0)
  const numbers = loan.take(
    'float64',
    times.reduce((sum, { length }, series) => sum + length + ways[series]!.length, 0),
  )
  const source = new Int32Array(rowCount)
  const offsets = new Int32Array(rowCount + 1)
  const rowTimes: Float64Array[] = []
  let [used, row] = [0, 0]
  times.forEach((all, series) => {
    const lists = ways[series]!.map(({ from, step, count }) => {
      const list = numbers.subarray(used, (used += count + 1))
      for (let i = 0; i < count; i++) list[i + 1] = all[from + step * i]!
      return list
    })
    for (let k = 0; k < samples; k++) {
      for (const list of lists) {
        source[row] = series * samples + k
        rowTimes.push(list)
        offsets[row + 1] = offsets[row]! + list.length
        row++
      }
    }
  })
  const entry = loan.take('int32', offsets[rowCount]!)
  row = 0
  for (const list of ways) {
    for (let k = 0; k < samples; k++) {
      for (const { from, step, count } of list) {
        const first = offsets[row++]!
        entry[first] = -1
        for (let i = 0; i < count; i++) entry[first + 1 + i] = from + step * i
      }
    }
  }
  return { source, times: rowTimes, offsets, entry }
}

/** Where each point's value stands in the targets, `cells` `[points]`; of the origins, which are not looked at, anywhere. */
export function cellsOf({ source, offsets, entry }: SamplePlan, { length }: Observations, samples: number, cells: Int32Array): Int32Array {
  source.forEach((sampleRow, row) => {
    const first = Math.floor(sampleRow / samples) * length
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) cells[i] = first + Math.max(0, entry[i]!)
  })
  return cells
}

/** Sums of a number per point, `[series · samples]`: origins left out, and series that failed. */
export function sumBySample(
  values: ArrayLike<number>,
  { source, offsets }: SamplePlan,
  failed: Uint8Array,
  series: number,
  samples: number,
): Float64Array {
  const sums = new Float64Array(series * samples)
  source.forEach((sampleRow, row) => {
    if (failed[Math.floor(sampleRow / samples)] === 1) return
    let sum = sums[sampleRow]!
    for (let i = offsets[row]! + 1; i < offsets[row + 1]!; i++) sum += values[i]!
    sums[sampleRow] = sum
  })
  return sums
}

/** Its derivative, in `out`, which holds zeros: the number of each sample at its points, 0 at origins and for series that failed. */
export function spreadBySample(
  bars: Float64Array,
  { source, offsets }: SamplePlan,
  failed: Uint8Array,
  samples: number,
  out: FloatArray,
): FloatArray {
  source.forEach((sampleRow, row) => {
    if (failed[Math.floor(sampleRow / samples)] === 0) out.fill(bars[sampleRow]!, offsets[row]! + 1, offsets[row + 1])
  })
  return out
}

/** For each series the point of every sample at every time, `[samples, times]`. */
export function pointsOf({ source, offsets, entry }: SamplePlan, times: readonly Float64Array[], samples: number): Int32Array[] {
  const points = times.map(({ length }) => new Int32Array(samples * length))
  source.forEach((sampleRow, row) => {
    const series = Math.floor(sampleRow / samples)
    const first = (sampleRow % samples) * times[series]!.length
    for (let i = offsets[row]! + 1; i < offsets[row + 1]!; i++) points[series]![first + entry[i]!] = i
  })
  return points
}
