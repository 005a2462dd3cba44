import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import { selectEngine } from '../../src/engine/select.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { signal, type Interpolation } from '../../src/ode/signal.js'
import { createSolver } from '../../src/ode/solver.js'
import type { SolveRequest, SolverOptions } from '../../src/ode/types.js'
import { vectorField } from '../../src/ode/vectorField.js'
import { difference, dot } from './differences.js'
import { expectNoLeaks } from './leaks.js'
import { solverEngines } from './engines.js'
import { normalList, referenceEngine } from './problems.js'

/** y' = −k y + u. */
const driven = vectorField((_t, z, { k, u }) => tf.add(tf.mul(tf.neg(k!), z), u!), { dim: 1, params: { k: [1] }, inputs: { u: 1 } })
const kinds: Interpolation[] = ['hold', 'linear', 'hermite']
const tight: SolverOptions = { rtol: 1e-10, atol: 1e-12 }

/** A polynomial of s = t − from, from there on. */
interface Stretch {
  readonly from: number
  readonly c: readonly number[]
}

/** The signal as textbooks write it: the cubic by the two values and slopes at its ends. */
function stretches(knots: readonly number[], values: readonly number[], kind: Interpolation): Stretch[] {
  const slopes = values.map((v, i) =>
    i === 0 ? (values[1]! - v) / (knots[1]! - knots[0]!) : (v - values[i - 1]!) / (knots[i]! - knots[i - 1]!),
  )
  const inner = knots.slice(0, -1).map((from, i): Stretch => {
    const [h, v, rise] = [knots[i + 1]! - from, values[i]!, values[i + 1]! - values[i]!]
    if (kind === 'hold') return { from, c: [v] }
    if (kind === 'linear') return { from, c: [v, rise / h] }
    const [m0, m1] = [slopes[i]!, slopes[i + 1]!]
    return { from, c: [v, m0, (3 * rise) / h ** 2 - (2 * m0 + m1) / h, (-2 * rise) / h ** 3 + (m0 + m1) / h ** 2] }
  })
  return [{ from: -Infinity, c: [values[0]!] }, ...inner, { from: knots.at(-1)!, c: [values.at(-1)!] }]
}

/** y' = −k y + u by hand: in each stretch y = p + (y0 − p) exp(−k s) with a polynomial p, p' = −k p + u. */
function exact(parts: readonly Stretch[], k: number, y0: number, from: number, to: number): number {
  const cuts = parts.map((part) => part.from).filter((time) => (time - from) * (time - to) < 0)
  const path = [from, ...(to > from ? cuts : cuts.reverse()), to]
  let y = y0
  for (let i = 0; i + 1 < path.length; i++) {
    const middle = (path[i]! + path[i + 1]!) / 2
    const { from: origin, c } = parts.findLast((part) => part.from <= middle)!
    const p = [...c]
    for (let j = c.length - 1; j >= 0; j--) p[j] = (c[j]! - (j + 1 < c.length ? (j + 1) * p[j + 1]! : 0)) / k
    const base = Number.isFinite(origin) ? origin : 0
    const at = (time: number): number => p.reduce((sum, x, j) => sum + x * (time - base) ** j, 0)
    y = at(path[i + 1]!) + (y - at(path[i]!)) * Math.exp(-k * (path[i + 1]! - path[i]!))
  }
  return y
}

const knots = [0.2, 0.7, 1, 2.2]
const values = [1, -2, 3, 0.5]

