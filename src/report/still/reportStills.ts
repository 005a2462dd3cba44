import type { ReportContents, SeriesView } from '../contents.js'
import { alongBottom, formatPercent, formatScore, formatTime } from '../format.js'
import { comparison, counted } from '../headline.js'
import { beforeTraining, beyondTraining } from '../notices.js'
import { gapsBetween } from '../gaps.js'
import { onlyNamed } from '../named.js'
import { errorsByGap, errorsByHorizon, type ErrorBin } from '../errorsBy.js'
import { evaluationsOf, taskTitles } from '../sections/errors.js'
import { colouring } from '../sections/latent.js'
import { trainingQuantities } from '../sections/training.js'
import { categoryColours, type Palette } from '../theme.js'
import { pitView, reliabilityView } from '../views/calibration.js'
import { gapsView, missingView, rasterRows, rasterView } from '../views/data.js'
import { binnedErrorsView, errorsView, methods } from '../views/errors.js'
import { latentView } from '../views/latent.js'
import { seriesPanel } from '../views/series.js'
import { historyView, lossView } from '../views/training.js'
import { fileName, type KeyEntry, type Panel, type Still } from './still.js'

/** The figures of a report as files, in the order in which they are read. */
export interface ReportStills {
  /** All series in one figure; absent if no series is drawn. */
  readonly forecasts?: Still
  /** Each series in a figure of its own. */
  readonly series: readonly Still[]
  readonly errors: readonly Still[]
  readonly calibration: readonly Still[]
  readonly latent: readonly Still[]
  readonly data: readonly Still[]
  readonly training: readonly Still[]
}

/** Draws the figures of a report. */
export function reportStills(given: ReportContents, palette: Palette): ReportStills {
  const contents = onlyNamed(given)
  const shown = contents.series.filter(({ channels }) => channels.length > 0)
  const names = new Set<string>()
  return {
    ...(shown.length > 0 && { forecasts: forecasts(contents, shown, palette) }),
    series: shown.map((series, i) => {
      const name = fileName(['series', series.id], i + 1, names)
      names.add(name)
      return seriesStill(contents, series, name, palette)
    }),
    errors: errors(contents, palette),
    calibration: calibration(contents, palette),
    latent: latent(contents, palette),
    data: data(contents, palette),
    training: training(contents, palette),
  }
}

/** All of them, without the one that shows what the single series show again. */
export const allStills = ({
  series,
  errors: scores,
  calibration: intervals,
  latent: space,
  data: file,
  training: epochs,
}: ReportStills): readonly Still[] => [...series, ...scores, ...intervals, ...space, ...file, ...epochs]

function forecasts(contents: ReportContents, shown: readonly SeriesView[], palette: Palette): Still {
  const several = contents.data.channels.length > 1
  const panels = shown.flatMap((series) =>
    series.channels.map((view): Panel => ({
      title: several ? `${contents.idColumn} ${series.id} · ${view.channel}` : `${contents.idColumn} ${series.id}`,
      series: series.id,
      spec: seriesPanel(series, view, contents.time, palette),
    })),
  )
  return {
    name: 'forecasts',
    title: contents.title,
    note: seriesNote(contents),
    key: seriesKey(shown, palette),
    panels,
    columns: contents.data.channels.length > 3 ? 3 : 2,
    description: `Observations of ${counted(shown.length, 'series', 'series')} and what the model makes of them: its mean, 50 % and 90 % bands.`,
  }
}

function seriesStill(contents: ReportContents, series: SeriesView, name: string, palette: Palette): Still {
  const [first, last] = [series.times[0], series.times.at(-1)]
  const span =
    first === undefined || last === undefined ? '' : ` from ${formatTime(first, contents.time)} to ${formatTime(last, contents.time)}`
  return {
    name,
    title: `${contents.idColumn} ${series.id}`,
    note: seriesNote(contents),
    key: seriesKey([series], palette),
    columns: series.channels.length > 4 ? 3 : 2,
    description:
      `Observations of ${contents.idColumn} ${series.id} and the model’s mean with 50 % and 90 % bands${span}, in ` +
      `${counted(series.channels.length, 'channel', 'channels')}.`,
    panels: series.channels.map((view) => ({
      ...(contents.data.channels.length > 1 && { title: view.channel }),
      series: series.id,
      spec: seriesPanel(series, view, contents.time, palette, 170),
    })),
  }
}

