import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import type { SeriesSet } from '../../src/data/series.js'
import { selectEngine } from '../../src/engine/select.js'
import { fit } from '../../src/train/fit.js'
import { settings, type TrainingName } from './sets.js'

/** What a child process is told. */
export interface ChildRequest {
  readonly set: TrainingName
  /** A file that holds the series, serialised. */
  readonly file: string
  readonly engine: string
  readonly threads: number
  /** Seconds of steps to time, after a quarter of that to warm up. */
  readonly seconds: number
}

/** And what it says. */
export interface ChildReply {
  /** Seconds of each step. */
  readonly steps: readonly number[]
  /** Losses of the first steps: they must be alike on all engines. */
  readonly losses: readonly number[]
  /** Evaluations of the vector field by one row, mean over rows and steps. */
  readonly evaluations: number
  /** Peak resident memory, bytes. */
  readonly memory: number
  readonly engine: string
}

/** Steps whose losses are reported. */
export const COMPARED_STEPS = 3
/** Steps timed at least. */
const LEAST_STEPS = 3

/** As for items: the time that other processes had does not count, where there is but one thread to tell it from. */
const stepSeconds = (wall: number, { user, system }: NodeJS.CpuUsage, threads: number): number =>
  (threads === 1 ? Math.min(wall, (user + system) / 1000) : wall) / 1000

/** Trains for a while by the public `fit` and times its steps: from one to the next, whatever a step does. */
export async function trainForAWhile({ set: name, file, engine: engineName, threads, seconds }: ChildRequest): Promise<ChildReply> {
  const set = deserialize(readFileSync(file)) as SeriesSet
  const engine = await selectEngine(engineName)
  const stop = new AbortController()
  const [steps, losses]: [number[], number[]] = [[], []]
  let [evaluations, count, began, last, epoch] = [0, 0, 0, 0, -1]
  let used = process.cpuUsage()
  await fit(engine, set, { ...settings[name], minSteps: 100_000, epochs: 1 }, {
    threads,
    signal: stop.signal,
    onStep(state, { loss, evaluations: each }) {
      const now = performance.now()
      if (losses.length < COMPARED_STEPS) losses.push(loss)
      evaluations += each
      count++
      if (began === 0) began = now
      else if (state.epoch === epoch && (now - began) / 1000 > seconds / 4) steps.push(stepSeconds(now - last, process.cpuUsage(used), threads))
      epoch = state.epoch
      last = now
      used = process.cpuUsage()
      if ((now - began) / 1000 > 1.25 * seconds && steps.length >= LEAST_STEPS) stop.abort()
    },
  })
  engine.dispose()
  return { steps, losses, evaluations: evaluations / count, memory: process.resourceUsage().maxRSS * 1024, engine: 'detail' in engine ? String(engine.detail) : engine.name }
}
