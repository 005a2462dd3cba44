import { describeSeries } from '../../data/describe.js'
import type { ReadResult } from '../../data/readResult.js'
import type { SeriesSet } from '../../data/series.js'
import type { DataSummary } from '../../report/contents.js'
import { alongBottom, formatCount, formatDuration, formatNumber, formatShare, formatTime } from '../../report/format.js'
import { counted } from '../../report/headline.js'
import { html } from '../../report/html.js'
import { light } from '../../report/theme.js'
import { gapsBetween } from '../../report/gaps.js'
import { gapsView, rasterRows, rasterView } from '../../report/views/data.js'
import type { Parts } from '../render.js'
import { htmlTable } from './table.js'

/** Rows of the raster, about: more make a heavy image. */
const RASTER = 30

/** What was read, and what was noticed. */
export function readingParts({ set, notices }: ReadResult): Parts {
  const { body, ...rest } = dataParts(set)
  return { body: html`${body}${notices.length > 0 && html`<ul>${notices.map((notice) => html`<li>${notice}</li>`)}</ul>`}`, ...rest }
}

/** A data set: what is in it, in numbers, and when it was observed. */
export function dataParts(set: SeriesSet): Parts {
  const { series, rows, observed, channels, lengths, gaps, earliest, latest, missing } = describeSeries(set)
  const summary: DataSummary = {
    series,
    rows,
    values: observed,
    channels: [],
    raster: set.series.map(({ id, times }) => ({ series: id, times: Array.from(times) })),
  }
  const every = Math.ceil(series / RASTER)
  const drawn = rasterRows({ ...summary, raster: summary.raster.filter((_, i) => i % every === 0) })
  const spacing = gapsView(gapsBetween(summary.raster), set.time, set.timeColumn, light)
  return {
    body: html`<p><strong>${counted(series, 'series', 'series')}</strong> with ${counted(rows, 'row', 'rows')} and ${counted(observed, 'observed value', 'observed values')} (${formatShare(missing)} missing), ${set.timeColumn} ${timeText(earliest, set)} to ${timeText(latest, set)}. Half of the series have ${formatCount(lengths.median)} rows or more; half of the gaps between rows are ${formatDuration(gaps.median, set.time)} or more.</p>
${htmlTable(
  ['channel', 'observed', 'missing', 'mean', 'sd', 'least', 'median', 'most'],
  channels.map((one) => [
    one.channel,
    formatCount(one.observed),
    formatShare(one.missing),
    ...[one.mean, one.sd, one.min, one.median, one.max].map((value) => formatNumber(value)),
  ]),
)}`,
    ...(drawn.length > 0 && {
      figure: {
        title: 'When series were observed',
        columns: 2,
        key: [],
        note:
          `${drawn.length < series ? `${formatCount(drawn.length)} of ${formatCount(series)} series` : 'A line for each series'}, a ` +
          `tick for each row; ${alongBottom(set.time, set.timeColumn)} along the bottom.`,
        description: `Observation times of ${counted(drawn.length, 'series', 'series')}: a line for each series, a tick for each row.`,
        panels: [
          { spec: rasterView(drawn, set.time, light) },
          ...(spacing === undefined ? [] : [{ title: 'Time from one row to the next', spec: spacing }]),
        ],
      },
    }),
  }
}

const timeText = (time: number, { time: axis }: SeriesSet): string => (axis.kind === 'number' ? formatNumber(time) : formatTime(time, axis))