const seriesNote = ({ time, timeColumn }: ReportContents): string => `Along the bottom: ${alongBottom(time, timeColumn)}.`

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

/** The model and the baselines that it is compared with. */
export const methodsKey = (palette: Palette): KeyEntry[] =>
  methods.map(({ name, label, shape }) => ({ mark: shape, colour: palette[name], label }))

function errors(contents: ReportContents, palette: Palette): Still[] {
  const tasks = evaluationsOf(contents)
  if (tasks.length === 0) return []
  const key = methodsKey(palette)
  const binned = (title: string, bins: readonly ErrorBin[], length: string): Panel[] => {
    const spec = binnedErrorsView(bins, length, contents.time, contents.timeColumn, palette)
    return spec ? [{ title, spec }] : []
  }
  const byGap = tasks.flatMap(({ task, view }) =>
    binned(taskTitles[task], errorsByGap(view.points), 'time since the channel was last given'),
  )
  const byHorizon = tasks.flatMap(({ task, view }) =>
    task === 'extrapolation' ? binned(taskTitles[task], errorsByHorizon(view.points), 'distance into the future') : [],
  )
  return [
    {
      name: 'errors',
      title: 'Errors against plain baselines',
      note: 'Mean squared error on the normalised scale, left is better: 1 is about what guessing a channel’s mean costs.',
      key,
      columns: 2,
      description: tasks
        .map(
          ({ task, view }) =>
            `${taskTitles[task]}: the model’s mean squared error is ${formatScore(view.scores.mse)}, that of linear interpolation ` +
            `${formatScore(view.scores.baselines.linear.mse)}, ` +
            (`of the last value carried forward ${formatScore(view.scores.baselines.locf.mse)}, of the channel mean ` +
              `${formatScore(view.scores.baselines.mean.mse)}.`),
        )
        .join(' '),
      panels: tasks.map(({ task, view }) => ({
        title: [taskTitles[task], comparison(view)].filter((part) => part !== undefined).join(': '),
        spec: errorsView(view, palette),
      })),
    },
    ...(byGap.length === 0
      ? []
      : [
          {
            name: 'errors-by-gap',
            title: 'Errors by the time since a channel was last seen',
            note: 'Each dot stands for about equally many values.',
            key,
            columns: 2,
            panels: byGap,
            description: 'Mean squared error of the model and three baselines by the time since the channel was last given.',
          },
        ]),
    ...(byHorizon.length === 0
      ? []
      : [
          {
            name: 'errors-by-horizon',
            title: 'Errors by the distance into the future',
            note: 'From the last row that the model was given. Each dot stands for about equally many values.',
            key,
            columns: 1,
            panels: byHorizon,
            description: 'Mean squared error of the model and three baselines by the time past the last row that was given.',
          },
        ]),
  ]
}

function calibration(contents: ReportContents, palette: Palette): Still[] {
  const tasks = evaluationsOf(contents).filter(({ view }) => view.points.some(({ pit }) => Number.isFinite(pit)))
  if (tasks.length === 0) return []
  return [
    {
      name: 'calibration',
      title: 'Is the stated uncertainty right?',
      key: [],
      columns: 2,
      note:
        'Curves: how many values lay inside the intervals; on the diagonal, as many as promised. Bars: where in its predicted ' +
        'distribution each value fell; level is calibrated.',
      description: tasks
        .map(
          ({
            task,
            view: {
              scores: { coverage },
            },
          }) =>
            `${taskTitles[task]}: ${formatPercent(coverage['50'])} of the values lie inside the 50 % interval, ` +
            `${formatPercent(coverage['90'])} inside the 90 % interval.`,
        )
        .join(' '),
      panels: tasks.flatMap(({ task, view }) => [
        { title: taskTitles[task], spec: reliabilityView(view, palette, 200) },
        { title: `${taskTitles[task]}: values`, spec: pitView(view, palette, 200) },
      ]),
    },
  ]
}

const categoryMarks = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right'] as const

