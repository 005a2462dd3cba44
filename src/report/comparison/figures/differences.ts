import { significant, type Json, type Row, type Specification } from '../../specification.js'
import type { Palette } from '../../theme.js'
import { total } from '../../views/methods.js'
import type { ComparedTask } from '../contents.js'
import type { ComparisonFigure } from '../figure.js'
import { certainty, comparedTasks, formatDifference } from '../headline.js'
import { betterKey } from './models.js'

/** How far apart the models are. */
export const differences: ComparisonFigure = {
  section: 'scores',
  draw(contents, { palette }) {
    const tasks = comparedTasks(contents)
    if (tasks.length === 0) return []
    const [one, other] = contents.labels
    return [
      {
        name: 'differences',
        title: 'How far apart the models are',
        note:
          `Mean squared error of ${other} less that of ${one}, on the same values, with 95 % intervals: left of zero, ${other} is ` +
          'better. An interval that holds zero may be chance.',
        description: tasks
          .map(({ title, compared }) => `${title}: the difference is ${formatDifference(compared.mse)}, ${certainty(compared.mse)}.`)
          .join(' '),
        key: betterKey(contents, palette),
        columns: 2,
        panels: tasks.map(({ title, compared }) => ({ title, spec: differencesView(compared, palette) })),
      },
    ]
  },
}

/**
 * The difference of the models' mean squared errors with its 95 % interval, over all
 * channels and for each. Left of zero, the second model is the better.
 */
function differencesView(task: ComparedTask, palette: Palette): Specification {
  const lines = [...(task.channels.length > 1 ? [{ channel: total, mse: task.mse, points: task.points }] : []), ...task.channels]
  const rows: Row[] = lines
    .map(({ channel, mse, points }) => ({
      channel,
      difference: significant(mse.difference),
      low: significant(mse.low),
      high: significant(mse.high),
      shown: formatDifference(mse),
      points,
    }))
    .filter((row) => row.difference !== null)
  const ends = rows.flatMap((row) => [row.difference, row.low, row.high].filter((value) => value !== null)).map(Number)
  const reach = Number((1.08 * Math.max(...ends.map(Math.abs), 1e-9)).toPrecision(3))
  const x = (field: string): Json => ({
    field,
    type: 'quantitative',
    title: 'difference in mean squared error',
    scale: { domain: [-reach, reach], nice: false },
    axis: { grid: true, domain: false, ticks: false, tickCount: { expr: 'max(3, min(7, floor(width / 70)))' } },
  })
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
  return {
    width: 'container',
    height: 30 * rows.length,
    datasets: { differences: rows, zero: [{ at: 0 }] },
    data: { name: 'differences' },
    layer: [
      { data: { name: 'zero' }, mark: { type: 'rule', color: palette.muted, strokeDash: [3, 3], tooltip: null }, encoding: { x: x('at') } },
      { mark: { type: 'rule', color: palette.ink, strokeWidth: 2, tooltip: null }, encoding: { y, x: x('low'), x2: { field: 'high' } } },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1, stroke: palette.surface, strokeWidth: 1 },
        encoding: {
          y,
          x: x('difference'),
          color: { condition: { test: 'datum.difference < 0', value: palette.other }, value: palette.model },
          tooltip: [
            { field: 'channel', type: 'nominal' },
            { field: 'shown', title: 'difference', type: 'nominal' },
            { field: 'points', title: 'values', type: 'nominal' },
          ],
        },
      },
    ],
  }
}
