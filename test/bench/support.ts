import { random } from '../../src/random.js'
import type { Contestant, Quantity, Results, Task } from '../../bench/contest.js'
import type { EncoderProblem, SolveProblem } from '../../bench/problems.js'
import { parameterCount } from '../../bench/problems.js'

export const normals = (count: number, scale = 1): Float32Array => {
  const stream = random(3, 'bench test')
  return Float32Array.from({ length: count }, () => scale * stream.normal())
}

/** A small solve: 3 rows of 2 components, outputs at 0, 0.25, … 1. */
export function smallSolve(changes: Partial<SolveProblem> = {}): SolveProblem {
  const sizes = changes.sizes ?? [2, 5, 2]
  return {
    kind: 'rk4',
    adjoint: 'discrete',
    shared: false,
    sizes,
    rows: 3,
    parameters: normals(parameterCount(sizes), 0.7),
    z0: normals(6),
    times: Float64Array.of(0, 0.25, 0.5, 0.75, 1),
    rtol: 1e-3,
    atol: 1e-4,
    cotangent: normals(30),
    ...changes,
  }
}

export function smallEncoder(): EncoderProblem {
  const nets = [
    [2, 4, 2],
    [6, 3, 2],
    [6, 3, 2],
    [6, 3, 4],
  ] as const
  return {
    kind: 'encoder',
    rows: 3,
    steps: 4,
    dim: 2,
    move: -0.1,
    nets,
    parameters: normals(
      nets.reduce((sum, sizes) => sum + parameterCount(sizes), 0),
      0.5,
    ),
    x: normals(24),
    meanCotangent: normals(6),
    deviationCotangent: normals(6),
  }
}

/** A task that gives these samples in each round, and these results. */
export const scripted = (rounds: readonly (readonly number[])[], results: Results): Task => {
  let next = 0
  return { slice: () => [...rounds[next++ % rounds.length]!], results: () => results }
}

export const contestant = (name: string, tasks: Partial<Record<Quantity, Task>>): Contestant => ({
  name,
  threads: 1,
  detail: 'scripted',
  tasks: () => tasks,
  dispose() {},
})
