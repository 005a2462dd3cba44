import { describe, expect, it } from 'vitest'
import { createDiscontinuities, neighbour } from '../../src/ode/discontinuities.js'
import { createSolver } from '../../src/ode/solver.js'
import { selectEngine } from '../../src/engine/select.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { fieldOf } from './problems.js'

/** x' = −x/2 before t = 1/2, x² from there on: torchdiffeq's discontinuous problem. Undefined at 1/2 itself, if `sharp`. */
const broken = (sharp: boolean) =>
  fieldOf(2, ({ b, t, z, c }) => {
    const value = b.select(b.binary('less', t, c(0.5)), b.mul(c(-0.5), z), b.unary('square', z))
    return sharp ? b.add(value, b.div(c(0), b.sub(t, c(0.5)))) : value
  })
const y0 = [1, 2]
/** x(1/2) = x0 e^(−1/4), then 1/x falls by the time gone. */
const exact = (x: number, t: number): number => (t <= 0.5 ? x * Math.exp(-t / 2) : 1 / (Math.exp(0.25) / x - (t - 0.5)))
/** dx(1)/dx0 = x(1)² / x(1/2)² · e^(−1/4). */
const slope = (x: number): number => (exact(x, 1) / exact(x, 0.5)) ** 2 * Math.exp(-0.25)
const tight: SolverOptions = { rtol: 1e-7, atol: 1e-9 }

describe.each(await solverEngines())('a field that jumps, on $name', ({ engine }) => {
  describe.each(['bosh3', 'dopri5', 'tsit5', 'dopri8'] as const)('%s', (method) => {
    const solve = (options: SolverOptions, sharp = false) =>
      createSolver(engine, broken(sharp), { ...tight, method, ...options }).solve({ y0, times: [0, 1], params: [], record: true })

    it('takes fewer evaluations, forward and backward, where the jump is known', () => {
      for (const adjoint of ['discrete', 'continuous', 'interpolated'] as const) {
        const [plain, told] = [solve({ adjoint }), solve({ adjoint, jumpTimes: [0.5] })]
        expect(told.stats.evaluations).toBeLessThan(plain.stats.evaluations)
        expect(told.stats.rejected).toBeLessThanOrEqual(plain.stats.rejected)
        const [a, b] = [plain, told].map((solution) => solution.pullback([0, 0, 1, 1]))
        if (adjoint !== 'discrete') expect(b!.backward!.evaluations).toBeLessThan(a!.backward!.evaluations)
        y0.forEach((x, i) => {
          expect(Math.abs(told.values[2 + i]! / exact(x, 1) - 1)).toBeLessThan(1e-5)
          expect(Math.abs(b!.y0[i]! / slope(x) - 1)).toBeLessThan(1e-4)
        })
      }
    })

    it('ends a step exactly there, and never evaluates the field there', () => {
      const solution = solve({ jumpTimes: [0.5] }, true)
      expect(solution.steps.some(({ end }) => end[0] === 0.5)).toBe(true)
      expect(solution.pullback([0, 0, 1, 1]).y0.every(Number.isFinite)).toBe(true)
      for (const adjoint of ['continuous', 'interpolated'] as const)
        expect(
          solve({ jumpTimes: [0.5], adjoint }, true)
            .pullback([0, 0, 1, 1])
            .y0.every(Number.isFinite),
        ).toBe(true)
    })

    it('jumps at the ends, at outputs and far away', () => {
      const sharp = createSolver(engine, broken(true), { ...tight, method, jumpTimes: [7, 0.5, 0.5, -3] })
      const run = (times: readonly number[], start: readonly number[]) => sharp.solve({ y0: start, times, params: [], record: true })
      const at = y0.map((x) => exact(x, 0.5))
      const close = (values: ArrayLike<number>, expected: readonly number[]) =>
        expected.forEach((x, i) => expect(Math.abs(values[i]! / x - 1)).toBeLessThan(1e-5))
      close(run([0, 0.5], y0).values, [...y0, ...at])
      close(run([0, 0.25, 0.5, 0.5, 1], y0).values, [...y0, ...y0.map((x) => exact(x, 0.25)), ...at, ...at, ...y0.map((x) => exact(x, 1))])
      const onward = run([0.5, 1], at)
      close(onward.values, [...at, ...y0.map((x) => exact(x, 1))])
      expect(onward.pullback([0, 0, 1, 1]).times.every(Number.isFinite)).toBe(true)
      close(
        run(
          [1, 0.5, 0],
          y0.map((x) => exact(x, 1)),
        ).values,
        [...y0.map((x) => exact(x, 1)), ...at, ...y0],
      )
    })

    it('keeps what the way back needs of rows that end at it, or just after it', () => {
      const solver = createSolver(engine, broken(false), { ...tight, method, jumpTimes: [0.5], stopAtEnd: true })
      const times = [
        [0, 0.5],
        [0, 0.5],
        [0, 0.5],
        [0, 0.75],
        [0, 1],
      ]
      const together = solver.solve({ y0: times.flatMap(() => y0), times, params: [], record: true })
      const { y0: bars } = together.pullback(times.flatMap(() => [0, 0, 1, 1]))
      times.forEach((own, row) => {
        const alone = solver.solve({ y0, times: own, params: [], record: true })
        alone.pullback([0, 0, 1, 1]).y0.forEach((bar, i) => expect(bars[2 * row + i]! / bar).toBeCloseTo(1, 10))
        alone.dispose()
      })
      together.dispose()
    })

    it('has exact gradients through it, steps held fixed', () => {
      const options: SolverOptions = { method, rtol: 1e-3, atol: 1e-4, jumpTimes: [0.5] }
      const solver = createSolver(engine, broken(true), options)
      const solution = solver.solve({ y0, times: [0, 0.4, 0.8], params: [], record: true })
      const gradient = solution.pullback([0, 0, 1, 2, 3, 4])
      const loss = (start: readonly number[]): number => {
        const { values } = solver.solve({ y0: start, times: [0, 0.4, 0.8], params: [], replay: solution.steps })
        return values[2]! + 2 * values[3]! + 3 * values[4]! + 4 * values[5]!
      }
      y0.forEach((_, i) => {
        const moved = (by: number): number[] => y0.map((x, j) => (i === j ? x + by : x))
        expect(Math.abs(gradient.y0[i]! - (loss(moved(1e-5)) - loss(moved(-1e-5))) / 2e-5)).toBeLessThan(1e-7)
      })
    })
  })

  it('with fixed steps, too', () => {
    const solution = createSolver(engine, broken(true), { method: 'rk4', stepSize: 0.03, jumpTimes: [0.5] }).solve({
      y0,
      times: [0, 1],
      params: [],
    })
    y0.forEach((x, i) => expect(Math.abs(solution.values[2 + i]! / exact(x, 1) - 1)).toBeLessThan(1e-3))
    // Without being told, steps of 1/4 meet it.
    expect(() => createSolver(engine, broken(true), { method: 'rk4', stepSize: 0.25 }).solve({ y0, times: [0, 1], params: [] })).toThrow(
      'infinite or NaN',
    )
  })
})

