import type { EvaluationView } from '../contents.js'
import { errorsBySeries as meanErrors } from '../errorsBy.js'
import { formatCount, formatScore } from '../format.js'
import { bestBaseline } from '../headline.js'
import { mayBeNamed } from '../named.js'
import { labelledGrid, type Json, type Row, type Specification } from '../specification.js'
import { scoredTasks } from '../tasks.js'
import type { Palette } from '../theme.js'
import { chosenParam, isChosen, who, whoTold } from '../views/chosen.js'
import type { Panel, ReportFigure } from './figure.js'

/** Each series' error against that of the best plain baseline. */
export const errorsBySeries: ReportFigure = {
  section: 'errors',
  // There is little to see in it where no series can be chosen.
  media: ['page'],
  draw(contents, { palette }) {
    const panels = scoredTasks(contents).flatMap(({ task, title, view }): Panel[] => {
      const rows = seriesErrorRows(view, mayBeNamed(contents))
      const best = bestBaseline(view)
      if (rows.length < 2 || best === undefined) return []
      const better = rows.filter(({ model, baseline }) => model < baseline).length
      const note = `the model is better for ${formatCount(better)} of ${formatCount(rows.length)} series`
      return [
        {
          name: `series-errors-${task}`,
          title,
          caption: { title, note },
          description: `${title}: the model’s mean squared error of each series against that of ${best.label}; ${note}.`,
          spec: seriesErrorsView(rows, best.label, palette),
        },
      ]
    })
    if (panels.length === 0) return []
    const choice = `Choose a dot${contents.nameAll === true ? '' : ' that has a name'} to see that series in every figure.`
    return [
      {
        name: 'errors-by-series',
        title: 'Errors of each series',
        note: `A dot for each series; below the dashed diagonal the model is better than the best baseline. ${choice}`,
        description: 'Mean squared error of the model against that of the best plain baseline, a dot for each series.',
        key: [],
        columns: 2,
        panels,
      },
    ]
  },
}

/** So many series are drawn. */
const most = 1000

interface SeriesErrorRow extends Row {
  /** Null where it is not named. */
  readonly series: string | null
  readonly model: number
  readonly baseline: number
}

/**
 * Each series' error and that of the best plain baseline; none of series whose errors cannot stand on a logarithmic axis.
 * Series that may not be named come last, ordered by their errors, which are told no finer than they are drawn.
 */
function seriesErrorRows(view: EvaluationView, mayBeNamed: (id: string) => boolean): SeriesErrorRow[] {
  const best = bestBaseline(view)
  if (best === undefined) return []
  const all = meanErrors(view.points).slice(0, most)
  const named = all
    .filter(({ series }) => mayBeNamed(series))
    .map(({ series, points, mse }): SeriesErrorRow => ({
      series,
      model: Number(mse.model.toPrecision(4)),
      baseline: Number(mse[best.name].toPrecision(4)),
      points,
      shownModel: formatScore(mse.model),
      shownBaseline: formatScore(mse[best.name]),
    }))
  const others = all
    .filter(({ series }) => !mayBeNamed(series))
    .map(({ mse }): SeriesErrorRow => {
      const [model, baseline] = [Number(mse.model.toPrecision(3)), Number(mse[best.name].toPrecision(3))]
      return { series: null, model, baseline, points: '–', shownModel: formatScore(model), shownBaseline: formatScore(baseline) }
    })
    .sort((a, b) => a.baseline - b.baseline || a.model - b.model)
  return [...named, ...others].filter(({ model, baseline }) => model > 0 && baseline > 0 && Number.isFinite(model + baseline))
}

/** A dot for each series, the model's error against the baseline's: below the diagonal the model is the better one. */
function seriesErrorsView(rows: readonly SeriesErrorRow[], baseline: string, palette: Palette, height = 260): Specification {
  const values = rows.flatMap(({ model, baseline }) => [model, baseline])
  const domain = [Math.min(...values) / 1.25, Math.max(...values) * 1.25].map((value) => Number(value.toPrecision(4)))
  const axis = (field: string, title: string, ticks: string): Json => ({
    field,
    type: 'quantitative',
    title,
    scale: { type: 'log', domain: { expr: '[low, high]' }, nice: false },
    axis: { tickCount: { expr: ticks }, labelOverlap: 'greedy', grid: true, ...labelledGrid },
  })
  const x = axis('baseline', `error of ${baseline}`, 'max(2, floor(width / 80))')
  const y = axis('model', 'error of the model', '4')
  const points = (look: Json, transform: readonly Json[] = []): Json => ({
    data: { name: 'series' },
    transform: [...transform, who],
    mark: { type: 'point', filled: true, stroke: palette.surface, strokeWidth: 1, cursor: 'pointer', ...(look as object) },
    encoding: {
      x,
      y,
      tooltip: [
        whoTold,
        { field: 'shownModel', title: 'model', type: 'nominal' },
        { field: 'shownBaseline', title: baseline, type: 'nominal' },
        { field: 'points', title: 'values', type: 'nominal' },
      ],
    },
  })
  return {
    width: 'container',
    height,
    params: [{ name: 'low', value: domain[0]! }, { name: 'high', value: domain[1]! }, chosenParam],
    datasets: { series: rows, diagonal: domain.map((value) => ({ baseline: value, model: value })) },
    layer: [
      {
        data: { name: 'diagonal' },
        mark: { type: 'line', color: palette.muted, strokeDash: [3, 3], strokeWidth: 1, tooltip: null },
        encoding: { x, y },
      },
      points({ size: 55, opacity: 0.7, color: palette.model }),
      points({ size: 190, opacity: 1, color: palette.heldout }, [{ filter: isChosen }]),
      {
        data: { name: 'series' },
        transform: [{ filter: isChosen }],
        mark: { type: 'text', align: 'left', dx: 9, color: palette.ink, fontWeight: 600, tooltip: null, limit: 120 },
        encoding: { x, y, text: { field: 'series' } },
      },
    ],
  }
}
