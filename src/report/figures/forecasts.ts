import type { ChannelView, ReportContents, SeriesView } from '../contents.js'
import { formatTime } from '../format.js'
import { counted } from '../headline.js'
import { seriesPanel } from '../views/series.js'
import { seriesKey, seriesNote } from '../views/seriesKey.js'
import type { Panel, ReportFigure } from './figure.js'

/** Observations and predictions of all series that are drawn, in one figure. */
export const forecasts: ReportFigure = {
  section: 'forecasts',
  // In a folder and beside Markdown each series is a figure of its own.
  media: ['page', 'single', 'notebook'],
  draw(contents, { palette, medium }) {
    const shown = drawnSeries(contents)
    if (shown.length === 0) return []
    const channels = Math.max(contents.data.channels.length, ...shown.map((series) => series.channels.length))
    const height = medium === 'page' && isSideBySide(shown) && contents.series.length === 1 ? 260 : 150
    return [
      {
        name: 'forecasts',
        title: contents.title,
        note: seriesNote(contents),
        description: `Observations of ${counted(shown.length, 'series', 'series')} and what the model makes of them: its mean, 50 % and 90 % bands.`,
        key: seriesKey(shown, palette),
        columns: channels > 3 ? 3 : 2,
        page: { lede: ledeOf(contents, shown) },
        panels: shown.flatMap((series, i) =>
          series.channels.map((view, k): Panel => ({
            name: `series-${i}-${k}`,
            title: channels > 1 ? `${contents.idColumn} ${series.id} · ${view.channel}` : `${contents.idColumn} ${series.id}`,
            ...(!isSideBySide(shown) && { caption: { title: view.channel } }),
            series: series.id,
            description: describe(series, view, contents),
            spec: seriesPanel(series, view, contents.time, palette, height),
          })),
        ),
      },
    ]
  },
}

/** The series that have something to draw. */
export const drawnSeries = ({ series }: ReportContents): SeriesView[] => series.filter(({ channels }) => channels.length > 0)

/** Whether a page shows all series at once: with more than two channels, one is chosen at a time. */
export const isSideBySide = (shown: readonly SeriesView[]): boolean => shown.every(({ channels }) => channels.length <= 2)

function describe(series: SeriesView, view: ChannelView, { time }: ReportContents): string {
  const count = (role: string): number => view.observations.filter((o) => o.role === role).length
  const [first, last] = [series.times[0], series.times.at(-1)]
  return (
    `Series ${series.id}, channel ${view.channel}: ${counted(count('conditioning'), 'observation', 'observations')} given to the model, ` +
    `${count('heldout')} held out, and the model’s mean with 50 % and 90 % bands` +
    (first === undefined || last === undefined ? '.' : ` from ${formatTime(first, time)} to ${formatTime(last, time)}.`)
  )
}

function ledeOf(contents: ReportContents, shown: readonly SeriesView[]): string {
  const { time, timeColumn } = contents
  const axis =
    time.kind === 'date'
      ? `Dates${time.zone === undefined ? '' : ' (UTC)'} run along the bottom.`
      : `Time${time.kind === 'duration' ? ` in ${time.unit}s` : timeColumn.toLowerCase() === 'time' ? '' : ` (${timeColumn})`} runs ` +
        'along the bottom.'
  const forecast = shown.some((series) => (series.times[series.times.length - 1] ?? -Infinity) > series.conditionedUntil)
  return (
    `The model is given the solid dots and has to predict the rest: the hollow ones were kept from it. ${axis}` +
    (forecast ? ' Right of the dotted rule it extrapolates: the last observation that it was given lies there.' : '')
  )
}
