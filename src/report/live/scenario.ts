import type { Series } from '../../data/series.js'
import { rowsUpTo } from '../../train/conditioning.js'
import type { TimeScale } from '../../train/selection.js'
import type { LiveSeries } from './liveContents.js'
import type { Question } from './liveModel.js'
import { roundStep, roundTo } from './steps.js'

/** One value of one channel at one time. */
export interface Point {
  /** Stays the same while the point is moved. */
  readonly key: number
  readonly time: number
  /** Index into the model's channels. */
  readonly channel: number
  readonly value: number
  /** Added or moved by the reader; such a point is always told to the model. */
  readonly own: boolean
}

/** What the reader supposes about a series. A value: each change makes another one. */
export interface Scenario {
  readonly id: string
  /** In order of time. */
  readonly points: readonly Point[]
  /** Times of the rows as they were recorded, whatever became of their points. */
  readonly rows: readonly number[]
  /** So many of the rows, from the first, are told to the model. */
  readonly known: number
  /** Where the axis begins if no point lies before. */
  readonly start: number
  /** How far past the last recorded row, or past the start if there is none, to predict. */
  readonly horizon: number
  readonly nextKey: number
}

/** Points that predictions are drawn through. */
const GRID = 80

/** A series as recorded; the model is told the first half of its span. */
export function recorded({ id, times, channels, values }: LiveSeries, scale: TimeScale): Scenario {
  const points = times.map((time, key): Point => ({ key, time, channel: channels[key]!, value: values[key]!, own: false }))
  const rows = [...new Set(times)]
  const span = rows.length > 1 ? rows.at(-1)! - rows[0]! : scale.span
  return {
    id,
    points,
    rows,
    start: rows[0]!,
    horizon: roundHorizon(span / 4),
    nextKey: points.length,
    known: rowsUpTo({ id, times: Float64Array.from(rows), values: new Float64Array(0), mask: new Uint8Array(0) }, 0.5).length,
  }
}

/** A horizon as a person would name it. */
export const roundHorizon = (horizon: number): number => (horizon > 0 ? roundTo(horizon, roundStep(horizon / 20)) : 0)

/** A series of which nothing is known, over as long a time as the longest that the model was trained on. */
export const unwritten = (id: string, { origin, earliest, span }: TimeScale): Scenario => ({
  id,
  points: [],
  rows: [],
  known: 0,
  start: origin === 'zero' ? 0 : earliest,
  horizon: roundHorizon(span),
  nextKey: 0,
})

/** Whether the model is told a point. */
export const isKnown = ({ rows, known }: Pick<Scenario, 'rows' | 'known'>, { own, time }: Point): boolean =>
  own || (known > 0 && time <= rows[known - 1]!)

export const knownPoints = (scenario: Scenario): Point[] => scenario.points.filter((point) => isKnown(scenario, point))

/** First and last time of the axis. */
export function timeWindow({ points, rows, start, horizon }: Scenario): readonly [number, number] {
  return [Math.min(start, points[0]?.time ?? start), Math.max((rows.at(-1) ?? start) + horizon, points.at(-1)?.time ?? -Infinity)]
}

/**
 * Times that make sense to ask about: the encoder walks through gaps in steps of a fiftieth
 * of the span, so a slip of the pen must not take it on for ever.
 */
export function reachOf({ rows, start }: Scenario, { span }: TimeScale): readonly [number, number] {
  return [start - 10 * span, (rows.at(-1) ?? start) + 10 * span]
}

/** A value more; one of the same channel and time gives way to it. */
export function addPoint(scenario: Scenario, { time, channel, value }: Pick<Point, 'time' | 'channel' | 'value'>): Scenario {
  const others = scenario.points.filter((point) => point.time !== time || point.channel !== channel)
  return {
    ...scenario,
    points: inOrder([...others, { key: scenario.nextKey, time, channel, value, own: true }]),
    nextKey: scenario.nextKey + 1,
  }
}

/** A point elsewhere; the scenario as it is if another point of its channel has that time. */
export function movePoint(scenario: Scenario, key: number, to: Partial<Pick<Point, 'time' | 'value'>>): Scenario {
  const point = scenario.points.find((one) => one.key === key)
  if (!point) return scenario
  const moved: Point = { ...point, ...to, own: true }
  if (moved.time === point.time && moved.value === point.value) return scenario
  if (scenario.points.some((other) => other.key !== key && other.channel === point.channel && other.time === moved.time)) return scenario
  return { ...scenario, points: inOrder(scenario.points.map((one) => (one.key === key ? moved : one))) }
}

export const removePoint = (scenario: Scenario, key: number): Scenario => ({
  ...scenario,
  points: scenario.points.filter((point) => point.key !== key),
})

export const reveal = (scenario: Scenario, known: number): Scenario => ({
  ...scenario,
  known: Math.max(0, Math.min(scenario.rows.length, Math.round(known))),
})

const inOrder = (points: readonly Point[]): Point[] => [...points].sort((a, b) => a.time - b.time || a.channel - b.channel)

/** What is to be asked of the model: from the first point that it is told, or from the start, to the end of the axis. */
export function questionOf(scenario: Scenario, channels: readonly number[], width: number): Question {
  const [start, end] = timeWindow(scenario)
  const told = knownPoints(scenario)
  // With nothing told the series still begins at its first row: there z0 lives.
  const times = told.length > 0 ? [...new Set(told.map(({ time }) => time))] : [start]
  const values = new Float64Array(times.length * width)
  const mask = new Uint8Array(times.length * width)
  for (const { time, channel, value } of told) {
    const cell = times.indexOf(time) * width + channel
    values[cell] = value
    mask[cell] = 1
  }
  const series: Series = { id: scenario.id, times: Float64Array.from(times), values, mask }
  return { series, rows: told.length > 0 ? Int32Array.from(times.keys()) : new Int32Array(0), times: gridOf(times[0]!, end), channels }
}

/** Fifteen digits, so that a time is the same when it is read from a table. */
const gridOf = (from: number, to: number): Float64Array =>
  to > from
    ? Float64Array.from({ length: GRID }, (_, i) => Number((from + ((to - from) * i) / (GRID - 1)).toPrecision(15)))
    : Float64Array.of(from)
