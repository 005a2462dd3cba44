import { errorsByGap } from '../calibration.js'
import type { EvaluationView } from '../contents.js'
import { finite, type Json, type Row, type Specification } from '../figure.js'
import { formatDuration, formatScore } from '../format.js'
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
  const rows: Row[] = lines.flatMap(([channel, scores], order) => methods.map(({ name, label }) => {
    const mse = finite(name === 'model' ? scores.mse : scores.baselines[name].mse)
    return { channel, order, method: label, mse: mse === null ? null : Number(mse.toPrecision(5)), shown: formatScore(mse) }
  })).filter((row) => row.mse !== null)
  const errors = rows.map((row) => row.mse as number)
  const log = errors.length > 0 && Math.min(...errors) > 0 && Math.max(...errors) / Math.min(...errors) > 30
  const x: Json = {
    field: 'mse', type: 'quantitative', title: 'mean squared error, normalised',
    scale: log ? { type: 'log' } : { domainMin: 0 },
    axis: { grid: true, domain: false, ticks: false, tickCount: { expr: 'max(3, floor(width / 70))' } },
  }
  const y: Json = {
    field: 'channel', type: 'nominal', title: null, sort: lines.map(([channel]) => channel), scale: { paddingOuter: 0.5 },
    axis: {
      labelLimit: 110, labelColor: palette.ink, labelFontSize: 12,
      labelFontWeight: { condition: { test: { field: 'value', equal: total }, value: 700 }, value: 400 },
    },
  }
  const style = (range: readonly string[]): Json => ({ domain: methods.map((method) => method.label), range })
  return {
    width: 'container',
    height: { step: 30 },
    datasets: { errors: rows },
    data: { name: 'errors' },
    layer: [
      {
        mark: { type: 'rule', color: palette.grid, strokeWidth: 6, strokeCap: 'round', tooltip: null },
        encoding: { y, x: { ...(x as object), aggregate: 'min' }, x2: { field: 'mse', aggregate: 'max' } },
      },
      {
        mark: { type: 'point', filled: true, opacity: 1, stroke: palette.surface, strokeWidth: 1 },
        encoding: {
          y, x,
          color: { field: 'method', type: 'nominal', legend: null, scale: style([palette.model, palette.linear, palette.locf, palette.mean]) },
          shape: { field: 'method', type: 'nominal', legend: null, scale: style(methods.map((method) => method.shape)) },
          size: { condition: { test: { field: 'method', equal: methods[0].label }, value: 130 }, value: 75 },
          // The model lies on top.
          order: { field: 'method', type: 'nominal', sort: 'descending' },
          tooltip: [
            { field: 'channel', type: 'nominal' }, { field: 'method', type: 'nominal' },
            { field: 'shown', title: 'mean squared error', type: 'nominal' },
          ],
        },
      },
    ],
  }
}

/** The model's error by the time since the channel was last seen. Undefined where there are too few values. */
export function gapErrorsView(view: EvaluationView, axis: TimeAxis, timeColumn: string, palette: Palette, height = 230): Specification | undefined {
  const bins = errorsByGap(view.points)
  if (bins.length < 3) return undefined
  const rows: Row[] = bins.map((bin) => ({
    from: bin.from, to: bin.to, middle: (bin.from + bin.to) / 2, mse: Number(bin.mse.toPrecision(4)),
    range: `${formatDuration(bin.from, axis)} to ${formatDuration(bin.to, axis)}`, shown: formatScore(bin.mse), points: bin.points,
  }))
  const unit = axis.kind === 'date' ? `${axis.unit}s` : timeColumn
  const x = (field: string): Json => ({
    field, type: 'quantitative', title: `time since the channel was last given (${unit})`, scale: { zero: true, nice: false },
    axis: { labelFlush: true, tickCount: { expr: 'max(2, floor(width / 70))' } },
  })
  const y: Json = { field: 'mse', type: 'quantitative', title: 'mean squared error, normalised', scale: { domainMin: 0 }, axis: { tickCount: 4 } }
  return {
    width: 'container',
    height,
    datasets: { gaps: rows },
    data: { name: 'gaps' },
    layer: [
      { mark: { type: 'rule', color: palette.model, opacity: 0.3, strokeWidth: 5, tooltip: null }, encoding: { x: x('from'), x2: { field: 'to' }, y } },
      { mark: { type: 'line', color: palette.model, strokeWidth: 2, tooltip: null }, encoding: { x: x('middle'), y } },
      {
        mark: { type: 'point', filled: true, opacity: 1, size: 70, color: palette.model, stroke: palette.surface, strokeWidth: 2 },
        encoding: {
          x: x('middle'), y,
          tooltip: [
            { field: 'range', title: 'time since last given', type: 'nominal' }, { field: 'shown', title: 'mean squared error', type: 'nominal' },
            { field: 'points', title: 'values', type: 'nominal' },
          ],
        },
      },
    ],
  }
}
