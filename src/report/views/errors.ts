import type { ErrorBin } from '../errorsBy.js'
import type { EvaluationView } from '../contents.js'
import { finite, labelledGrid, type Json, type Row, type Specification } from '../figure.js'
import { formatDuration, formatScore, unitAfter, unitOf } from '../format.js'
import type { TimeAxis } from '../../data/series.js'
import type { Palette } from '../theme.js'

/** The methods compared, in the order of the key: what they are called, and how they look. */
export const methods = [
  { name: 'model', label: 'this model', shape: 'circle' },
  { name: 'linear', label: 'linear interpolation', shape: 'diamond' },
  { name: 'locf', label: 'last value carried forward', shape: 'square' },
  { name: 'mean', label: 'channel mean', shape: 'triangle-up' },
] as const

/** Row of all channels together. The invisible joiner keeps it apart from a channel that has this very name. */
export const total = 'all channels\u2060'

/** Mean squared error of the model and of the plain baselines: one row for each channel, and one for all. */
export function errorsView(view: EvaluationView, palette: Palette): Specification {
  const channels = Object.entries(view.scores.channels)
  const lines = [...(channels.length > 1 ? [[total, view.scores] as const] : []), ...channels]
  const rows: Row[] = lines
    .flatMap(([channel, scores], order) =>
      methods.map(({ name, label }) => {
        const mse = finite(name === 'model' ? scores.mse : scores.baselines[name].mse)
        return { channel, order, method: label, mse: mse === null ? null : Number(mse.toPrecision(5)), shown: formatScore(mse) }
      }),
    )
    .filter((row) => row.mse !== null)
  const errors = rows.map((row) => row.mse as number)
  const log = errors.length > 0 && Math.min(...errors) > 0 && Math.max(...errors) / Math.min(...errors) > 30
  const x: Json = {
    field: 'mse',
    type: 'quantitative',
    title: 'mean squared error, normalised',
    scale: log ? { type: 'log' } : { domainMin: 0 },
    axis: {
      grid: true,
      ...(log ? labelledGrid : {}),
      domain: false,
      ticks: false,
      tickCount: { expr: 'max(3, min(8, floor(width / 70)))' },
    },
  }
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
  const tooltip: Json = [
    { field: 'channel', type: 'nominal' },
    { field: 'method', type: 'nominal' },
    { field: 'shown', title: 'mean squared error', type: 'nominal' },
  ]
  const points = (filter: Json, size: number): Json => ({
    transform: [{ filter }],
    mark: { type: 'point', filled: true, opacity: 1, stroke: palette.surface, strokeWidth: 1, size },
    encoding: {
      y,
      x,
      color: methodColour(palette),
      shape: { field: 'method', type: 'nominal', legend: null, scale: scaleOver(methods.map((method) => method.shape)) },
      tooltip,
    },
  })
  const own: Json = { field: 'method', equal: methods[0].label }
  return {
    width: 'container',
    height: 30 * lines.length,
    datasets: { errors: rows },
    data: { name: 'errors' },
    layer: [
      {
        mark: { type: 'rule', color: palette.grid, strokeWidth: 6, strokeCap: 'round', tooltip: null },
        encoding: { y, x: { ...(x as object), aggregate: 'min' }, x2: { field: 'mse', aggregate: 'max' } },
      },
      points({ not: own }, 85),
      points(own, 140),
    ],
  }
}

const scaleOver = (range: readonly string[]): Json => ({ domain: methods.map((method) => method.label), range })

const methodColour = (palette: Palette): Json => ({
  field: 'method',
  type: 'nominal',
  legend: null,
  scale: scaleOver(methods.map(({ name }) => palette[name])),
})

/** Errors by a length of time, such as that since the channel was last given. Undefined where there are too few bins to make a curve. */
export function binnedErrorsView(
  bins: readonly ErrorBin[],
  length: string,
  axis: TimeAxis,
  timeColumn: string,
  palette: Palette,
  height = 230,
): Specification | undefined {
  if (bins.length < 3) return undefined
  const rows: Row[] = bins
    .flatMap((bin) =>
      methods.map(({ name, label }) => ({
        method: label,
        middle: (bin.from + bin.to) / 2,
        mse: finite(bin.mse[name]),
        range: `${formatDuration(bin.from, axis)} to ${formatDuration(bin.to, axis)}${unitAfter(axis, timeColumn)}`,
        shown: formatScore(bin.mse[name]),
        points: bin.points,
      })),
    )
    .filter((row) => row.mse !== null)
  const x: Json = {
    field: 'middle',
    type: 'quantitative',
    title: `${length} (${unitOf(axis, timeColumn)})`,
    scale: { domainMin: 0, nice: false, padding: 6 },
    axis: { tickCount: { expr: 'max(2, floor(width / 70))' } },
  }
  const y: Json = {
    field: 'mse',
    type: 'quantitative',
    title: 'mean squared error, normalised',
    scale: { domainMin: 0, nice: true, padding: 0 },
    axis: { tickCount: 4 },
  }
  const own: Json = { field: 'method', equal: methods[0].label }
  const lines = (filter: Json, width: number): Json => ({
    transform: [{ filter }],
    mark: { type: 'line', strokeWidth: width, tooltip: null },
    encoding: { x, y, color: methodColour(palette) },
  })
  const points = (filter: Json, size: number): Json => ({
    transform: [{ filter }],
    mark: { type: 'point', filled: true, opacity: 1, stroke: palette.surface, strokeWidth: 1.5, size },
    encoding: {
      x,
      y,
      color: methodColour(palette),
      shape: { field: 'method', type: 'nominal', legend: null, scale: scaleOver(methods.map((method) => method.shape)) },
      tooltip: [
        { field: 'range', title: length, type: 'nominal' },
        { field: 'method', type: 'nominal' },
        { field: 'shown', title: 'mean squared error', type: 'nominal' },
        { field: 'points', title: 'values', type: 'nominal' },
      ],
    },
  })
  return {
    width: 'container',
    height,
    datasets: { gaps: rows },
    data: { name: 'gaps' },
    layer: [lines({ not: own }, 1.25), points({ not: own }, 45), lines(own, 2.25), points(own, 80)],
  }
}
