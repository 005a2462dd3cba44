import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../src/graph/builder.js'
import { ROWS } from '../../src/graph/shape.js'
import { generalMethods, isAdaptive, methods } from '../../src/ode/methods/index.js'
import { createSolver } from '../../src/ode/solver.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { sizeOf } from '../../src/graph/shape.js'
import { solverEngines } from './engines.js'
import { network, networkShapes, normalList, referenceEngine } from './problems.js'

const names = generalMethods
const shapes = networkShapes(2, 4)

/** The network's field in y0 and y1, plus y2' = y2²·s: with y2 = 0 harmless, with y2 > 0 it runs to infinity at 1/y2. */
const explosive = (() => {
  const inner = network(2, 4)
  const b = new GraphBuilder()
  const t = b.input('t', [ROWS, 1])
  const z = b.input('z', [ROWS, 3])
  const params = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, b.input(name, shape)]))
  const calm = b.call(inner, { t, z: b.slice(z, [0, 0], [ROWS, 2]), ...params })['output']!
  b.output('output', b.concat([calm, b.unary('square', b.slice(z, [0, 2], [ROWS, 1]))], 1))
  return b.build()
})()
interface Row {
  readonly y0: readonly number[]
  readonly times: readonly number[]
}
const good: Row[] = [
  { y0: [1, -0.5, 0], times: [0, 0.4, 1, 3] },
  { y0: [0.2, 2, 0], times: [5, 4.9, -2] },
  { y0: [-1, 1, 0], times: [0] },
  { y0: [-1.5, 0.3, 0], times: [-1, -0.99] },
  { y0: [0.1, 0.1, 0], times: [0, 10, 10, 20] },
  { y0: [-1.5, 2, -1], times: [1, 1, 1.3] },
]
const bad: Row[] = [
  { y0: [0, 0, 2], times: [0, 0.2, ...Array.from({ length: 18 }, (_, i) => i + 3)] }, // infinite at t = 1/2; fixed steps square it until it overflows
  { y0: [Number.NaN, 0, 0], times: [0, 1] },
  { y0: [0, 0, 1e200], times: [0, 1] },
  { y0: [Infinity, 0, 0], times: [0, -1] },
]

const choices: SolverOptions[] = names.flatMap((method): SolverOptions[] =>
  isAdaptive(methods[method])
    ? [{ method }, { method, firstStep: 2, rtol: 1e-6, atol: 1e-6 }]
    : // Newton's iteration does not converge in steps from output to output.
      [...(methods[method].unknowns ? [] : [{ method }]), { method, stepSize: 0.13 }],
)

