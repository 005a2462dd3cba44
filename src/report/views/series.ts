import type { TimeAxis } from '../../data/series.js'
import type { ChannelView, SeriesView } from '../contents.js'
import { extent } from '../extent.js'
import { untrained } from '../notices.js'
import { finite, labelledGrid, rounder, significant, type Json, type Row, type Specification } from '../specification.js'
import { formatNumber, formatTime, toMilliseconds } from '../format.js'
import { timeAxis } from './timeAxis.js'
import type { Palette } from '../theme.js'

/** How far past the observations and the inner band the axis may reach, in units of their own range. */
const reach = 0.6

/**
 * One channel of one series: observations by role, the mean, the 50 % and 90 % bands, the part after the model's
 * last observation lighter and dashed behind a rule, and times that training never covered on a tinted ground.
 */
export function seriesPanel(series: SeriesView, view: ChannelView, axis: TimeAxis, palette: Palette, height = 150): Specification {
  const log = view.scale === 'log' && everyValue(view).every((value) => value > 0)
  const time = (value: number): number => toMilliseconds(value, axis)
  const [first, to] = extent([...series.times, ...series.channels.flatMap((channel) => channel.observations.map((o) => o.time))])
  // A little room, so that the first observation is not cut in half.
  const from = first - 0.015 * (to - first)
  const [low, high] = valueDomain(view, log)
  const round = log ? significant : rounder(everyValue(view))
  const grid = gridRows(series, view, time, rounder([time(from), time(to)], 1e5), round)
  const last = lastIndexUntil(series.times, series.conditionedUntil)
  return {
    width: 'container',
    height,
    params: [
      { name: 'from', value: time(from) },
      { name: 'to', value: time(to) },
      { name: 'low', value: low },
      { name: 'high', value: high },
    ],
    datasets: {
      given: grid.slice(0, last + 1),
      ahead: grid.slice(Math.max(0, last)),
      observations: observationRows(series, view, axis, round),
      beyond: untrained(series, from, to).map((stretch) => ({ from: time(stretch.from), to: time(stretch.to) })),
      rule: series.conditionedUntil < to && series.conditionedUntil >= from ? [{ time: time(series.conditionedUntil) }] : [],
    },
    layer: layers(axis, log, palette),
  }
}

type Round = (value: number | null | undefined) => number | null

const gridRows = (
  { times }: SeriesView,
  { prediction }: ChannelView,
  time: (value: number) => number,
  roundTime: Round,
  round: Round,
): Row[] =>
  times.map((at, i) => ({
    time: roundTime(time(at)),
    mean: round(prediction.mean[i]),
    q05: round(prediction.q05[i]),
    q25: round(prediction.q25[i]),
    q75: round(prediction.q75[i]),
    q95: round(prediction.q95[i]),
  }))

const observationRows = (series: SeriesView, view: ChannelView, axis: TimeAxis, round: Round): Row[] =>
  view.observations
    .filter((o) => finite(o.value) !== null)
    .map((o) => ({
      time: toMilliseconds(o.time, axis),
      value: round(o.value),
      role: o.role,
      at: formatTime(o.time, axis),
      shown: formatNumber(o.value, 4),
      said: o.role === 'conditioning' ? 'given to the model' : 'held out',
      ...predictedAt(series, view, o.time),
    }))

function layers(axis: TimeAxis, log: boolean, palette: Palette): Json[] {
  const x: Json = {
    field: 'time',
    ...timeAxis(axis),
    title: null,
    scale: { domain: { expr: '[from, to]' }, nice: false, type: axis.kind === 'date' ? 'utc' : 'linear' },
  }
  const y = (field: string): Json => ({
    field,
    type: 'quantitative',
    title: null,
    scale: { type: log ? 'log' : 'linear', domain: { expr: '[low, high]' }, nice: false },
    axis: { tickCount: 4, minExtent: 34, ...(log ? labelledGrid : {}) },
  })
  const band = (part: string, lower: string, upper: string, opacity: number): Json => ({
    data: { name: part },
    mark: { type: 'area', color: palette.model, opacity, clip: true, tooltip: null },
    encoding: { x, y: y(lower), y2: { field: upper } },
  })
  const mean = (part: string, dash: Json): Json => ({
    data: { name: part },
    mark: { type: 'line', color: palette.model, strokeWidth: 1.75, strokeDash: dash, clip: true, tooltip: null },
    encoding: { x, y: y('mean') },
  })
  return [
    beyondLayer(x, palette),
    band('given', 'q05', 'q95', 0.16),
    band('given', 'q25', 'q75', 0.26),
    band('ahead', 'q05', 'q95', 0.1),
    band('ahead', 'q25', 'q75', 0.15),
    ruleLayer(x, palette),
    mean('given', [1, 0]),
    mean('ahead', [5, 3]),
    ...observationLayers(x, y('value'), palette, [
      { field: 'predicted', title: 'model, mean', type: 'nominal' },
      { field: 'interval', title: 'model, 90 %', type: 'nominal' },
    ]),
  ]
}

