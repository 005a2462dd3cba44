import type { TimeAxis } from '../../data/series.js'
import type { DataSummary, Gaps, RasterRow } from '../contents.js'
import type { Json, Row, Specification } from '../figure.js'
import { formatCount, formatDuration, formatShare, formatTime, toMilliseconds, unitAfter, unitOf } from '../format.js'
import { chosenParam, isChosen } from './chosen.js'
import { timeAxis } from './timeAxis.js'
import type { Palette } from '../theme.js'

/** So many ticks are drawn quickly. */
const mostTicks = 4000
const mostRows = 80

/** The rows of the raster that are drawn: an even sample if there are too many, the longest series first. */
export function rasterRows(data: DataSummary): RasterRow[] {
  const rows = data.raster.filter((row) => row.times.length > 0)
  const ticks = rows.reduce((sum, row) => sum + row.times.length, 0)
  const share = Math.min(1, mostRows / rows.length, mostTicks / ticks)
  const count = Math.max(1, Math.floor(share * rows.length))
  const sample = rows.length <= count ? rows : Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]!)
  const end = (row: RasterRow): number => row.times[row.times.length - 1]!
  return [...sample].sort((a, b) => end(b) - end(a) || (a.series < b.series ? -1 : 1))
}

/** When each series was observed: a line of ticks for each. */
export function rasterView(rows: readonly RasterRow[], axis: TimeAxis, palette: Palette): Specification {
  const ticks: Row[] = rows.flatMap((row, y) =>
    row.times
      .slice(0, mostTicks)
      .filter(Number.isFinite)
      .map((time) => ({
        time: toMilliseconds(time, axis),
        row: y,
        split: row.split ?? 'train',
        series: row.series,
        at: formatTime(time, axis),
      })),
  )
  const y = (field: string): Json => ({
    field,
    type: 'quantitative',
    axis: null,
    scale: { domain: [rows.length - 0.5, -0.5], nice: false, zero: false },
  })
  const step = Math.min(22, Math.max(5, 300 / rows.length))
  return {
    width: 'container',
    height: Math.max(40, Math.round(step * rows.length)),
    params: [chosenParam],
    datasets: {
      ticks,
      rows: rows.map((row, y) => ({ series: row.series, from: y - 0.5, to: y + 0.5, count: formatCount(row.times.length) })),
    },
    layer: [
      {
        // A whole row is easier to hit than a tick.
        data: { name: 'rows' },
        mark: { type: 'rect', color: palette.ink, cursor: 'pointer', stroke: null },
        encoding: {
          x: { value: 0 },
          x2: { value: 'width' },
          y: y('from'),
          y2: { field: 'to' },
          opacity: { condition: { test: isChosen, value: 0.14 }, value: 0 },
          tooltip: [
            { field: 'series', type: 'nominal' },
            { field: 'count', title: 'observed times', type: 'nominal' },
          ],
        },
      },
      {
        data: { name: 'ticks' },
        mark: { type: 'tick', thickness: 1.75, size: Math.max(4, step * 0.8), cursor: 'pointer' },
        encoding: {
          x: {
            field: 'time',
            ...timeAxis(axis),
            title: null,
            scale: { nice: false, padding: 4, ...(axis.kind === 'date' ? { type: 'utc' } : { zero: false }) },
          },
          y: y('row'),
          opacity: { condition: { test: `chosen === null || ${isChosen}`, value: 0.9 }, value: 0.6 },
          color: {
            field: 'split',
            type: 'nominal',
            legend: null,
            scale: { domain: ['train', 'validation', 'test'], range: [palette.muted, palette.model, palette.heldout] },
          },
          tooltip: [
            { field: 'series', type: 'nominal' },
            { field: 'at', title: 'time', type: 'nominal' },
          ],
        },
      },
    ],
  }
}

