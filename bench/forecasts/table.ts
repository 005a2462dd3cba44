import type { Estimate } from '../../src/train/bootstrap.js'
import { baselinesOf, type PlainBaseline } from '../../src/train/baselines.js'
import { tasks, type Task } from '../../src/train/compareModels.js'
import { onOneScale, pool, type Contestant as Scored } from '../../src/train/contest.js'
import type { TaskScores } from '../../src/train/taskScores.js'
import type { Cell } from './cell.js'
import { estimate, number, percent, table } from './markdown.js'
import { overSeries, total } from './totals.js'

/** How the first model does at one task on one set, beside the best of all others. */
export interface BenchmarkRow {
  readonly set: string
  readonly task: Task
  readonly series: number
  readonly values: number
  readonly model: string
  readonly mse: number
  readonly nll: number
  readonly in50: number
  readonly in90: number
  /** Of the other models and the plain baselines, the one with the least error; the model's error by its, and the interval. */
  readonly best: string
  readonly bestMse: number
  readonly ratio: Estimate
  /** Of the other models, the one with the best likelihood; absent if there is no other. */
  readonly bestByNll?: string
  readonly bestNll?: number
  readonly nllDifference?: Estimate
  /** Seconds of computing of a fit on average, and the most memory of any. */
  readonly seconds: number
  readonly megabytes: number
  readonly command: string
}

/**
 * Rows of one set, both tasks, over the seeds that the first model was fitted with; none if there is none. Others are beside it
 * that were fitted with each of these.
 */
export function rowsOfSet(cells: readonly Cell[], wanted: readonly string[]): BenchmarkRow[] {
  const seeds = cells.filter(({ model }) => model === wanted[0]).map(({ seed }) => seed)
  if (seeds.length === 0) return []
  const models = wanted.filter((model) => seeds.every((seed) => cells.some((cell) => cell.seed === seed && cell.model === model)))
  const of = (model: string, seed: number): Cell => cells.find((cell) => cell.model === model && cell.seed === seed)!
  const own = seeds.map((seed) => of(models[0]!, seed))
  return tasks.flatMap((task): BenchmarkRow[] => {
    const names = [...models, ...baselinesOf(task).map((name) => plainNames[name])]
    const bySeed = seeds.map((seed) => {
      const first = of(models[0]!, seed)
      const plain = baselinesOf(task).map((name) => ({
        ...first,
        scores: { ...first.scores, [task]: asBaseline(first.scores[task], name) },
      }))
      return onOneScale(
        [...models.map((model) => of(model, seed)), ...plain].map(({ normalisation, scores }): Scored => ({
          normalisation,
          scores: scores[task],
        })),
      )
    })
    const totals = names.map((_, i) => pool(bySeed.map((split) => split[i]!)))
    const values = total(totals[0]!, 'values')
    if (values === 0) return []
    const least = (candidates: readonly number[], of: (i: number) => number): number =>
      candidates.reduce((best, i) => (of(i) < of(best) ? i : best))
    const others = names.map((_, i) => i).slice(1)
    const best = least(others, (i) => total(totals[i]!, 'squares'))
    const rivals = others.filter((i) => i < models.length)
    const byNll = rivals.length === 0 ? undefined : least(rivals, (i) => -total(totals[i]!, 'logDensity'))
    const ratio = overSeries(totals[0]!, totals[best]!, (mine, other) => [mine.squares, other.squares])
    return [
      {
        set: own[0]!.set,
        task,
        series: [...totals[0]!.values()].filter((one) => one.values > 0).length,
        values,
        model: models[0]!,
        mse: total(totals[0]!, 'squares') / values,
        nll: -total(totals[0]!, 'logDensity') / values,
        in50: total(totals[0]!, 'in50') / values,
        in90: total(totals[0]!, 'in90') / values,
        best: names[best]!,
        bestMse: total(totals[best]!, 'squares') / values,
        ratio,
        ...(byNll !== undefined && {
          bestByNll: names[byNll]!,
          bestNll: -total(totals[byNll]!, 'logDensity') / values,
          nllDifference: overSeries(totals[0]!, totals[byNll]!, (mine, other) => [other.logDensity - mine.logDensity, mine.values]),
        }),
        seconds: own.reduce((sum, { seconds }) => sum + seconds, 0) / own.length,
        megabytes: Math.max(...own.map(({ megabytes }) => megabytes)),
        command: own[0]!.command,
      },
    ]
  })
}

