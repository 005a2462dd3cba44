import type { EvaluationView } from '../contents.js'
import { formatScore } from '../format.js'
import { compare, comparison, shortly } from '../headline.js'
import { finite, labelledGrid, type Json, type Row, type Specification } from '../specification.js'
import { scoredTasks, type ScoredTask } from '../tasks.js'
import type { Palette } from '../theme.js'
import { methodColour, methodShape, methodsKey, methodsOf, ofModel, total } from '../views/methods.js'
import type { ReportFigure } from './figure.js'

/** Errors by channel beside the plain baselines'. */
export const errors: ReportFigure = {
  section: 'errors',
  draw(contents, { palette }) {
    const tasks = scoredTasks(contents)
    if (tasks.length === 0) return []
    return [
      {
        name: 'errors',
        title: 'Errors against plain baselines',
        note: 'Mean squared error on the normalised scale, left is better: 1 is about what guessing a channel’s mean costs.',
        description: tasks.map((task) => `${task.title}: the model’s mean squared error is ${errorsInWords(task)}`).join(' '),
        key: methodsKey(
          palette,
          tasks.map(({ task }) => task),
        ),
        columns: 2,
        page: {
          lede:
            'Each dot is a method’s mean squared error on the same held-out values, left is better. On the normalised scale, 1 is about ' +
            'what guessing a channel’s mean costs.',
        },
        panels: tasks.map((task) => ({
          name: `errors-${task.task}`,
          title: titled(task),
          caption: { title: task.title, note: comparison(task.view) ?? '' },
          description:
            `${task.title}: mean squared error of the model and plain baselines, by channel. Over all channels the model’s is ` +
            errorsInWords(task),
          spec: errorsView(task.view, palette),
        })),
      },
    ]
  },
}

/** The title with what the errors say; their interval stands where there is room. */
function titled({ title, view }: ScoredTask): string {
  const compared = compare(view)
  return compared === undefined ? title : `${title}: ${shortly(compared)}`
}

const errorsInWords = ({ view: { scores } }: ScoredTask): string => {
  const { linear, locf, mean } = scores.baselines
  const others = [
    ...(linear ? [`linear interpolation ${formatScore(linear.mse)}`] : []),
    `the last value ${formatScore(locf.mse)}`,
    `the channel mean ${formatScore(mean.mse)}`,
  ]
  return `${formatScore(scores.mse)}, that of ${others.join(', of ')}.`
}

/** Mean squared error of the model and of the plain baselines: one row for each channel, and one for all. */
export function errorsView(view: EvaluationView, palette: Palette): Specification {
  const channels = Object.entries(view.scores.channels)
  const lines = [...(channels.length > 1 ? [[total, view.scores] as const] : []), ...channels]
  const rows: Row[] = lines
    .flatMap(([channel, scores], order) =>
      methodsOf(view.scores.task).map(({ name, label }) => {
        const mse = finite(name === 'model' ? scores.mse : scores.baselines[name]?.mse)
        return { channel, order, method: label, mse: mse === null ? null : Number(mse.toPrecision(5)), shown: formatScore(mse) }
      }),
    )
    .filter((row) => row.mse !== null)
  const errors = rows.map((row) => row.mse as number)
  const log = errors.length > 0 && Math.min(...errors) > 0 && Math.max(...errors) / Math.min(...errors) > 30
  const x: Json = {
    field: 'mse',
    type: 'quantitative',
    title: 'mean squared error, normalised',
    scale: log ? { type: 'log' } : { domainMin: 0 },
    axis: {
      grid: true,
      ...(log ? labelledGrid : {}),
      domain: false,
      ticks: false,
      tickCount: { expr: 'max(3, min(8, floor(width / 70)))' },
    },
  }
  const y: Json = {
    field: 'channel',
    type: 'nominal',
    title: null,
    sort: null,
    scale: { paddingOuter: 0.2 },
    axis: {
      labelLimit: 110,
      labelColor: palette.ink,
      labelFontSize: 12,
      labelFontWeight: { condition: { test: { field: 'value', equal: total }, value: 700 }, value: 400 },
    },
  }
  const tooltip: Json = [
    { field: 'channel', type: 'nominal' },
    { field: 'method', type: 'nominal' },
    { field: 'shown', title: 'mean squared error', type: 'nominal' },
  ]
  const points = (filter: Json, size: number): Json => ({
    transform: [{ filter }],
    mark: { type: 'point', filled: true, opacity: 1, stroke: palette.surface, strokeWidth: 1, size },
    encoding: {
      y,
      x,
      color: methodColour(palette),
      shape: methodShape,
      tooltip,
    },
  })
  return {
    width: 'container',
    height: 30 * lines.length,
    datasets: { errors: rows },
    data: { name: 'errors' },
    layer: [
      {
        mark: { type: 'rule', color: palette.grid, strokeWidth: 6, strokeCap: 'round', tooltip: null },
        encoding: { y, x: { ...(x as object), aggregate: 'min' }, x2: { field: 'mse', aggregate: 'max' } },
      },
      points({ not: ofModel }, 85),
      points(ofModel, 140),
    ],
  }
}
