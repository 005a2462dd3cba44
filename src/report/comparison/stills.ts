import { alongBottom, formatPercent, formatScore } from '../format.js'
import { counted } from '../headline.js'
import type { Palette } from '../theme.js'
import { observationKey } from '../still/reportStills.js'
import { fileName, type KeyEntry, type Panel, type Still } from '../still/still.js'
import type { ComparedSeries, ComparisonContents } from './contents.js'
import { certainty, comparedTasks, formatDifference } from './headline.js'
import { differencesView, historiesView, overlayView, pairsView, pitsView, reliabilitiesView } from './views.js'

/** The figures of a comparison, on the page and as files. */
export interface ComparisonStills {
  /** All series in one figure; absent if no series is drawn. */
  readonly forecasts?: Still
  /** Each series in a figure of its own. */
  readonly series: readonly Still[]
  readonly scores: readonly Still[]
  readonly calibration: readonly Still[]
  readonly training: readonly Still[]
}

/** Draws the figures of a comparison. */
export function comparisonStills(contents: ComparisonContents, palette: Palette): ComparisonStills {
  const names = new Set<string>()
  return {
    ...(contents.series.length > 0 && { forecasts: forecasts(contents, palette) }),
    series: contents.series.map((series, i) => {
      const name = fileName(['series', series.id], i + 1, names)
      names.add(name)
      return {
        name,
        title: `${contents.idColumn} ${series.id}`,
        note: timeNote(contents),
        key: overlayKey(contents, [series], palette),
        columns: contents.channels.length > 4 ? 3 : 2,
        description:
          `Observations of ${contents.idColumn} ${series.id} and the forecasts of ${contents.labels[0]} and ${contents.labels[1]}: ` +
          'means with 90 % bands.',
        panels: overlays(contents, series, palette, contents.channels.length > 1 ? ({ channel }) => channel : undefined),
      }
    }),
    scores: scores(contents, palette),
    calibration: calibration(contents, palette),
    training: training(contents, palette),
  }
}

/** All of them, without the one that shows what the single series show again. */
export const allComparisonStills = ({
  scores: errors,
  series,
  calibration: intervals,
  training: epochs,
}: ComparisonStills): readonly Still[] => [...errors, ...series, ...intervals, ...epochs]

function forecasts(contents: ComparisonContents, palette: Palette): Still {
  const several = contents.channels.length > 1
  return {
    name: 'forecasts',
    title: contents.title,
    note: timeNote(contents),
    key: overlayKey(contents, contents.series, palette),
    columns: contents.channels.length > 3 ? 3 : 2,
    description: `Observations of ${counted(contents.series.length, 'series', 'series')} and the forecasts of both models: means with 90 % bands.`,
    panels: contents.series.flatMap((series) =>
      overlays(contents, series, palette, ({ channel }) => `${contents.idColumn} ${series.id}${several ? ` · ${channel}` : ''}`),
    ),
  }
}

function overlays(
  contents: ComparisonContents,
  series: ComparedSeries,
  palette: Palette,
  title?: (view: { readonly channel: string }) => string,
): Panel[] {
  return series.views[0].channels.map((view, channel) => ({
    ...(title && { title: title(view) }),
    series: series.id,
    spec: overlayView(series, channel, contents.time, palette),
  }))
}

const timeNote = ({ time, timeColumn }: ComparisonContents): string =>
  `Both models are given the solid dots and have to predict the rest. Along the bottom: ${alongBottom(time, timeColumn)}.`

/** The two models, wherever lines stand for them. */
const modelKey = ({ labels: [one, other] }: ComparisonContents, palette: Palette): KeyEntry[] => [
  { mark: 'line', colour: palette.model, label: one },
  { mark: 'dashed', colour: palette.other, label: other },
]

