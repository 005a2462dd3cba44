import type { TimeAxis } from '../../data/series.js'
import type { DataSummary, RasterRow } from '../contents.js'
import { alongBottom, formatCount, formatTime, toMilliseconds } from '../format.js'
import { counted } from '../headline.js'
import type { Json, Row, Specification } from '../specification.js'
import type { Palette } from '../theme.js'
import { chosenParam, isChosen } from '../views/chosen.js'
import { timeAxis } from '../views/timeAxis.js'
import type { KeyEntry, ReportFigure } from './figure.js'

/** When series were observed. */
export const observedWhen: ReportFigure = {
  section: 'data',
  draw({ data, time, timeColumn }, { palette }) {
    const rows = rasterRows(data)
    if (rows.length === 0) return []
    const title = 'When series were observed'
    const drawn = counted(rows.length, 'series', 'series')
    const which = rows.length < data.series ? `${formatCount(rows.length)} of ${formatCount(data.series)} series` : 'a line for each series'
    return [
      {
        name: 'observed-when',
        title,
        note: `A line for each of ${drawn}, a tick for each row.`,
        description: `Observation times of ${drawn}.`,
        key: splitKey(rows, palette),
        columns: 1,
        panels: [
          {
            name: 'raster',
            caption: { title, note: `${which}; ${alongBottom(time, timeColumn)} along the bottom` },
            description: `Observation times of ${drawn}: each line is a series, each tick an observation.`,
            spec: rasterView(rows, time, palette),
          },
        ],
      },
    ]
  },
}

/** The parts of the split that there are. */
const splitKey = (rows: readonly RasterRow[], palette: Palette): KeyEntry[] =>
  (
    [
      ['train', 'training', palette.muted],
      ['validation', 'validation', palette.model],
      ['test', 'test', palette.heldout],
    ] as const
  )
    .filter(([part]) => rows.some((row) => row.split === part))
    .map(([, label, colour]) => ({ mark: 'ticks', colour, label }))

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
function rasterView(rows: readonly RasterRow[], axis: TimeAxis, palette: Palette): Specification {
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
        mark: { type: 'tick', orient: 'vertical', thickness: 1.75, size: Math.max(4, step * 0.8), cursor: 'pointer' },
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
