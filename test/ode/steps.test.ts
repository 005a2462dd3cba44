import { describe, expect, it } from 'vitest'
import { generalMethods, isAdaptive, methods } from '../../src/ode/methods/index.js'
import { createSolver } from '../../src/ode/solver.js'
import { formatShape, sizeOf } from '../../src/graph/shape.js'
import type { Norm, SolverOptions, StepEvent } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { constant, fieldOf, growth, linearField, linspace, network, networkShapes, normalList } from './problems.js'

const names = generalMethods
const decay = fieldOf(1, ({ b, z }) => b.unary('neg', z))
const shapes = networkShapes(2, 4)
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0)

describe.each(await solverEngines())('on $name', ({ engine }) => {
  const params = Object.values(shapes).map((shape, i) => engine.write(normalList(sizeOf(shape), 0.7, i + 1), shape))

  describe('step listeners', () => {
    const record = (options: SolverOptions) => {
      const events = { step: [] as StepEvent[], accept: [] as StepEvent[], reject: [] as StepEvent[] }
      const solver = createSolver(engine, network(2, 4), {
        ...options,
        onStep: (e) => events.step.push(e),
        onAccept: (e) => events.accept.push(e),
        onReject: (e) => events.reject.push(e),
      })
      const solution = solver.solve({
        y0: [1, 0.5, -1, 2],
        times: [
          [0, 1],
          [0, 3],
        ],
        params,
        record: true,
      })
      return { events, solution }
    }
    it('see every step, and what became of it', () => {
      const { events, solution } = record({ method: 'bosh3', firstStep: 3, rtol: 1e-5, atol: 1e-5 })
      expect(events.accept.length).toBe(solution.stats.accepted)
      expect(events.reject.length).toBe(solution.stats.rejected)
      expect(events.reject.length).toBeGreaterThan(0)
      expect(events.step.length).toBe(events.accept.length + events.reject.length)
      const own = (row: number) => events.accept.filter((e) => e.row === row)
      // Each begins where the one before ended.
      for (const row of [0, 1]) own(row).forEach(({ t }, i, all) => expect(t).toBeCloseTo(i === 0 ? 0 : all[i - 1]!.t + all[i - 1]!.h, 14))
    })
    it('are called ten times each way for steps of 0.1', () => {
      for (const adjoint of ['discrete', 'continuous', 'interpolated'] as const) {
        const calls: StepEvent[] = []
        const solution = createSolver(engine, growth, { method: 'euler', stepSize: 0.1, adjoint, onStep: (e) => calls.push(e) }).solve({
          y0: [1],
          times: [0, 1],
          params: [engine.write([1], [1])],
          record: true,
        })
        expect(calls.map(({ h }) => Number(h.toFixed(12)))).toEqual(new Array(10).fill(0.1))
        calls.length = 0
        solution.pullback([0, 1])
        // The discrete adjoint tries nothing: it goes back over the steps there are.
        expect(calls.map(({ h }) => Number(h.toFixed(12)))).toEqual(adjoint === 'discrete' ? [] : new Array(10).fill(-0.1))
      }
    })
  })

  describe('limits of step sizes', () => {
    const switching = fieldOf(1, ({ b, t, z, c }) => b.add(b.mul(c(0), z), b.mul(c(1e3), b.binary('greater', t, c(0.5)))))
    const solve = (options: SolverOptions) =>
      createSolver(engine, switching, { rtol: 1e-9, atol: 1e-9, minStep: 1e-3, ...options }).solve({
        y0: [0],
        times: [0, 1],
        params: [],
        dense: true,
      })
    it('a step at minStep fails, or is taken whatever its error', () => {
      expect(() => solve({})).toThrow('the error stays above the tolerance even with steps of 0.001')
      const { status, steps, values } = solve({ atMinStep: 'accept' })
      expect(status[0]!.status).toBe('ok')
      expect(Math.min(...steps.flatMap(({ h }) => [...h].filter((x) => x !== 0)))).toBeGreaterThanOrEqual(1e-3 * (1 - 1e-12))
      expect(Math.abs(values[1]! - 500)).toBeLessThan(1) // 1000 times a step
      expect(() => solve({ atMinStep: 'accept', minStep: undefined })).toThrow('atMinStep is accept, but no minStep is given.')
    })
    it('maxStep holds for every step, also on the way back', () => {
      const sizes: number[] = []
      createSolver(engine, decay, {
        maxStep: 0.05,
        rtol: 1e-2,
        atol: 1e-2,
        adjoint: 'continuous',
        onStep: ({ h }) => sizes.push(Math.abs(h)),
      })
        .solve({ y0: [1], times: [0, 1], params: [], record: true })
        .pullback([0, 1])
      expect(sizes.length).toBeGreaterThanOrEqual(40)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(0.05 * (1 + 1e-12))
    })
  })

  describe('norms', () => {
    const seen: string[] = []
    const largest: Norm = (b, x) => {
      seen.push(formatShape(b.shape(x)))
      return b.max(b.unary('abs', x), [1], true)
    }
    const run = (options: SolverOptions) =>
      createSolver(engine, network(2, 4), { rtol: 1e-6, atol: 1e-6, ...options }).solve({
        y0: [1, 0.5],
        times: [0, 3],
        params,
        record: true,
      })
    it('are called with the scaled error, [rows, dim], and decide', () => {
      seen.length = 0
      const [own, usual] = [run({ norm: largest }), run({})]
      expect(new Set(seen)).toEqual(new Set(['[rows, 2]']))
      // The largest component is at least the root mean square, at most √2 times it.
      expect(own.stats.accepted).toBeGreaterThanOrEqual(usual.stats.accepted)
      const half: Norm = (b, x) => b.mul(b.constant(1e-6), largest(b, x))
      expect(run({ norm: half }).stats.accepted).toBeLessThan(usual.stats.accepted / 2)
    })
    it('measure z and its adjoint apart in the continuous adjoint', () => {
      seen.length = 0
      run({ norm: largest, adjoint: 'continuous' }).pullback([0, 0, 1, 1])
      expect(new Set(seen)).toEqual(new Set(['[rows, 2]']))
    })
    it('must give one number a row', () => {
      expect(() => run({ norm: (_, x) => x })).toThrow(
        'The norm returns [rows, 2] for [rows, 2]; it must return one number for each row, [rows, 1].',
      )
    })
    it('the parameter gradient is no part of the error: fewer evaluations than with it', () => {
      // z' = −z + p sin 40t at p = 0: z and a are smooth, only dL/dp oscillates. With g' = −a sin 40t as a third
      // component of the state, the solver follows the oscillation.
      const tolerance = { rtol: 1e-6, atol: 1e-6 }
      const forced = fieldOf(1, ({ b, t, z, p, c }) => b.add(b.unary('neg', z), b.mul(p['p']!, b.unary('sin', b.mul(c(40), t)))), {
        p: [1],
      })
      const solution = createSolver(engine, forced, { ...tolerance, adjoint: 'continuous' }).solve({
        y0: [1],
        times: [0, 5],
        params: [engine.write([0], [1])],
      })
      const gradient = solution.pullback([0, 1])
      const all = fieldOf(3, ({ b, t, z, c }) => {
        const part = (i: number) => b.slice(z, [0, i], [-1, 1])
        return b.concat([b.unary('neg', part(0)), part(1), b.unary('neg', b.mul(part(1), b.unary('sin', b.mul(c(40), t))))], 1)
      })
      const controlled = createSolver(engine, all, tolerance).solve({ y0: [solution.values[1]!, 1, 0], times: [5, 0], params: [] })
      expect(gradient.backward!.evaluations).toBeLessThan(controlled.stats.evaluations / 3)
    })
  })

  describe('one step size for the batch', () => {
    const solve = (rows: readonly number[], options: SolverOptions = {}) =>
      createSolver(engine, growth, { stepControl: 'batch', rtol: 1e-6, atol: 1e-6, ...options }).solve({
        y0: rows,
        times: rows.map((_, i) => (i % 2 ? [0, 1, 4] : [1, 0, -2])),
        params: [engine.write([-0.7], [1])],
        record: true,
      })
    it('is shared by all rows at work', () => {
      const { steps, values, stats, offsets } = solve([1, 100, -0.3])
      for (const { h } of steps)
        expect(new Set([...h].filter((x) => x !== 0).map((x) => Math.abs(x).toPrecision(2))).size).toBeLessThanOrEqual(1)
      // λ = −0.7: forward from t0, by row.
      const exact = [
        [1, Math.exp(0.7), Math.exp(2.1)],
        [100, 100 * Math.exp(-0.7), 100 * Math.exp(-2.8)],
        [-0.3, -0.3 * Math.exp(0.7), -0.3 * Math.exp(2.1)],
      ].flat()
      exact.forEach((x, i) => expect(Math.abs(values[i]! / x - 1)).toBeLessThan(1e-4))
      expect(offsets).toEqual(Int32Array.of(0, 3, 6, 9))
      expect(stats.rejected % 3).toBe(0)
    })
    it('is that of the row itself where there is one, and depends on the others where there are more', () => {
      const step = (rows: number[], stepControl: 'row' | 'batch') => solve(rows, { stepControl }).steps[0]!.h[0]
      expect(step([1], 'batch')).toBe(step([1], 'row'))
      const calm = createSolver(engine, decay, { stepControl: 'batch', rtol: 1e-6, atol: 1e-6 })
      const widths = (y0: number[]) => calm.solve({ y0, times: [0, 3], params: [], dense: true }).steps.map(({ h }) => h[0])
      expect(widths([1e-3, 1])).not.toEqual(widths([1e-3]))
    })
    it('has exact gradients, steps held fixed', () => {
      const solution = solve([1, 2])
      const cotangent = normalList(6, 1, 3)
      const gradient = solution.pullback(cotangent)
      const loss = (by: number): number =>
        dot(
          createSolver(engine, growth, { rtol: 1e-6, atol: 1e-6 }).solve({
            y0: [1 + by, 2],
            times: [
              [1, 0, -2],
              [0, 1, 4],
            ],
            params: [engine.write([-0.7], [1])],
            replay: solution.steps,
          }).values,
          cotangent,
        )
      expect(Math.abs(gradient.y0[0]! - (loss(1e-4) - loss(-1e-4)) / 2e-4)).toBeLessThan(1e-9)
    })
    it('a row that blows up fails alone', () => {
      const blowUp = fieldOf(1, ({ b, z }) => b.unary('square', z))
      const { status, values } = createSolver(engine, blowUp, { stepControl: 'batch', throw: false }).solve({
        y0: [2, -1, Number.NaN],
        times: [0, 1],
        params: [],
      })
      expect(status.map(({ status: s }) => s === 'ok')).toEqual([false, true, false])
      expect(Math.abs(values[3]! + 0.5)).toBeLessThan(1e-2)
    })
    it('makes no sense for fixed steps', () => {
      expect(() => solve([1], { method: 'rk4', stepSize: 0.1 })).toThrow('The method rk4 takes fixed steps and has no use for stepControl')
      expect(() => solve([1], { stepControl: 'all' as 'row' })).toThrow('There is no stepControl "all". Choose row or batch.')
    })
  })

  describe('memory for residuals', () => {
    it.each(names)('changes nothing in the gradient, %s', (method) => {
      const gradientAt = (residualMemory: number) => {
        const solver = createSolver(engine, network(2, 4), {
          method,
          residualMemory,
          ...(isAdaptive(methods[method]) ? { rtol: 1e-5, atol: 1e-5, firstStep: 2 } : { stepSize: 0.3 }),
        })
        const solution = solver.solve({
          y0: normalList(10, 1, 4),
          times: Array.from({ length: 5 }, (_, r) => [0, 1, r + 2]),
          params,
          record: true,
        })
        const gradient = solution.pullback(normalList(solution.values.length, 1, 5))
        solution.dispose()
        return { values: solution.values, ...gradient }
      }
      // All, none, and what a few steps leave.
      const all = gradientAt(2 ** 28)
      expect(gradientAt(0)).toEqual(all)
      expect(gradientAt(20_000)).toEqual(all)
    })
  })

  it('dopri8 evaluates its three extra stages where an output lies, for that row', () => {
    const solver = createSolver(engine, network(2, 4), { method: 'dopri8', rtol: 1e-9, atol: 1e-9 })
    const { stats, steps } = solver.solve({
      y0: normalList(4, 1, 4),
      times: [
        [0, 20],
        [0, 1, 2, 3, 4, 5],
      ],
      params,
      dense: false,
      record: true,
    })
    const withOutputs = (row: number, outputs: readonly number[]): number => {
      const spans = steps.flatMap(({ rows, t, h, end }) => [...rows].flatMap((r, i) => (r === row && h[i] !== 0 ? [[t[i]!, end[i]!]] : [])))
      return spans.filter(([t, end]) => outputs.some((x) => x > t! && x <= end!)).length
    }
    const attempts = (row: number) => stats.rows.accepted[row]! + stats.rows.rejected[row]!
    const least = (row: number, outputs: readonly number[]) => 2 + 12 * attempts(row) + 3 * withOutputs(row, outputs)
    expect(stats.rows.evaluations[0]).toBeGreaterThanOrEqual(least(0, [20]))
    expect(stats.rows.evaluations[0]).toBeLessThanOrEqual(least(0, [20]) + 3 * stats.rows.rejected[0]!)
    expect(stats.rows.evaluations[1]).toBeGreaterThanOrEqual(least(1, [1, 2, 3, 4, 5]))
    expect(stats.rows.evaluations[1]).toBeLessThanOrEqual(least(1, [1, 2, 3, 4, 5]) + 3 * stats.rows.rejected[1]!)
  })

  // torchdiffeq: gradcheck of (y0, t) on the problem whose solution is a straight line; central differences with step
  // 1e-6, absolute tolerance 1e-5, relative 1e-3, PyTorch's.
  describe.each(names)('gradients of (y0, t): %s', (method) => {
    it.each(['discrete', 'continuous', 'interpolated'] as const)('%s', (adjoint) => {
      const options: SolverOptions = { method, adjoint, ...(isAdaptive(methods[method]) && { rtol: 1e-7, atol: 1e-9 }) }
      const solver = createSolver(engine, constant.field, options)
      const times = linspace(1, 8, 10)
      const y0 = constant.exact(1)
      const cotangent = normalList(10, 1, 7)
      const loss = (start: readonly number[], at: readonly number[]): number =>
        dot(solver.solve({ y0: start, times: at, params: [] }).values, cotangent)
      const gradient = solver.solve({ y0, times, params: [], record: true }).pullback(cotangent)
      const close = (found: number, expected: number) => expect(Math.abs(found - expected)).toBeLessThan(1e-5 + 1e-3 * Math.abs(expected))
      close(gradient.y0[0]!, (loss([y0[0]! + 1e-6], times) - loss([y0[0]! - 1e-6], times)) / 2e-6)
      times.forEach((_, i) => {
        const moved = (by: number) => times.map((t, j) => (i === j ? t + by : t))
        close(gradient.times[i]!, (loss(y0, moved(1e-6)) - loss(y0, moved(-1e-6))) / 2e-6)
      })
    })
  })

  // diffrax: a 2-D linear field from t = 0.3 to 9.5 at tolerance 1e-8, over the ways of asking for outputs.
  describe('finite differences = discrete = continuous, however outputs are asked for', () => {
    const A = [-0.25, 1, -1, -0.1]
    const ways: [string, readonly (readonly number[])[], SolverOptions][] = [
      ['the end', [[0.3, 9.5]], {}],
      ['start and end', [[0.3, 0.3, 9.5]], {}],
      ['a few times', [[0.3, 1, 4, 9.5]], {}],
      ['many times', [linspace(0.3, 9.5, 40)], {}],
      ['repeated times', [[0.3, 2, 2, 2, 9.5, 9.5]], {}],
      ['backward', [[9.5, 4, 0.3]], {}],
      ['several rows', [[0.3, 9.5], [0.3, 1, 5], [9.5, 2], [1]], {}],
      ['ending there', [[0.3, 1, 9.5]], { stopAtEnd: true }],
      ['across jumps', [[0.3, 1, 9.5]], { jumpTimes: [1, 3.7] }],
      [
        'with one step size',
        [
          [0.3, 9.5],
          [0.3, 1, 5],
        ],
        { stepControl: 'batch' },
      ],
      ['from the engine', [[0.3, 1, 9.5]], {}],
    ]
    describe.each(['dopri5', 'tsit5', 'dopri8'] as const)('%s', (method) => {
      it.each(ways)('%s', (name, times, options) => {
        const rows = times.length
        const y0 = normalList(2 * rows, 1, 3)
        const points = times.flat().length
        const cotangent = normalList(2 * points, 1, 4)
        const solverOf = (adjoint: 'discrete' | 'continuous') =>
          createSolver(engine, linearField(2), { method, rtol: 1e-8, atol: 1e-8, adjoint, ...options })
        const gradientOf = (adjoint: 'discrete' | 'continuous') => {
          const onEngine = name === 'from the engine'
          const solution = solverOf(adjoint).solve({
            y0,
            times,
            params: [engine.write(A, [2, 2])],
            record: true,
            outputs: onEngine ? 'engine' : 'host',
          })
          if (onEngine) expect(solution.outputs!.shape).toEqual([points, 2])
          const gradient = solution.pullback(onEngine ? engine.write(cotangent, [points, 2]) : cotangent)
          solution.dispose()
          return gradient
        }
        const [discrete, continuous] = [gradientOf('discrete'), gradientOf('continuous')]
        const plain = solverOf('discrete')
        const loss = (start: readonly number[], matrix: readonly number[]): number =>
          dot(plain.solve({ y0: start, times, params: [engine.write(matrix, [2, 2])] }).values, cotangent)
        const differences = (values: readonly number[], of: (moved: number[]) => number): number[] =>
          values.map(
            (_, i) => (of(values.map((x, j) => (i === j ? x + 1e-3 : x))) - of(values.map((x, j) => (i === j ? x - 1e-3 : x)))) / 2e-3,
          )
        // The loss is linear in y0, and its third derivative by A is of the order of t³ e^(…t): 1e-4 of a difference's value.
        const compare = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) =>
          Array.from(a).forEach((x, i) => expect(Math.abs(x - b[i]!)).toBeLessThan(tolerance * Math.max(1, Math.abs(x))))
        compare(
          discrete.y0,
          differences(y0, (moved) => loss(moved, A)),
          1e-5,
        )
        compare(
          discrete.params.A!,
          differences(A, (moved) => loss(y0, moved)),
          1e-4,
        )
        compare(discrete.y0, continuous.y0, 1e-5)
        compare(discrete.params.A!, continuous.params.A!, 1e-5)
        compare(discrete.times, continuous.times, 1e-5)
      })
    })
  })
})
