import type { EpochRecord } from '../../train/records.js'
import type { TimeAxis } from '../../data/series.js'
import { pitHistogram, reliability } from '../calibration.js'
import type { SeriesView } from '../contents.js'
import { untrained } from '../notices.js'
import { finite, rounder, significant, type Json, type Row, type Specification } from '../figure.js'
import { formatNumber, formatScore, formatTime, toMilliseconds } from '../format.js'
import type { Palette } from '../theme.js'
import { who, whoTold } from '../views/chosen.js'
import { total } from '../views/errors.js'
import { extent } from '../extent.js'
import { everyValue, valueDomain } from '../views/series.js'
import { timeAxis } from '../views/timeAxis.js'
import { robustDomain } from '../views/training.js'
import type { Both, ComparedSeries, ComparedTask } from './contents.js'
import { formatDifference } from './headline.js'

/** How the models are drawn: two colours, and dashes for those who do not see these apart. */
const looks = (palette: Palette): { name: 'first' | 'second'; colour: string; dash: readonly number[] }[] => [
  { name: 'first', colour: palette.model, dash: [1, 0] },
  { name: 'second', colour: palette.other, dash: [5, 3] },
]

/** Where a label is left out on a logarithmic axis, no line is needed either. */
const labelledLines = { gridOpacity: { condition: { test: "datum.label !== ''", value: 1 }, value: 0 } } as const

/** One channel of one series with the forecasts of both models: means and 90 % bands over the same observations. */
export function overlayView({ views }: ComparedSeries, channel: number, axis: TimeAxis, palette: Palette, height = 160): Specification {
  const [one, other] = views
  const mine = [one.channels[channel]!, other.channels[channel]!] as const
  const values = mine.flatMap(everyValue)
  const log = mine[0].scale === 'log' && values.every((value) => value > 0)
  const round = log ? significant : rounder(values)
  const time = (value: number): number => toMilliseconds(value, axis)
  const [first, to] = extent([...one.times, ...other.times, ...mine[0].observations.map((o) => o.time)])
  const from = first - 0.015 * (to - first)
  // What either model was not trained on.
  const both: SeriesView = {
    ...one,
    trainedFrom: Math.max(one.trainedFrom ?? -Infinity, other.trainedFrom ?? -Infinity),
    trainedUntil: Math.min(one.trainedUntil ?? Infinity, other.trainedUntil ?? Infinity),
  }
  const [low, high] = extent(mine.flatMap((view) => valueDomain(view, log)))
  const grid = (view: SeriesView, prediction = view.channels[channel]!.prediction): Row[] =>
    view.times.map((at, i) => ({
      time: time(at),
      mean: round(prediction.mean[i]),
      q05: round(prediction.q05[i]),
      q95: round(prediction.q95[i]),
    }))
  const observations: Row[] = mine[0].observations
    .filter((o) => finite(o.value) !== null)
    .map((o) => ({
      time: time(o.time),
      value: round(o.value),
      role: o.role,
      at: formatTime(o.time, axis),
      shown: formatNumber(o.value, 4),
      said: o.role === 'conditioning' ? 'given to the models' : 'held out',
    }))
  const x: Json = {
    field: 'time',
    ...timeAxis(axis),
    title: null,
    scale: { domain: [time(from), time(to)], nice: false, type: axis.kind === 'date' ? 'utc' : 'linear' },
  }
  const y = (field: string): Json => ({
    field,
    type: 'quantitative',
    title: null,
    scale: { type: log ? 'log' : 'linear', domain: [low, high], nice: false },
    axis: { tickCount: 4, minExtent: 34, ...(log && labelledLines) },
  })
  const points = (role: string, mark: object): Json => ({
    data: { name: 'observations' },
    transform: [{ filter: { field: 'role', equal: role } }],
    mark: { type: 'point', clip: true, opacity: 1, ...mark },
    encoding: {
      x,
      y: y('value'),
      tooltip: [
        { field: 'at', title: 'time', type: 'nominal' },
        { field: 'shown', title: 'observed', type: 'nominal' },
        { field: 'said', title: 'role', type: 'nominal' },
      ],
    },
  })
  return {
    width: 'container',
    height,
    datasets: {
      first: grid(one),
      second: grid(other),
      observations,
      beyond: untrained(both, from, to).map((stretch) => ({ from: time(stretch.from), to: time(stretch.to) })),
      rule: one.conditionedUntil >= from && one.conditionedUntil < to ? [{ time: time(one.conditionedUntil) }] : [],
    },
    layer: [
      {
        data: { name: 'beyond' },
        mark: { type: 'rect', color: palette.beyond, tooltip: null },
        encoding: { x: { ...(x as object), field: 'from' }, x2: { field: 'to' } },
      },
      ...looks(palette).map(({ name, colour }): Json => ({
        data: { name },
        mark: { type: 'area', color: colour, opacity: 0.15, clip: true, tooltip: null },
        encoding: { x, y: y('q05'), y2: { field: 'q95' } },
      })),
      {
        data: { name: 'rule' },
        mark: { type: 'rule', color: palette.muted, strokeWidth: 1, strokeDash: [2, 3], tooltip: null },
        encoding: { x },
      },
      ...looks(palette).map(({ name, colour, dash }): Json => ({
        data: { name },
        mark: { type: 'line', color: colour, strokeWidth: 1.9, strokeDash: dash, clip: true, tooltip: null },
        encoding: { x, y: y('mean') },
      })),
      points('conditioning', { filled: true, color: palette.ink, size: 26 }),
      points('heldout', { filled: true, fill: palette.surface, stroke: palette.heldout, strokeWidth: 1.75, size: 34 }),
    ],
  }
}

