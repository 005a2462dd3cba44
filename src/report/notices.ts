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
