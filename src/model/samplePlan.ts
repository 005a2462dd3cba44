/**
 * Which rows the decoder solves, and where in its solution each wanted value stands. A series is solved `samples`
 * times, forward from its origin for times at or after it, and in rows of their own backward for those before.
 */
export interface SamplePlan {
  /** Sample row (series · samples + sample) of each solver row. */
  readonly source: Int32Array
  /** Solver times of each row; the first is the origin, 0. */
  readonly times: readonly Float64Array[]
  /** For each wanted value: the sample row it belongs to, its index in the series' times, its point in the solution. */
  readonly sampleRow: Int32Array
  readonly entry: Int32Array
  readonly point: Int32Array
}

/** Plans the solve for each series' ascending `times`, relative to its origin. */
export function planSamples(times: readonly Float64Array[], samples: number): SamplePlan {
  const source: number[] = []
  const rowTimes: Float64Array[] = []
  const points = times.reduce((sum, t) => sum + t.length, 0) * samples
  const sampleRow = new Int32Array(points)
  const entry = new Int32Array(points)
  const point = new Int32Array(points)
  let next = 0
  let solved = 0
  const addRow = (row: number, values: Float64Array, entries: readonly number[]): void => {
    source.push(row)
    rowTimes.push(Float64Array.of(0, ...values))
    entries.forEach((e, i) => {
      sampleRow[next] = row
      entry[next] = e
      point[next++] = solved + 1 + i
    })
    solved += values.length + 1
  }
  times.forEach((all, series) => {
    const split = all.findIndex((t) => t >= 0)
    const past = split < 0 ? all.length : split
    for (let k = 0; k < samples; k++) {
      const row = series * samples + k
      if (past < all.length) addRow(row, all.subarray(past), Array.from({ length: all.length - past }, (_, i) => past + i))
      if (past > 0) addRow(row, all.slice(0, past).reverse(), Array.from({ length: past }, (_, i) => past - 1 - i))
    }
  })
  return { source: Int32Array.from(source), times: rowTimes, sampleRow, entry, point }
}
