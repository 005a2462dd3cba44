import type { Dataset } from '../../api/read.js'
import { describeSeries } from '../../data/describe.js'
import type { SeriesSet } from '../../data/series.js'
import type { DataSummary } from '../../report/contents.js'
import { formatCount, formatDuration, formatNumber, formatShare, formatTime } from '../../report/format.js'
import { counted } from '../../report/headline.js'
import { html } from '../../report/html.js'
import { gapsBetween } from '../../report/gaps.js'
import { figuresOf } from '../figures.js'
import type { Parts } from '../parts.js'
import { htmlTable } from './table.js'

/** Rows of the raster, about: more make a heavy image. */
const RASTER = 30

/** What was read, and what was noticed. */
export function readingParts(data: Dataset): Parts {
  const { body, ...rest } = dataParts(data)
  const { notices } = data
  return { body: html`${body}${notices.length > 0 && html`<ul>${notices.map((notice) => html`<li>${notice}</li>`)}</ul>`}`, ...rest }
}

/** A data set: what is in it, in numbers, and when it was observed. */
export function dataParts(set: SeriesSet): Parts {
  const { series, rows, observed, channels, lengths, gaps, earliest, latest, missing } = describeSeries(set)
  const every = Math.ceil(series / RASTER)
  const raster = set.series.map(({ id, times }) => ({ series: id, times: Array.from(times) }))
  const summary: DataSummary = {
    series,
    rows,
    values: observed,
    channels: channels.map(({ channel, observed: count, missing: share, q25, median, q75 }) => ({
      name: channel,
      observed: count,
      missing: share,
      transform: 'none',
      lowerQuartile: q25,
      median,
      upperQuartile: q75,
    })),
    raster: raster.filter((_, i) => i % every === 0),
    gaps: gapsBetween(raster),
  }
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
    figures: figuresOf(['data'], { data: summary, time: set.time, timeColumn: set.timeColumn, idColumn: set.idColumn }),
  }
}

const timeText = (time: number, { time: axis }: SeriesSet): string => (axis.kind === 'number' ? formatNumber(time) : formatTime(time, axis))
