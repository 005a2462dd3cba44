import type { TimeAxis } from '../../data/series.js'
import type { DataSummary, Gaps } from '../contents.js'
import { formatCount, formatDuration, formatShare, unitAfter, unitOf } from '../format.js'
import { gapsBetween } from '../gaps.js'
import type { Json, Row, Specification } from '../specification.js'
import type { Palette } from '../theme.js'
import type { Panel, ReportFigure } from './figure.js'

/** How much of each channel was observed, and how often. */
export const observedHowMuch: ReportFigure = {
  section: 'data',
  draw({ data, time, timeColumn }, { palette }) {
    const spacing = data.gaps ?? gapsBetween(data.raster)
    const gaps = gapsView(spacing, time, timeColumn, palette)
    const panels = [...(data.channels.length > 0 ? [missingPanel(data, palette)] : []), ...(gaps ? [gapsPanel(data, spacing, gaps)] : [])]
    if (panels.length === 0) return []
    return [
      {
        name: 'observed-how-much',
        title: 'What was observed',
        description: 'How much of each channel was observed, and the time between one observation of a series and the next.',
        key: [],
        columns: 2,
        panels,
      },
    ]
  },
}

const missingPanel = (data: DataSummary, palette: Palette): Panel => ({
  name: 'missing',
  title: 'Share of rows in which a channel was observed',
  caption: { title: 'How much was observed', note: 'share of rows' },
  description: `Share of rows in which each channel was observed: ${data.channels
    .slice(0, 40)
    .map(({ name, missing }) => `${name} ${formatShare(1 - missing)}`)
    .join(', ')}.`,
  spec: missingView(data, palette),
})

const gapsPanel = (data: DataSummary, spacing: Gaps, spec: Specification): Panel => ({
  name: 'gaps',
  title: 'Time between observations',
  caption: {
    title: 'Time between observations',
    note: spacing.series < data.series ? `in ${formatCount(spacing.series)} series` : 'in all series',
  },
  description: 'Histogram of the time between one observation of a series and the next.',
  spec,
})

/** How much of each channel was observed. */
function missingView(data: DataSummary, palette: Palette): Specification {
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
