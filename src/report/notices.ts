import type { Notice, ReportContents, SeriesView } from './contents.js'
import { formatDuration } from './format.js'
import { counted } from './headline.js'

/** The notices given, after those that follow from what is drawn and scored. */
export function notices(contents: ReportContents): readonly Notice[] {
  return [...horizonWarning(contents), ...scoringNotices(contents), ...contents.notices]
}

/** How far past the training span a series' predictions reach; 0 if they do not. */
export function beyondTraining(series: SeriesView): number {
  const last = series.times[series.times.length - 1]
  if (series.trainedUntil === undefined || last === undefined) return 0
  // Rounding may put the last of a regular grid a hair past the span.
  const slack = 1e-9 * Math.max(1, Math.abs(last), Math.abs(series.trainedUntil))
  return last - series.trainedUntil > slack ? last - series.trainedUntil : 0
}

function horizonWarning(contents: ReportContents): Notice[] {
  const reaches = contents.series.map(beyondTraining).filter((reach) => reach > 0)
  if (reaches.length === 0) return []
  const far = formatDuration(Math.max(...reaches), contents.time)
  const unit = contents.time.kind === 'number' ? ` (${contents.timeColumn})` : ''
  return [{
    kind: 'warning',
    text: `${reaches.length === contents.series.length ? 'Forecasts' : `Forecasts of ${reaches.length} of the ${contents.series.length} series`} run up to ${far}${unit} past the time span that the model was trained on. `
      + 'Nothing in the data says what happens there; the figures show that part on a tinted ground.',
  }]
}

function scoringNotices(contents: ReportContents): Notice[] {
  const { interpolation, extrapolation } = contents.evaluations
  const views = [interpolation, extrapolation].flatMap((view) => (view ? [view] : []))
  const out: Notice[] = []
  if (views.some((view) => view.scores.scoring === 'published')) {
    out.push({ kind: 'warning', text: 'Scored as published: on all values, those that the model was given among them.' })
  }
  const skipped = Math.max(0, ...views.map((view) => view.scores.skipped))
  if (skipped > 0) out.push({ kind: 'notice', text: `${counted(skipped, 'series was', 'series were')} left out of the scores: too few rows.` })
  return out
}

/** What of the data is inside the page, to be counted on by whoever passes it on. */
export function embeddedData(contents: ReportContents, timelines: number): string {
  const values = contents.series.reduce((sum, series) => sum + series.channels.reduce((n, view) => n + view.observations.length, 0), 0)
  const summarised = summarisedSeries(contents).length
  if (values === 0 && timelines === 0 && summarised === 0 && !contents.live) return 'This file embeds no single observation, only summaries of the data.'
  const parts = [
    ...(values > 0 ? [`${counted(values, 'observed value', 'observed values')} of ${counted(contents.series.length, 'series', 'series')}, with identifiers`] : []),
    ...(contents.live ? ['the fitted model itself, with observations of the series that it can be asked about'] : []),
    ...(timelines > 0 ? [`identifiers and observation times of ${counted(timelines, 'series', 'series')}`] : []),
    ...(summarised > 0 ? [`identifiers with summaries of ${counted(summarised, 'series', 'series')}, such as their errors${contents.latent ? ', means and labels' : ''}`] : []),
  ]
  return `This file embeds data: ${parts.join('; ')}. Pass it on only to those who may see the data themselves.`
}

/** Ids of the series that stand one by one in the figures of errors and of the latent space. */
export function summarisedSeries(contents: ReportContents): string[] {
  return [...new Set([
    ...(contents.latent?.points.map(({ series }) => series) ?? []),
    ...Object.values(contents.evaluations).flatMap((view) => view?.points.map(({ series }) => series) ?? []),
  ])]
}
