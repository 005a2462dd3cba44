import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { localTask as taskOf, type Absent, type Contestant, type Quantity, type Results, type Task } from '../contest.js'
import { processorHas } from '../machine.js'
import {
  parameterCount,
  problemOf,
  type EncoderProblem,
  type FieldProblem,
  type Problem,
  type Sizes,
  type SolveProblem,
} from '../problems.js'
import { otherSteps } from './torch.js'

const root = fileURLToPath(new URL('..', new URL('..', import.meta.url)))

/** The prototype's functions. Arrays are passed as such; the last argument is the number of threads. */
interface Addon {
  init(instructionSet: number): number
  /** Turns flushing of denormals to zero on or off for this thread. */
  ftz(on: number): void
  mlp(sizes: Int32Array, lastActivation: number): number
  pack(net: number, parameters: Float32Array, threads: number): void
  fwd(net: number, rows: number, x: Float32Array, y: Float32Array, threads: number): void
  vjp(
    net: number,
    rows: number,
    x: Float32Array,
    bar: Float32Array,
    y: Float32Array,
    barX: Float32Array,
    barParameters: Float32Array,
    threads: number,
  ): void
  rk4(
    net: number,
    rows: number,
    z0: Float32Array,
    steps: number,
    h: number,
    out: Float32Array,
    bar: Float32Array | null,
    barZ0: Float32Array | null,
    barParameters: Float32Array | null,
    threads: number,
  ): void
  dopri(
    net: number,
    rows: number,
    z0: Float32Array,
    points: number,
    times: Float64Array,
    rtol: number,
    atol: number,
    out: Float32Array,
  ): number
  dopri_adj(
    net: number,
    rows: number,
    points: number,
    times: Float64Array,
    rtol: number,
    atol: number,
    out: Float32Array,
    bar: Float32Array,
    barZ0: Float32Array,
    barParameters: Float32Array,
  ): number
  odernn(
    firstNet: number,
    rows: number,
    steps: number,
    x: Float32Array,
    move: number,
    mean: Float32Array,
    deviation: Float32Array,
    barMean: Float32Array | null,
    barDeviation: Float32Array | null,
    barParameters: Float32Array | null,
    threads: number,
  ): void
}

type Tasks = Partial<Record<Quantity, Task>>
const [LINEAR, SIGMOID] = [0, 3]

/** Instruction sets by the number that `init` takes. */
const sets = [
  { name: 'sse4', flag: 'sse4_1', number: 0 },
  { name: 'avx2', flag: 'avx2', number: 1 },
  { name: 'avx512', flag: 'avx512f', number: 2 },
] as const

/** Builds ../shared/prototype in a temporary folder and loads it once for each instruction set that the processor has. */
export function prototypeContestants(threadCounts: readonly number[], folder = join(root, '../shared/prototype')): (Contestant | Absent)[] {
  if (!existsSync(join(folder, 'addon.cc'))) return [{ name: 'prototype', reason: `there is no ${folder}` }]
  const build = mkdtempSync(join(tmpdir(), 'bench-prototype-'))
  try {
    const compile = (file: string, ...flags: string[]): string => {
      const object = join(build, `${file}.o`)
      execFileSync(
        'g++',
        [
          '-std=c++17',
          '-O3',
          '-fPIC',
          '-w',
          '-I',
          join(root, 'node_modules/node-api-headers/include'),
          ...flags,
          '-c',
          join(folder, file),
          '-o',
          object,
        ],
        { stdio: 'pipe' },
      )
      return object
    }
    const objects = [
      compile('addon.cc', '-msse4.1'),
      compile('k_sse.cc', '-msse4.1'),
      compile('k_avx2.cc', '-mavx2', '-mfma'),
      compile('k_avx512.cc', '-mavx512f', '-mavx512vl', '-mavx512dq', '-mfma'),
    ]
    const library = join(build, 'prototype.node')
    execFileSync('g++', ['-shared', '-pthread', ...objects, '-o', library], { stdio: 'pipe' })
    // Its state is global: a copy of the file for each instruction set, and one of it for each number of threads.
    const found = sets.filter(({ flag }) => processorHas(flag)).reverse()
    return found.flatMap(({ name, number }, i) =>
      threadCounts
        .filter((threads) => threads === 1 || i === 0)
        .map((threads) => {
          const copy = join(build, `${name}-${threads}.node`)
          copyFileSync(library, copy)
          return contestant(`prototype ${name}${threads === 1 ? '' : ` ${threads}t`}`, loadAddon(copy), number, threads)
        }),
    )
  } catch (error) {
    return [
      { name: 'prototype', reason: `it could not be built: ${error instanceof Error ? error.message.split('\n')[0]! : String(error)}` },
    ]
  } finally {
    rmSync(build, { recursive: true, force: true })
  }
}