const plainNames: Readonly<Record<PlainBaseline, string>> = {
  mean: '(channel mean)',
  locf: '(last value)',
  linear: '(linear interpolation)',
}

/** The scores as if the model were a plain baseline, which has no density. */
const asBaseline = (scores: TaskScores, name: PlainBaseline): TaskScores => ({
  ...scores,
  series: scores.series.map(({ id, channels }) => ({
    id,
    channels: channels.map((sums) => ({
      ...sums,
      squares: sums.baselines[name],
      originalSquares: NaN,
      logDensity: NaN,
      originalLogDensity: NaN,
    })),
  })),
})

/** The page: the table, how the rows add up, what `details` tells, and the commands. */
export function benchmarkPage(
  rows: readonly BenchmarkRow[],
  { versions, seeds, details }: { versions: readonly string[]; seeds: number; details: string },
): string {
  const lines = rows.map((row) => [
    row.set,
    row.task === 'interpolation' ? 'gaps' : 'ahead',
    `${row.values.toLocaleString('en-US')} of ${row.series.toLocaleString('en-US')}`,
    number(row.mse),
    `${number(row.bestMse)} ${row.best}`,
    estimate(row.ratio),
    number(row.nll),
    row.bestByNll === undefined ? '–' : `${number(row.bestNll)} ${row.bestByNll}`,
    row.nllDifference === undefined ? '–' : estimate(row.nllDifference),
    percent(row.in50),
    percent(row.in90),
    number(row.seconds),
    String(Math.round(row.megabytes)),
  ])
  const header = [
    'set',
    'task',
    'values of series',
    'MSE',
    'best other MSE',
    'ratio',
    'NLL',
    'best other NLL',
    'difference',
    'in 50 %',
    'in 90 %',
    'seconds',
    'MB',
  ]
  const verdict = ({ ratio: { low, high } }: BenchmarkRow): 'better' | 'worse' | 'unclear' =>
    high < 1 ? 'better' : low > 1 ? 'worse' : 'unclear'
  const count = (wanted: ReturnType<typeof verdict>): number => rows.filter((row) => verdict(row) === wanted).length
  const within = rows.filter(({ ratio }) => ratio.value <= 1.02).length
  return `# Benchmarks

Written by \`npm run benchmarks\` (version ${versions.join(', ')}; ${seeds === 1 ? 'one seed' : `${seeds} seeds`}): fits with defaults, scored on held-out values of the test series as
\`evaluate\` does ([evaluation.md](evaluation.md)), beside the best of all other models and plain baselines (in brackets). The ratio is the model's mean squared error by that of the best other, the
difference is of negative log-likelihoods, in nats per value; both with 95 % intervals by a paired bootstrap over series. Seconds and MB are those of a fit: of computing, on one thread, and its largest resident set.

${table(header, lines, 3)}

Of ${rows.length} pairs of set and task, ${rows[0]?.model ?? 'the model'} has an error better than the best other by more than chance explains in ${count('better')}, worse in ${count('worse')}, and no clear difference (or too few series to say) in
${count('unclear')}; in ${within} its error is at most 1.02 times that of the best other.

${details}
## Commands

\`\`\`console
${[...new Set(rows.map(({ command }) => `npx ${command}`))].join('\n')}
\`\`\`

Each row is of \`latent-ode evaluate <model> <data> --task interpolation\` and \`--task extrapolation\` of these models; other models are fitted with \`--model\`. The data are not part of this package.
`
}
