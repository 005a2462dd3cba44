import { describe, expect, it } from 'vitest'
import { methodOf, tableaus } from '../../src/ode/methods/index.js'
import { degreeOf, pathWeights, weightsOf, type Tableau } from '../../src/ode/methods/tableau.js'
import { writePathBasis, writePathSlopes } from '../../src/ode/pathBasis.js'
import { density, dot, orderOf, stageWeights, trees } from './trees.js'

const pathBasis = (theta: number, degree: number): number[] => {
  const numbers = new Float64Array(2 + degree)
  writePathBasis(theta, degree, numbers, 1)
  expect(numbers.subarray(0, 2)).toEqual(Float64Array.of(0, 1))
  return [...numbers.subarray(2)]
}
const pathSlopes = (theta: number, degree: number): number[] => {
  const numbers = new Float64Array(2 + degree).fill(9)
  writePathSlopes(theta, 2, degree, numbers, 1)
  expect(numbers.subarray(0, 2)).toEqual(Float64Array.of(9, 0))
  return [...numbers.subarray(2)].map((slope) => slope / 2)
}

/** Weights of all stages for dense output at θ, as the solver has them; with `pathSlopes`, of its derivative. */
const weightsAt = (tableau: Tableau, theta: number, basis = pathBasis): number[] => {
  const functions = basis(theta, degreeOf(tableau))
  return pathWeights(tableau).map((weights) => dot(weights, functions))
}
const upTo = (order: number) => Array.from({ length: order }, (_, i) => i + 1).flatMap(trees)

it('enumerates rooted trees (OEIS A000081)', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => trees(n).length)).toEqual([1, 1, 2, 4, 9, 20, 48, 115, 286])
})

// Coefficients are rounded to float64 and some are as large as 47: residuals up to 1e-13 are rounding.
describe.each(Object.values(tableaus))('$name', (tableau) => {
  it('has rows of a that sum to c', () => {
    tableau.a.forEach((row, i) => expect(row.reduce((x, y) => x + y, 0)).toBeCloseTo(tableau.c[i]!, 13))
  })

  it('satisfies the conditions of its order, and of no higher one', () => {
    const residual = (order: number) =>
      Math.max(...trees(order).map((tree) => Math.abs(dot(weightsOf(tableau), stageWeights(tableau, tree)) - 1 / density(tree))))
    for (let order = 1; order <= tableau.order; order++) expect(residual(order)).toBeLessThan(1e-13)
    expect(residual(tableau.order + 1)).toBeGreaterThan(1e-5)
  })

  // Weights of dopri8's dense output are as large as 528.
  const rounding = tableau.name === 'dopri8' ? 1e-12 : 1e-13

  it('satisfies the continuous conditions of its dense output, and of no higher order', () => {
    const residual = (order: number, theta: number) =>
      Math.max(
        ...trees(order).map((tree) =>
          Math.abs(dot(weightsAt(tableau, theta), stageWeights(tableau, tree)) - theta ** order / density(tree)),
        ),
      )
    for (const theta of [0.1, 0.37, 0.5, 0.9, 1]) {
      for (let order = 1; order <= tableau.interpolantOrder; order++) expect(residual(order, theta)).toBeLessThan(rounding)
    }
    expect(Math.max(...[0.1, 0.37, 0.6].map((theta) => residual(tableau.interpolantOrder + 1, theta)))).toBeGreaterThan(1e-6)
  })

  it('interpolates: exactly y0 at 0, y1 at 1, the derivative of its polynomial in between', () => {
    expect([...weightsAt(tableau, 0)].every((w) => w === 0)).toBe(true)
    weightsAt(tableau, 1).forEach((w, i) => expect(w).toBe(weightsOf(tableau)[i] ?? 0))
    for (const theta of [0.2, 0.7]) {
      // The polynomials of the tableau, in powers of θ.
      weightsAt(tableau, theta).forEach((w, i) =>
        expect(w).toBeCloseTo(
          tableau.interpolant[i]!.reduce((sum, p, j) => sum + p * theta ** (j + 1), 0),
          12,
        ),
      )
      const [above, below] = [weightsAt(tableau, theta + 1e-5), weightsAt(tableau, theta - 1e-5)]
      weightsAt(tableau, theta, pathSlopes).forEach((slope, i) =>
        expect((above[i]! - below[i]!) / 2e-5).toBeCloseTo(slope, tableau.name === 'dopri8' ? 5 : 7),
      )
    }
  })

  it('has a smooth dense output: its slope at both ends is the field there', () => {
    if (tableau.name === 'euler') return
    const first = weightsAt(tableau, 0, pathSlopes)
    const last = weightsAt(tableau, 1, pathSlopes)
    first.forEach((w, i) => expect(w).toBeCloseTo(i === 0 ? 1 : 0, 12))
    last.forEach((w, i) => expect(w).toBeCloseTo(i === tableau.c.length - 1 ? 1 : 0, 12))
  })

  it('estimates an error of the embedded order', () => {
    if (!tableau.bError) return
    const residual = (weights: readonly number[], order: number) =>
      Math.max(...trees(order).map((tree) => Math.abs(dot(weights, stageWeights(tableau, tree)))))
    // DOP853's two estimates, of orders 5 and 3: e²/√(e² + 0.01 c²) is of order 2·6 − 4 − 1 = 7.
    const estimates: [readonly number[], number][] = tableau.bCrude
      ? [
          [tableau.bError, 5],
          [tableau.bCrude, 3],
        ]
      : [[tableau.bError, tableau.embeddedOrder!]]
    for (const [weights, last] of estimates) {
      for (let order = 1; order <= last; order++) expect(residual(weights, order)).toBeLessThan(1e-13)
      expect(residual(weights, last + 1)).toBeGreaterThan(1e-5)
    }
    if (tableau.bCrude) expect(tableau.embeddedOrder).toBe(7)
  })
})

it('says which methods there are', () => {
  expect(() => methodOf('rk45' as 'rk4')).toThrow(
    'There is no method "rk45". Methods: auto, dopri5, dopri8, tsit5, bosh3, fehlberg2, adaptiveHeun, rk4, rk38, midpoint, heun, ralston, ' +
      'euler, rodas5p, rodas4, rosenbrock23, kvaerno5, kvaerno3, trbdf2, implicitEuler, trapezoid, adams, leapfrog.',
  )
})

it('refuses tableaus that do not fit together', () => {
  expect(() => methodOf({ ...tableaus.rk4, c: [0, 1 / 2, 1 / 2, 1] })).toThrow(
    'The tableau "rk4" needs a[i] with i entries for its 4 stages.',
  )
  expect(() => methodOf({ ...tableaus.rk4, c: [0, 1 / 2, 1 / 2, 1, 0.9] })).toThrow('must begin with c = 0 and end with c = 1')
  expect(() => methodOf({ ...tableaus.dopri5, bError: [1] })).toThrow('needs 7 entries in bError, and embeddedOrder')
  expect(() => methodOf({ ...tableaus.euler, interpolant: [[1]] })).toThrow('needs an interpolant for each of its 2 stages')
})

it('uses trees whose orders are right', () => {
  expect(upTo(5).every((tree) => density(tree) >= orderOf(tree))).toBe(true)
})