/** How much of each channel was observed. */
export function missingView(data: DataSummary, palette: Palette): Specification {
  const rows: Row[] = data.channels.map((channel) => ({
    channel: channel.name,
    all: 1,
    observed: Number((1 - channel.missing).toFixed(4)),
    shown: formatShare(1 - channel.missing),
    count: formatCount(channel.observed),
  }))
  const x = (field: string): Json => ({ field, type: 'quantitative', axis: null, scale: { domain: [0, 1], nice: false } })
  const y: Json = {
    field: 'channel',
    type: 'nominal',
    title: null,
    sort: null,
    scale: { paddingInner: 0.45, paddingOuter: 0.2 },
    axis: { labelLimit: 110, labelColor: palette.ink, labelFontSize: 12 },
  }
  return {
    width: 'container',
    height: (rows.length > 12 ? 20 : 26) * rows.length,
    datasets: { channels: rows },
    data: { name: 'channels' },
    layer: [
      { mark: { type: 'bar', color: palette.grid, cornerRadius: 2, tooltip: null }, encoding: { x: x('all'), y } },
      {
        mark: { type: 'bar', color: palette.muted, cornerRadius: 2 },
        encoding: {
          x: x('observed'),
          y,
          tooltip: [
            { field: 'channel', type: 'nominal' },
            { field: 'shown', title: 'observed', type: 'nominal' },
            { field: 'count', title: 'values', type: 'nominal' },
          ],
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6, color: palette.muted, tooltip: null },
        encoding: { x: x('all'), y, text: { field: 'shown' } },
      },
    ],
  }
}

/**
 * How long it was from one observation of a series to the next, in bins that are logarithmic where most gaps span more
 * than a factor of twenty. Undefined without any two observations.
 */
export function gapsView(
  { lengths }: Gaps,
  axis: TimeAxis,
  timeColumn: string,
  palette: Palette,
  height = 150,
  most = 24,
): Specification | undefined {
  const gaps = lengths.filter((gap) => gap > 0 && Number.isFinite(gap))
  if (gaps.length === 0) return undefined
  gaps.sort((a, b) => a - b)
  const [low, high] = [gaps[0]!, gaps[gaps.length - 1]!]
  const log = gaps[Math.floor(0.95 * (gaps.length - 1))]! / gaps[Math.floor(0.05 * gaps.length)]! > 20
  // Regular sampling has one gap only; its bin is in the middle.
  const [start, end] = log ? [low, high] : [0, high * (high / low < 1.05 ? 2 : 1)]
  const bins = Math.max(5, Math.min(most, Math.ceil(Math.sqrt(gaps.length))))
  const edge = (i: number): number => (log ? start * (end / start) ** (i / bins) : (end * i) / bins)
  const counts = new Array<number>(bins).fill(0)
  const position = (gap: number): number => (log ? Math.log(gap / start) / Math.log(end / start) : gap / end)
  for (const gap of gaps) counts[Math.min(bins - 1, Math.max(0, Math.floor(bins * position(gap))))]!++
  const rows: Row[] = counts.map((count, i) => ({
    from: Number(edge(i).toPrecision(5)),
    to: Number(edge(i + 1).toPrecision(5)),
    count,
    range: `${formatDuration(edge(i), axis)} to ${formatDuration(edge(i + 1), axis)}${unitAfter(axis, timeColumn)}`,
    shown: formatCount(count),
  }))
  return {
    width: 'container',
    height,
    datasets: { gaps: rows },
    data: { name: 'gaps' },
    mark: { type: 'rect', color: palette.muted, stroke: palette.surface, strokeWidth: 1 },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        title: unitOf(axis, timeColumn),
        scale: { type: log ? 'log' : 'linear', nice: false, domain: [start, end] },
        axis: { tickCount: { expr: 'max(2, floor(width / 60))' }, labelOverlap: 'greedy' },
      },
      x2: { field: 'to' },
      y: { field: 'count', type: 'quantitative', title: null, stack: false, axis: { tickCount: 3, tickMinStep: 1 } },
      y2: { datum: 0 },
      tooltip: [
        { field: 'range', title: 'time between', type: 'nominal' },
        { field: 'shown', title: 'times', type: 'nominal' },
      ],
    },
  }
}