/**
 * The difference of the models' mean squared errors with its 95 % interval, over all
 * channels and for each. Left of zero, the second model is the better.
 */
export function differencesView(task: ComparedTask, palette: Palette): Specification {
  const lines = [...(task.channels.length > 1 ? [{ channel: total, mse: task.mse, points: task.points }] : []), ...task.channels]
  const rows: Row[] = lines
    .map(({ channel, mse, points }) => ({
      channel,
      difference: significant(mse.difference),
      low: significant(mse.low),
      high: significant(mse.high),
      shown: formatDifference(mse),
      points,
    }))
    .filter((row) => row.difference !== null)
  const ends = rows.flatMap((row) => [row.difference, row.low, row.high].filter((value) => value !== null)).map(Number)
  const reach = Number((1.08 * Math.max(...ends.map(Math.abs), 1e-9)).toPrecision(3))
  const x = (field: string): Json => ({
    field,
    type: 'quantitative',
    title: 'difference in mean squared error',
    scale: { domain: [-reach, reach], nice: false },
    axis: { grid: true, domain: false, ticks: false, tickCount: { expr: 'max(3, min(7, floor(width / 70)))' } },
  })
  const y: Json = {
    field: 'channel',
    type: 'nominal',
    title: null,
    sort: null,
    scale: { paddingOuter: 0.2 },
    axis: {
      labelLimit: 110,
      labelColor: palette.ink,
      labelFontSize: 12,
      labelFontWeight: { condition: { test: { field: 'value', equal: total }, value: 700 }, value: 400 },
    },
  }
  return {
    width: 'container',
    height: 30 * rows.length,
    datasets: { differences: rows, zero: [{ at: 0 }] },
    data: { name: 'differences' },
    layer: [
      { data: { name: 'zero' }, mark: { type: 'rule', color: palette.muted, strokeDash: [3, 3], tooltip: null }, encoding: { x: x('at') } },
      { mark: { type: 'rule', color: palette.ink, strokeWidth: 2, tooltip: null }, encoding: { y, x: x('low'), x2: { field: 'high' } } },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1, stroke: palette.surface, strokeWidth: 1 },
        encoding: {
          y,
          x: x('difference'),
          color: { condition: { test: 'datum.difference < 0', value: palette.other }, value: palette.model },
          tooltip: [
            { field: 'channel', type: 'nominal' },
            { field: 'shown', title: 'difference', type: 'nominal' },
            { field: 'points', title: 'values', type: 'nominal' },
          ],
        },
      },
    ],
  }
}

