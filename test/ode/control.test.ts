import { describe, expect, it } from 'vitest'
import { firstStep, growth, leastError, predictiveGrowth, predictiveRetreat, retreat, trialStep } from '../../src/ode/control/formulas.js'
import { createSolver } from '../../src/ode/solver.js'
import { growth as field, referenceEngine } from './problems.js'

// DOPRI5 of Hairer and Wanner: factor = 0.9·err^−0.17·errOld^0.04, between 0.2 and 10.
describe('PI control', () => {
  it("multiplies by DOPRI5's factor", () => {
    expect(growth(5, 1, 1)).toBeCloseTo(0.9, 14)
    expect(growth(5, 0.5, 0.1)).toBeCloseTo(0.9 * 0.5 ** -0.17 * 0.1 ** 0.04, 14)
    expect(growth(5, 1e-30, 1)).toBe(10)
    expect(growth(3, 1e30, 1)).toBe(0.2)
    expect(growth(5, leastError, leastError)).toBeGreaterThan(1)
  })
  it('goes back after a rejection, always', () => {
    expect(retreat(5, 2)).toBeCloseTo(0.9 * 2 ** -0.17, 14)
    expect(retreat(5, 1.0000001)).toBeLessThanOrEqual(0.9)
    expect(retreat(5, 1e30)).toBe(0.2)
    for (const bad of [Number.NaN, Infinity]) expect(retreat(5, bad)).toBe(0.1)
  })
})

// Gustafsson 1994: s·err^(−1/k), times (h/hOld)(errOld/err)^(1/k) where that is below 1; s = 0.95.
describe('predictive control', () => {
  it('takes the smaller of the plain and the predicted factor', () => {
    const k = 5
    const ratio = 0.95 * 0.3 ** (-1 / k) // of the step before, chosen for an error of 0.3
    for (const error of [0.5, 0.9, 1]) {
      const plain = 0.95 * error ** (-1 / k)
      const predicted = plain * ratio * (0.3 / error) ** (1 / k)
      expect(predictiveGrowth(k, error)).toBeCloseTo(Math.min(plain, predicted), 14)
    }
    expect(predictiveGrowth(k, 1e-30)).toBe(10)
    expect(predictiveGrowth(k, 0)).toBe(10)
  })
  it('goes back after a rejection, always', () => {
    expect(predictiveRetreat(4, 2)).toBeCloseTo(0.8 * 2 ** -0.25, 14)
    expect(predictiveRetreat(4, 1e30)).toBe(0.1)
    for (const bad of [Number.NaN, Infinity]) expect(predictiveRetreat(4, bad)).toBe(0.1)
  })
})

// Hairer, Nørsett, Wanner I, II.4, by hand.
describe('first step', () => {
  it('follows the algorithm', () => {
    expect(trialStep(4, 2)).toBeCloseTo(0.02, 15)
    expect(trialStep(0, 2)).toBe(1e-6)
    expect(trialStep(4, 0)).toBe(1e-6)
    expect(firstStep(0.02, 2, 0.2, 5)).toBeCloseTo((0.01 / 10) ** 0.2, 14)
    expect(firstStep(1e-6, 0, 0, 5)).toBe(1e-6)
    expect(firstStep(1e-4, 2, 1e-9, 5)).toBeCloseTo(1e-2, 14)
    expect(firstStep(0.02, 2, Number.NaN, 5)).toBe(0.02)
  })

  it('is what a solver takes, for each row by itself', () => {
    // y' = λy: norms |y0|/s, |λ y0|/s with s = atol + rtol|y0|; f(y0 + h0 f0) − f0 = λ² h0 y0.
    const [lambda, rtol, atol] = [-2, 1e-3, 1e-4]
    const engine = referenceEngine()
    const solution = createSolver(engine, field, { rtol, atol }).solve({
      y0: [1, 50],
      times: [0, 1],
      params: [engine.write([lambda], [1])],
      dense: true,
    })
    const expected = [1, 50].map((y) => {
      const scale = atol + rtol * y
      const trial = (0.01 * y) / scale / ((2 * y) / scale)
      return Math.min(100 * trial, (0.01 / Math.max((2 * y) / scale, (4 * y) / scale)) ** (1 / 5))
    })
    expected.forEach((h, row) => expect(solution.steps[0]!.h[row]).toBeCloseTo(h, 12))
  })
})
