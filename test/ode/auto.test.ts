import { describe, expect, it } from 'vitest'
import { createSolver } from '../../src/ode/solver.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { fieldOf, growth } from './problems.js'

const part = (b: Parameters<Parameters<typeof fieldOf>[1]>[0]['b'], z: number, i: number) => b.slice(z as never, [0, i], [-1, 1])

/** Van der Pol's oscillator in the time of its fast phase: stiff between its jumps for large mu `[1]`. */
const vanDerPol = fieldOf(
  2,
  ({ b, z, p, c }) => {
    const [x, v] = [part(b, z, 0), part(b, z, 1)]
    return b.concat([v, b.sub(b.mul(b.mul(p['mu']!, b.sub(c(1), b.unary('square', x))), v), x)], 1)
  },
  { mu: [1] },
)
/** y′ = −λ (y − cos t) − sin t, whose solution from 1 is cos t. */
const prothero = fieldOf(
  1,
  ({ b, t, z, p }) => b.sub(b.mul(b.unary('neg', p['lambda']!), b.sub(z, b.unary('cos', t))), b.unary('sin', t)),
  { lambda: [1] },
)

describe.each(await solverEngines())('auto on $name', ({ engine }) => {
  const write = (value: number) => [engine.write([value], [1])]
  const tight: SolverOptions = { rtol: 1e-6, atol: 1e-8 }
  const auto: SolverOptions = { ...tight, method: 'auto' }

  it('goes on by the stiff method where stability bounds the steps, and back: van der Pol, mu = 1000', () => {
    const request = { y0: [2, 0], times: [0, 2000], params: write(1000) }
    const { values, stats } = createSolver(engine, vanDerPol, auto).solve(request)
    // Test set for IVP solvers: y(2000).
    expect(values[2]).toBeCloseTo(1.706167732170469, 4)
    expect(values[3]! / -0.8928097010248125e-3).toBeCloseTo(1, 3)
    const { accepted, stiffSteps } = stats.rows
    expect(stiffSteps![0]).toBeGreaterThan(100)
    expect(accepted[0]! - stiffSteps![0]!).toBeGreaterThan(50)
    // A third of what the stiff method alone takes is lost at most; the explicit one takes a hundred times as many.
    const stiff = createSolver(engine, vanDerPol, { ...tight, method: 'rodas5p' }).solve(request)
    expect(stats.evaluations).toBeLessThan(1.5 * stiff.stats.evaluations)
  })

  it('takes the very steps of dopri5 where nothing is stiff', () => {
    const request = { y0: [1, 2], times: [0, 1, 3], params: write(0.7), record: true }
    const [switching, plain] = [auto, tight].map((options) => createSolver(engine, growth, options).solve(request))
    expect([...switching!.values]).toEqual([...plain!.values])
    expect(switching!.stats.rows.stiffSteps![0]).toBe(0)
  })

  it('row by row: a result does not depend on rows beside it that are stiff, or not', () => {
    const solver = createSolver(engine, vanDerPol, auto)
    const params = write(50)
    const solve = (y0: number[], times: number[][]) => solver.solve({ y0, times, params })
    const together = solve(
      [2, 0, 0.1, 0, 2, 0],
      [
        [0, 30, 100],
        [0, 1],
        [0, 150],
      ],
    )
    expect([...together.values.slice(0, 6)]).toEqual([...solve([2, 0], [[0, 30, 100]]).values])
    expect([...together.values.slice(6, 10)]).toEqual([...solve([0.1, 0], [[0, 1]]).values])
    expect([...together.values.slice(10)]).toEqual([...solve([2, 0], [[0, 150]]).values])
    expect(together.stats.rows.stiffSteps![0]).toBeGreaterThan(0)
  })

  // By the discrete adjoint: solved backward, as the continuous one does, a stiff decay grows beyond all bounds.
  it('has gradients', () => {
    const solver = createSolver(engine, prothero, { rtol: 1e-5, atol: 1e-7, method: 'auto' })
    const request = (y0: number, lambda: number) => ({ y0: [y0], times: [0, 0.002, 2], params: write(lambda), record: true })
    const solution = solver.solve(request(1.5, 2000))
    expect(solution.stats.rows.stiffSteps![0]).toBeGreaterThan(5)
    const gradient = solution.pullback([0, 1, 0.5])
    // y = cos t + (y0 − 1) e^−λt
    expect(gradient.y0[0]! / Math.exp(-4)).toBeCloseTo(1, 2)
    expect(gradient.params['lambda']![0]! / (-0.002 * 0.5 * Math.exp(-4))).toBeCloseTo(1, 1)
  })

  it('replays its steps, and pushes tangents along them', () => {
    const solver = createSolver(engine, vanDerPol, auto)
    const request = { y0: [2, 0], times: [0, 60], params: write(100), record: true }
    const once = solver.solve(request)
    expect(once.stats.rows.stiffSteps![0]).toBeGreaterThan(0)
    expect([...solver.solve({ ...request, replay: once.steps }).values]).toEqual([...once.values])
    const forward = once.pushforward({ y0: [1, 0] })
    const backward = [0, 1].map((i) => once.pullback([0, 0, 1 - i, i]).y0[0]!)
    expect(forward[2]! - backward[0]!).toBeCloseTo(0, 8)
    expect(forward[3]! - backward[1]!).toBeCloseTo(0, 8)
  })

  it('explicit methods say where a stiff one would have been cheaper', () => {
    const request = {
      y0: [1, 1.2],
      times: [
        [0, 2],
        [0, 1e-3],
      ],
      params: write(2000),
    }
    const options: SolverOptions = { ...tight, maxSteps: 1e5 }
    expect([...createSolver(engine, prothero, options).solve(request).stats.stiff]).toEqual([0])
    expect([...createSolver(engine, prothero, { ...options, method: 'rodas5p' }).solve(request).stats.stiff]).toEqual([])
  })

  it('refuses steps of one size', () => {
    expect(() => createSolver(engine, growth, { method: 'auto', stepControl: 'batch' })).toThrow('The method auto switches row by row')
  })
})