it('keeps off the jump in float32, where neighbours are farther away', async () => {
  const engine = await selectEngine('tfjs')
  const solver = createSolver(engine, broken(true), { rtol: 1e-5, atol: 1e-6, jumpTimes: [0.5] })
  const { values } = solver.solve({ y0, times: [0, 0.5, 1], params: [] })
  y0.forEach((x, i) => expect(Math.abs(values[4 + i]! / exact(x, 1) - 1)).toBeLessThan(1e-3))
  engine.dispose()
})

describe('neighbours', () => {
  it('are next to a number among those of its type', () => {
    expect(neighbour(1, 1, 'float64')).toBe(1 + Number.EPSILON)
    expect(neighbour(1, -1, 'float64')).toBe(1 - Number.EPSILON / 2)
    expect(neighbour(-1, 1, 'float64')).toBe(-1 + Number.EPSILON / 2)
    expect(neighbour(1, 1, 'float32')).toBe(1 + 2 ** -23)
    expect(neighbour(-1, -1, 'float32')).toBe(-1 - 2 ** -23)
    // 0.1 is no float32: the next one above it is its rounding, 0.100000001…
    expect(neighbour(0.1, 1, 'float32')).toBe(Math.fround(0.1))
    expect(neighbour(0.1, -1, 'float32')).toBeLessThan(0.1)
    expect([neighbour(0, 1, 'float64'), neighbour(0, -1, 'float32')]).toEqual([2 ** -1022, -(2 ** -126)])
  })
  it('jumps are found in either direction', () => {
    const jumps = createDiscontinuities([2, 1, 2], 'float64')
    expect(jumps.times).toEqual([1, 2])
    expect([jumps.beyond(0, 1), jumps.beyond(1, 1), jumps.beyond(2, 1)]).toEqual([1, 2, Infinity])
    expect([jumps.beyond(3, -1), jumps.beyond(2, -1), jumps.beyond(1, -1)]).toEqual([2, 1, -Infinity])
    expect(jumps.after(2, -1)).toBeLessThan(2)
    expect(jumps.before(2, -1)).toBeGreaterThan(2)
    expect(jumps.after(1.5, 1)).toBe(1.5)
  })
})
