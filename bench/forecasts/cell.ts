import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ChannelNormalisation } from '../../src/data/normalise.js'
import { readSeries } from '../../src/data/read.js'
import { selectEngine } from '../../src/engine/select.js'
import { partOf, scoreTasks, type Task } from '../../src/train/compareModels.js'
import { readModel } from '../../src/train/modelFile.js'
import type { TaskScores } from '../../src/train/taskScores.js'
import { version } from '../../src/version.js'
import { scoreDetails, type Details } from './details.js'
import type { BenchmarkOptions, Contestant } from './options.js'
import type { DataSet } from './sets.js'

/** One fit of one model to one set, and its scores on the test series: a file of its own. */
export interface Cell {
  readonly set: string
  readonly model: string
  readonly seed: number
  /** What was run, and by which version. */
  readonly command: string
  readonly version: string
  /** Mark of the build that fitted it. */
  readonly build: string
  /** Of the fit: seconds of computing, and its largest resident set. */
  readonly seconds: number
  readonly megabytes: number
  readonly normalisation: readonly ChannelNormalisation[]
  readonly scores: Readonly<Record<Task, TaskScores>>
  readonly details: Details
}

type Where = Pick<BenchmarkOptions, 'data' | 'cells' | 'threads'>

/** `milk.latent-ode.1.json`, with what is no letter or digit of a model's options as dashes. */
export const cellFile = ({ cells }: Pick<Where, 'cells'>, set: DataSet, { label }: Contestant, seed: number): string =>
  join(cells, `${set.name}.${label.replace(/[^\w]+/g, '-')}.${seed}.json`)

/** What a cell's fit is, as it would be typed; `out` is the model file. */
export function fitWords({ data, threads }: Pick<Where, 'data' | 'threads'>, set: DataSet, { words }: Contestant, seed: number): string[] {
  const [model, ...options] = words
  return [
    'fit',
    join(data, set.path),
    ...(set.values ? ['--values', set.values.join(',')] : []),
    ...['--model', model!, '--seed', String(seed), ...options],
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
  ]
}

/** A cell that is there; undefined if there is none. */
export const readCell = (path: string): Cell | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8'), unNull) as Cell) : undefined

/** JSON has no NaN: here every null is one. */
const unNull = (_: string, value: unknown): unknown => (value === null ? NaN : value)

/**
 * Fits a model by the built command line, in a process of its own whose computing and memory are measured, and scores it on the test
 * series as `evaluate` does; the sums by series are kept, so that models can be compared series by series.
 *
 * @throws Error with what the command said, if it fails
 */
export async function runCell(where: Where, set: DataSet, contestant: Contestant, seed: number, build: string): Promise<Cell> {
  mkdirSync(where.cells, { recursive: true })
  const path = cellFile(where, set, contestant, seed)
  const [model, usedFile] = [`${path}.model.safetensors`, `${path}.used`]
  const words = fitWords(where, set, contestant, seed)
  await runProgram([...words, '--out', model, '--quiet'], { BENCHMARK_USED: usedFile })
  const used = JSON.parse(readFileSync(usedFile, 'utf8')) as { kibibytes: number; seconds: number }
  const fitted = await readModel(model)
  const { set: data } = await readSeries(join(where.data, set.path), {
    id: fitted.idColumn,
    time: fitted.timeColumn,
    ...(set.values && { values: set.values }),
  })
  const engine = await selectEngine()
  const tested = partOf(data, fitted, 'test')
  const scores = scoreTasks(engine, fitted, tested)
  const cell: Cell = {
    set: set.name,
    model: contestant.label,
    seed,
    command: `latent-ode ${words.join(' ')}`,
    version,
    build,
    seconds: used.seconds,
    megabytes: used.kibibytes / 1024,
    normalisation: fitted.normalisation.channels,
    scores,
    details: scoreDetails(engine, fitted, tested, scores.interpolation),
  }
  engine.dispose()
  for (const file of [model, usedFile]) rmSync(file)
  // Whole or not at all: a cell that is there is taken for done.
  writeFileSync(`${path}.part`, JSON.stringify(cell))
  renameSync(`${path}.part`, path)
  return cell
}

function runProgram(words: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const [main, hook] = [new URL('../../dist/cli/main.js', import.meta.url), new URL('./used.mjs', import.meta.url)]
  const child = spawn(process.execPath, ['--import', hook.href, fileURLToPath(main), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`latent-ode ${words.join(' ')} ended with ${code ?? signal}: ${said.trim()}`)),
    )
  })
}
