import type { ItemName, Problem } from './problems.js'

/** What is timed of an item: `f` forward, `v` forward and all gradients, `p` as `v` with the weights written anew each time. */
export const quantities = ['f', 'v', 'p'] as const
export type Quantity = (typeof quantities)[number]

export type Floats = Float32Array | Float64Array

/** Results by name, in the layouts of `problems.ts`. */
export type Results = Readonly<Record<string, Floats>>

/** One thing to time. */
export interface Task {
  /** Runs it for about so long (once at least) and returns microseconds a call, one number for each sample. */
  slice(milliseconds: number): number[] | Promise<number[]>
  /** Runs it once more and returns what it computes. */
  results(): Results | Promise<Results>
}

/** Someone who can do items: an engine, plain loops, another library. */
export interface Contestant {
  readonly name: string
  readonly threads: number
  /** For people: what it is. */
  readonly detail: string
  /** The tasks of an item; those it has no way to do are left out. */
  tasks(item: ItemName, problem: Problem): Partial<Record<Quantity, Task>>
  /** How far its results may be from the reference, relative to the largest; by default 1e-4. */
  tolerance?(item: ItemName): { limit: number; why: string } | undefined
  dispose(): void | Promise<void>
}

/** A contestant that cannot be had here. */
export interface Absent {
  readonly name: string
  readonly reason: string
}

/** A task of this process; of one thread, unless `threads` says otherwise. */
export const localTask = (call: () => void, results: () => Results, threads = 1): Task => ({
  slice: (milliseconds) => sample(call, milliseconds, threads),
  results,
})

/** Calls shorter than this many microseconds are timed several together. */
const LEAST_SAMPLE = 30
/** The same, where the time of other processes is left out. */
const LEAST_SAMPLE_ALONE = 4000
/** Calls longer than this many microseconds may be interrupted by other processes: then only the time counts in which this one ran. */
const LONG_CALL = 500

function sample(call: () => void, milliseconds: number, threads: number): number[] {
  const first = timeOf(call, 1, threads === 1)
  // The first call finds the caches full of others' data: it counts only if there is no time for a second.
  if (first > 1000 * milliseconds) return [first]
  const end = performance.now() + milliseconds - first / 1000
  const once = timeOf(call, 1, false)
  const alone = threads === 1 && once > LONG_CALL
  // To ask for the time that this process had takes a while itself.
  const repeat = Math.max(1, Math.round((alone ? LEAST_SAMPLE_ALONE : LEAST_SAMPLE) / (once + 0.01)))
  const samples: number[] = []
  do samples.push(timeOf(call, repeat, alone))
  while (performance.now() < end)
  return samples
}

/** Microseconds of a call, timed as several; `alone` leaves out the time that other processes had on a busy machine. */
function timeOf(call: () => void, repeat: number, alone: boolean): number {
  const before = alone ? process.cpuUsage() : undefined
  const start = performance.now()
  for (let i = 0; i < repeat; i++) call()
  const wall = 1000 * (performance.now() - start)
  if (!before) return wall / repeat
  const { user, system } = process.cpuUsage(before)
  return Math.min(wall, user + system) / repeat
}