/** The latent space in the first colouring that there is; the others are for the page, where one is chosen. */
function latent(contents: ReportContents, palette: Palette): Still[] {
  const { latent: space, time } = contents
  if (!space || space.points.length === 0) return []
  const { attributes, coloured, said, by } = colouring(space, contents)
  const key = (coloured[by]?.legend ?? []).map(({ name, label }): KeyEntry => {
    const category = /^c(\d)$/.exec(name)?.[1]
    return category === undefined
      ? { mark: 'circle', colour: palette[name as 'none' | 's0'], label }
      : { mark: categoryMarks[Number(category)]!, colour: palette[categoryColours[Number(category)]!], label }
  })
  const attribute = attributes[by]
  return [
    {
      name: 'latent-space',
      title: 'The latent space',
      columns: 1,
      key,
      panels: [{ spec: latentView(space, coloured, said, by, time, palette, 380) }],
      note:
        `Mean of z0 of ${counted(space.points.length, 'series', 'series')}, in the two directions along which these differ ` +
        `most.${attribute && key.length > 0 ? ` Coloured by ${attribute.name}.` : ''}${space.field ? ' Arrows: which way the model moves z.' : ''}`,
      description:
        `Mean of the posterior of z0 of ${counted(space.points.length, 'series', 'series')} in two principal components of the latent ` +
        `space, which hold ${formatPercent(space.shares[0])} and ${formatPercent(space.shares[1])} of the variance.`,
    },
  ]
}

function data(contents: ReportContents, palette: Palette): Still[] {
  const { data: summary, time, timeColumn } = contents
  const rows = rasterRows(summary)
  const gaps = gapsView(summary.gaps ?? gapsBetween(summary.raster), time, timeColumn, palette)
  const split = (
    [
      ['train', 'training', palette.muted],
      ['validation', 'validation', palette.model],
      ['test', 'test', palette.heldout],
    ] as const
  )
    .filter(([part]) => rows.some((row) => row.split === part))
    .map(([, label, colour]): KeyEntry => ({ mark: 'ticks', colour, label }))
  return [
    ...(rows.length === 0
      ? []
      : [
          {
            name: 'observed-when',
            title: 'When series were observed',
            note: `A line for each of ${counted(rows.length, 'series', 'series')}, a tick for each row.`,
            key: split,
            columns: 1,
            description: `Observation times of ${counted(rows.length, 'series', 'series')}.`,
            panels: [{ spec: rasterView(rows, time, palette) }],
          },
        ]),
    ...(summary.channels.length === 0
      ? []
      : [
          {
            name: 'observed-how-much',
            title: 'What was observed',
            key: [],
            columns: 2,
            description: 'How much of each channel was observed, and the time between one observation of a series and the next.',
            panels: [
              { title: 'Share of rows in which a channel was observed', spec: missingView(summary, palette) },
              ...(gaps ? [{ title: 'Time between observations', spec: gaps }] : []),
            ],
          },
        ]),
  ]
}

function training({ training: summary }: ReportContents, palette: Palette): Still[] {
  if (!summary || summary.history.length === 0) return []
  const { history } = summary
  const validated = history.some(({ validLoss }) => Number.isFinite(validLoss))
  const others = trainingQuantities(history)
  return [
    {
      name: 'training',
      title: 'How training went',
      note: 'Loss: negative ELBO per observed value.',
      columns: 1,
      key: [
        { mark: 'line', colour: palette.model, label: 'training series' },
        ...(validated ? [{ mark: 'line', colour: palette.heldout, label: 'validation series' } as const] : []),
      ],
      description:
        `Negative ELBO per observed value over ${counted(history.length, 'epoch', 'epochs')}, from ` +
        `${formatScore(history[0]!.trainLoss)} to ${formatScore(history.at(-1)!.trainLoss)} on the training series.`,
      panels: [{ spec: lossView(summary, palette, 220) }],
    },
    ...(others.length === 0
      ? []
      : [
          {
            name: 'training-details',
            title: 'Training, epoch by epoch',
            key: [],
            columns: 3,
            description: `${others.map(({ title }) => title).join(', ')}, over the epochs.`,
            panels: others.map(({ name, title }) => ({ title, spec: historyView(history, name, palette) })),
          },
        ]),
  ]
}
