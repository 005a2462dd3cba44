import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.js'
import { selectEngine } from '../../src/engine/select.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { EngineError } from '../../src/errors.js'
import { SolverError } from '../../src/ode/errors.js'
import { odeint } from '../../src/ode/odeint.js'
import { createSolver } from '../../src/ode/solver.js'
import type { SolverOptions } from '../../src/ode/types.js'
import { solverEngines } from './engines.js'
import { fieldOf } from './problems.js'
import { registerGradients } from './tfjsGradients.js'

async function float32Engines(): Promise<{ name: string; engine: Engine }[]> {
  const engines: { name: string; engine: Engine }[] = [{ name: 'tfjs', engine: await tfjsEngine({ backend: 'cpu' }) }]
  for (const name of ['native', 'wasm']) {
    try {
      engines.push({ name, engine: await selectEngine(name) })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
    }
  }
  return engines
}

const omega = (2 * Math.PI) / 3600
/** y' = a cos ωt, a wave of an hour: y = y0 + a (sin ωt − sin ωt0) / ω. */
const wave = fieldOf(1, ({ b, t, z, p, c }) => b.add(b.mul(c(0), z), b.mul(p['a']!, b.unary('cos', b.mul(c(omega), t)))), { a: [1] })
const decay = fieldOf(1, ({ b, z }) => b.mul(b.constant(-1e-3), z))

