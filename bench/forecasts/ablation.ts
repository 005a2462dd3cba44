import type { Estimate } from '../../src/train/bootstrap.js'
import { tasks, type Task } from '../../src/train/compareModels.js'
import { onOneScale, pool, type TotalsBySeries } from '../../src/train/contest.js'
import type { Cell } from './cell.js'
import { estimate, number, table } from './markdown.js'
import { overSeries, total } from './totals.js'

/** A model with other options beside itself with defaults. */
export interface AblatedRow {
  readonly set: string
  readonly task: Task
  /** Of the first contestant. */
  readonly mse: number
  readonly nll: number
  /** Of the others by the first's, in the order of `labels`; undefined where it was not fitted with the same seeds. */
  readonly ratios: readonly (Estimate | undefined)[]
  readonly differences: readonly (Estimate | undefined)[]
}

/**
 * Every contestant beside the first, on one set and both tasks.
 *
 * @param cells of one set
 * @param labels of the contestants; the first is the one that the others are compared with
 */
export function ablatedRows(cells: readonly Cell[], labels: readonly string[]): AblatedRow[] {
  const [first, ...others] = labels
  const seeds = cells.filter(({ model }) => model === first).map(({ seed }) => seed)
  if (seeds.length === 0) return []
  return tasks.flatMap((task): AblatedRow[] => {
    const besides = others.map((label) => pairOf(cells, seeds, task, [first!, label]))
    const own = pairOf(cells, seeds, task, [first!, first!])![0]
    const [values, squares, logDensity] = (['values', 'squares', 'logDensity'] as const).map((of) => total(own, of)) as [
      number,
      number,
      number,
    ]
    if (values === 0) return []
    return [
      {
        set: cells[0]!.set,
        task,
        mse: squares / values,
        nll: -logDensity / values,
        ratios: besides.map((pair) => pair && overSeries(...pair, (mine, other) => [other.squares, mine.squares])),
        differences: besides.map((pair) => pair && overSeries(...pair, (mine, other) => [mine.logDensity - other.logDensity, mine.values])),
      },
    ]
  })
}

type Pair = readonly [TotalsBySeries, TotalsBySeries]

function pairOf(cells: readonly Cell[], seeds: readonly number[], task: Task, labels: readonly [string, string]): Pair | undefined {
  const splits = seeds.map((seed) => {
    const both = labels.map((label) => cells.find(({ model, seed: other }) => model === label && other === seed))
    if (both.includes(undefined)) return undefined
    return onOneScale(both.map((cell) => ({ normalisation: cell!.normalisation, scores: cell!.scores[task] })))
  })
  if (splits.includes(undefined)) return undefined
  return [0, 1].map((i) => pool(splits.map((split) => split![i]!))) as unknown as Pair
}

/** The page of what each option does. */
export function ablationPage(
  rows: readonly AblatedRow[],
  labels: readonly string[],
  { versions, seeds, command }: { versions: readonly string[]; seeds: number; command: string },
): string {
  const [first, ...others] = labels
  const names = others.map((label) => (label.startsWith(`${first!} `) ? label.slice(first!.length + 1) : label))
  const of = ({ set, task }: AblatedRow): [string, string] => [set, task === 'interpolation' ? 'gaps' : 'ahead']
  const cell = (one: Estimate | undefined): string => (one === undefined ? '–' : estimate(one))
  return `# What each part is worth

Written by \`${command}\` (version ${versions.join(', ')}; ${seeds === 1 ? 'one seed' : `${seeds} seeds`}): ${first!} with its defaults, and with one thing changed. Held-out values of the test series, as \`evaluate\` scores them.

Mean squared error, of the defaults; then with the change, by that of the defaults, with a 95 % interval by a paired bootstrap over series: above 1 the default is better.

${table(
  ['set', 'task', 'MSE', ...names],
  rows.map((row) => [...of(row), number(row.mse), ...row.ratios.map(cell)]),
  2,
)}

Negative log-likelihood, nats per value; then what the change adds to it: above 0 the default is better.

${table(
  ['set', 'task', 'NLL', ...names],
  rows.map((row) => [...of(row), number(row.nll), ...row.differences.map(cell)]),
  2,
)}
`
}
