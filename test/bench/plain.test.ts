import { describe, expect, test } from 'vitest'
import { plainItem } from '../../bench/contestants/plain.js'
import type { Floats } from '../../bench/contest.js'
import type { EncoderProblem, FieldProblem, Problem, SolveProblem } from '../../bench/problems.js'
import { normals, smallEncoder, smallSolve } from './support.js'

// The plain loops in float64 are what everyone else is checked against, so they are checked against mathematics:
// closed forms, and central differences of their own forward pass.

const doubles = (length: number): Float64Array => new Float64Array(length)
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0)

/** Central differences of `f` by each entry of `at`; error O(step²) plus rounding, together below 1e-8 for values of order one. */
function differences(f: (x: Float64Array) => number, at: ArrayLike<number>, step = 1e-5): Float64Array {
  return Float64Array.from({ length: at.length }, (_, i) => {
    const moved = (by: number): number => f(Float64Array.from(at, (x, j) => (i === j ? x + by : x)))
    return (moved(step) - moved(-step)) / (2 * step)
  })
}

const close = (found: Floats, expected: ArrayLike<number>, tolerance: number): void => {
  expect(found.length).toBe(expected.length)
  const size = Math.max(...Array.from(expected, Math.abs))
  expect(Math.max(...Array.from(found, (x, i) => Math.abs(x - expected[i]!))) / size).toBeLessThan(tolerance)
}

// Problems hold float32; these functions need values in between.
const withParameters = <P extends Problem>(problem: P, parameters: Float64Array): P => ({
  ...problem,
  parameters: parameters as unknown as Float32Array,
})

describe('fields', () => {
  // Sizes that are no multiples of four take both the blocks of the loops and their rests.
  const problem: FieldProblem = {
    kind: 'field',
    sizes: [3, 6, 5, 2],
    rows: 4,
    parameters: normals(24 + 35 + 12, 0.6),
    x: normals(12),
    cotangent: normals(8),
  }
  const value = (p: FieldProblem): number => dot(plainItem(p, doubles).forward()['y']!, problem.cotangent)

  test('one row by hand: y = tanh(x W1 + b1) W2 + b2', () => {
    const parameters = Float32Array.of(0.5, -1, 0.25, 2, 0.1, 0.2, 3, -4, 1)
    const y = plainItem(
      { kind: 'field', sizes: [2, 2, 1], rows: 1, parameters, x: Float32Array.of(1, 2), cotangent: Float32Array.of(1) },
      doubles,
    ).forward()['y']!
    const hidden = [Math.tanh(1 * 0.5 + 2 * 0.25 + Math.fround(0.1)), Math.tanh(1 * -1 + 2 * 2 + Math.fround(0.2))]
    expect(y[0]).toBeCloseTo(3 * hidden[0]! - 4 * hidden[1]! + 1, 12)
  })

  test('gradients are those of central differences', () => {
    const { x, params } = plainItem(problem, doubles).gradient()
    close(
      params!,
      differences((parameters) => value(withParameters(problem, parameters)), problem.parameters),
      1e-7,
    )
    close(
      x!,
      differences((moved) => value({ ...problem, x: moved as unknown as Float32Array }), problem.x),
      1e-7,
    )
  })

  test('a single row takes loops of its own', () => {
    const single: FieldProblem = { ...problem, rows: 1, x: problem.x.slice(0, 3), cotangent: problem.cotangent.slice(0, 2) }
    const { params } = plainItem(single, doubles).gradient()
    close(
      params!,
      differences(
        (parameters) => dot(plainItem(withParameters(single, parameters), doubles).forward()['y']!, single.cotangent),
        single.parameters,
      ),
      1e-7,
    )
  })
})

describe('solves', () => {
  const value = (p: SolveProblem): number => dot(plainItem(p, doubles).forward()['values']!, p.cotangent)
  /** Solutions at 1e-10 are smooth in the parameters to about that, so differences hold to 1e-5 of the largest. */
  const tight = { kind: 'dopri5', rtol: 1e-10, atol: 1e-10 } as const

  test.each([
    ['rk4', smallSolve(), 1e-7],
    ['dopri5 by row', smallSolve(tight), 1e-5],
    ['dopri5 with shared steps', smallSolve({ ...tight, shared: true }), 1e-5],
    ['dopri5, continuous adjoint', smallSolve({ ...tight, adjoint: 'continuous' }), 1e-5],
  ] as const)('%s: gradients are those of central differences', (_name, problem, tolerance) => {
    const { y0, params } = plainItem(problem, doubles).gradient()
    close(
      params!,
      differences((parameters) => value(withParameters(problem, parameters)), problem.parameters),
      tolerance,
    )
    close(
      y0!,
      differences((z0) => value({ ...problem, z0: z0 as unknown as Float32Array }), problem.z0),
      tolerance,
    )
  })

  // z' = z W with W = [[0, 1], [−1, 0]] turns: z(t) = (cos t z1 − sin t z2, sin t z1 + cos t z2).
  const turning = { sizes: [2, 2], parameters: Float32Array.of(0, 1, -1, 0, 0, 0) } as const
  test.each([
    // One step of h = 1/4 errs by h⁵/120 of |z| at most, four of them by 3.3e-5.
    ['rk4', smallSolve(turning), 3.3e-5],
    // Local errors within 1e-4 + 1e-3 |z|; few steps.
    ['dopri5', smallSolve({ ...turning, kind: 'dopri5' }), 3e-3],
    ['dopri5 with shared steps', smallSolve({ ...turning, kind: 'dopri5', shared: true }), 3e-3],
    ['dopri5, tight', smallSolve({ ...turning, ...tight }), 1e-8],
  ] as const)('%s: a rotation is solved within the error bound', (_name, problem, bound) => {
    const values = plainItem(problem, doubles).forward()['values']!
    for (let row = 0; row < problem.rows; row++) {
      const [a, b] = [problem.z0[2 * row]!, problem.z0[2 * row + 1]!]
      const allowed = bound * Math.hypot(a, b)
      problem.times.forEach((t, i) => {
        const at = 2 * (row * problem.times.length + i)
        expect(Math.abs(values[at]! - (Math.cos(t) * a - Math.sin(t) * b))).toBeLessThan(allowed)
        expect(Math.abs(values[at + 1]! - (Math.sin(t) * a + Math.cos(t) * b))).toBeLessThan(allowed)
      })
    }
  })
})

test('the encoder’s gradients are those of central differences', () => {
  const problem = smallEncoder()
  const value = (p: EncoderProblem): number => {
    const { mean, deviation } = plainItem(p, doubles).forward()
    return dot(mean!, problem.meanCotangent) + dot(deviation!, problem.deviationCotangent)
  }
  close(
    plainItem(problem, doubles).gradient()['params']!,
    differences((parameters) => value(withParameters(problem, parameters)), problem.parameters),
    1e-6,
  )
})

test('a second call computes the same: nothing is left from the first', () => {
  for (const problem of [
    smallSolve(),
    smallSolve({ kind: 'dopri5' }),
    smallSolve({ kind: 'dopri5', adjoint: 'continuous' }),
    smallEncoder(),
  ]) {
    const item = plainItem(problem, doubles)
    const first = Array.from(item.gradient()['params']!)
    item.forward()
    expect(Array.from(item.gradient()['params']!)).toEqual(first)
  }
})
