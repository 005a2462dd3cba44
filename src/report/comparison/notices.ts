import type { Notice } from '../contents.js'
import { formatDuration } from '../format.js'
import { counted } from '../headline.js'
import type { ComparisonContents } from './contents.js'

/** The notices given, after the one that follows from what is drawn. */
export function comparisonNotices(contents: ComparisonContents): readonly Notice[] {
  const reaches = contents.series.flatMap(({ views }) => views.map(({ times, trainedUntil = Infinity }) => (times.at(-1) ?? -Infinity) - trainedUntil))
  const far = Math.max(0, ...reaches)
  // Rounding may put the last of a regular grid a hair past the span.
  const beyond = far > 1e-9 * Math.max(1, ...contents.series.flatMap(({ views }) => views.map(({ times }) => Math.abs(times.at(-1) ?? 0))))
  const unit = contents.time.kind === 'number' ? ` (${contents.timeColumn})` : ''
  return [
    ...(beyond ? [{ kind: 'warning' as const, text: `Forecasts run up to ${formatDuration(far, contents.time)}${unit} past the time span that a model was trained on. Nothing in the data says what happens there; the figures show that part on a tinted ground.` }] : []),
    ...contents.notices,
  ]
}

/** What of the data is inside the page, to be counted on by whoever passes it on. */
export function embeddedInComparison({ series, interpolation, extrapolation }: ComparisonContents): string {
  const values = series.reduce((sum, { views: [view] }) => sum + view.channels.reduce((n, { observations }) => n + observations.length, 0), 0)
  const scored = Math.max(interpolation?.series ?? 0, extrapolation?.series ?? 0)
  return `This file embeds data: ${counted(values, 'observed value', 'observed values')} of ${counted(series.length, 'series', 'series')}, with identifiers; identifiers and errors of ${counted(scored, 'series', 'series')}. Pass it on only to those who may see the data themselves.`
}