/** The ground of times that training never covered. */
export const beyondLayer = (x: Json, palette: Palette): Json => ({
  data: { name: 'beyond' },
  mark: { type: 'rect', color: palette.beyond, tooltip: null },
  encoding: { x: { ...(x as object), field: 'from' }, x2: { field: 'to' } },
})

/** Where the model was last given something. */
export const ruleLayer = (x: Json, palette: Palette): Json => ({
  data: { name: 'rule' },
  mark: { type: 'rule', color: palette.muted, strokeWidth: 1, strokeDash: [2, 3], tooltip: null },
  encoding: { x },
})

/** Observations that were given, solid, and those held out, hollow; `told` is what a tooltip says besides time, value and role. */
export function observationLayers(x: Json, y: Json, palette: Palette, told: readonly Json[] = []): Json[] {
  const points = (role: string, mark: object): Json => ({
    data: { name: 'observations' },
    transform: [{ filter: { field: 'role', equal: role } }],
    mark: { type: 'point', clip: true, opacity: 1, ...mark },
    encoding: {
      x,
      y,
      tooltip: [
        { field: 'at', title: 'time', type: 'nominal' },
        { field: 'shown', title: 'observed', type: 'nominal' },
        { field: 'said', title: 'role', type: 'nominal' },
        ...told,
      ],
    },
  })
  return [
    points('conditioning', { filled: true, color: palette.ink, size: 26 }),
    points('heldout', { filled: true, fill: palette.surface, stroke: palette.heldout, strokeWidth: 1.75, size: 34 }),
  ]
}

/** Index of the last grid time that is not after `time`; -1 if there is none. */
function lastIndexUntil(times: readonly number[], time: number): number {
  let last = -1
  while (last + 1 < times.length && times[last + 1]! <= time) last++
  return last
}

/** Mean and interval at an observation's time, linearly between the grid's times. */
function predictedAt(series: SeriesView, view: ChannelView, time: number): Row {
  const i = lastIndexUntil(series.times, time)
  if (i < 0) return { predicted: '–', interval: '–' }
  const j = Math.min(i + 1, series.times.length - 1)
  const width = series.times[j]! - series.times[i]!
  const share = width > 0 ? Math.min(1, (time - series.times[i]!) / width) : 0
  const at = (values: readonly number[]): string => formatNumber(values[i]! + share * (values[j]! - values[i]!))
  return { predicted: at(view.prediction.mean), interval: `${at(view.prediction.q05)} to ${at(view.prediction.q95)}` }
}

/**
 * The axis holds every observation, the mean and the inner band; the outer band may run off it where it is many
 * times wider than all of these, which would otherwise flatten what there is to see.
 */
export function valueDomain(view: ChannelView, log: boolean): [number, number] {
  const forward = log ? Math.log : (value: number): number => value
  const back = log ? Math.exp : (value: number): number => value
  const { mean, q25, q75, q05, q95 } = view.prediction
  const core = extent([...view.observations.map((o) => o.value), ...mean, ...q25, ...q75].filter(Number.isFinite).map(forward))
  const outer = extent([...q05, ...q95].filter(Number.isFinite).map(forward))
  const range = core[1] - core[0] || Math.abs(core[0]) || 1
  const low = Math.max(Math.min(core[0], outer[0]), core[0] - reach * range)
  const high = Math.min(Math.max(core[1], outer[1]), core[1] + reach * range)
  const margin = 0.06 * (high - low || range)
  return [tidy(back(low - margin)), tidy(back(high + margin))]
}

/** Short to write down. */
function tidy(value: number): number {
  return Number(value.toPrecision(6))
}

export function everyValue(view: ChannelView): number[] {
  return [view.observations.map((o) => o.value), ...Object.values(view.prediction)].flat().filter(Number.isFinite)
}
