import type { Gap } from '../data/gaps.js'
import type { Series, SeriesSet } from '../data/series.js'
import { takeRows } from '../data/toSeries.js'
import type { Query } from './forecastTypes.js'
import type { FittedModel } from './modelFile.js'

/** What to ask of a model about some gaps of a series, and which those are. */
export interface GapQuery {
  readonly query: Query
  readonly gaps: readonly Gap[]
}

/**
 * What to ask so that gaps can be filled: of each series that has some, given all that was observed of it. A model that was
 * fitted to windows is asked about the window that a gap lies in. A series without any observation is asked about from the
 * prior.
 *
 * @param set has the model's channels in their order
 */
export function gapQueries({ windows }: Pick<FittedModel, 'windows'>, set: SeriesSet, gaps: readonly Gap[]): GapQuery[] {
  const byId = new Map<string, Gap[]>()
  for (const gap of gaps) {
    const own = byId.get(gap.id)
    if (own === undefined) byId.set(gap.id, [gap])
    else own.push(gap)
  }
  const known = new Map(set.series.map((series) => [series.id, series]))
  return [...byId].flatMap(([id, own]) => {
    const series = known.get(id)
    if (series === undefined) return [queryOf(unobserved(id, own, set.channels.length), own, new Int32Array(0))]
    if (windows === undefined) return [queryOf(series, own)]
    return windowsOf(series, set.channels.length, windows.rows).flatMap((window, i, all) => {
      const within = own.filter(
        ({ time }) => (i === 0 || time >= window.times[0]!) && (i + 1 === all.length || time < all[i + 1]!.times[0]!),
      )
      return within.length === 0 ? [] : [queryOf(window, within)]
    })
  })
}

function queryOf(series: Series, gaps: readonly Gap[], rows?: Int32Array): GapQuery {
  const times = Float64Array.from(new Set(gaps.map(({ time }) => time))).sort()
  return { query: { series, times, ...(rows && { rows }) }, gaps }
}

/** A series that begins with its first gap, and holds nothing. */
function unobserved(id: string, gaps: readonly Gap[], width: number): Series {
  const times = Float64Array.from(new Set(gaps.map(({ time }) => time))).sort()
  return { id, times, values: new Float64Array(times.length * width), mask: new Uint8Array(times.length * width) }
}

/** All rows of a series in windows, the last one ending with its last row; the first two may share rows. */
function windowsOf(series: Series, width: number, rows: number): Series[] {
  const { length } = series.times
  if (length <= rows) return [series]
  const starts: number[] = []
  for (let start = length - rows; start > 0; start -= rows) starts.push(start)
  return [0, ...starts.reverse()].map((start) => ({
    id: series.id,
    ...takeRows(
      series,
      width,
      Int32Array.from({ length: Math.min(rows, length - start) }, (_, k) => start + k),
    ),
  }))
}