function failure(run: () => unknown): SolverError {
  try {
    run()
  } catch (error) {
    if (error instanceof SolverError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const tight: SolverOptions = { rtol: 1e-5, atol: 1e-2 }
const offsets = [0, 300, 1000, 4000]
const sums = (from: number): number[] => offsets.map((t) => (Math.sin(omega * (from + t)) - Math.sin(omega * from)) / omega)

describe.each(await float32Engines())('float32: $name', ({ engine }) => {
  const solve = (start: number, options: SolverOptions = {}, field = wave) =>
    createSolver(engine, field, { ...tight, ...options }).solve({
      y0: [0],
      times: offsets.map((t) => start + t),
      params: [engine.write([1], [1])],
      record: true,
    })

  it.each([1e9, 1.7e12])('a field that cannot be told the times is an error that says what to do: near %d', (start) => {
    const { code, message, status } = failure(() => solve(start))
    expect([code, status!.status]).toEqual(['TimeResolution', 'TimeResolution'])
    expect(message).toContain(
      `Row 0: the field depends on t, which is up to ${start + 4000} here, where float32 numbers are ${start === 1e9 ? 64 : 131072} ` +
        'apart: too far for steps of ',
    )
    expect(message).toContain('timeOrigin: "start"')
    for (const method of ['rk4', 'midpoint'] as const)
      expect(failure(() => solve(start, { method, stepSize: 100 })).code).toBe('TimeResolution')
  })

  it.each([1e9, 1.7e12])('timeOrigin counts t from there, with steps in float64: near %d', (start) => {
    // 0.3 is 3e-4 of the largest sum, thirty times the tolerance; times told wrongly by 64 are 10 % off.
    const close = (values: ArrayLike<number>, expected: readonly number[]) =>
      expected.forEach((x, i) => expect(Math.abs(values[i]! - x)).toBeLessThan(0.3))
    close(solve(start, { timeOrigin: 'start' }).values, sums(0))
    close(solve(start, { timeOrigin: start - 900 }).values, sums(900))
    close(solve(start, { timeOrigin: 'start', method: 'rk4', stepSize: 50 }).values, sums(0))
    close(solve(start, { timeOrigin: 'start', stopAtEnd: true, jumpTimes: [start + 1000, start + 1800] }).values, sums(0))
    expect(failure(() => solve(start, { timeOrigin: start - 9e8 })).message).toContain(`less the timeOrigin ${start - 9e8}`)
  })

  it.each(['discrete', 'continuous', 'interpolated'] as const)('gradients count from there too: %s', (adjoint) => {
    const gradient = solve(1e9, { timeOrigin: 'start', adjoint }).pullback([0, 0, 0, 1])
    expect(Math.abs(gradient.params.a![0]! - sums(0)[3]!)).toBeLessThan(0.3)
    // dy/dt at the last time is cos ωt there; at the first, −1: the origin is held fixed.
    expect(gradient.times[3]).toBeCloseTo(Math.cos(omega * 4000), 3)
    expect(gradient.times[0]).toBeCloseTo(-1, 3)
  })

  it('rows have origins of their own, and fail on their own', () => {
    const run = (times: number[][], options: SolverOptions) =>
      createSolver(engine, wave, { ...tight, throw: false, ...options }).solve({
        y0: times.map(() => 0),
        times,
        params: [engine.write([1], [1])],
      })
    const times = [1e9, 0, 1.7e12].map((start) => offsets.map((t) => start + t))
    const { values } = run(times, { timeOrigin: 'start' })
    times.forEach((own, row) => expect(run([own], { timeOrigin: 'start' }).values).toEqual(values.slice(4 * row, 4 * row + 4)))
    const { status, values: absolute } = run(times, {})
    expect(status.map(({ status: ended }) => ended)).toEqual(['TimeResolution', 'ok', 'TimeResolution'])
    expect(absolute.slice(4, 8)).toEqual(run([times[1]!], {}).values)
    expect([...absolute].map(Number.isNaN)).toEqual([true, true, true, true, false, false, false, false, true, true, true, true])
  })

  it('a field without t needs nothing', () => {
    for (const start of [1e9, 1.7e12]) {
      const { values } = createSolver(engine, decay, { rtol: 1e-5, atol: 1e-6 }).solve({
        y0: [1],
        times: offsets.map((t) => start + t),
        params: [],
      })
      offsets.forEach((t, i) => expect(Math.abs(values[i]! - Math.exp(-1e-3 * t))).toBeLessThan(1e-4))
    }
  })

  it('nor does one that hardly changes between numbers, or a span of a few of them', () => {
    // A wave of a year, in steps of a week, at ten years: numbers are 32 s apart, which is 6e-6 of its radian.
    const year = 365.25 * 86400
    const slow = fieldOf(1, ({ b, t, z, c }) =>
      b.add(b.mul(c(0), z), b.mul(c((2 * Math.PI) / year), b.unary('cos', b.mul(c((2 * Math.PI) / year), t)))),
    )
    const ask = (times: number[]) => createSolver(engine, slow, { rtol: 1e-3, atol: 1e-4 }).solve({ y0: [0], times, params: [] }).values
    expect(Math.abs(ask([10 * year, 10.25 * year])[1]! - 1)).toBeLessThan(2e-3)
    expect(ask([10 * year, 10 * year + 50])[1]).toBeCloseTo((2 * Math.PI * 50) / year, 6)
  })
})

describe.each(await solverEngines())('float64: $name', ({ engine }) => {
  const solve = (times: readonly number[], options: SolverOptions = {}, field = wave) =>
    createSolver(engine, field, { ...tight, ...options }).solve({
      y0: [0],
      times,
      params: field === wave ? [engine.write([1], [1])] : [],
      dense: true,
    })

  it.each([1e9, 1.7e12])('times are resolved near %d', (start) => {
    const exact = sums(start % 3600) // sin is of a number of the size of 1e9, exact to 1e-7 of a radian
    solve(offsets.map((t) => start + t)).values.forEach((x, i) => expect(Math.abs(x - exact[i]!)).toBeLessThan(0.3))
    solve(
      offsets.map((t) => start + t),
      { timeOrigin: 'start' },
    ).values.forEach((x, i) => expect(Math.abs(x - sums(0)[i]!)).toBeLessThan(0.3))
  })

  it('what the numbers cannot hold is an error there too', () => {
    const fast = fieldOf(1, ({ b, t, z, c }) => b.add(b.mul(c(0), z), b.unary('cos', b.mul(c(3000), t))))
    const { code, message } = failure(() => solve([1.7e12, 1.7e12 + 0.01], { rtol: 1e-3, atol: 1e-6 }, fast))
    expect(code).toBe('TimeResolution')
    expect(message).toContain('where float64 numbers are 0.000244141 apart')
    expect(message).toContain('Subtract an origin from the times before they lose their digits.')
  })

  it('an origin of 0 is none, to the bit', () => {
    const times = [3, 8.1, 200]
    expect(solve(times, { timeOrigin: 0 }).values).toEqual(solve(times).values)
  })

  // By hand: from 1e-6 ten times as long each, seven steps pass 1 (1.111111); an evaluation at the start, one for the first step.
  it.each([
    ['bosh3', 2 + 7 * 3],
    ['dopri5', 2 + 7 * 6],
    ['tsit5', 2 + 7 * 6],
    ['dopri8', 2 + 7 * 12 + 3],
  ] as const)('steps grow tenfold where there is no error: %s', (method, evaluations) => {
    const { stats, steps } = solve(
      [0, 1],
      { method, stopAtEnd: false },
      fieldOf(1, ({ b, z, c }) => b.mul(c(0), z)),
    )
    // With dense output every step has its extra stages, without it that of the output.
    expect(stats.evaluations - (method === 'dopri8' ? 6 * 3 : 0)).toBe(evaluations)
    steps.slice(1).forEach(({ h }, i) => expect(h[0]! / steps[i]!.h[0]!).toBeCloseTo(10, 12))
  })

  it('first steps are none that time cannot resolve', () => {
    const zero = fieldOf(1, ({ b, z, c }) => b.mul(c(0), z))
    for (const start of [1.7e12, -1.7e12, 1e16]) {
      const { values, steps } = solve([start, start + 1e4], {}, zero)
      expect([...values]).toEqual([0, 0])
      // Sixteen units in the last place.
      expect(Math.abs(steps[0]!.h[0]!)).toBeGreaterThanOrEqual(Math.abs(start) * 2 ** -48)
    }
    // y' = y − 1 + 0.001 from 0 is as good as none at first.
    const { values } = solve(
      [1.7e12, 1.7e12 - 1000],
      { rtol: 1e-8, atol: 1e-8 },
      fieldOf(1, ({ b, z, c }) => b.mul(c(1e-3), b.add(z, c(1e-9)))),
    )
    expect(Math.abs(values[1]! - 1e-9 * (Math.exp(-1) - 1))).toBeLessThan(1e-8)
  })

  it('a step that is asked for and that time cannot resolve is named', () => {
    expect(() => solve([1.7e12, 1.7e12 + 1], { firstStep: 1e-6 }, decay)).toThrow(
      'Row 0 at t = 1700000000000, step 0.000001: the step cannot be told from 0: numbers near t are 0.000244141 apart. It reached t ' +
        '= 1700000000000 of 1700000000001 after 0 steps.',
    )
    expect(() => solve([1.7e12, 1.7e12 + 1], { method: 'rk4', stepSize: 1e-6 }, decay)).toThrow(
      'Give a larger stepSize, or subtract an origin from the times.',
    )
  })
})

it('timeOrigin is a time or "start"', async () => {
  const engine = await tfjsEngine({ backend: 'cpu' })
  for (const [bad, text] of [
    [Number.NaN, 'NaN'],
    ['begin', '"begin"'],
    [new Date(0), 'a Date (1970-01-01T00:00:00.000Z)'],
  ] as const) {
    expect(() => createSolver(engine, wave, { timeOrigin: bad as number })).toThrow(
      `timeOrigin is ${text}; it must be a finite time, or "start".`,
    )
  }
})

describe('odeint', () => {
  registerGradients()
  const field = (t: tf.Tensor, z: tf.Tensor) => tf.add(tf.mul(0, z), tf.cos(tf.mul(omega, t)))
  const run = (times: number[] | Float64Array | tf.Tensor1D, options: SolverOptions = {}) =>
    odeint(field, tf.tensor1d([0]), times, {}, { ...tight, ...options }).dataSync()

  it('keeps the digits of times in a list', () => {
    for (const start of [1e9, 1.7e12]) {
      const times = offsets.map((t) => start + t)
      for (const given of [times, Float64Array.from(times)])
        [...run(given, { timeOrigin: 'start' })].forEach((x, i) => expect(Math.abs(x - sums(0)[i]!)).toBeLessThan(0.3))
      expect(failure(() => run(times)).code).toBe('TimeResolution')
    }
  })

  it('refuses times that a tensor has lost', () => {
    const bad = (times: number[]): string => {
      const { code, message } = failure(() => run(tf.tensor1d(times), { timeOrigin: 'start' }))
      expect(code).toBe('Times')
      return message
    }
    expect(bad([1e9, 1e9 + 1, 1e9 + 2])).toBe(
      'Of the times in a tensor: entries 0 and 1 are both 1000000000, where float32 numbers are 64 apart: a tensor cannot hold such ' +
        'times. Give them as a list of numbers or a Float64Array, or subtract an origin before they become a tensor.',
    )
    expect(bad([1e9, 1e9 + 1000, 1e9 + 4000])).toContain('entries 0 and 1 are 1024 apart, where float32 numbers are 64 apart')
    expect(bad([1.7e12, 1.7e12 + 3600])).toContain('both')
    expect(bad([3e7, 3e7 + 1.5])).toContain('2 apart')
  })

  it('takes times that a tensor can hold, repeats among them', () => {
    expect(run(tf.tensor1d([0, 1, 1, 2]))).toHaveLength(4)
    expect(run(tf.tensor1d([1, 1]))).toHaveLength(2)
    expect(run(tf.tensor1d([100000, 100001, 100002]))[2]).toBeCloseTo((Math.sin(omega * 100002) - Math.sin(omega * 100000)) / omega, 2)
    expect(run(tf.tensor1d([1e9, 1e9 + 64 * 3600 * 10]), { timeOrigin: 'start', atol: 10 })).toHaveLength(2)
  })
})