function overlayKey(contents: ComparisonContents, shown: readonly ComparedSeries[], palette: Palette): KeyEntry[] {
  const has = (role: string): boolean =>
    shown.some(({ views: [view] }) => view.channels.some(({ observations }) => observations.some((o) => o.role === role)))
  const beyond = shown.some(
    ({ views }) => (views[0].times.at(-1) ?? -Infinity) > Math.min(...views.map(({ trainedUntil = Infinity }) => trainedUntil)),
  )
  return [
    ...modelKey(contents, palette),
    { mark: 'band', colour: palette.model, opacity: 0.2, label: '90 % of values expected' },
    { mark: 'band', colour: palette.other, opacity: 0.2, label: '90 %' },
    ...observationKey(has, palette),
    ...(beyond ? [{ mark: 'band', colour: palette.beyond, label: 'past the training span' } as const] : []),
  ]
}

function scores(contents: ComparisonContents, palette: Palette): Still[] {
  const tasks = comparedTasks(contents)
  if (tasks.length === 0) return []
  const [one, other] = contents.labels
  const smaller = (label: string, colour: string): KeyEntry => ({ mark: 'circle', colour, label: `${label} is better` })
  const key = [smaller(one, palette.model), smaller(other, palette.other)]
  return [
    {
      name: 'differences',
      title: 'How far apart the models are',
      columns: 2,
      key,
      note:
        `Mean squared error of ${other} less that of ${one}, on the same values, with 95 % intervals: left of zero, ${other} is ` +
        'better. An interval that holds zero may be chance.',
      description: tasks
        .map(({ title, compared }) => `${title}: the difference is ${formatDifference(compared.mse)}, ${certainty(compared.mse)}.`)
        .join(' '),
      panels: tasks.map(({ title, compared }) => ({ title, spec: differencesView(compared, palette) })),
    },
    {
      name: 'errors-by-series',
      title: 'Series by series',
      columns: 2,
      key,
      note: `A dot for each series: below the diagonal, ${other} has the smaller mean squared error.`,
      description: tasks
        .map(
          ({ title, compared: { mse } }) =>
            `${title}: ${other} has the smaller error on ${mse.lower} of ${mse.series} series, ${one} on ${mse.higher}.`,
        )
        .join(' '),
      panels: tasks.map(({ title, compared }) => ({
        title,
        spec: pairsView(
          compared,
          contents.labels,
          palette,
          (id) => contents.nameAll === true || contents.series.some((one) => one.id === id),
        ),
      })),
    },
  ]
}

function calibration(contents: ComparisonContents, palette: Palette): Still[] {
  const tasks = comparedTasks(contents)
  if (tasks.length === 0) return []
  return [
    {
      name: 'calibration',
      title: 'Is the stated uncertainty right?',
      columns: 2,
      key: modelKey(contents, palette),
      note:
        'Curves: how many values lay inside the intervals; on the diagonal, as many as promised. Steps: where in its predicted ' +
        'distribution each value fell; level is calibrated.',
      description: tasks
        .map(
          ({ title, compared: { scores: both } }) =>
            `${title}: of the values ` +
            `${both.map(({ coverage }, i) => `${formatPercent(coverage['90'])} lie inside the 90 % intervals of ${contents.labels[i]!}`).join(', ')}.`,
        )
        .join(' '),
      panels: tasks.flatMap(({ title, compared }) => [
        { title, spec: reliabilitiesView(compared, palette) },
        { title: `${title}: values`, spec: pitsView(compared, palette) },
      ]),
    },
  ]
}

function training(contents: ComparisonContents, palette: Palette): Still[] {
  const [first, second] = contents.training
  if (!first || !second) return []
  const histories = [first.history, second.history] as const
  const validated = histories.every((history) => history.some(({ validLoss }) => Number.isFinite(validLoss)))
  const last = histories.map((history) => formatScore(history.at(-1)!.trainLoss))
  return [
    {
      name: 'training',
      title: 'How training went',
      note: 'Negative ELBO per observed value; each model’s values are normalised by its own training series.',
      columns: 2,
      key: modelKey(contents, palette),
      description:
        `Loss over the epochs. At the end, on the training series, it is ${last[0]} for ${contents.labels[0]} and ${last[1]} for ` +
        `${contents.labels[1]}.`,
      panels: [
        { title: 'Training series', spec: historiesView(histories, 'trainLoss', palette) },
        ...(validated ? [{ title: 'Validation series', spec: historiesView(histories, 'validLoss', palette) }] : []),
      ],
    },
  ]
}
