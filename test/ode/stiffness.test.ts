import { describe, expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import type { Graph } from '../../src/graph/graph.js'
import { SolverError } from '../../src/ode/errors.js'
import { methods } from '../../src/ode/methods/index.js'
import { createSolver } from '../../src/ode/solver.js'
import { stiffnessOf } from '../../src/ode/stiffness.js'
import { createDiscontinuities } from '../../src/ode/discontinuities.js'
import { holdTolerance } from '../../src/ode/heldTolerance.js'
import { createStepper } from '../../src/ode/stepper.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { blowUp, fieldOf } from './problems.js'

const part = (b: Parameters<Parameters<typeof fieldOf>[1]>[0]['b'], z: number, i: number) => b.slice(z as never, [0, i], [-1, 1])

/** y' = −1000 (y − cos t) − sin t, whose solution from 1 is cos t: smooth, and stiff. */
const prothero = fieldOf(1, ({ b, t, z, c }) => b.sub(b.mul(c(-1000), b.sub(z, b.unary('cos', t))), b.unary('sin', t)))
/** Van der Pol with μ = 1000, on its slow branch. */
const vanDerPol = fieldOf(2, ({ b, z, c }) => {
  const [x, v] = [part(b, z, 0), part(b, z, 1)]
  return b.concat([v, b.sub(b.mul(b.mul(c(1000), b.sub(c(1), b.unary('square', x))), v), x)], 1)
})
/** Robertson's reaction: rates 0.04, 1e4 and 3e7. */
const robertson = fieldOf(3, ({ b, z, c }) => {
  const [x, y, w] = [part(b, z, 0), part(b, z, 1), part(b, z, 2)]
  const [slow, back, fast] = [b.mul(c(0.04), x), b.mul(b.mul(c(1e4), y), w), b.mul(c(3e7), b.unary('square', y))]
  return b.concat([b.sub(back, slow), b.sub(b.sub(slow, back), fast), fast], 1)
})
/** x'' = −10⁶ x: fast, not stiff. Its state is badly scaled, x ~ 1 and x' ~ 1000. */
const oscillator = fieldOf(2, ({ b, z, c }) => b.concat([part(b, z, 1), b.mul(c(-1e6), part(b, z, 0))], 1))
const growing = fieldOf(1, ({ b, z, c }) => b.mul(c(1000), z))

function failure(engine: Engine, field: Graph, y0: readonly number[], end: number, options: SolverOptions): SolverError {
  try {
    createSolver(engine, field, options).solve({ y0, times: [0, end], params: [] })
  } catch (error) {
    if (error instanceof SolverError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

// Hairer and Wanner, Solving ODEs II, IV.2: 3.3 for DOPRI5, 6.1 as what DOP853 is tested by; 2.51 for order 3 with three stages.
describe('interval of stability', () => {
  it('is that of the literature', () => {
    expect(methods.euler.stabilityLimit).toBeCloseTo(2, 1)
    expect(methods.rk4.stabilityLimit).toBeCloseTo(2.785, 1)
    expect(methods.bosh3.stabilityLimit).toBeCloseTo(2.51, 1)
    expect(methods.dopri5.stabilityLimit).toBeCloseTo(3.306, 1)
    expect(methods.dopri8.stabilityLimit).toBeGreaterThan(6)
  })
})

describe.each(await solverEngines())('on $name', ({ engine }) => {
  describe.each(['bosh3', 'dopri5', 'tsit5', 'dopri8'] as const)('%s', (method) => {
    // The second of Robertson's components is of the order of 1e-5.
    const cases: [string, Graph, number[], number, number][] = [
      ['Prothero and Robinson', prothero, [1], 1000, 1e-2],
      ['van der Pol', vanDerPol, [2, 0], 800, 1e-2],
      ['Robertson', robertson, [1, 0, 0], 1e4, 1e-6],
    ]
    it.each(cases)('says that a problem is stiff, and how far it came: %s', (_, field, y0, end, absolute) => {
      for (const tolerance of [1e-3, 1e-6]) {
        const { code, message, status } = failure(engine, field, y0, end, {
          method,
          maxSteps: 400,
          rtol: tolerance,
          atol: tolerance * absolute,
        })
        expect(code).toBe('MaxSteps')
        expect(message).toContain(`The field is stiff there: stability and not the tolerance bounds the steps (|hλ| = `)
        expect(message).toMatch(new RegExp(`It reached t = ${String(Number(status!.time.toPrecision(6)))} of ${end} after 400 steps\\.`))
        expect(message).not.toContain('NaN')
      }
    })

    const others: [string, Graph, number[], number, SolverOptions][] = [
      ['fast oscillations', oscillator, [1, 0], 100, {}],
      ['growth', growing, [1e-200], 0.5, { rtol: 1e-6, atol: 1e-300 }],
      ['infinity', blowUp, [1], 3, {}],
      ['a tight tolerance', fieldOf(1, ({ b, z }) => b.unary('neg', z)), [1], 1e4, { rtol: 1e-12, atol: 1e-200 }],
      [
        'a jump',
        fieldOf(1, ({ b, t, z, c }) => b.add(b.mul(c(0), z), b.mul(c(1e6), b.binary('greater', t, c(0.5))))),
        [0],
        1,
        { minStep: 1e-3, rtol: 1e-9, atol: 1e-9 },
      ],
    ]
    it.each(others)('does not say so of %s', (_, field, y0, end, options) => {
      const { message } = failure(engine, field, y0, end, { method, maxSteps: 60, ...options })
      expect(message).not.toContain('stiff')
      expect(message).toMatch(/It reached t = [\d.e-]+ of [\d.e+]+ after \d+ steps\./)
    })
  })

  it('a smallest step that stability forbids is said too', () => {
    const { code, message } = failure(engine, prothero, [1.5], 1, { minStep: 0.02, rtol: 1e-6, atol: 1e-6 })
    expect(code).toBe('StepTooSmall')
    expect(message).toContain(
      'The field is stiff there: stability and not the tolerance bounds the steps (|hλ| = 20, and dopri5 is stable to 3.3)',
    )
    expect(message).toContain('It reached t = 0 of 1 after')
  })

  it('finds the eigenvalue', () => {
    // [[−3, 1], [0, −100]] in units of 1 and 1000: eigenvalues −3 and −100.
    const field = fieldOf(2, ({ b, z, c }) =>
      b.concat([b.add(b.mul(c(-3), part(b, z, 0)), b.mul(c(1e-3), part(b, z, 1))), b.mul(c(-100), part(b, z, 1))], 1),
    )
    const tolerance = { rtol: 1e-6, atol: 1e-6 }
    const held = holdTolerance(engine, tolerance)
    const stepper = createStepper(engine, field, methods.dopri5, 2, held, createDiscontinuities([], 'float64'))
    const y = Float64Array.of(1, 1000)
    // Rows are looked at together: one at the limit, one well below it, one whose field is no number.
    const rows = [0.05, 0.01].map((h) => ({ time: 0, y, h }))
    const found = stiffnessOf(stepper, {}, [...rows, { time: 0, y: Float64Array.of(1, NaN), h: 0.05 }], tolerance)
    expect(found[0]!.product).toBeCloseTo(5, 3)
    expect(found.slice(1)).toEqual([undefined, undefined])
    // Backward a decaying z has a growing adjoint beside it.
    const pair = createStepper(
      engine,
      fieldOf(2, ({ b, z, c }) => b.mul(b.constant([-100, 100], [2]), b.mul(c(1), z))),
      methods.dopri5,
      2,
      held,
      createDiscontinuities([], 'float64'),
    )
    const [paired] = stiffnessOf(pair, {}, [{ time: 0, y: Float64Array.of(1, 1), h: 0.05 }], tolerance)
    expect(paired!.product).toBeCloseTo(5, 3)
  })
})