describe.each(await solverEngines())('signals on $name', ({ engine }) => {
  const runs: [string, number[]][] = [
    ['forward, from before the first knot to behind the last', [0, 0.5, 1, 1.6, 3]],
    ['backward', [2.5, 1, 0.9, 0.1]],
    ['from a knot on', [0.7, 0.9, 2.2]],
    ['backward from a knot on', [1, 0.8, -0.5]],
    ['within a stretch', [1.2, 1.9]],
    ['before all knots', [-2, -1]],
  ]
  describe.each(kinds)('%s', (kind) => {
    it.each(runs)('gives what is known of the linear equation, %s', (_, times) => {
      const solver = createSolver(engine, driven, tight)
      const u = signal(knots, values, kind)
      const solution = solver.solve({ y0: [0.3], times, params: { k: [1.5] }, inputs: { u }, dense: true })
      const parts = stretches(knots, values, kind)
      times.forEach((time, i) => {
        const expected = exact(parts, 1.5, 0.3, times[0]!, time)
        expect(Math.abs(solution.values[i]! - expected)).toBeLessThan(1e-8 * Math.max(1, Math.abs(expected)))
      })
      const middle = (times[0]! + times[1]!) / 2
      expect(solution.evaluate(0, [middle]).value[0]).toBeCloseTo(exact(parts, 1.5, 0.3, times[0]!, middle), 7)
    })

    it('counts from the time origin, as the field does', () => {
      // In float64 near 1e9 a time has 1e-7 left.
      const shift = 1e9
      const solve = (timeOrigin: SolverOptions['timeOrigin']) =>
        createSolver(engine, driven, { ...tight, timeOrigin }).solve({
          y0: [0.3, 0.3],
          times: [[0, 3].map((t) => t + shift), [0.5, 3].map((t) => t + shift)],
          params: { k: [1.5] },
          inputs: {
            u: signal(
              knots.map((knot) => knot + shift),
              values,
              kind,
            ),
          },
        }).values
      const parts = stretches(knots, values, kind)
      const expected = [exact(parts, 1.5, 0.3, 0, 3), exact(parts, 1.5, 0.3, 0.5, 3)]
      for (const origin of ['start', shift - 1] as const) {
        const found = solve(origin)
        expected.forEach((x, row) => expect(Math.abs(found[2 * row + 1]! - x)).toBeLessThan(2e-6))
      }
    })
  })

  it('evaluates the field anew where it jumps, and only there', () => {
    const solver = createSolver(engine, driven, tight)
    const restarts = (u: ReturnType<typeof signal>) => {
      const { stats } = solver.solve({ y0: [0.3], times: [0, 3], params: { k: [1.5] }, inputs: { u } })
      // dopri5 takes six a step, and two before the first.
      return stats.evaluations - 6 * (stats.accepted + stats.rejected) - 2
    }
    expect(restarts(signal(knots, values, 'hold'))).toBe(4)
    expect(restarts(signal(knots, values, 'linear'))).toBe(0)
    expect(restarts(signal(knots, values, 'hermite'))).toBe(0)
    expect(restarts(signal(knots, values, 'linear').derivative())).toBe(4)
    expect(restarts(signal(knots, values, 'hermite').derivative())).toBe(2)
  })

  it('has a derivative: the integral of u′ is u', () => {
    const integral = vectorField((_t, z, { du }) => tf.add(tf.mul(0, z), du!), { dim: 1, inputs: { du: 1 } })
    const solver = createSolver(engine, integral, tight)
    for (const kind of ['linear', 'hermite'] as const) {
      const u = signal(knots, values, kind)
      const solution = solver.solve({ y0: [values[0]!], times: [0, ...knots, 3], inputs: { du: u.derivative() }, record: true })
      ;[values[0]!, ...values, values.at(-1)!].forEach((x, i) => expect(solution.values[i]).toBeCloseTo(x, 9))
      // u(3) − u(0) is the last value less the first.
      const gradient = solution.pullback([0, 0, 0, 0, 0, 1])
      ;[-1, 0, 0, 1].forEach((x, i) => expect(gradient.inputs['du']![i]).toBeCloseTo(x, 9))
    }
  })

  // A network with a constant, a signal for all rows and one for each row.
  const network = vectorField(
    (t, z, { w, v, c, u, x }) =>
      tf.add(tf.tanh(tf.add(tf.matMul(z, w!), tf.add(tf.matMul(u!, v!), tf.mul(x!, tf.sin(t))))), tf.mul(c!, tf.mul(-0.3, z))),
    { dim: 2, params: { w: [2, 2], v: [2, 2] }, inputs: { c: 1, u: 2, x: 1 } },
  )
  const times = [[0, 0.4, 2], [2, 0.5, -1], [1, 1.1, 3], [0.4]]
  const y0 = normalList(8, 1, 1)
  const params = { w: [normalList(2, 1, 2), normalList(2, 1, 3)], v: [normalList(2, 1, 4), normalList(2, 1, 5)] }
  const own = [[0, 0.4, 1.7], [-3, 1.3], [1, 1.5, 1.6, 2, 5], [0]]
  const numbers = { c: normalList(4, 1, 6), u: normalList(8, 1, 7), x: normalList(11, 1, 8) }
  const pick = (list: readonly number[], row: number): number[] => {
    const from = own.slice(0, row).reduce((sum, { length }) => sum + length, 0)
    return list.slice(from, from + own[row]!.length)
  }
  const inputsOf = ({ c, u, x }: typeof numbers, kind: Interpolation, rows = [0, 1, 2, 3]): NonNullable<SolveRequest['inputs']> => ({
    c: rows.map((row) => c[row]!),
    u: signal(knots, u, kind),
    x: rows.map((row) => signal(own[row]!, pick(x, row), kind)),
  })
  const choices: SolverOptions[] = [
    { method: 'dopri5' },
    { method: 'tsit5', stepControl: 'batch', residualMemory: 0 },
    { method: 'bosh3', timeOrigin: 'start', jumpTimes: [1.05] },
    { method: 'rk4', stepSize: 0.15 },
    { method: 'midpoint' },
    { method: 'rodas5p' },
    { method: 'kvaerno5', rtol: 1e-7, atol: 1e-7 },
  ]
  describe.each(kinds)('%s', (kind) => {
    it.each(choices)('has exact gradients with the steps held fixed: %o', (options) => {
      const solver = createSolver(engine, network, options)
      const solve = (given: typeof numbers, replay?: SolveRequest['replay']) =>
        solver.solve({ y0, times, params, inputs: inputsOf(given, kind), record: replay === undefined, replay })
      const solution = solve(numbers)
      expect(solve(numbers, solution.steps).values).toEqual(solution.values)
      const cotangent = normalList(solution.values.length, 1, 9)
      const gradient = solution.pullback(cotangent)
      for (const name of ['c', 'u', 'x'] as const) {
        expect(gradient.inputs[name]).toHaveLength(numbers[name].length)
        numbers[name].forEach((_, i) => {
          const moved = (by: number) => ({ ...numbers, [name]: numbers[name].map((value, j) => (i === j ? value + by : value)) })
          const expected = difference((by) => dot(solve(moved(by), solution.steps).values, cotangent))
          expect(Math.abs(gradient.inputs[name]![i]! - expected)).toBeLessThan(3e-9 * Math.max(1, Math.abs(expected)))
        })
      }
      y0.forEach((_, i) => {
        const by = (step: number) =>
          solver.solve({
            y0: y0.map((value, j) => (i === j ? value + step : value)),
            times,
            params,
            inputs: inputsOf(numbers, kind),
            replay: solution.steps,
          }).values
        const expected = difference((step) => dot(by(step), cotangent))
        expect(Math.abs(gradient.y0[i]! - expected)).toBeLessThan(3e-9 * Math.max(1, Math.abs(expected)))
      })
    })

    it('a row is what it is alone, to the bit', () => {
      for (const method of ['dopri5', 'rodas5p', 'bosh3'] as const) {
        const solver = createSolver(engine, network, { method })
        const solve = (rows: number[]) =>
          solver.solve({
            y0: rows.flatMap((row) => y0.slice(2 * row, 2 * row + 2)),
            times: rows.map((row) => times[row]!),
            params,
            inputs: inputsOf(numbers, kind, rows),
            record: true,
          })
        const all = solve([0, 1, 2, 3])
        const cotangent = all.values.map((x) => x + 1)
        const gradient = all.pullback(cotangent)
        for (const row of [0, 1, 2, 3]) {
          const alone = solve([row])
          const [from, to] = [all.offsets[row]! * 2, all.offsets[row + 1]! * 2]
          expect(alone.values).toEqual(all.values.slice(from, to))
          const g = alone.pullback(cotangent.slice(from, to))
          expect(g.y0).toEqual(gradient.y0.slice(2 * row, 2 * row + 2))
          expect([...g.inputs['x']!]).toEqual(pick([...gradient.inputs['x']!], row))
          expect(alone.stats.evaluations).toBe(all.stats.rows.evaluations[row])
        }
      }
    })
  })

  it('stands in event functions, and is found where it jumps over them', () => {
    // y' = u with u = 0, 1, 0 … : y reaches 1 where the ramp has its integral 1: (t − 1)²/2 = 1.
    const still = vectorField((_t, z, { u }) => tf.add(tf.mul(0, z), u!), { dim: 1, inputs: { u: 1 } })
    const when = (_t: tf.Tensor, z: tf.Tensor) => tf.sub(z, 1)
    const solver = createSolver(engine, still, { ...tight, events: [{ when }] })
    const solution = solver.solve({ y0: [0], times: [0, 5], inputs: { u: signal([1, 4], [0, 3], 'linear') }, record: true })
    expect(solution.events[0]![0]!.time).toBeCloseTo(1 + Math.SQRT2, 8)
    // With the last value v the ramp is v (t − 1)/3: t = 1 + √(6/v), dt/dv = −√6/2 v^(−3/2).
    const gradient = solution.pullback([0, 0], { events: [{ row: 0, index: 0, time: 1 }] })
    expect(gradient.inputs['u']![1]).toBeCloseTo((-Math.sqrt(6) / 2) * 3 ** -1.5, 7)
    // What watches u itself: it crosses 1.5 at t = 2.5; where it holds, it jumps, which is no crossing.
    const watching = createSolver(engine, still, { ...tight, events: [{ when: (_t, _z, { u }) => tf.sub(u!, 1.5), stop: false }] })
    const found = (kind: Interpolation) =>
      watching.solve({ y0: [0], times: [0, 5], inputs: { u: signal([1, 4], [0, 3], kind) } }).events[0]!.map(({ time }) => time)
    expect(found('linear')).toEqual([expect.closeTo(2.5, 8)])
    expect(found('hold')).toEqual([])
  })

  it('leaves nothing behind, and frees what it has replaced', () => {
    const own = referenceEngine()
    const solver = createSolver(own, driven)
    const solve = (record: boolean) =>
      solver.solve({ y0: [1, 2], times: [0, 3], params: { k: [1] }, inputs: { u: signal(knots, values, 'linear') }, record })
    expectNoLeaks(own, solve)
  })
})

