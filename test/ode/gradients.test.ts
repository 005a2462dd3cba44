import { describe, expect, it } from 'vitest'
import { generalMethods, isAdaptive, methods } from '../../src/ode/methods/index.js'
import type { Engine } from '../../src/engine/engine.js'
import { createSolver } from '../../src/ode/solver.js'
import type { Graph } from '../../src/graph/graph.js'
import { sizeOf, type Shape } from '../../src/graph/shape.js'
import type { Gradient, Solution, Solver, SolverOptions, Steps } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { constant, exp, fieldOf, linearField, linspace, network, networkShapes, normalList, sine } from './problems.js'

const names = generalMethods
const backward = ['continuous', 'interpolated'] as const
const adaptive = ['bosh3', 'dopri5', 'tsit5', 'dopri8'] as const

interface Setting {
  readonly field: Graph
  readonly y0: readonly number[]
  readonly times: readonly (readonly number[])[]
  readonly params: readonly { readonly values: readonly number[]; readonly shape: Shape }[]
}

/** The 3-5-3 tanh network on rows with times of their own: rising, falling, repeated, one of a single time. */
const shapes = networkShapes(3, 5)
const networkSetting: Setting = {
  field: network(3, 5),
  y0: normalList(12, 1, 77),
  times: [[0, 0.5, 1, 1, 1.5], [1, 0.2, -1], [0.4], [0.3, 0.3, 2.1]],
  params: Object.values(shapes).map((shape, i) => ({ values: normalList(sizeOf(shape), 0.7, i + 1), shape })),
}

const engines = await solverEngines()
/** On it differences are taken; gradients of the same steps on the others are held to its own. */
const fastest = (engines.find(({ name }) => name === 'native') ?? engines[0]!).engine

/** What solves on an engine; a solver is compiled once for a field and its options. */
function solverOn(engine: Engine) {
  const solvers = new Map<Graph, Map<string, Solver>>()

  function solverFor(field: Graph, options: SolverOptions): Solver {
    const ofField = solvers.get(field) ?? new Map<string, Solver>()
    const key = JSON.stringify(options)
    const solver = ofField.get(key) ?? createSolver(engine, field, options)
    solvers.set(field, ofField.set(key, solver))
    return solver
  }

  return ({ field, y0, times, params }: Setting, options: SolverOptions, replay?: Steps): Solution =>
    solverFor(field, options).solve({
      y0,
      times,
      params: params.map(({ values, shape }) => engine.write(values, shape)),
      record: true,
      replay,
    })
}
const solveOnFastest = solverOn(fastest)

