import { shardBounds } from '../../src/train/shards.js'
import type { Results } from '../contest.js'
import type { EncoderProblem, Problem } from '../problems.js'

/**
 * Whether rows can be computed apart from each other, and each of so many shards has
 * one: not where all rows take the steps that suit them all.
 */
export const canBeCut = (problem: Problem, count: number): boolean =>
  problem.rows >= count && !(problem.kind === 'dopri5' && problem.shared)

/** Its shards, cut as `fit` cuts its batches. */
export const cutProblem = (problem: Problem, count: number): Problem[] =>
  shardBounds(problem.rows, count).map(({ from, to }) => shardOf(problem, from, to))

/** The rows `from` up to `to` of a problem, with the same parameters. */
export function shardOf(problem: Problem, from: number, to: number): Problem {
  const rows = to - from
  const cut = (values: Float32Array): Float32Array => {
    const width = values.length / problem.rows
    return values.slice(from * width, to * width)
  }
  switch (problem.kind) {
    case 'field':
      return { ...problem, rows, x: cut(problem.x), cotangent: cut(problem.cotangent) }
    case 'rk4':
    case 'dopri5':
      return { ...problem, rows, z0: cut(problem.z0), cotangent: cut(problem.cotangent) }
    case 'encoder':
      return {
        ...problem,
        rows,
        x: observationsOf(problem, from, to),
        meanCotangent: cut(problem.meanCotangent),
        deviationCotangent: cut(problem.deviationCotangent),
      }
  }
}

/** Observations lie step after step, so a shard has a piece of each. */
function observationsOf({ x, steps, rows, dim }: EncoderProblem, from: number, to: number): Float32Array {
  const size = (to - from) * dim
  const out = new Float32Array(steps * size)
  for (let step = 0; step < steps; step++) out.set(x.subarray((step * rows + from) * dim, (step * rows + to) * dim), step * size)
  return out
}

/** Results by row, one shard's behind the other's; `params`, the gradient that all rows share in, is not one of them. */
export function joined(shards: readonly Results[]): Results {
  const names = Object.keys(shards[0]!).filter((name) => name !== 'params')
  return Object.fromEntries(names.map((name) => [name, Float32Array.from(shards.flatMap((shard) => [...shard[name]!]))]))
}
