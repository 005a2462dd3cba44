import type { TimeAxis } from '../../data/series.js'
import { errorsByGap, errorsByHorizon, type ErrorBin } from '../errorsBy.js'
import { formatDuration, formatScore, unitAfter, unitOf } from '../format.js'
import { finite, type Json, type Row, type Specification } from '../specification.js'
import { scoredTasks, type ScoredTask } from '../tasks.js'
import type { Palette } from '../theme.js'
import { methodColour, methodShape, methodsKey, methodsOf, ofModel } from '../views/methods.js'
import type { Figure, Panel, ReportFigure } from './figure.js'

/** Errors by how far a value is from what the model was given: since its channel was last seen, and past everything. */
export const errorsByTime: ReportFigure = {
  section: 'errors',
  // An evaluation by itself does not say in what unit its times are.
  media: ['page', 'file'],
  draw(contents, { palette, medium }) {
    const tasks = scoredTasks(contents)
    const panels = (name: string, some: readonly ScoredTask[], { bins: binsOf, length, note }: Distance): Panel[] =>
      some.flatMap(({ task, title, view }) => {
        const bins = binsOf(view.points)
        const spec = binnedErrorsView(bins, task, length, contents.time, contents.timeColumn, palette)
        if (spec === undefined) return []
        return [{ name: `${name}-${task}`, title, caption: { title, note }, spec, description: `${title}: ${errorsInWords(bins, length)}` }]
      })
    const byGap: Figure = {
      name: 'errors-by-gap',
      title: 'Errors by the time since a channel was last seen',
      note: 'Each dot stands for about equally many values.',
      description: 'Mean squared error of the model and plain baselines by the time since the channel was last given.',
      key: methodsKey(
        palette,
        tasks.map(({ task }) => task),
      ),
      columns: 2,
      panels: panels('gaps', tasks, sinceSeen),
    }
    const byHorizon: Figure = {
      name: 'errors-by-horizon',
      title: 'Errors by the distance into the future',
      note: 'From the last row that the model was given. Each dot stands for about equally many values.',
      description: 'Mean squared error of the model and plain baselines by the time past the last row that was given.',
      key: methodsKey(palette, ['extrapolation']),
      columns: 1,
      panels: panels(
        'horizon',
        tasks.filter(({ task }) => task === 'extrapolation'),
        pastGiven,
      ),
    }
    const drawn = medium === 'page' ? [together(byGap, byHorizon)] : [byGap, byHorizon]
    return drawn.filter((figure) => figure.panels.length > 0)
  },
}

/** On a page the panels stand side by side, each with a caption of its own. */
const together = (byGap: Figure, byHorizon: Figure): Figure => ({
  ...byGap,
  columns: 3,
  panels: [...byGap.panels, ...byHorizon.panels],
  page: {
    lede:
      'The same errors by how far the value is from what the model was given: since its channel was last seen, and past everything ' +
      'that was given. Each dot stands for about equally many values.',
  },
})

/** What errors are put in bins by. */
interface Distance {
  readonly bins: typeof errorsByGap
  /** As in a title of an axis. */
  readonly length: string
  readonly note: string
}

const sinceSeen: Distance = {
  bins: errorsByGap,
  length: 'time since the channel was last given',
  note: 'by time since last seen',
}
const pastGiven: Distance = {
  bins: errorsByHorizon,
  length: 'distance into the future',
  note: 'by time past the last row given',
}

function errorsInWords(bins: readonly ErrorBin[], length: string): string {
  const [shortest, longest] = [bins[0]!, bins[bins.length - 1]!]
  return (
    `mean squared error by ${length}. The model’s is ${formatScore(shortest.mse.model)} at the shortest and ` +
    `${formatScore(longest.mse.model)} at the longest, that of the last value ${formatScore(shortest.mse.locf)} and ` +
    `${formatScore(longest.mse.locf)}.`
  )
}

/** Errors by a length of time, such as that since the channel was last given. Undefined where there are too few bins to make a curve. */
function binnedErrorsView(
  bins: readonly ErrorBin[],
  task: ScoredTask['task'],
  length: string,
  axis: TimeAxis,
  timeColumn: string,
  palette: Palette,
  height = 230,
): Specification | undefined {
  if (bins.length < 3) return undefined
  const rows: Row[] = bins
    .flatMap((bin) =>
      methodsOf(task).map(({ name, label }) => ({
        method: label,
        middle: (bin.from + bin.to) / 2,
        mse: finite(bin.mse[name]),
        range: `${formatDuration(bin.from, axis)} to ${formatDuration(bin.to, axis)}${unitAfter(axis, timeColumn)}`,
        shown: formatScore(bin.mse[name]),
        points: bin.points,
      })),
    )
    .filter((row) => row.mse !== null)
  const x: Json = {
    field: 'middle',
    type: 'quantitative',
    title: `${length} (${unitOf(axis, timeColumn)})`,
    scale: { domainMin: 0, nice: false, padding: 6 },
    axis: { tickCount: { expr: 'max(2, floor(width / 70))' } },
  }
  const y: Json = {
    field: 'mse',
    type: 'quantitative',
    title: 'mean squared error, normalised',
    scale: { domainMin: 0, nice: true, padding: 0 },
    axis: { tickCount: 4 },
  }
  const lines = (filter: Json, width: number): Json => ({
    transform: [{ filter }],
    mark: { type: 'line', strokeWidth: width, tooltip: null },
    encoding: { x, y, color: methodColour(palette) },
  })
  const points = (filter: Json, size: number): Json => ({
    transform: [{ filter }],
    mark: { type: 'point', filled: true, opacity: 1, stroke: palette.surface, strokeWidth: 1.5, size },
    encoding: {
      x,
      y,
      color: methodColour(palette),
      shape: methodShape,
      tooltip: [
        { field: 'range', title: length, type: 'nominal' },
        { field: 'method', type: 'nominal' },
        { field: 'shown', title: 'mean squared error', type: 'nominal' },
        { field: 'points', title: 'values', type: 'nominal' },
      ],
    },
  })
  return {
    width: 'container',
    height,
    datasets: { gaps: rows },
    data: { name: 'gaps' },
    layer: [lines({ not: ofModel }, 1.25), points({ not: ofModel }, 45), lines(ofModel, 2.25), points(ofModel, 80)],
  }
}
