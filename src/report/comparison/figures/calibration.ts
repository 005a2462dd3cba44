import { pitHistogram, reliability } from '../../calibration.js'
import { formatPercent } from '../../format.js'
import { significant, type Json, type Specification } from '../../specification.js'
import type { Palette } from '../../theme.js'
import type { ComparedTask } from '../contents.js'
import type { ComparisonFigure } from '../figure.js'
import { comparedTasks } from '../headline.js'
import { bothLines, bothSets, modelKey } from './models.js'

/** Whether the stated uncertainty of each model is what it should be. */
export const calibration: ComparisonFigure = {
  section: 'calibration',
  draw(contents, { palette }) {
    const tasks = comparedTasks(contents)
    if (tasks.length === 0) return []
    return [
      {
        name: 'calibration',
        title: 'Is the stated uncertainty right?',
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
        key: modelKey(contents, palette),
        columns: 2,
        page: { layout: 'quarter' },
        panels: tasks.flatMap(({ title, compared }) => [
          { title, spec: reliabilitiesView(compared, palette) },
          { title: `${title}: values`, spec: pitsView(compared, palette) },
        ]),
      },
    ]
  },
}

const percent = "format(datum.value * 100, '.0f')"

/** How often values fell into the central intervals of each model, against how often they should; the diagonal is perfect. */
function reliabilitiesView({ scored }: ComparedTask, palette: Palette, height = 210): Specification {
  const scale: Json = { domain: [0, 1], nice: false }
  const x: Json = {
    field: 'nominal',
    type: 'quantitative',
    title: 'interval, %',
    scale,
    axis: { values: [0, 0.25, 0.5, 0.75, 1], labelExpr: percent },
  }
  const y: Json = {
    field: 'observed',
    type: 'quantitative',
    title: 'values inside, %',
    scale,
    axis: { values: [0, 0.25, 0.5, 0.75, 1], labelExpr: percent },
  }
  return {
    width: 'container',
    height,
    datasets: {
      diagonal: [
        { nominal: 0, observed: 0 },
        { nominal: 1, observed: 1 },
      ],
      ...bothSets(
        scored.map((points) => reliability(points).map(({ nominal, observed }) => ({ nominal, observed: significant(observed) }))),
      ),
    },
    layer: [
      {
        data: { name: 'diagonal' },
        mark: { type: 'line', color: palette.muted, strokeDash: [3, 3], strokeWidth: 1, tooltip: null },
        encoding: { x, y },
      },
      ...bothLines(x, y, palette),
    ],
  }
}

/** Where in their predictive distributions the values fell: level is calibrated. */
function pitsView({ scored }: ComparedTask, palette: Palette, height = 210): Specification {
  const bins = scored.map((points) => pitHistogram(points))
  // The last step is drawn to its end.
  const steps = bins.map((some) => [...some, { ...some.at(-1)!, from: 1 }].map(({ from, share }) => ({ from, share: significant(share) })))
  const most = Math.max(0.2, ...bins.flat().map(({ share }) => share * 1.08))
  const x: Json = {
    field: 'from',
    type: 'quantitative',
    title: 'predicted chance of a smaller value, %',
    scale: { domain: [0, 1], nice: false },
    axis: { values: [0, 0.25, 0.5, 0.75, 1], labelExpr: percent },
  }
  const y: Json = {
    field: 'share',
    type: 'quantitative',
    title: 'share of values, %',
    scale: { domain: [0, most], nice: false },
    axis: { tickCount: 4, labelExpr: percent },
  }
  return {
    width: 'container',
    height,
    datasets: { expected: [{ share: 0.1 }], ...bothSets(steps) },
    layer: [
      { data: { name: 'expected' }, mark: { type: 'rule', color: palette.muted, strokeDash: [3, 3], tooltip: null }, encoding: { y } },
      ...bothLines(x, y, palette, 'step-after'),
    ],
  }
}
