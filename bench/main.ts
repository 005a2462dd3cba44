import { LatentOdeError } from '../src/errors.js'
import { engineContestants } from './contestants/engines.js'
import { plainContestant } from './contestants/plain.js'
import { prototypeContestants } from './contestants/prototype.js'
import { torchContestant } from './contestants/torch.js'
import type { Absent, Contestant } from './contest.js'
import { benchJson } from './json.js'
import { machine, measurePeaks } from './machine.js'
import { measureItem, type ItemResult } from './measure.js'
import { benchOptions, usage, type BenchOptions } from './options.js'
import { measureScaling } from './scaling.js'
import { header, itemTable } from './table.js'
import { measureTraining, trainingTable, type TrainingResult } from './train/measure.js'
import { differences } from './train/sets.js'

/** Runs the benchmarks. Exit code: 0; 1 if results disagree; 2 for options that make no sense. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = benchOptions(args)
    if (options.help) console.log(usage)
    else if (options.scaling) await measureScaling(options)
    else return await bench(options)
    return 0
  } catch (error) {
    if (!(error instanceof LatentOdeError)) throw error
    console.error(error.message)
    return 2
  }
}

async function bench(options: BenchOptions): Promise<number> {
  const say = options.json ? console.error : console.log
  const { contestants, absent } = options.items.length > 0 ? await assemble(options) : { contestants: [], absent: [] }
  const measured = options.items.length > 0 ? measurePeaks() : { reason: 'not needed' }
  const peaks = 'reason' in measured ? undefined : measured
  const best = peaks && Math.max(...Object.values(peaks))
  if (options.items.length > 0) for (const line of header(machine(), measured, contestants, absent)) say(line)

  const results: ItemResult[] = []
  for (const item of options.items) {
    const result = await measureItem(item, contestants, options)
    results.push(result)
    for (const line of ['', ...itemTable(result, best)]) say(line)
  }
  for (const contestant of contestants) await contestant.dispose()

  const training: TrainingResult[] = []
  const skipped: Record<string, string> = {}
  if (options.training.length > 0)
    for (const line of [
      '',
      'Training steps at the sizes of the released code of Rubanova et al. 2019, except that',
      ...differences.map((text) => `  ${text}`),
    ])
      say(line)
  for (const name of options.training) {
    const found = await measureTraining(name, { ...options, engines: options.engines.filter((engine) => engine !== 'js') })
    if ('reason' in found) {
      skipped[name] = found.reason
      say(`\n${name}: not here: ${found.reason}`)
      continue
    }
    training.push(...found.results)
    for (const line of ['', ...trainingTable(name, found.detail, found.results)]) say(line)
  }

  if (options.json) {
    const missing = { ...Object.fromEntries(absent.map(({ name, reason }) => [name, reason])), ...skipped }
    console.log(JSON.stringify(benchJson(results, training, { contestants, peaks, machine: machine(), absent: missing }), undefined, 1))
  }
  const wrong = disagreements(results, training)
  if (wrong.length > 0) console.error(`\nResults disagree: ${wrong.join('; ')}.`)
  return wrong.length > 0 ? 1 : 0
}

/** Whose results are not those of the others, and where. */
export function disagreements(results: readonly ItemResult[], training: readonly TrainingResult[]): string[] {
  return [
    ...results.flatMap(({ item, entries }) =>
      entries.flatMap(({ contestant, agreement: { ok, worst, error } }) =>
        ok ? [] : [`${contestant} at ${item} (${worst}, by ${error.toExponential(1)})`],
      ),
    ),
    ...training.flatMap(({ set, label, outcome }) => ('agrees' in outcome && !outcome.agrees ? [`${label} in training on ${set}`] : [])),
  ]
}

/** Everyone who takes part, and those who cannot. */
async function assemble({
  engines,
  threads,
  peers,
  python,
  prototype,
}: BenchOptions): Promise<{ contestants: Contestant[]; absent: Absent[] }> {
  const everyone: (Contestant | Absent)[] = []
  for (const name of engines) everyone.push(...(name === 'js' ? [plainContestant()] : await engineContestants(name, threads)))
  if (prototype) everyone.push(...prototypeContestants(threads))
  if (peers) for (const count of threads) everyone.push(await torchContestant(count, python))
  return {
    contestants: everyone.filter((one): one is Contestant => 'tasks' in one),
    absent: everyone.filter((one): one is Absent => !('tasks' in one)),
  }
}
