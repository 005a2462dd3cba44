import { describe, expect, test } from 'vitest'
import { problemOf, type EncoderProblem, type FieldProblem, type SolveProblem } from '../../bench/problems.js'
import { canBeCut, cutProblem, joined, shardOf } from '../../bench/threads/shards.js'

describe('shards', () => {
  const parameters = Float32Array.of(7)

  test('of a field: rows of inputs and of cotangents, which differ in width', () => {
    const problem: FieldProblem = {
      kind: 'field',
      sizes: [2, 1],
      rows: 3,
      parameters,
      x: Float32Array.of(1, 2, 3, 4, 5, 6),
      cotangent: Float32Array.of(10, 20, 30),
    }
    expect(shardOf(problem, 1, 3)).toEqual({ ...problem, rows: 2, x: Float32Array.of(3, 4, 5, 6), cotangent: Float32Array.of(20, 30) })
  })

  test('of a solve: a row has a cotangent for each time', () => {
    const problem: SolveProblem = {
      kind: 'dopri5',
      adjoint: 'discrete',
      shared: false,
      sizes: [2, 2],
      rows: 2,
      parameters,
      z0: Float32Array.of(1, 2, 3, 4),
      times: Float64Array.of(0, 1, 2),
      rtol: 1,
      atol: 1,
      cotangent: Float32Array.of(1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16),
    }
    expect(shardOf(problem, 1, 2)).toEqual({
      ...problem,
      rows: 1,
      z0: Float32Array.of(3, 4),
      cotangent: Float32Array.of(11, 12, 13, 14, 15, 16),
    })
  })

  test('of an encoder: a piece of each step', () => {
    const problem: EncoderProblem = {
      kind: 'encoder',
      rows: 3,
      steps: 2,
      dim: 2,
      move: 0,
      nets: [
        [2, 2],
        [6, 2],
        [6, 2],
        [6, 4],
      ],
      parameters,
      x: Float32Array.of(1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16),
      meanCotangent: Float32Array.of(1, 2, 3, 4, 5, 6),
      deviationCotangent: Float32Array.of(-1, -2, -3, -4, -5, -6),
    }
    expect(shardOf(problem, 1, 3)).toEqual({
      ...problem,
      rows: 2,
      x: Float32Array.of(3, 4, 5, 6, 13, 14, 15, 16),
      meanCotangent: Float32Array.of(3, 4, 5, 6),
      deviationCotangent: Float32Array.of(-3, -4, -5, -6),
    })
  })

  test('are near-equal, and all rows together', () => {
    const problem: FieldProblem = {
      kind: 'field',
      sizes: [1, 1],
      rows: 5,
      parameters,
      x: Float32Array.of(1, 2, 3, 4, 5),
      cotangent: Float32Array.of(6, 7, 8, 9, 10),
    }
    expect(cutProblem(problem, 3).map((shard) => [shard.rows, [...(shard as FieldProblem).x]])).toEqual([
      [1, [1]],
      [2, [2, 3]],
      [2, [4, 5]],
    ])
  })

  test('there are none where rows share their steps, or are too few', () => {
    const possible = (item: Parameters<typeof problemOf>[0], count: number) => canBeCut(problemOf(item), count)
    expect([possible('W3ds', 2), possible('W3d', 2), possible('W3', 2), possible('W2', 2), possible('W4', 50), possible('W4', 51)]).toEqual(
      [false, true, true, true, true, false],
    )
  })

  test('results by row stand one behind the other, without the gradient of the parameters', () => {
    expect(
      joined([
        { y: Float32Array.of(1, 2), x: Float32Array.of(3), params: parameters },
        { y: Float32Array.of(4, 5, 6, 7), x: Float32Array.of(8, 9), params: parameters },
      ]),
    ).toEqual({ y: Float32Array.of(1, 2, 4, 5, 6, 7), x: Float32Array.of(3, 8, 9) })
  })
})
