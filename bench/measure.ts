import { agreement, usualLimit, type Agreement } from './agreement.js'
import { quantities, type Contestant, type Quantity, type Task } from './contest.js'
import { problemOf, type ItemName, type Problem } from './problems.js'
import { referenceOf, type Reference } from './reference.js'

/** Microseconds a call, over all samples of all rounds. */
export interface Timing {
  readonly median: number
  readonly lower: number
  readonly upper: number
  readonly least: number
  readonly samples: number
  /** Median over rounds of the baseline's median over this one's: free of what slows the machine for a while. */
  readonly ratio?: number
}

export interface Entry {
  readonly contestant: string
  readonly timings: Partial<Record<Quantity, Timing>>
  readonly agreement: Agreement
}

export interface ItemResult {
  readonly item: ItemName
  readonly entries: readonly Entry[]
  readonly operations: Reference['operations']
  /** Contestants that failed at this item, and why. */
  readonly failures: readonly { readonly contestant: string; readonly reason: string }[]
}

export interface MeasureOptions {
  /** Time for the item, all contestants together. */
  readonly seconds: number
  readonly rounds?: number
  readonly baseline?: string
  readonly problem?: Problem
}

interface Runner {
  readonly contestant: string
  readonly quantity: Quantity
  readonly task: Task
  /** Samples by round; undefined where it was left out because it had used up its time. */
  readonly rounds: (number[] | undefined)[]
  spent: number
}

/** Steps are chosen by estimates of errors, which rounding changes: where these are small, results agree to the tolerance of the solve. */
const limitOf = (problem: Problem): { limit: number; why?: string } =>
  problem.kind === 'dopri5' ? { limit: problem.rtol, why: 'rounding changes the steps that are chosen' } : { limit: usualLimit }

/** Checks all contestants at an item against float64, then times them in turns: in each round everyone has a slice. */
export async function measureItem(
  item: ItemName,
  contestants: readonly Contestant[],
  { seconds, rounds = 7, baseline = 'js', problem = problemOf(item) }: MeasureOptions,
): Promise<ItemResult> {
  const reference = await referenceOf(problem)
  const runners: Runner[] = []
  const checks = new Map<string, Agreement>()
  const failures: { contestant: string; reason: string }[] = []
  for (const contestant of contestants) {
    try {
      const tasks = contestant.tasks(item, problem)
      const found: Agreement[] = []
      for (const quantity of quantities) {
        const task = tasks[quantity]
        if (task) found.push(agreement(await task.results(), reference.results, contestant.tolerance?.(item) ?? limitOf(problem)))
      }
      if (found.length === 0) continue
      checks.set(
        contestant.name,
        found.reduce((a, b) => (b.error > a.error ? b : a)),
      )
      for (const quantity of quantities)
        if (tasks[quantity]) runners.push({ contestant: contestant.name, quantity, task: tasks[quantity], rounds: [], spent: 0 })
    } catch (error) {
      failures.push({ contestant: contestant.name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  const share = (1000 * seconds) / Math.max(1, runners.length)
  // Compilers of JavaScript take their time, also for the loops that call into an engine.
  for (const runner of runners) await runner.task.slice(Math.min(WARM_UP, share))
  for (let round = 0; round < rounds; round++) {
    for (const runner of rotated(runners, round)) {
      if (round >= LEAST_ROUNDS && runner.spent >= share) {
        runner.rounds.push(undefined)
        continue
      }
      const start = performance.now()
      runner.rounds.push(await runner.task.slice(share / rounds))
      runner.spent += performance.now() - start
    }
  }
  const base = (quantity: Quantity): Runner | undefined =>
    runners.find((r) => r.contestant === baseline && r.quantity === (quantity === 'p' ? 'v' : quantity))
  const entries = [...checks].map(([contestant, check]): Entry => ({
    contestant,
    agreement: check,
    timings: Object.fromEntries(runners.filter((r) => r.contestant === contestant).map((r) => [r.quantity, timing(r, base(r.quantity))])),
  }))
  return { item, entries, operations: reference.operations, failures }
}

/** Milliseconds that everyone runs before any time counts, if they have as many. */
const WARM_UP = 300

/** Rounds in which even those take part whose single call takes longer than their share of the time. */
const LEAST_ROUNDS = 3

/** Everyone follows everyone else once in a while. */
const rotated = <T>(list: readonly T[], by: number): T[] => list.map((_, i) => list[(i + by) % list.length]!)

function timing({ rounds }: Runner, base: Runner | undefined): Timing {
  const all = Float64Array.from(rounds.flatMap((samples) => samples ?? [])).sort()
  const ratio =
    base && median(rounds.flatMap((samples, i) => (samples && base.rounds[i] ? [median(base.rounds[i]) / median(samples)] : [])))
  return {
    median: quantile(all, 0.5),
    lower: quantile(all, 0.25),
    upper: quantile(all, 0.75),
    least: all[0]!,
    samples: all.length,
    ...(ratio !== undefined && { ratio }),
  }
}

export const median = (values: ArrayLike<number>): number => quantile(Float64Array.from(values).sort(), 0.5)

/** Of ascending values, linear between neighbours. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1)
  const below = Math.floor(at)
  const [a, b] = [sorted[below]!, sorted[Math.ceil(at)]!]
  return a + (at - below) * (b - a)
}
