import { describe, expect, it } from 'vitest'
import { fixed } from '../../src/ode/control/controller.js'
import { generalMethods, isAdaptive, methods } from '../../src/ode/methods/index.js'
import { createSolver } from '../../src/ode/solver.js'
import type { MethodName, SolverOptions, Times } from '../../src/ode/types.js'
import type { Graph } from '../../src/graph/graph.js'
import { solverEngines } from './engines.js'
import { constant, exp, expm, fieldOf, growth, linearField, linspace, normalList, sine, type Problem } from './problems.js'

const names = generalMethods
const adaptive = ['bosh3', 'dopri5', 'tsit5', 'dopri8'] as const

describe.each(await solverEngines())('on $name', ({ engine }) => {
  function solve(
    field: Graph,
    y0: readonly number[],
    times: Times,
    options: SolverOptions,
    params: readonly { values: readonly number[]; shape: readonly number[] }[] = [],
  ) {
    return createSolver(engine, field, options).solve({
      y0,
      times,
      params: params.map(({ values, shape }) => engine.write(values, shape)),
      dense: true,
    })
  }

  /** Largest relative error over the outputs of one row. */
  function worst(
    problem: Pick<Problem, 'field' | 'exact'>,
    times: readonly number[],
    options: SolverOptions,
    params: Parameters<typeof solve>[4] = [],
  ): number {
    const { values } = solve(problem.field, problem.exact(times[0]!), times, options, params)
    const exact = times.flatMap(problem.exact)
    return Math.max(...exact.map((x, i) => Math.abs((values[i]! - x) / x)))
  }

  // The problems, spans and tolerances of torchdiffeq's test suite (rtol 1e-7, atol 1e-9 unless said).
  const tight = { rtol: 1e-7, atol: 1e-9 }
  const forward = linspace(1, 8, 10)
  const directions = [
    ['forward', forward],
    ['reversed', [...forward].reverse()],
  ] as const

  it.each(names)('a field that is the time itself: %s', (method) => {
    const field = fieldOf(1, ({ t }) => t)
    const { values } = solve(field, [1], [0, 1, 2], { method, ...(isAdaptive(methods[method]) ? tight : { stepSize: 1 / 1024 }) })
    // y = 1 + t²/2, which Euler misses by h t / 2, either way.
    expect(Math.max(Math.abs(values[1]! - 1.5), Math.abs(values[2]! - 3))).toBeLessThan(methods[method].order === 1 ? 1.01 / 1024 : 1e-9)
    const continuous = createSolver(engine, field, {
      method,
      adjoint: 'continuous',
      ...(isAdaptive(methods[method]) ? tight : { stepSize: 1 / 64 }),
    }).solve({ y0: [1], times: [0, 1], params: [] })
    expect(continuous.pullback([0, 1]).y0[0]).toBeCloseTo(1, 12)
  })

  describe.each(directions)('torchdiffeq problems, %s', (_, times) => {
    it.each(names)('constant: %s', (method) => {
      const options = isAdaptive(methods[method]) ? { ...tight, method } : { method }
      // Its solution is a straight line, which every method follows exactly but for rounding.
      expect(worst(constant, times, options)).toBeLessThan(method === 'bosh3' ? 4e-3 : 3e-4)
    })

    it.each(adaptive)('sine: %s', (method) => expect(worst(sine, times, { ...tight, method })).toBeLessThan(3e-4))

    it.each(adaptive)('linear, against the matrix exponential: %s', (method) => {
      const n = 10
      const U = normalList(n * n, 0.1, 3)
      const A = U.map((u, ij) => 2 * u - (u + U[(ij % n) * n + Math.floor(ij / n)]!))
      const exact = (t: number): number[] => {
        const P = expm(
          A.map((a) => a * t),
          n,
        )
        return Array.from({ length: n }, (_, i) => P.slice(i * n, (i + 1) * n).reduce((x, y) => x + y, 0))
      }
      expect(worst({ field: linearField(n), exact }, times, { ...tight, method }, [{ values: A, shape: [n, n] }])).toBeLessThan(2e-3)
    })

    it.each(names)('exp, a field that ignores y: %s', (method) => {
      // Fixed-step methods take steps of 0.1, as there.
      const options = isAdaptive(methods[method]) ? { ...tight, method } : { method, stepSize: 0.1 }
      expect(worst(exp, times, options)).toBeLessThan(5e-2)
    })
  })

  it.each(names)('gives back y0 for a single time: %s', (method) => {
    const { values, stats, status } = solve(growth, [1.25, -3], [0.3], { method }, [{ values: [1], shape: [1] }])
    expect([...values]).toEqual([1.25, -3])
    expect([stats.evaluations, stats.accepted, status[0]!.status]).toEqual([0, 0, 'ok'])
  })

  it("takes exactly the Euler steps of y' = y on 11 points: 1.1¹⁰", () => {
    const solution = createSolver(engine, growth, { method: 'euler' }).solve({
      y0: [1],
      times: linspace(0, 1, 11),
      params: [engine.write([1], [1])],
      record: true,
    })
    expect(solution.values[10]).toBeCloseTo(1.1 ** 10, 12)
    expect(solution.stats.accepted).toBe(10)
    const cotangent = new Float64Array(11)
    cotangent[10] = 1
    const gradient = solution.pullback(cotangent)
    expect(gradient.y0[0]).toBeCloseTo(1.1 ** 10, 12)
    // y10 = Π(1 + 0.1 λ), so dy10/dλ = 10·0.1·1.1⁹.
    expect(gradient.params.lambda![0]).toBeCloseTo(1.1 ** 9, 12)
  })

  it("solves x' = 2xt from 3 to 3e at 1", () => {
    const field = fieldOf(1, ({ b, t, z, c }) => b.mul(b.mul(c(2), z), t))
    for (const method of adaptive)
      expect(solve(field, [3], [0, 1], { method, rtol: 1e-9, atol: 1e-9 }).values[1]).toBeCloseTo(3 * Math.E, 6)
    expect(solve(field, [3], [0, 1], { method: 'rk4', stepSize: 0.01 }).values[1]).toBeCloseTo(3 * Math.E, 6)
    // At the default tolerances, 1e-3 relative per step, two steps' worth of error are allowed.
    expect(Math.abs(solve(field, [3], [0, 1], {}).values[1]! / (3 * Math.E) - 1)).toBeLessThan(2e-3)
  })

  // diffrax: y' = Ay on [0, 4]; the slope of log error over log step is the order.
  describe('order of convergence', () => {
    const n = 10
    const A = normalList(n * n, 0.5, 11)
    const y0 = normalList(n, 1, 12)
    const P = expm(
      A.map((a) => 4 * a),
      n,
    )
    const exact = Array.from({ length: n }, (_, i) => y0.reduce((sum, y, j) => sum + P[i * n + j]! * y, 0))
    const errorAt = (method: MethodName, stepSize: number): number => {
      const values = solve(linearField(n), y0, [0, 4], { method, control: fixed(stepSize), rtol: 1e-9, atol: 1e-12 }, [
        { values: A, shape: [n, n] },
      ]).values
      return Math.max(...exact.map((x, i) => Math.abs(values[n + i]! - x)))
    }
    it.each(names)('%s', (method) => {
      const scale = Math.max(...exact.map(Math.abs))
      const points: [number, number][] = []
      for (const power of [0, -1, -2, -3, -4, -5, -6, -7, -8]) {
        const error = errorAt(method, 2 ** power) / scale
        if (error > 2 ** -42) points.push([power, Math.log2(error)])
      }
      const used = points.slice(-4)
      const [mx, my] = [0, 1].map((k) => used.reduce((sum, p) => sum + p[k]!, 0) / used.length)
      const slope = used.reduce((sum, [x, y]) => sum + (x - mx!) * (y - my!), 0) / used.reduce((sum, [x]) => sum + (x - mx!) ** 2, 0)
      expect(used.length).toBeGreaterThanOrEqual(3)
      // The first steps of adams are of order 2, and their errors stay. For linear equations rodas5p has order 6; it has 5 for others.
      const order = { adams: 3, rodas5p: 6 }[method as string] ?? methods[method].order
      expect(Math.abs(slope - order)).toBeLessThan(0.3)
    })
  })

  // diffrax: y' = −y, 1000 steps, 10 000 queries, some rows with fewer steps beside it.
  describe('dense output', () => {
    const decay = fieldOf(1, ({ b, z }) => b.unary('neg', z))
    const tolerances: Record<Exclude<MethodName, 'leapfrog'>, [number, number]> = {
      euler: [1e-3, 1e-3],
      midpoint: [1e-6, 1e-2],
      heun: [1e-6, 1e-6],
      rk4: [1e-6, 1e-6],
      rk38: [1e-6, 1e-6],
      bosh3: [1e-6, 1e-6],
      dopri5: [1e-6, 1e-6],
      tsit5: [1e-6, 1e-6],
      dopri8: [1e-6, 1e-6],
      fehlberg2: [1e-6, 1e-6],
      adaptiveHeun: [1e-6, 1e-6],
      ralston: [1e-6, 1e-6],
      adams: [1e-6, 1e-6],
      rodas5p: [1e-6, 1e-6],
      rodas4: [1e-6, 1e-6],
      rosenbrock23: [1e-6, 1e-3],
      kvaerno5: [1e-6, 1e-6],
      kvaerno3: [1e-6, 1e-6],
      trbdf2: [1e-6, 1e-6],
      implicitEuler: [1e-3, 1e-2],
      trapezoid: [1e-6, 1e-6],
    }
    it.each(names)('%s', (method) => {
      const [span, steps] = [1, 1000]
      const options: SolverOptions = isAdaptive(methods[method])
        ? { method, rtol: 1e-8, atol: 1e-8, maxStep: span / steps }
        : { method, stepSize: span / steps }
      const solution = solve(
        decay,
        [1, 2],
        [
          [0, span],
          [0, span / 3],
        ],
        options,
      )
      const queries = linspace(0, span, 10_000)
      const { value, derivative } = solution.evaluate(0, queries)
      expect(value[0]).toBe(1)
      expect(solution.stats.rows.accepted[0]).toBeGreaterThanOrEqual(1000)
      expect(Math.max(...queries.map((t, i) => Math.abs(value[i]! - Math.exp(-t))))).toBeLessThan(tolerances[method][0])
      expect(Math.max(...queries.map((t, i) => Math.abs(derivative[i]! + Math.exp(-t))))).toBeLessThan(tolerances[method][1])
      const beside = linspace(0, span / 3, 1000)
      const other = solution.evaluate(1, beside)
      expect(other.value[0]).toBe(2)
      expect(Math.max(...beside.map((t, i) => Math.abs(other.value[i]! - 2 * Math.exp(-t))))).toBeLessThan(2 * tolerances[method][0])
      expect(solution.stats.rows.accepted[1]).toBeLessThan(solution.stats.rows.accepted[0]!)
    })

    it('agrees with the outputs and says where it ends', () => {
      const times = [0, 0.3, 0.71, 1]
      const solution = solve(decay, [1], times, {})
      solution.evaluate(0, times).value.forEach((value, i) => expect(value).toBeCloseTo(solution.values[i]!, 14))
      expect(() => solution.evaluate(0, [-0.1])).toThrow('Row 0 was solved from t = 0 to')
      expect(() => solution.evaluate(0, [-0.1])).toThrow('t = -0.1 is outside. Ask for a later last time when solving.')
      expect(() => solution.evaluate(3, [0])).toThrow('There is no row 3; the solve has 1 rows.')
      expect([...solve(decay, [4], [2], {}).evaluate(0, [2, 2]).derivative]).toEqual([-4, -4])
    })
  })

  // diffrax: y' = −y over 4 → 0.3 is y' = y over −4 → −0.3, step by step.
  describe.each(names)('time reversed: %s', (method) => {
    // One field, y' = λy: two would be compiled in two ways, and may round differently.
    const rate = (lambda: number) => [{ values: [lambda], shape: [1] }]
    const modes: SolverOptions[] = isAdaptive(methods[method])
      ? [{ method, firstStep: 0.3 }, { method }, { method, stopAtEnd: true }]
      : [{ method, stepSize: 0.3 }, { method }, { method, stepSize: 0.3, stopAtEnd: true }]
    it.each(modes)('%o', (options) => {
      const down = [4, 3.2, 2.5, 1, 1, 0.3]
      const a = solve(growth, [1.5], down, options, rate(-1))
      const b = solve(
        growth,
        [1.5],
        down.map((t) => -t),
        options,
        rate(1),
      )
      expect([...a.values]).toEqual([...b.values])
      expect(a.steps.map(({ h }) => [...h])).toEqual(b.steps.map(({ h }) => [...h].map((x) => -x)))
      expect([...a.evaluate(0, [3.9, 0.5]).value]).toEqual([...b.evaluate(0, [-3.9, -0.5]).value])
      if (isAdaptive(methods[method]))
        expect(Math.abs(a.values[5]! / (1.5 * Math.exp(3.7)) - 1)).toBeLessThan(
          { fehlberg2: 0.2, rosenbrock23: 2e-2 }[method as string] ?? 1e-2,
        )
    })
  })
})