describe('signals', () => {
  const solver = createSolver(referenceEngine(), driven)
  const solve = (u: unknown, replay?: SolveRequest['replay']) =>
    solver.solve({ y0: [1, 2], times: [0, 1], params: { k: [1] }, inputs: { u } as SolveRequest['inputs'], record: true, replay })

  it('on TensorFlow.js, in float32', async () => {
    const engine = await selectEngine('tfjs')
    const { values: found } = createSolver(engine, driven, { rtol: 1e-5, atol: 1e-6 }).solve({
      y0: [0.3],
      times: [0, 3],
      params: { k: [1.5] },
      inputs: { u: signal(knots, values, 'hermite') },
    })
    expect(Math.abs(found[1]! - exact(stretches(knots, values, 'hermite'), 1.5, 0.3, 0, 3))).toBeLessThan(1e-4)
  })

  it('by name in odeSolve', async () => {
    const { values: found } = await odeSolve(
      (_t, z, { u }) => tf.sub(u!, z),
      [0.3],
      [0, 3],
      {},
      {
        ...tight,
        engine: referenceEngine(),
        inputs: { u: signal(knots, values, 'linear') },
      },
    )
    expect(found[1]).toBeCloseTo(exact(stretches(knots, values, 'linear'), 1, 0.3, 0, 3), 8)
  })

  const good = signal([0, 1], [1, 2])
  const wrong: [string, () => unknown, string, string, number?][] = [
    [
      'falling knots',
      () => [good, signal([1, 0], [1, 2])],
      'Signal',
      'Row 1, input "u": knot 1 of the signal, 0, stands after 1. Knots must rise',
      1,
    ],
    ['equal knots', () => signal([0, 0], [1, 2]), 'Signal', 'The input "u": knot 1 of the signal, 0, is that before it, too.'],
    ['a knot that is NaN', () => [good, signal([0, Number.NaN], [1, 2])], 'Signal', 'Row 1, input "u": knot 1 of the signal is NaN', 1],
    [
      'too few values',
      () => [signal([0, 1], [1]), good],
      'Signal',
      'the signal has 2 knots and values of shape [1]; the field takes values [2, 1].',
      0,
    ],
    [
      'values of other columns',
      () =>
        signal(
          [0, 1],
          [
            [1, 2],
            [3, 4],
          ],
        ),
      'Signal',
      'values of shape [2, 2]; the field takes values [2, 1].',
    ],
    [
      'a value that is NaN',
      () => [good, signal([0, 1], [1, Number.NaN])],
      'Signal',
      'Row 1, input "u": the value of the signal at knot 1, column 0, is NaN.',
      1,
    ],
    ['no knots', () => signal([], []), 'Signal', 'the signal has no knots'],
    [
      'an interpolation there is not',
      () => signal([0], [1], 'cubic' as Interpolation),
      'Signal',
      'there is no interpolation "cubic" of signals',
    ],
    ['too few signals', () => [good], 'Input', 'The input "u" has no value for row 1: it has 1 rows, y0 has 2.', 1],
    ['a hole among signals', () => [good, undefined], 'Input', 'The input "u" has no value for row 1: among signals stands undefined.', 1],
    [
      'signals that differ',
      () => [good, signal([0, 1], [1, 2], 'linear')],
      'Input',
      'The input "u" is hold in row 0 and linear in row 1.',
      1,
    ],
  ]
  it.each(wrong)('%s: an error', (_, make, code, message, row) => {
    let error: unknown
    try {
      solve(make())
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({ code, message: expect.stringContaining(message), ...(row !== undefined && { row }) })
  })

  it('cannot be replayed past a knot, and have one derivative', () => {
    const { steps } = solve(signal([5], [1]))
    expect(() => solve(signal([0.123, 5], [1, 2]), steps)).toThrow('The recorded steps go past t = 0.123, where something happens to row ')
    expect(() => good.derivative()).toThrow('A signal that holds its values has no derivative.')
    expect(() => signal([0, 1], [1, 2], 'linear').derivative().derivative()).toThrow('This signal is a derivative already')
  })
})
