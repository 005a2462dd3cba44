import { excludes, type Estimate } from '../../train/bootstrap.js'
import type { Ranked, Ranking } from '../../train/contest.js'
import { formatScore } from '../format.js'
import { drawFigures, type DrawnFigure, type FigureKind, type Medium, type Panel } from '../figures/figure.js'
import { significant, type Json, type Row, type Specification } from '../specification.js'
import { light, type Palette } from '../theme.js'
import { rankings, type ModelComparisonContents } from './contents.js'
import { formatAgainst, verdicts } from './words.js'

/** How far each model is from the best. */
const fromTheBest: FigureKind<ModelComparisonContents, 'scores'> = {
  section: 'scores',
  draw(contents, { palette }) {
    const tasks = rankings(contents.comparison)
    if (tasks.length === 0) return []
    const panels = tasks.flatMap(({ task, title, ranking }) =>
      (['mse', 'nll'] as const).map((measure): Panel => ({
        name: `models-${task}-${measure}`,
        title: `${title}: ${measures[measure].short}`,
        caption: { title, note: measures[measure].short },
        description: `${title}, ${measures[measure].axis}: ${rowsOf(ranking, measure)
          .map(({ model, shown }) => `${model} ${shown}`)
          .join(', ')}.`,
        spec: againstBestView(ranking, measure, palette),
      })),
    )
    return [
      {
        name: 'models',
        title: 'How far each model is from the best',
        note: 'Dots and 95 % intervals over series, of the same values; left is better. An interval that holds zero may be chance.',
        description: tasks.map(({ title, ranking }) => `${title}: ${verdicts(ranking).join(' ')}`).join(' '),
        key: [
          { mark: 'circle', colour: palette.model, label: 'best' },
          { mark: 'circle', colour: palette.other, label: 'not clearly worse' },
          { mark: 'circle', colour: palette.muted, label: 'worse by more than chance' },
        ],
        columns: 2,
        panels,
      },
    ]
  },
}

const measures = {
  mse: { short: 'mean squared error', axis: 'error above the best, %', against: 'mseAgainstBest' },
  nll: { short: 'negative log-likelihood', axis: 'nats per value above the best', against: 'nllAgainstBest' },
} as const

/** The figures of a comparison of models, default as files. */
export const modelFigures = (contents: ModelComparisonContents, palette: Palette = light, medium: Medium = 'file'): DrawnFigure[] =>
  drawFigures([fromTheBest], contents, { palette, medium })

interface ModelRow extends Row {
  readonly model: string
  readonly shown: string
}

function rowsOf(ranking: Ranking, measure: keyof typeof measures): ModelRow[] {
  const unit = measure === 'mse' ? 100 : 1
  return ranking.models.map((one: Ranked): ModelRow => {
    const estimate: Estimate = one[measures[measure].against]
    const best = ranking.best[measure] === one.model
    return {
      model: one.model,
      value: significant(unit * estimate.value),
      low: significant(unit * estimate.low),
      high: significant(unit * estimate.high),
      standing: best ? 'best' : excludes(estimate, 0) ? 'worse' : 'unclear',
      shown: `${formatScore(one[measure])}, ${formatAgainst(ranking, one, measure)}`,
    }
  })
}

/** A row for each model, in their order: the difference from the best, and its interval. */
function againstBestView(ranking: Ranking, measure: keyof typeof measures, palette: Palette): Specification {
  const rows = rowsOf(ranking, measure)
  const x = (field: string): Json => ({
    field,
    type: 'quantitative',
    title: measures[measure].axis,
    axis: { grid: true, domain: false, ticks: false, tickCount: 5 },
  })
  const y: Json = {
    field: 'model',
    type: 'nominal',
    title: null,
    sort: null,
    scale: { paddingOuter: 0.2 },
    axis: { labelLimit: 110, labelColor: palette.ink, labelFontSize: 12 },
  }
  return {
    width: 'container',
    height: 30 * rows.length,
    datasets: { models: rows, zero: [{ at: 0 }] },
    data: { name: 'models' },
    layer: [
      { data: { name: 'zero' }, mark: { type: 'rule', color: palette.muted, strokeDash: [3, 3], tooltip: null }, encoding: { x: x('at') } },
      {
        // Few series have no interval.
        transform: [{ filter: 'isValid(datum.low) && isValid(datum.high)' }],
        mark: { type: 'rule', color: palette.ink, strokeWidth: 2, tooltip: null },
        encoding: { y, x: x('low'), x2: { field: 'high' } },
      },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1, stroke: palette.surface, strokeWidth: 1 },
        encoding: {
          y,
          x: x('value'),
          color: {
            field: 'standing',
            type: 'nominal',
            legend: null,
            scale: { domain: ['best', 'unclear', 'worse'], range: [palette.model, palette.other, palette.muted] },
          },
          tooltip: [
            { field: 'model', type: 'nominal' },
            { field: 'shown', title: measures[measure].short, type: 'nominal' },
          ],
        },
      },
    ],
  }
}