function loadAddon(file: string): Addon {
  const module = { exports: {} }
  process.dlopen(module, file, constants.dlopen.RTLD_NOW)
  return module.exports as Addon
}

function contestant(name: string, addon: Addon, instructionSet: number, threads: number): Contestant {
  addon.init(instructionSet)
  // Setting it leaks into JavaScript's own numbers, so it is on only while the prototype runs.
  addon.ftz(0)
  const flushing = (task: Task): Task => ({
    async slice(milliseconds) {
      addon.ftz(1)
      try {
        return await task.slice(milliseconds)
      } finally {
        addon.ftz(0)
      }
    },
    results: task.results,
  })
  return {
    name,
    threads,
    detail: 'the measuring prototype, built with g++ -O3',
    tasks(_item, problem) {
      const tasks = tasksOf(addon, problem, threads)
      return Object.fromEntries(Object.entries(tasks).map(([quantity, task]) => [quantity, flushing(task)]))
    },
    tolerance: (item) => otherSteps(problemOf(item)),
    dispose() {},
  }
}

function tasksOf(addon: Addon, problem: Problem, threads: number): Tasks {
  switch (problem.kind) {
    case 'field':
      return fieldTasks(addon, problem, threads)
    case 'rk4':
      return fixedTasks(addon, problem, threads)
    case 'dopri5':
      return problem.adjoint === 'continuous' && threads === 1 ? adaptiveTasks(addon, problem) : {}
    case 'encoder':
      return encoderTasks(addon, problem, threads)
  }
}

const newNet = (addon: Addon, sizes: Sizes, last = LINEAR): number => addon.mlp(Int32Array.from(sizes), last)

type LocalTask = (call: () => void, results: () => Results) => Task

function fieldTasks(addon: Addon, { sizes, rows, parameters, x, cotangent }: FieldProblem, threads: number): Tasks {
  const localTask: LocalTask = (call, results) => taskOf(call, results, threads)
  const net = newNet(addon, sizes)
  const y = new Float32Array(rows * sizes.at(-1)!)
  const barX = new Float32Array(rows * sizes[0]!)
  const params = new Float32Array(parameters.length)
  const pack = (): void => addon.pack(net, parameters, threads)
  const gradient = (): void => addon.vjp(net, rows, x, cotangent, y, barX, params, threads)
  const forward = (): void => addon.fwd(net, rows, x, y, threads)
  pack()
  return {
    f: localTask(forward, () => {
      forward()
      return { y: y.slice() }
    }),
    v: localTask(gradient, () => {
      gradient()
      return { y: y.slice(), x: barX.slice(), params: params.slice() }
    }),
    p: localTask(
      () => {
        pack()
        gradient()
      },
      () => {
        pack()
        gradient()
        return { y: y.slice(), x: barX.slice(), params: params.slice() }
      },
    ),
  }
}

/** `[rows, times, dim]` from `[times, rows, dim]`, or the other way round. */
function swap(values: Float32Array, first: number, second: number, dim: number): Float32Array {
  const out = new Float32Array(values.length)
  for (let i = 0; i < first; i++)
    for (let j = 0; j < second; j++) for (let d = 0; d < dim; d++) out[(j * first + i) * dim + d] = values[(i * second + j) * dim + d]!
  return out
}

