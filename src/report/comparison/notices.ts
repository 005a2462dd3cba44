import type { Notice } from '../../train/notice.js'
import { formatDuration } from '../format.js'
import type { ComparisonContents } from './contents.js'

/** The notices given, after the one that follows from what is drawn. */
export function comparisonNotices(contents: ComparisonContents): readonly Notice[] {
  const reaches = contents.series.flatMap(({ views }) =>
    views.map(({ times, trainedUntil = Infinity }) => (times.at(-1) ?? -Infinity) - trainedUntil),
  )
  const far = Math.max(0, ...reaches)
  // Rounding may put the last of a regular grid a hair past the span.
  const beyond = far > 1e-9 * Math.max(1, ...contents.series.flatMap(({ views }) => views.map(({ times }) => Math.abs(times.at(-1) ?? 0))))
  const unit = contents.time.kind === 'number' ? ` (${contents.timeColumn})` : ''
  return [
    ...(beyond
      ? [
          {
            kind: 'warning' as const,
            text:
              `Forecasts run up to ${formatDuration(far, contents.time)}${unit} past the time span that a model was trained on. ` +
              'Nothing in the data says what happens there; the figures show that part on a tinted ground.',
          },
        ]
      : []),
    ...contents.notices,
  ]
}
