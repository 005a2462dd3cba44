import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import type { FitOptions } from '../../src/train/options.js'
import { quantile } from '../measure.js'
import { columns, duration } from '../table.js'
import { settings, trainingSet, type TrainingName } from './sets.js'

/** What child.mjs is told. */
interface ChildRequest {
  readonly settings: Partial<FitOptions>
  /** A file that holds the series, serialised. */
  readonly file: string
  readonly engine: string
  readonly threads: number
  /** Seconds of steps to time, after a quarter of that to warm up. */
  readonly seconds: number
  readonly leastSteps: number
  readonly comparedSteps: number
}

/** And what it says. */
interface ChildReply {
  /** Seconds of each step. */
  readonly steps: readonly number[]
  /** Losses of the first steps: they must be alike on all engines. */
  readonly losses: readonly number[]
  /** Evaluations of the vector field by one row, mean over rows and steps. */
  readonly evaluations: number
  /** Resident memory before training, with the package and the series loaded, and at its peak; bytes. */
  readonly before: number
  readonly memory: number
  readonly engine: string
}

/** Training steps of one engine with a number of threads. */
export type TrainingOutcome =
  | {
      readonly seconds: number
      readonly quartiles: readonly [number, number]
      readonly least: number
      readonly steps: number
      readonly rows_per_second: number
      readonly peak_memory_mb: number
      /** What there was before training: Node, the package, the series. */
      readonly memory_before_mb: number
      readonly evaluations: number
      readonly losses: readonly number[]
      readonly agrees: boolean
    }
  | { readonly failed: string }

export interface TrainingResult {
  readonly set: TrainingName
  /** Engine, and the threads if more than one. */
  readonly label: string
  readonly outcome: TrainingOutcome
}

export interface TrainingOptions {
  readonly engines: readonly string[]
  readonly threads: readonly number[]
  readonly seconds: number
}

/** How far apart losses of the first steps may be on different engines. */
const LOSS_TOLERANCE = 1e-3
/** Series that are trained on at most: a step sees a batch, and memory is to be that of steps. */
const MOST_SERIES = 1000
/** Everyone runs twice, the second time after all others have run. */
const PASSES = 2

/** Times whole training steps, each engine and number of threads in processes of its own, so that peak memory is its own. */
export async function measureTraining(
  name: TrainingName,
  { engines, threads, seconds }: TrainingOptions,
): Promise<{ results: TrainingResult[]; detail: string } | { reason: string }> {
  const found = await trainingSet(name)
  if ('reason' in found) return found
  const folder = mkdtempSync(join(tmpdir(), 'bench-train-'))
  try {
    const file = join(folder, 'series')
    writeFileSync(file, serialize({ ...found.set, series: found.set.series.slice(0, MOST_SERIES) }))
    const entrants = engines.flatMap((engine) =>
      threads
        .filter((count) => count === 1 || engine !== 'tfjs')
        .map((count) => ({ engine, count, label: count === 1 ? engine : `${engine} ${count}t`, replies: [] as ChildReply[], failed: '' })),
    )
    for (let pass = 0; pass < PASSES; pass++) {
      for (const entrant of entrants) {
        if (entrant.failed !== '') continue
        try {
          entrant.replies.push(
            await runChild({
              settings: settings[name],
              file,
              engine: entrant.engine,
              threads: entrant.count,
              seconds: seconds / PASSES,
              leastSteps: 3,
              comparedSteps: 3,
            }),
          )
        } catch (error) {
          entrant.failed = error instanceof Error ? error.message : String(error)
        }
      }
    }
    const losses = entrants.find(({ replies }) => replies.length > 0)?.replies[0]!.losses ?? []
    return {
      detail: found.detail,
      results: entrants.map(({ label, replies, failed }) => ({
        set: name,
        label,
        outcome: failed === '' ? outcome(name, replies, losses) : { failed },
      })),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function outcome(name: TrainingName, replies: readonly ChildReply[], expected: readonly number[]): TrainingOutcome {
  const steps = Float64Array.from(replies.flatMap((reply) => reply.steps)).sort()
  const [{ losses }] = replies as [ChildReply]
  const seconds = quantile(steps, 0.5)
  return {
    seconds,
    quartiles: [quantile(steps, 0.25), quantile(steps, 0.75)],
    least: steps[0]!,
    steps: steps.length,
    rows_per_second: settings[name].batchSize! / seconds,
    peak_memory_mb: Math.max(...replies.map(({ memory }) => memory)) / 2 ** 20,
    memory_before_mb: Math.max(...replies.map(({ before }) => before)) / 2 ** 20,
    evaluations: replies.reduce((sum, { evaluations }) => sum + evaluations, 0) / replies.length,
    losses,
    agrees: losses.every((loss, i) => Math.abs(loss - expected[i]!) <= LOSS_TOLERANCE * Math.abs(expected[i]!)),
  }
}

const program = fileURLToPath(new URL('child.mjs', import.meta.url))

function runChild(request: ChildRequest): Promise<ChildReply> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, complaint] = ['', '']
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString()
    })
    child.stderr.on('data', (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-4000)
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0) resolve(JSON.parse(out.trim().split('\n').at(-1)!) as ChildReply)
      else reject(new Error(complaint.split('\n').find((line) => line.includes('Error')) ?? `ended with ${signal ?? code}`))
    })
  })
}

export function trainingTable(name: TrainingName, detail: string, results: readonly TrainingResult[]): string[] {
  const rows = results.flatMap(({ label, outcome: o }) =>
    'failed' in o
      ? []
      : [
          [
            label,
            duration(1e6 * o.seconds),
            `±${((50 * (o.quartiles[1] - o.quartiles[0])) / o.seconds).toFixed(0)}%`,
            duration(1e6 * o.least),
            String(o.steps),
            o.rows_per_second.toFixed(0),
            `${o.peak_memory_mb.toFixed(0)} MB`,
            `${o.memory_before_mb.toFixed(0)} MB`,
            o.evaluations.toFixed(1),
            o.agrees ? o.losses[0]!.toPrecision(5) : `WRONG: ${o.losses.map((loss) => loss.toPrecision(6)).join(', ')}`,
          ],
        ],
  )
  return [
    `${name}: one training step, batch of ${settings[name].batchSize}, ${settings[name].samples} samples; ${detail}`,
    ...columns([['', 'step', '', 'least', 'steps', 'series/s', 'peak memory', 'before', 'evaluations', 'first loss'], ...rows]).map(
      (line) => `  ${line}`,
    ),
    ...results.flatMap(({ label, outcome: o }) => ('failed' in o ? [`  ${label}: not here: ${o.failed}`] : [])),
  ]
}
