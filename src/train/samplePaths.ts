import { timeColumn, type Frame } from '../data/frame.js'
import type { TimeAxis } from '../data/series.js'
import { timeDetail } from '../data/times/writeTimes.js'
import { pastAllNumbers } from './eachForecast.js'
import type { Forecast } from './forecastTypes.js'
import { rounded } from './forecastRows.js'

/** Courses that one series may take. */
export interface SeriesPaths {
  readonly id: string
  readonly times: Float64Array
  /** `[paths, times, channels]` row-major, in the data's own units, to seven digits. */
  readonly values: Float64Array
}

/** Sample paths of several series: a table has a row for each series, time, channel and path. */
export interface SamplePathSet {
  readonly channels: readonly string[]
  readonly time: TimeAxis
  /** Paths of each series. */
  readonly count: number
  readonly paths: readonly SeriesPaths[]
}

/**
 * Sample paths of a forecast.
 *
 * @throws the error of a forecast that has one; LatentOdeError `NotFinite` where a number in the data's units would be none
 */
export function pathsOf({ id, times, paths }: Forecast, channels: readonly string[], count: number): SeriesPaths {
  const values = paths(count).map(rounded)
  const wild = values.findIndex((value) => !Number.isFinite(value))
  if (wild !== -1) throw pastAllNumbers(channels[wild % channels.length]!, times[Math.floor(wild / channels.length) % times.length]!)
  return { id, times, values }
}

/** Sample paths as a table; path k, from 1 on, is one course at all times and channels. */
export function frameOfPaths(
  { channels, time: axis, count, paths }: SamplePathSet,
  detail = timeDetail(
    axis,
    paths.map(({ times }) => times),
  ),
): Frame {
  const rows = paths.flatMap(({ id, times, values }) =>
    Array.from(times).flatMap((time, i) =>
      channels.flatMap((channel, c) =>
        Array.from({ length: count }, (_, k) => ({
          id,
          time,
          channel,
          path: k + 1,
          value: values[(k * times.length + i) * channels.length + c]!,
        })),
      ),
    ),
  )
  return [
    { name: 'id', kind: 'text', values: rows.map(({ id }) => id) },
    timeColumn(
      'time',
      axis,
      Float64Array.from(rows, ({ time }) => time),
      detail,
    ),
    { name: 'channel', kind: 'text', values: rows.map(({ channel }) => channel) },
    { name: 'path', kind: 'number', values: Float64Array.from(rows, ({ path }) => path) },
    { name: 'value', kind: 'number', values: Float64Array.from(rows, ({ value }) => value) },
  ]
}
