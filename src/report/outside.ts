import { formatTime } from '../data/dates.js'
import type { TimeAxis } from '../data/series.js'
import type { TimeScale } from '../train/selection.js'
import { goesByTimeItself, type Outside } from '../train/trainedRange.js'
import { formatCount, formatDuration, formatNumber } from './format.js'

/** What of a series leaves the range: forecasts that were asked for, or values that were scored. */
const subjects = { forecasts: ['Forecasts', 'run', 'begin'], scores: ['The values scored', 'reach', 'begin'] } as const

/** A warning for each end at which a model was asked for what it was not trained on, by its own clock; none where it was not. */
export function outsideWarnings({ series, past, before }: Outside, scale: TimeScale, axis: TimeAxis, of: keyof typeof subjects): string[] {
  const [subject, run, begin] = subjects[of]
  const share = (count: number): string =>
    count === series ? (series === 1 ? 'the one series' : 'all series') : `${formatCount(count)} of ${formatCount(series)} series`
  const far = (length: number): string => `${formatDuration(length, axis)}${axis.kind === 'number' ? ' units of time' : ''}`
  if (!goesByTimeItself(scale)) {
    return [
      ...(past.series === 0
        ? []
        : [
            `${subject} of ${share(past.series)} ${run} up to ${far(past.by)} past the time span that the model was trained on ` +
              `(${formatNumber(scale.span, 4)} from the first observation). Nothing in the data says what happens there.`,
          ]),
      ...(before.series === 0
        ? []
        : [`For ${share(before.series)} times before the first observation are asked for. The model was not trained to look back.`]),
    ]
  }
  const clock =
    `It goes by ${axis.kind === 'date' ? 'the date' : 'time itself'}, not by the time since a series began (--origin ${scale.origin}): ` +
    'nothing in the data says what happens there.'
  return [
    ...(past.series === 0
      ? []
      : [
          `${subject} of ${share(past.series)} ${run} up to ${far(past.by)} past the times that the model was trained on, which end ` +
            `at ${formatTime(axis, scale.latest!)}. ${clock}`,
        ]),
    ...(before.series === 0
      ? []
      : [
          `${subject} of ${share(before.series)} ${begin} up to ${far(before.by)} before the times that the model was trained on, ` +
            `which begin at ${formatTime(axis, scale.earliest)}. ${clock}`,
        ]),
  ]
}