describe.each(await solverEngines())('on $name', ({ engine }) => {
  const params = Object.values(shapes).map((shape, i) => engine.write(normalList(sizeOf(shape), 0.7, i + 1), shape))

  describe.each(choices)('the result of a row is the same to the bit: %o', (options) => {
    const solver = createSolver(engine, explosive, { ...options, throw: false })
    const solve = (rows: readonly Row[]) =>
      solver.solve({ y0: rows.flatMap(({ y0 }) => y0), times: rows.map(({ times }) => times), params, record: true })
    const alone = good.map((row) => {
      const solution = solve([row])
      expect(solution.status[0]!.status).toBe('ok')
      return { solution, values: [...solution.values], gradient: [...solution.pullback(solution.values).y0] }
    })
    const orders: [string, Row[]][] = [
      ['with the others', good],
      ['reversed', [...good].reverse()],
      ['twice over', [...good, ...good]],
      ['among rows that blow up', [bad[0]!, good[0]!, good[1]!, bad[1]!, good[2]!, good[3]!, bad[2]!, good[4]!, good[5]!, bad[3]!]],
    ]
    it.each(orders)('%s', (_, rows) => {
      const solution = solve(rows)
      const cotangent = solution.values.slice()
      rows.forEach((row, r) => {
        const at = good.indexOf(row)
        const own = (list: ArrayLike<number>): number[] => Array.from(list).slice(solution.offsets[r]! * 3, solution.offsets[r + 1]! * 3)
        if (at < 0) {
          expect(own(solution.values).every(Number.isNaN)).toBe(true)
          return
        }
        expect(own(solution.values)).toEqual(alone[at]!.values)
        expect(solution.stats.rows.accepted[r]).toBe(alone[at]!.solution.stats.accepted)
        expect(solution.stats.rows.rejected[r]).toBe(alone[at]!.solution.stats.rejected)
        expect(solution.stats.rows.evaluations[r]).toBe(alone[at]!.solution.stats.evaluations)
        expect(solution.stats.rows.smallestStep[r]).toBe(alone[at]!.solution.stats.smallestStep)
      })
      const gradient = solution.pullback(cotangent)
      rows.forEach((row, r) => {
        const at = good.indexOf(row)
        const y0 = [...gradient.y0.slice(r * 3, (r + 1) * 3)]
        expect(y0).toEqual(at < 0 ? [0, 0, 0] : alone[at]!.gradient)
      })
      expect(Object.values(gradient.params).every((p) => p.every(Number.isFinite))).toBe(true)
      expect(gradient.times.every(Number.isFinite)).toBe(true)
    })
  })

  it("rows that blow up leave no trace in the parameters' gradient", () => {
    for (const adjoint of ['discrete', 'continuous', 'interpolated'] as const) {
      const solver = createSolver(engine, explosive, { throw: false, adjoint })
      const solve = (rows: readonly Row[]) => {
        const solution = solver.solve({ y0: rows.flatMap(({ y0 }) => y0), times: rows.map(({ times }) => times), params, record: true })
        return solution.pullback(solution.values.map((x) => (Number.isNaN(x) ? 1e300 : x)))
      }
      const [clean, mixed] = [solve(good), solve([bad[0]!, ...good, bad[1]!, bad[2]!, bad[3]!])]
      // The same rows in the same order of addition: differences could only come from rounding where iterations fall together differently.
      Object.entries(clean.params).forEach(([name, p]) =>
        p.forEach((x, i) => expect(Math.abs(x - mixed.params[name]![i]!)).toBeLessThan(1e-12 * Math.max(1, Math.abs(x)))),
      )
    }
  })

  it('drops rows that are done, and gradients find their way back', () => {
    const rows = 12
    const solver = createSolver(engine, network(2, 4), { rtol: 1e-6, atol: 1e-6 })
    const times = Array.from({ length: rows }, (_, r) => [0, 0.5 * (r + 1)])
    const solution = solver.solve({ y0: normalList(2 * rows, 1, 4), times, params, record: true })
    const sizes = solution.steps.map((step) => step.rows.length)
    expect(sizes[0]).toBe(rows)
    expect(sizes.at(-1)).toBeLessThan(rows / 2)
    sizes.forEach((n, i) => {
      if (i > 0) expect(n).toBeLessThanOrEqual(sizes[i - 1]!)
    })
    const cotangent = normalList(solution.values.length, 1, 9)
    const gradient = solution.pullback(cotangent)
    // The sum over rows solved one by one.
    const sums = params.map(({ shape }) => new Float64Array(sizeOf(shape)))
    for (let r = 0; r < rows; r++) {
      const one = solver.solve({ y0: normalList(2 * rows, 1, 4).slice(2 * r, 2 * r + 2), times: times[r]!, params, record: true })
      const g = one.pullback(cotangent.slice(4 * r, 4 * r + 4))
      Object.values(g.params).forEach((p, k) => p.forEach((x, i) => (sums[k]![i]! += x)))
    }
    sums.forEach((sum, k) => sum.forEach((x, i) => expect(Object.values(gradient.params)[k]![i]).toBeCloseTo(x, 11)))
  })
})

