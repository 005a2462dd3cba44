import type { ReportContents, SeriesView } from '../contents.js'
import type { KeyEntry } from '../figures/figure.js'
import { alongBottom } from '../format.js'
import { beforeTraining, beyondTraining } from '../notices.js'
import type { Palette } from '../theme.js'

/** What the marks of the series' panels stand for: those that are there. */
export function seriesKey(shown: readonly SeriesView[], palette: Palette): KeyEntry[] {
  const has = (role: string): boolean =>
    shown.some(({ channels }) => channels.some(({ observations }) => observations.some((o) => o.role === role)))
  return [
    ...observationKey(has, palette),
    { mark: 'line', colour: palette.model, label: 'mean' },
    { mark: 'band', colour: palette.model, opacity: 0.38, label: '50 % of values expected' },
    { mark: 'band', colour: palette.model, opacity: 0.16, label: '90 %' },
    ...(shown.some(({ times, conditionedUntil }) => (times.at(-1) ?? -Infinity) > conditionedUntil)
      ? [{ mark: 'dashed', colour: palette.model, label: 'extrapolated' } as const]
      : []),
    ...(shown.some((series) => beyondTraining(series) + beforeTraining(series) > 0)
      ? [{ mark: 'band', colour: palette.beyond, label: 'past the training span' } as const]
      : []),
  ]
}

/** The two kinds of observations, where there are any. */
export function observationKey(has: (role: 'conditioning' | 'heldout') => boolean, palette: Palette): KeyEntry[] {
  return [
    ...(has('conditioning') ? [{ mark: 'dot', colour: palette.ink, label: 'given to the model' } as const] : []),
    ...(has('heldout') ? [{ mark: 'ring', colour: palette.heldout, label: 'held out' } as const] : []),
  ]
}

export const seriesNote = ({ time, timeColumn }: Pick<ReportContents, 'time' | 'timeColumn'>): string =>
  `Along the bottom: ${alongBottom(time, timeColumn)}.`
