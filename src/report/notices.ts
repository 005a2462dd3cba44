import type { Notice } from '../train/notice.js'
import type { ReportContents, SeriesView } from './contents.js'
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

/** How far before the times of training they begin; 0 if they do not. */
export function beforeTraining(series: SeriesView): number {
  const first = series.times[0]
  if (series.trainedFrom === undefined || first === undefined) return 0
  const slack = 1e-9 * Math.max(1, Math.abs(first), Math.abs(series.trainedFrom))
  return series.trainedFrom - first > slack ? series.trainedFrom - first : 0
}

/** The stretches of a series' axis, from one time to another, that training never covered. */
export function untrained(series: SeriesView, from: number, to: number): { readonly from: number; readonly to: number }[] {
  return [
    ...(beforeTraining(series) > 0 ? [{ from, to: Math.min(series.trainedFrom!, to) }] : []),
    ...(beyondTraining(series) > 0 ? [{ from: Math.max(series.trainedUntil!, from), to }] : []),
  ]
}

function horizonWarning(contents: ReportContents): Notice[] {
  const unit = contents.time.kind === 'number' ? ` (${contents.timeColumn})` : ''
  const warning = (reaches: readonly number[], where: (far: string) => string): Notice[] => {
    const some = reaches.filter((reach) => reach > 0)
    if (some.length === 0) return []
    return [
      {
        kind: 'warning',
        text:
          `${some.length === contents.series.length ? 'Forecasts' : `Forecasts of ${some.length} of the ${contents.series.length} series`} ` +
          `${where(formatDuration(Math.max(...some), contents.time) + unit)} the time span that the model was trained on. ` +
          'Nothing in the data says what happens there; the figures show that part on a tinted ground.',
      },
    ]
  }
  return [
    ...warning(contents.series.map(beyondTraining), (far) => `run up to ${far} past`),
    ...warning(contents.series.map(beforeTraining), (far) => `begin up to ${far} before`),
  ]
}

function scoringNotices(contents: ReportContents): Notice[] {
  const { interpolation, extrapolation } = contents.evaluations
  const views = [interpolation, extrapolation].flatMap((view) => (view ? [view] : []))
  const out: Notice[] = []
  if (views.some((view) => view.scores.scoring === 'published')) {
    out.push({
      kind: 'warning',
      text:
        'Scored as the code released with the paper does: errors are on its scale, and gaps are filled where the model was given the ' +
        'values, too.',
    })
  }
  const skipped = Math.max(0, ...views.map((view) => view.scores.skipped))
  if (skipped > 0)
    out.push({ kind: 'notice', text: `${counted(skipped, 'series was', 'series were')} left out of the scores: too few rows.` })
  return out
}