describe.each(engines)('on $name', ({ engine }) => {
  const solveWith = engine === fastest ? solveOnFastest : solverOn(engine)

  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0)
  const changed = (values: readonly number[], i: number, by: number): number[] => values.map((x, j) => (j === i ? x + by : x))

  /** Five-point differences of L(setting) in one number; error about step⁴ times the fifth derivative. */
  const difference = (loss: (by: number) => number, step = 2e-4): number =>
    (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step)

  /** What differences in float64 can show: about 1e-16 / 2e-4 of the loss, and the fifth derivative of a large step. */
  const expectClose = (actual: number | undefined, expected: number): void =>
    expect(Math.abs(actual! - expected)).toBeLessThan(2e-9 * Math.max(1, Math.abs(expected)))

  /**
   * The gradient of a solve is that of its steps on the fastest engine, which is held to differences. Steps of one size are taken there
   * anew: they move with the times, those that are given do not.
   */
  const expectAsOnFastest = (
    gradient: Gradient,
    setting: Setting,
    choice: SolverOptions,
    steps: Steps,
    cotangent: readonly number[],
  ): void => {
    const expected = solveOnFastest(
      setting,
      choice,
      generalMethods.some((name) => name === choice.method && isAdaptive(methods[name])) ? steps : undefined,
    ).pullback(cotangent)
    expect(Object.keys(gradient.params)).toEqual(Object.keys(expected.params))
    const pairs = [
      [gradient.y0, expected.y0],
      [gradient.times, expected.times],
      ...Object.entries(expected.params).map(([name, values]) => [gradient.params[name]!, values] as const),
    ] as const
    for (const [actual, wanted] of pairs) {
      expect(actual).toHaveLength(wanted.length)
      wanted.forEach((x, i) => expectClose(actual[i], x))
    }
  }

  describe.each(names)('discrete adjoint, %s: the gradient of the computed solution with its steps held fixed', (method) => {
    // Implicit steps are solved to a hundredth of the tolerance, beyond which differences show nothing.
    const close = { method, rtol: 1e-7, atol: 1e-7 }
    const options: SolverOptions[] = isAdaptive(methods[method])
      ? methods[method].unknowns
        ? [close, { ...close, stopAtEnd: true }, { ...close, firstStep: 3 }]
        : [{ method }, { method, stopAtEnd: true, rtol: 1e-5 }, { method, firstStep: 3, rtol: 1e-2, atol: 1e-2 }]
      : // Newton's iteration does not converge in steps from output to output.
        [...(methods[method].unknowns ? [] : [{ method }]), { method, stepSize: 0.17 }, { method, stepSize: 0.17, stopAtEnd: true }]
    it.each(options)('%o', (choice) => {
      const solution = solveWith(networkSetting, choice)
      const cotangent = normalList(solution.values.length, 1, 5)
      const gradient = solution.pullback(cotangent)
      expect([...gradient.params.unused!]).toEqual([0, 0]) // the parameter that the field does not use
      if (engine !== fastest) return expectAsOnFastest(gradient, networkSetting, choice, solution.steps, cotangent)
      const loss = (setting: Setting): number => dot(solveWith(setting, choice, solution.steps).values, cotangent)
      networkSetting.y0.forEach((_, i) => {
        const expected = difference((by) => loss({ ...networkSetting, y0: changed(networkSetting.y0, i, by) }))
        expectClose(gradient.y0[i], expected)
      })
      networkSetting.params.forEach(({ values }, k) => {
        for (let i = 0; i < values.length; i += 2) {
          const expected = difference((by) =>
            loss({
              ...networkSetting,
              params: networkSetting.params.map((p, j) => (j === k ? { ...p, values: changed(values, i, by) } : p)),
            }),
          )
          expectClose(Object.values(gradient.params)[k]![i], expected)
        }
      })
    })

    it('replays to the bit', () => {
      const solution = solveWith(networkSetting, options[0]!)
      expect(solveWith(networkSetting, options[0]!, solution.steps).values).toEqual(solution.values)
    })

    it('has gradients of output times: the slope of the interpolant', () => {
      const choice = isAdaptive(methods[method]) ? { method } : { method, stepSize: 0.17 }
      const setting = { ...networkSetting, times: [[0, 0.55, 1, 1.4], [1, 0.2, -1], [0.4], [0.3, 0.31, 2.1]] }
      const solution = solveWith(setting, choice)
      const cotangent = normalList(solution.values.length, 1, 6)
      const gradient = solution.pullback(cotangent)
      if (engine !== fastest) return expectAsOnFastest(gradient, setting, choice, solution.steps, cotangent)
      setting.times.forEach((list, row) =>
        list.forEach((_, i) => {
          if (i === 0) return
          const expected = difference((by) =>
            dot(
              solveWith({ ...setting, times: setting.times.map((l, r) => (r === row ? changed(l, i, by) : l)) }, choice, solution.steps)
                .values,
              cotangent,
            ),
          )
          expectClose(gradient.times[solution.offsets[row]! + i], expected)
        }),
      )
    })
  })

  it('meets rejected steps in what it differentiates', () => {
    const { stats } = solveWith(networkSetting, { method: 'dopri5', firstStep: 3, rtol: 1e-2, atol: 1e-2 })
    const all = solveWith(networkSetting, { method: 'bosh3', firstStep: 3, rtol: 1e-4, atol: 1e-4 })
    expect(stats.accepted).toBeGreaterThan(0)
    expect(all.stats.rejected).toBeGreaterThan(0)
    expect(all.steps.some(({ h }) => h.some((x) => x === 0))).toBe(true)
    const cotangent = normalList(all.values.length, 1, 5)
    const gradient = all.pullback(cotangent)
    const expected = difference((by) =>
      dot(solveWith({ ...networkSetting, y0: changed(networkSetting.y0, 0, by) }, { method: 'bosh3' }, all.steps).values, cotangent),
    )
    expectClose(gradient.y0[0], expected)
  })

  describe.each([...adaptive])('gradients of times at the start, %s', (method) => {
    it.each(['discrete', 'continuous', 'interpolated'] as const)('%s: dL/dt0 = −a·f', (adjoint) => {
      // Both are exact for the exact flow; at these tolerances differences through whole solves are good to 1e-5.
      const options: SolverOptions =
        method === 'bosh3' ? { method, rtol: 1e-8, atol: 1e-8, adjoint } : { method, rtol: 1e-10, atol: 1e-10, adjoint }
      const setting = { ...networkSetting, times: [[0, 0.55, 1, 1.4], [1, 0.2, -1], [0.4], [0.3, 0.31, 2.1]] }
      const solution = solveWith(setting, options)
      const cotangent = normalList(solution.values.length, 1, 6)
      const gradient = solution.pullback(cotangent)
      setting.times.forEach((list, row) =>
        list.forEach((_, i) => {
          const expected = difference(
            (by) =>
              dot(
                solveWith({ ...setting, times: setting.times.map((l, r) => (r === row ? changed(l, i, by) : l)) }, options).values,
                cotangent,
              ),
            1e-3,
          )
          expect(Math.abs(gradient.times[solution.offsets[row]! + i]! - expected)).toBeLessThan(1e-5)
        }),
      )
    })
  })

  // torchdiffeq: adjoint against direct gradients at rtol 1e-9, atol 1e-12, random cotangents. The third-order method
  // gets there in reasonable time at 1e-7 and 1e-9 only.
  describe.each([...adaptive])('adjoints solved backward against the discrete one, %s', (method) => {
    const tight: SolverOptions = method === 'bosh3' ? { method, rtol: 1e-7, atol: 1e-9 } : { method, rtol: 1e-9, atol: 1e-12 }
    const times = linspace(1, 8, 10)
    const A = normalList(100, 0.1, 3).map((u, ij, U) => 2 * u - (u + U[(ij % 10) * 10 + Math.floor(ij / 10)]!))
    const problems: [string, Setting, number][] = [
      ['constant', { field: constant.field, y0: constant.exact(1), times: [times], params: [] }, 1e-12],
      ['linear', { field: linearField(10), y0: normalList(10, 1, 8), times: [times], params: [{ values: A, shape: [10, 10] }] }, 1e-5],
      ['sine', { field: sine.field, y0: sine.exact(1), times: [times], params: [] }, 5e-3],
      ['exp', { field: exp.field, y0: exp.exact(1), times: [times], params: [] }, 1e-2],
      [
        'linear, back in time',
        { field: linearField(10), y0: normalList(10, 1, 8), times: [[...times].reverse()], params: [{ values: A, shape: [10, 10] }] },
        1e-5,
      ],
      ['network', networkSetting, 1e-5],
    ]
    const close = (a: Gradient, b: Gradient, tolerance: number): void => {
      const compare = (u: ArrayLike<number>, v: ArrayLike<number>): void =>
        Array.from(u).forEach((x, i) => expect(Math.abs(x - v[i]!)).toBeLessThan(tolerance * Math.max(1, Math.abs(v[i]!))))
      compare(a.y0, b.y0)
      compare(a.times, b.times)
      Object.entries(a.params).forEach(([name, p]) => compare(p, b.params[name]!))
    }
    it.each(problems)('%s', (_, setting, tolerance) => {
      const discrete = solveWith(setting, tight)
      const cotangent = normalList(discrete.values.length, 1, 5)
      const expected = discrete.pullback(cotangent)
      for (const adjoint of backward) close(solveWith(setting, { ...tight, adjoint }).pullback(cotangent), expected, tolerance)
    })

    if (method === 'bosh3') return // far too many steps

    it('the cubic spiral of Chen et al., t from 0 to 25', () => {
      const cubic = fieldOf(2, ({ b, z, p }) => b.matmul(b.mul(b.unary('square', z), z), p['A']!), { A: [2, 2] })
      const setting: Setting = {
        field: cubic,
        y0: [2, 0],
        times: [linspace(0, 25, 10)],
        params: [{ values: [-0.1, 2, -2, -0.1], shape: [2, 2] }],
      }
      const discrete = solveWith(setting, tight)
      const cotangent = normalList(20, 1, 9)
      const exact = discrete.pullback(cotangent)
      const far = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from(a).map((x, i) => Math.abs(x - b[i]!)))
      for (const adjoint of backward) {
        const other = solveWith(setting, { ...tight, adjoint }).pullback(cotangent)
        expect(far(other.y0, exact.y0)).toBeLessThan(3e-4)
        expect(far(other.times, exact.times)).toBeLessThan(1e-4)
        expect(far(other.params.A!, exact.params.A!)).toBeLessThan(2e-3)
      }
    })
  })

  it.each(
    backward.flatMap((adjoint) => [
      ['euler', adjoint],
      ['rk4', adjoint],
    ]) as ['euler' | 'rk4', (typeof backward)[number]][],
  )('with fixed steps, %s, the %s adjoint is near the discrete one', (method, adjoint) => {
    const options: SolverOptions = { method, stepSize: method === 'euler' ? 1e-3 : 1e-2 }
    const discrete = solveWith(networkSetting, options)
    const cotangent = normalList(discrete.values.length, 1, 5)
    const [a, b] = [solveWith(networkSetting, { ...options, adjoint }).pullback(cotangent), discrete.pullback(cotangent)]
    const tolerance = method === 'euler' ? 2e-2 : 1e-6 // of the order of the global error
    a.y0.forEach((x, i) => expect(Math.abs(x - b.y0[i]!)).toBeLessThan(tolerance))
    Object.entries(a.params).forEach(([name, p]) =>
      p.forEach((x, i) => expect(Math.abs(x - b.params[name]![i]!)).toBeLessThan(tolerance * 5)),
    )
  })

  it('gives the same gradient twice, and says when it cannot', () => {
    const solution = solveWith(networkSetting, {})
    const cotangent = normalList(solution.values.length, 1, 5)
    expect(solution.pullback(cotangent)).toEqual(solution.pullback(cotangent))
    expect(() => solution.pullback([1, 2])).toThrow('The cotangent has 2 numbers; the outputs have 36.')
    solution.dispose()
    solution.dispose()
    expect(() => solution.pullback(cotangent)).toThrow('was disposed of')
    const plain = createSolver(engine, constant.field).solve({ y0: [3], times: [0, 1], params: [] })
    expect(() => plain.pullback([1, 1])).toThrow('This solve was not recorded. Solve with { record: true }')
    expect(() => plain.evaluate(0, [0])).toThrow('This solve kept no dense output. Solve with { dense: true }')
  })

  it('says when recorded steps are of another solve', () => {
    const { steps } = solveWith({ ...networkSetting, y0: normalList(3, 1, 1), times: [[0, 1]] }, {})
    expect(() => solveWith(networkSetting, {}, steps)).toThrow('The recorded steps have none for row 1.')
    const long = solveWith(networkSetting, {}).steps
    expect(() => solveWith({ ...networkSetting, y0: normalList(3, 1, 1), times: [[0, 1]] }, {}, long)).toThrow(
      'The recorded steps have some for row 1, which has no way to go here.',
    )
  })

  it('leaves out rows whose way back fails, and only those', () => {
    // y' = −λy³ from 1000 forgets where it came from: backward, a small error runs to infinity before t0.
    const field = fieldOf(1, ({ b, z, p }) => b.mul(b.unary('neg', p['lambda']!), b.mul(b.unary('square', z), z)), { lambda: [1] })
    const y0s = [0.5, 1000, 0.7]
    const solve = (y0: readonly number[], throws: boolean) =>
      solveWith(
        { field, y0, times: y0.map(() => [0, 2]), params: [{ values: [1], shape: [1] }] },
        { adjoint: 'continuous', throw: throws, maxSteps: 2000 },
      )
    const cotangent = (rows: number) => Array.from({ length: 2 * rows }, (_, i) => i % 2)
    expect(() => solve(y0s, true).pullback(cotangent(3))).toThrow('Solving the adjoint backward: Row 1 at t = ')
    const [mixed, clean] = [solve(y0s, false).pullback(cotangent(3)), solve([0.5, 0.7], false).pullback(cotangent(2))]
    expect(mixed.excluded).toEqual([1])
    expect(clean.excluded).toEqual([])
    expect([...mixed.y0]).toEqual([clean.y0[0], 0, clean.y0[1]])
    expect(mixed.params).toEqual(clean.params)
    // y = y0/√(1 + 2λ y0² t), dy/dλ = −y0³ t (1 + 2λ y0² t)^(−3/2)
    const exact = [0.5, 0.7].reduce((sum, y) => sum - (y ** 3 * 2) / (1 + 4 * y * y) ** 1.5, 0)
    expect(Math.abs(mixed.params.lambda![0]! - exact)).toBeLessThan(1e-3)
    expect(mixed.backward!.accepted).toBeGreaterThan(0)
  })
})
