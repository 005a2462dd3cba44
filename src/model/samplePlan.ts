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

/** Plans the solve for each series' ascending `times`, relative to its origin. */
export function planSamples(times: readonly Float64Array[], samples: number): SamplePlan {
  const source: number[] = []
  const rowTimes: Float64Array[] = []
  const entries: Int32Array[] = []
  times.forEach((all, series) => {
    const split = all.findIndex((t) => t >= 0)
    const past = split < 0 ? all.length : split
    const ways = [
      { from: past, step: 1, count: all.length - past },
      { from: past - 1, step: -1, count: past },
    ].filter(({ count }) => count > 0).map(({ from, step, count }) => {
      const way = { times: new Float64Array(count + 1), entries: new Int32Array(count + 1).fill(-1) }
      for (let i = 0; i < count; i++) {
        way.entries[i + 1] = from + step * i
        way.times[i + 1] = all[from + step * i]!
      }
      return way
    })
    for (let k = 0; k < samples; k++) {
      for (const way of ways) {
        source.push(series * samples + k)
        rowTimes.push(way.times)
        entries.push(way.entries)
      }
    }
  })
  const offsets = new Int32Array(source.length + 1)
  rowTimes.forEach((list, row) => (offsets[row + 1] = offsets[row]! + list.length))
  const entry = new Int32Array(offsets.at(-1)!)
  entries.forEach((list, row) => entry.set(list, offsets[row]))
  return { source: Int32Array.from(source), times: rowTimes, offsets, entry }
}