/**
 * Each series' mean squared error under both models: below the diagonal, the second model is the better. Series that may
 * not be named come last, ordered by their errors, which are told no finer than they are drawn.
 */
export function pairsView(
  task: ComparedTask,
  labels: Both<string>,
  palette: Palette,
  mayBeNamed: (id: string) => boolean,
  height = 230,
): Specification {
  const all = task.bySeries.filter(({ mse }) => mse.every(Number.isFinite))
  const named = all
    .filter(({ series }) => mayBeNamed(series))
    .map(({ series, points, mse: [a, b] }): Row => ({
      series,
      first: significant(a),
      second: significant(b),
      firstShown: formatScore(a),
      secondShown: formatScore(b),
      points,
    }))
  const others = all
    .filter(({ series }) => !mayBeNamed(series))
    .map(({ mse }) => mse.map((value) => Number(value.toPrecision(3))) as [number, number])
    .sort(([a, b], [c, d]) => a - c || b - d)
    .map(([a, b]): Row => ({ series: null, first: a, second: b, firstShown: formatScore(a), secondShown: formatScore(b), points: '–' }))
  const rows = [...named, ...others]
  const errors = rows.flatMap(({ first, second }) => [Number(first), Number(second)])
  const [least, most] = [Math.min(...errors), Math.max(...errors)]
  const log = least > 0 && most / least > 20
  const domain = log ? [least / 1.15, most * 1.15] : [0, 1.06 * most || 1]
  const scale: Json = { type: log ? 'log' : 'linear', domain, nice: false }
  const axis = (grid: boolean): Json => ({ tickCount: 4, grid, ...(log && grid && labelledLines) })
  const x: Json = { field: 'first', type: 'quantitative', title: `error of ${short(labels[0])}`, scale, axis: axis(false) }
  const y: Json = { field: 'second', type: 'quantitative', title: `error of ${short(labels[1])}`, scale, axis: axis(true) }
  return {
    width: 'container',
    height,
    datasets: { pairs: rows, diagonal: domain.map((end) => ({ first: end, second: end })) },
    layer: [
      {
        data: { name: 'diagonal' },
        mark: { type: 'line', color: palette.muted, strokeDash: [3, 3], strokeWidth: 1, tooltip: null },
        encoding: { x, y },
      },
      {
        data: { name: 'pairs' },
        transform: [who],
        mark: { type: 'point', filled: true, size: 50, opacity: 0.85, stroke: palette.surface, strokeWidth: 1, clip: true },
        encoding: {
          x,
          y,
          color: { condition: { test: 'datum.second < datum.first', value: palette.other }, value: palette.model },
          tooltip: [
            whoTold,
            { field: 'firstShown', title: 'first model', type: 'nominal' },
            { field: 'secondShown', title: 'second model', type: 'nominal' },
            { field: 'points', title: 'values', type: 'nominal' },
          ],
        },
      },
    ],
  }
}

const short = (label: string): string => (label.length > 26 ? `${label.slice(0, 25)}…` : label)

const percent = "format(datum.value * 100, '.0f')"