function fixedTasks(addon: Addon, { sizes, rows, parameters, z0, times, cotangent }: SolveProblem, threads: number): Tasks {
  const localTask: LocalTask = (call, results) => taskOf(call, results, threads)
  const dim = sizes[0]!
  const steps = times.length - 1
  const net = newNet(addon, sizes)
  const out = new Float32Array(steps * rows * dim)
  const bar = swap(cotangent, rows, steps + 1, dim)
    .subarray(rows * dim)
    .slice()
  const y0 = new Float32Array(rows * dim)
  const params = new Float32Array(parameters.length)
  const pack = (): void => addon.pack(net, parameters, threads)
  const solve = (): void => addon.rk4(net, rows, z0, steps, 1 / steps, out, null, null, null, threads)
  const gradient = (): void => addon.rk4(net, rows, z0, steps, 1 / steps, out, bar, y0, params, threads)
  pack()
  /** Its outputs begin after the first step. */
  const values = (): Float32Array => swap(Float32Array.of(...z0, ...out), steps + 1, rows, dim)
  return {
    f: localTask(solve, () => {
      solve()
      return { values: values() }
    }),
    v: localTask(gradient, () => {
      gradient()
      return { values: values(), y0: y0.slice(), params: params.slice() }
    }),
    p: localTask(
      () => {
        pack()
        gradient()
      },
      () => {
        pack()
        gradient()
        return { values: values(), y0: y0.slice(), params: params.slice() }
      },
    ),
  }
}

function adaptiveTasks(addon: Addon, { sizes, rows, parameters, z0, times, cotangent, rtol, atol }: SolveProblem): Tasks {
  const dim = sizes[0]!
  const points = times.length
  const net = newNet(addon, sizes)
  const out = new Float32Array(points * rows * dim)
  const bar = swap(cotangent, rows, points, dim)
  const y0 = new Float32Array(rows * dim)
  const params = new Float32Array(parameters.length)
  const pack = (): void => addon.pack(net, parameters, 1)
  const solve = (): void => void addon.dopri(net, rows, z0, points, times, rtol, atol, out)
  const gradient = (): void => {
    solve()
    addon.dopri_adj(net, rows, points, times, rtol, atol, out, bar, y0, params)
  }
  const values = (): Float32Array => swap(out, points, rows, dim)
  pack()
  return {
    f: taskOf(solve, () => {
      solve()
      return { values: values() }
    }),
    v: taskOf(gradient, () => {
      gradient()
      return { values: values(), y0: y0.slice(), params: params.slice() }
    }),
    p: taskOf(
      () => {
        pack()
        gradient()
      },
      () => {
        pack()
        gradient()
        return { values: values(), y0: y0.slice(), params: params.slice() }
      },
    ),
  }
}

function encoderTasks(
  addon: Addon,
  { rows, steps, dim, move, nets, parameters, x, meanCotangent, deviationCotangent }: EncoderProblem,
  threads: number,
): Tasks {
  const localTask: LocalTask = (call, results) => taskOf(call, results, threads)
  const ids = nets.map((sizes, i) => newNet(addon, sizes, i === 1 || i === 2 ? SIGMOID : LINEAR))
  const slices = nets.map((sizes, i) => {
    const at = nets.slice(0, i).reduce((sum, before) => sum + parameterCount(before), 0)
    return parameters.slice(at, at + parameterCount(sizes))
  })
  const [mean, deviation] = [new Float32Array(rows * dim), new Float32Array(rows * dim)]
  const params = new Float32Array(parameters.length)
  const pack = (): void => ids.forEach((id, i) => addon.pack(id, slices[i]!, threads))
  const walk = (): void => addon.odernn(ids[0]!, rows, steps, x, move, mean, deviation, null, null, null, threads)
  const gradient = (): void =>
    addon.odernn(ids[0]!, rows, steps, x, move, mean, deviation, meanCotangent, deviationCotangent, params, threads)
  pack()
  return {
    f: localTask(walk, () => {
      walk()
      return { mean: mean.slice(), deviation: deviation.slice() }
    }),
    v: localTask(gradient, () => {
      gradient()
      return { mean: mean.slice(), deviation: deviation.slice(), params: params.slice() }
    }),
    p: localTask(
      () => {
        pack()
        gradient()
      },
      () => {
        pack()
        gradient()
        return { mean: mean.slice(), deviation: deviation.slice(), params: params.slice() }
      },
    ),
  }
}