describe('memory', () => {
  const problem = { y0: normalList(12, 1, 4), times: Array.from({ length: 6 }, (_, r) => [0, 1, r + 2]) }
  const fresh = () => {
    const own = referenceEngine()
    return { own, values: Object.values(shapes).map((shape, i) => own.write(normalList(sizeOf(shape), 0.7, i + 1), shape)) }
  }

  it('does not grow with the steps unless they are recorded, and goes back to nothing', () => {
    for (const adjoint of ['discrete', 'continuous'] as const) {
      const { own, values } = fresh()
      const peak = { value: 0 }
      const compile = own.compile.bind(own)
      const watched = {
        ...own,
        compile: (...args: Parameters<typeof compile>) => {
          const executable = compile(...args)
          return {
            graph: executable.graph,
            run: (inputs: Parameters<typeof executable.run>[0], n: number) => {
              const result = executable.run(inputs, n)
              peak.value = Math.max(peak.value, own.live())
              return result
            },
          }
        },
      }
      const peakOf = (tolerance: number): { live: number; iterations: number; points: number } => {
        peak.value = 0
        const solution = createSolver(watched, network(2, 4), { rtol: tolerance, atol: tolerance, adjoint }).solve({
          ...problem,
          params: values,
          record: adjoint === 'continuous' ? undefined : false,
        })
        if (adjoint === 'continuous') solution.pullback(solution.values)
        expect(own.live()).toBe(values.length)
        return { live: peak.value, iterations: solution.stats.iterations, points: solution.values.length / 2 }
      }
      const [coarse, fine] = [peakOf(1e-3), peakOf(1e-12)]
      expect(coarse.live).toBeGreaterThan(values.length)
      // What stays of a step is the path of rows with an output in it: no more of them than there are outputs.
      expect(fine.iterations).toBeGreaterThan(5 * fine.points)
      expect(fine.live).toBeLessThanOrEqual(coarse.live + fine.points)
    }
  })

  it('holds the paths of all steps, in one array for each iteration joined at last, for the interpolated adjoint', () => {
    const { own, values } = fresh()
    const options = { rtol: 1e-9, atol: 1e-9 }
    const solution = createSolver(own, network(2, 4), { ...options, adjoint: 'interpolated' }).solve({
      ...problem,
      params: values,
      record: true,
    })
    expect(own.live()).toBe(values.length + 1)
    solution.pullback(solution.values)
    expect(own.live()).toBe(values.length + 1)
    expect(() => solution.evaluate(0, [0.5])).toThrow('This solve kept no dense output.')
    solution.dispose()
    expect(own.live()).toBe(values.length)
    expect(() => solution.pullback(solution.values)).toThrow('was disposed of')
  })

  it('is given back by dispose, also after a gradient, and after an error at once', () => {
    const { own, values } = fresh()
    const bare = createSolver(own, network(2, 4), { residualMemory: 0 }).solve({ ...problem, params: values, record: true })
    // Of each step its clock, y and k1; the paths of the outputs, and the weights by which these are made of them.
    expect(own.live()).toBe(values.length + 3 * bare.steps.length + 2)
    bare.dispose()
    const solution = createSolver(own, network(2, 4)).solve({ ...problem, params: values, record: true })
    const recorded = own.live()
    expect(recorded).toBeGreaterThan(values.length + 2 * solution.steps.length)
    solution.pullback(solution.values)
    expect(own.live()).toBe(recorded)
    solution.dispose()
    expect(own.live()).toBe(values.length)
    // What is not recorded for a way back through the steps holds nothing, disposed of or not.
    const dense = createSolver(own, network(2, 4)).solve({ ...problem, params: values, dense: true })
    const continuous = createSolver(own, network(2, 4), { adjoint: 'continuous' }).solve({ ...problem, params: values, record: true })
    expect(own.live()).toBe(values.length)
    continuous.pullback(continuous.values)
    dense.dispose()
    continuous.dispose()
    expect(own.live()).toBe(values.length)
    const impatient = createSolver(own, network(2, 4), { maxSteps: 3 })
    expect(() => impatient.solve({ ...problem, params: values, record: true })).toThrow()
    expect(own.live()).toBe(values.length)
  })
})
