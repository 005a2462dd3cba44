import { formatScore } from '../../format.js'
import { labelledGrid, significant, type Json, type Row, type Specification } from '../../specification.js'
import type { Palette } from '../../theme.js'
import { who, whoTold } from '../../views/chosen.js'
import type { Both, ComparedTask } from '../contents.js'
import type { ComparisonFigure } from '../figure.js'
import { comparedTasks } from '../headline.js'
import { betterKey } from './models.js'

/** Each series' error under both models. */
export const errorsBySeries: ComparisonFigure = {
  section: 'scores',
  draw(contents, { palette }) {
    const tasks = comparedTasks(contents)
    if (tasks.length === 0) return []
    const [one, other] = contents.labels
    const mayBeNamed = (id: string): boolean => contents.nameAll === true || contents.series.some((drawn) => drawn.id === id)
    return [
      {
        name: 'errors-by-series',
        title: 'Series by series',
        note: `A dot for each series: below the diagonal, ${other} has the smaller mean squared error.`,
        description: tasks
          .map(
            ({ title, compared: { mse } }) =>
              `${title}: ${other} has the smaller error on ${mse.lower} of ${mse.series} series, ${one} on ${mse.higher}.`,
          )
          .join(' '),
        key: betterKey(contents, palette),
        columns: 2,
        panels: tasks.map(({ title, compared }) => ({ title, spec: pairsView(compared, contents.labels, palette, mayBeNamed) })),
      },
    ]
  },
}

/**
 * Each series' mean squared error under both models: below the diagonal, the second model is the better. Series that may
 * not be named come last, ordered by their errors, which are told no finer than they are drawn.
 */
function pairsView(
  task: ComparedTask,
  labels: Both<string>,
  palette: Palette,
  mayBeNamed: (id: string) => boolean,
  height = 230,
): Specification {
  const all = task.bySeries.filter(({ mse }) => mse.every(Number.isFinite))
  const named = all
    .filter(({ series }) => mayBeNamed(series))
    .map(({ series, points, mse: [a, b] }): Row => ({
      series,
      first: significant(a),
      second: significant(b),
      firstShown: formatScore(a),
      secondShown: formatScore(b),
      points,
    }))
  const others = all
    .filter(({ series }) => !mayBeNamed(series))
    .map(({ mse }) => mse.map((value) => Number(value.toPrecision(3))) as [number, number])
    .sort(([a, b], [c, d]) => a - c || b - d)
    .map(([a, b]): Row => ({ series: null, first: a, second: b, firstShown: formatScore(a), secondShown: formatScore(b), points: '–' }))
  const rows = [...named, ...others]
  const errors = rows.flatMap(({ first, second }) => [Number(first), Number(second)])
  const [least, most] = [Math.min(...errors), Math.max(...errors)]
  const log = least > 0 && most / least > 20
  const domain = log ? [least / 1.15, most * 1.15] : [0, 1.06 * most || 1]
  const scale: Json = { type: log ? 'log' : 'linear', domain, nice: false }
  const axis = (grid: boolean): Json => ({ tickCount: 4, grid, ...(log && grid && labelledGrid) })
  const x: Json = { field: 'first', type: 'quantitative', title: `error of ${short(labels[0])}`, scale, axis: axis(false) }
  const y: Json = { field: 'second', type: 'quantitative', title: `error of ${short(labels[1])}`, scale, axis: axis(true) }
  return {
    width: 'container',
    height,
    datasets: { pairs: rows, diagonal: domain.map((end) => ({ first: end, second: end })) },
    layer: [
      {
        data: { name: 'diagonal' },
        mark: { type: 'line', color: palette.muted, strokeDash: [3, 3], strokeWidth: 1, tooltip: null },
        encoding: { x, y },
      },
      {
        data: { name: 'pairs' },
        transform: [who],
        mark: { type: 'point', filled: true, size: 50, opacity: 0.85, stroke: palette.surface, strokeWidth: 1, clip: true },
        encoding: {
          x,
          y,
          color: { condition: { test: 'datum.second < datum.first', value: palette.other }, value: palette.model },
          tooltip: [
            whoTold,
            { field: 'firstShown', title: 'first model', type: 'nominal' },
            { field: 'secondShown', title: 'second model', type: 'nominal' },
            { field: 'points', title: 'values', type: 'nominal' },
          ],
        },
      },
    ],
  }
}

const short = (label: string): string => (label.length > 26 ? `${label.slice(0, 25)}…` : label)