/** How often values fell into the central intervals of each model, against how often they should; the diagonal is perfect. */
export function reliabilitiesView({ scored }: ComparedTask, palette: Palette, height = 210): Specification {
  const scale: Json = { domain: [0, 1], nice: false }
  const x: Json = {
    field: 'nominal',
    type: 'quantitative',
    title: 'interval, %',
    scale,
    axis: { values: [0, 0.25, 0.5, 0.75, 1], labelExpr: percent },
  }
  const y: Json = {
    field: 'observed',
    type: 'quantitative',
    title: 'values inside, %',
    scale,
    axis: { values: [0, 0.25, 0.5, 0.75, 1], labelExpr: percent },
  }
  return {
    width: 'container',
    height,
    datasets: {
      diagonal: [
        { nominal: 0, observed: 0 },
        { nominal: 1, observed: 1 },
      ],
      ...bothSets(
        scored.map((points) => reliability(points).map(({ nominal, observed }) => ({ nominal, observed: significant(observed) }))),
      ),
    },
    layer: [
      {
        data: { name: 'diagonal' },
        mark: { type: 'line', color: palette.muted, strokeDash: [3, 3], strokeWidth: 1, tooltip: null },
        encoding: { x, y },
      },
      ...lines(x, y, palette),
    ],
  }
}

/** Where in their predictive distributions the values fell: level is calibrated. */
export function pitsView({ scored }: ComparedTask, palette: Palette, height = 210): Specification {
  const bins = scored.map((points) => pitHistogram(points))
  // The last step is drawn to its end.
  const steps = bins.map((some) => [...some, { ...some.at(-1)!, from: 1 }].map(({ from, share }) => ({ from, share: significant(share) })))
  const most = Math.max(0.2, ...bins.flat().map(({ share }) => share * 1.08))
  const x: Json = {
    field: 'from',
    type: 'quantitative',
    title: 'predicted chance of a smaller value, %',
    scale: { domain: [0, 1], nice: false },
    axis: { values: [0, 0.25, 0.5, 0.75, 1], labelExpr: percent },
  }
  const y: Json = {
    field: 'share',
    type: 'quantitative',
    title: 'share of values, %',
    scale: { domain: [0, most], nice: false },
    axis: { tickCount: 4, labelExpr: percent },
  }
  return {
    width: 'container',
    height,
    datasets: { expected: [{ share: 0.1 }], ...bothSets(steps) },
    layer: [
      { data: { name: 'expected' }, mark: { type: 'rule', color: palette.muted, strokeDash: [3, 3], tooltip: null }, encoding: { y } },
      ...lines(x, y, palette, 'step-after'),
    ],
  }
}

/** One quantity of both training histories over the epochs. */
export function historiesView(
  histories: Both<readonly EpochRecord[]>,
  quantity: keyof EpochRecord,
  palette: Palette,
  height = 200,
): Specification {
  const values = histories
    .flat()
    .map((record) => record[quantity])
    .filter(Number.isFinite)
  const round = rounder(values)
  const [low, high] = robustDomain(values)
  const epochs = histories.flat().map(({ epoch }) => epoch)
  const x: Json = {
    field: 'epoch',
    type: 'quantitative',
    title: 'epoch',
    scale: { zero: false, nice: false, domain: [Math.min(...epochs), Math.max(...epochs)] },
    axis: { tickMinStep: 1, tickCount: { expr: 'max(2, floor(width / 70))' }, format: 'd' },
  }
  const y: Json = {
    field: 'value',
    type: 'quantitative',
    title: null,
    scale: { zero: false, domainMin: low, domainMax: high, nice: false },
    axis: { tickCount: 5 },
  }
  return {
    width: 'container',
    height,
    datasets: bothSets(histories.map((history) => history.map((record) => ({ epoch: record.epoch, value: round(record[quantity]) })))),
    layer: lines(x, y, palette),
  }
}

const bothSets = ([first, second]: readonly (readonly Row[])[]): { [name: string]: Json } => ({ first: first!, second: second! })

function lines(x: Json, y: Json, palette: Palette, interpolate = 'linear'): Json[] {
  return looks(palette).map(({ name, colour, dash }) => ({
    data: { name },
    mark: { type: 'line', color: colour, strokeDash: dash, strokeWidth: 2, interpolate, clip: true, tooltip: null },
    encoding: { x, y },
  }))
}
