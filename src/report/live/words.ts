import { csvLines } from '../../data/csv.js'
import { defaultQuantiles, statistics, type ForecastRow } from '../../train/forecastRows.js'
import type { TimeAxis } from '../../data/series.js'
import { timeDetail, timeWriter } from '../../data/times/writeTimes.js'
import type { SeriesView } from '../contents.js'
import { formatNumber, formatTime } from '../format.js'
import { counted } from '../headline.js'
import { isKnown, knownPoints, type Point, type Scenario } from './scenario.js'

/** What the model is told, as a sentence. */
export function toldInWords(scenario: Scenario): string {
  const told = knownPoints(scenario)
  if (told.length === 0) return 'The model is told nothing: this is what it expects of any series, from its prior.'
  const own = told.filter((point) => point.own).length
  const rows = scenario.rows.length === 0 ? '' : ` of the first ${scenario.known} of ${counted(scenario.rows.length, 'time', 'times')}`
  const recordedOnes = told.length - own
  const parts = [
    ...(recordedOnes > 0 ? [`${counted(recordedOnes, 'value', 'values')}${rows}`] : []),
    ...(own > 0 ? [`${counted(own, 'value', 'values')} of yours`] : []),
  ]
  return `The model is told ${parts.join(' and ')}.`
}

/** What it expects at the end of the axis, of the first few channels drawn. */
export function expectedInWords(view: SeriesView, axis: TimeAxis, most = 2): string {
  const last = view.times.length - 1
  const each = view.channels
    .slice(0, most)
    .map(
      ({ channel, prediction }) =>
        `${channel} ${formatNumber(prediction.mean[last])}` +
        (prediction.q95[last] === prediction.q05[last]
          ? ''
          : ` (90\u202f%: ${formatNumber(prediction.q05[last])} to ${formatNumber(prediction.q95[last])})`),
    )
  return each.length === 0 ? '' : `At ${formatTime(view.times[last]!, axis)} it expects ${each.join(', ')}.`
}

/** A point's name: `bili 3.2 at 1974-03-02, told to the model`. */
export function pointInWords(scenario: Scenario, point: Point, channel: string, axis: TimeAxis): string {
  return (
    `${channel} ${formatNumber(point.value, 4)} at ${formatTime(point.time, axis)}, ` +
    `${isKnown(scenario, point) ? (point.own ? 'yours, told to the model' : 'told to the model') : 'kept from the model'}`
  )
}

/** What a panel shows, for those who do not see it. */
export function panelInWords(view: SeriesView, position: number, axis: TimeAxis): string {
  const { channel, observations } = view.channels[position]!
  const told = observations.filter(({ role }) => role === 'conditioning').length
  return (
    `${channel}: ${counted(told, 'value', 'values')} told to the model, ${observations.length - told} kept from it; mean with 50 % and ` +
    `90 % bands. ${expectedInWords({ ...view, channels: [view.channels[position]!] }, axis)}`
  )
}

interface Columns {
  readonly idColumn: string
  readonly timeColumn: string
}

/** What the model is told, as a file that `predict` reads. */
export function observationsFile(
  scenario: Scenario,
  channels: readonly string[],
  axis: TimeAxis,
  { idColumn, timeColumn }: Columns,
): string {
  const rows = new Map<number, (number | string)[]>()
  for (const { time, channel, value } of knownPoints(scenario)) {
    const row = rows.get(time) ?? channels.map(() => '')
    row[channel] = value
    rows.set(time, row)
  }
  const write = writerOf(axis, [...rows.keys()])
  const id = idColumn === '' ? [] : [scenario.id]
  return [
    ...csvLines(
      [...(idColumn === '' ? [] : [idColumn]), timeColumn, ...channels],
      [...rows].map(([time, row]) => [...id, write(time), ...row]),
    ),
  ].join('')
}

/** What writes times as `predict` does: as finely as all of them ask for. */
function writerOf(axis: TimeAxis, times: readonly number[]): (time: number) => string {
  return timeWriter(axis, timeDetail(axis, [Float64Array.from(times)]))
}

/** What the model says, as `predict` writes it. */
export function forecastFile(scenario: Scenario, rows: readonly ForecastRow[], axis: TimeAxis): string {
  const told = statistics(defaultQuantiles)
  const write = writerOf(
    axis,
    rows.map(({ time }) => time),
  )
  return [
    ...csvLines(
      ['id', 'time', 'channel', ...told],
      rows.map((row) => [scenario.id, write(row.time), row.channel, ...told.map((name) => row[name])]),
    ),
  ].join('')
}
