import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import { selectEngine } from '../../src/engine/select.js'
import { odeSolve } from '../../src/ode/odeSolve.js'
import { signal } from '../../src/ode/signal.js'
import { createSolver } from '../../src/ode/solver.js'
import type { StateJump } from '../../src/ode/stateJump.js'
import type { SolveRequest, SolverOptions } from '../../src/ode/types.js'
import { vectorField, type FieldFunction } from '../../src/ode/vectorField.js'
import { difference, dot } from './differences.js'
import { expectNoLeaks } from './leaks.js'
import { solverEngines } from './engines.js'
import { growth, normalList, referenceEngine } from './problems.js'

/** y' = −k y. */
const decay = vectorField((_t, z, { k }) => tf.mul(tf.neg(k!), z), { dim: 1, params: { k: [1] }, inputs: { dose: 1 } })
const tight: SolverOptions = { rtol: 1e-11, atol: 1e-12 }
const giveDose: FieldFunction = (_t, z, { dose }) => tf.add(z, dose!)

/** A dose is a sum of decays, each from its own time on. */
const exact = (y0: number, k: number, doses: readonly (readonly [number, number])[], t: number): number =>
  y0 * Math.exp(-k * t) + doses.reduce((sum, [time, amount]) => sum + (t > time ? amount * Math.exp(-k * (t - time)) : 0), 0)

describe.each(await solverEngines())('jumps of the state on $name', ({ engine }) => {
  it('are doses, with gradients by their sizes and times, k and y0', () => {
    const solver = createSolver(engine, decay, tight)
    const times = [
      [0, 0.5, 1, 2.5],
      [0, 4],
    ]
    const jumps: StateJump[][] = [
      [
        { time: 1, add: [3] },
        { time: 0.7, apply: giveDose },
      ],
      [
        { time: 2, apply: giveDose },
        { time: 3, add: [-1] },
        { time: 9, add: [5] },
      ],
    ]
    const solution = solver.solve({ y0: [1, 2], times, params: { k: [0.8] }, inputs: { dose: [5, 7] }, jumps, record: true })
    const given = [
      [
        [0.7, 5],
        [1, 3],
      ],
      [
        [2, 7],
        [3, -1],
      ],
    ] as const
    // At 1, the state before the dose.
    ;[0, 0.5, 1, 2.5].forEach((t, i) => expect(solution.values[i]).toBeCloseTo(exact(1, 0.8, given[0], t), 9))
    expect(solution.values[5]).toBeCloseTo(exact(2, 0.8, given[1], 4), 9)
    const gradient = solution.pullback([0, 0, 0, 1, 0, 1])
    const e = (t: number): number => Math.exp(-0.8 * t)
    expect(gradient.y0[0]).toBeCloseTo(e(2.5), 9)
    expect(gradient.inputs['dose']![0]).toBeCloseTo(e(1.8), 9)
    expect(gradient.inputs['dose']![1]).toBeCloseTo(e(2), 9)
    expect(gradient.params['k']![0]).toBeCloseTo(
      -2.5 * e(2.5) - 5 * 1.8 * e(1.8) - 3 * 1.5 * e(1.5) + (-2 * 4 * e(4) - 7 * 2 * e(2) + e(1)),
      8,
    )
    expect(gradient.jumps.map(({ add }) => add && [...add])).toEqual([
      [expect.closeTo(e(1.5), 9)],
      undefined,
      undefined,
      [expect.closeTo(e(1), 9)],
      [0],
    ])
    // A later dose has decayed less: k times what is left of it.
    const left = [3 * e(1.5), 5 * e(1.8), 7 * e(2), -e(1), 0].map((x) => 0.8 * x)
    left.forEach((x, i) => expect(gradient.jumps[i]!.time).toBeCloseTo(x, 8))
  })

  it('happen at the first time at once, not at the last, in the order of the list', () => {
    const solver = createSolver(engine, decay, tight)
    const double: FieldFunction = (_t, z) => tf.mul(2, z)
    const solve = (jumps: StateJump[], times = [0, 1]) =>
      solver.solve({ y0: [1], times, params: { k: [1] }, inputs: { dose: [3] }, jumps, record: true, dense: true })
    const first = solve([{ time: 0, add: [4] }])
    expect([...first.values]).toEqual([1, expect.closeTo(5 / Math.E, 9)])
    expect(first.evaluate(0, [0]).value[0]).toBe(1)
    expect(first.evaluate(0, [1e-12]).value[0]).toBeCloseTo(5, 9)
    expect(first.pullback([0, 1]).y0[0]).toBeCloseTo(1 / Math.E, 9)
    expect(solve([{ time: 1, add: [4] }]).values[1]).toBeCloseTo(1 / Math.E, 9)
    expect(
      solve([
        { time: -1, add: [4] },
        { time: 2, add: [1] },
      ]).values[1],
    ).toBeCloseTo(1 / Math.E, 9)
    expect(solve([{ time: 0, add: [4] }], [0]).values[0]).toBe(1)
    const [h, half] = [Math.exp(-0.5), 0.5]
    const ordered = (jumps: StateJump[]) => solve(jumps).values[1]
    expect(
      ordered([
        { time: half, apply: giveDose },
        { time: half, apply: double },
      ]),
    ).toBeCloseTo((h + 3) * 2 * h, 9)
    expect(
      ordered([
        { time: half, apply: double },
        { time: half, apply: giveDose },
      ]),
    ).toBeCloseTo((2 * h + 3) * h, 9)
    // Back in time they are applied as the solve comes by.
    expect(
      solve(
        [
          { time: half, apply: double },
          { time: 0.7, add: [1] },
        ],
        [1, 0],
      ).values[1],
    ).toBeCloseTo((Math.exp(0.3) + 1) * Math.exp(0.2) * 2 * Math.exp(0.5), 8)
  })

  // A network with a signal; jumps by the state, the time, parameters and inputs, in rows of times of their own.
  const network = vectorField(
    (t, z, { w, c, u }) => tf.add(tf.tanh(tf.add(tf.matMul(z, w!), tf.mul(u!, tf.sin(t)))), tf.mul(-0.3, tf.mul(c!, z))),
    { dim: 2, params: { w: [2, 2] }, inputs: { c: 1, u: 1 } },
  )
  const reset: FieldFunction = (t, z, { w, u }) => tf.add(tf.mul(0.5, tf.matMul(z, w!)), tf.mul(u!, tf.cos(t)))
  const spill: FieldFunction = (_t, z, { c }) => tf.mul(c!, tf.square(z))
  const times = [[0, 0.4, 2], [2, 0.5, -1], [1, 1.1, 3], [0.4]]
  const setting = { y0: normalList(8, 1, 1), w: normalList(4, 1, 2), c: normalList(4, 1, 3), u: normalList(4, 1, 4), add: [0.3, -0.2] }
  const knots = [0.2, 0.7, 1, 2.2]
  const jumpsOf = ({ add }: typeof setting, at = [0.7, 0.9, 0.9, 1, 2]): StateJump[][] => [
    [
      { time: at[0]!, apply: reset },
      { time: at[1]!, apply: spill },
      { time: at[2]!, add },
    ],
    [
      { time: at[1]!, add },
      { time: at[3]!, apply: reset },
      { time: at[4]!, apply: spill },
    ],
    [
      { time: at[3]!, apply: spill },
      { time: at[4]!, apply: reset },
    ],
    [{ time: 0.4, add }],
  ]
  const choices: SolverOptions[] = [
    { method: 'dopri5' },
    { method: 'tsit5', stepControl: 'batch', residualMemory: 0 },
    { method: 'bosh3', timeOrigin: 'start', jumpTimes: [1.05, 0.7] },
    { method: 'dopri8', firstStep: 3 },
    { method: 'rk4', stepSize: 0.15 },
    { method: 'rodas5p' },
    { method: 'kvaerno5', rtol: 1e-7, atol: 1e-7 },
  ]
  const requestOf = (given: typeof setting): SolveRequest => ({
    y0: given.y0,
    times,
    params: { w: [given.w.slice(0, 2), given.w.slice(2)] },
    inputs: { c: given.c, u: signal(knots, given.u, 'linear') },
    jumps: jumpsOf(given),
    record: true,
  })
  it.each(choices)('have exact gradients with the steps held fixed: %o', (options) => {
    const solver = createSolver(engine, network, options)
    const solution = solver.solve(requestOf(setting))
    expect(solver.solve({ ...requestOf(setting), replay: solution.steps }).values).toEqual(solution.values)
    const cotangent = normalList(solution.values.length, 1, 9)
    const gradient = solution.pullback(cotangent)
    const adds = gradient.jumps.flatMap(({ add }) => (add ? [add] : []))
    const found = {
      y0: gradient.y0,
      w: gradient.params['w']!,
      c: gradient.inputs['c']!,
      u: gradient.inputs['u']!,
      add: adds[0]!.map((_, d) => adds.reduce((sum, add) => sum + add[d]!, 0)),
    }
    for (const name of ['y0', 'w', 'c', 'u', 'add'] as const)
      setting[name].forEach((_, i) => {
        const expected = difference((by) => {
          const moved = { ...setting, [name]: setting[name].map((value, j) => (i === j ? value + by : value)) }
          return dot(solver.solve({ ...requestOf(moved), record: false, replay: solution.steps }).values, cotangent)
        })
        expect(Math.abs(found[name][i]! - expected)).toBeLessThan(3e-9 * Math.max(1, Math.abs(expected)))
      })
  })

  it('have gradients by their times', () => {
    // None at a knot, an output or another jump: there the loss has a kink. Differences through whole solves are good to 1e-6 here.
    const solver = createSolver(engine, network, { ...tight, method: 'dopri8' })
    const at = [0.65, 0.9, 1.3, 1.05, 1.9]
    const solve = (moved: number[]) => solver.solve({ ...requestOf(setting), jumps: jumpsOf(setting, moved) })
    const solution = solve(at)
    const cotangent = normalList(solution.values.length, 1, 9)
    const gradient = solution.pullback(cotangent)
    const owners = [0, 1, 2, 1, 3, 4, 3, 4]
    at.forEach((_, k) => {
      const expected = difference((by) => dot(solve(at.map((time, j) => (j === k ? time + by : time))).values, cotangent), 1e-3)
      const found = owners.reduce((sum, owner, i) => sum + (owner === k ? gradient.jumps[i]!.time! : 0), 0)
      expect(Math.abs(found - expected)).toBeLessThan(1e-6)
    })
    expect(solution.pullback(cotangent, { times: false }).jumps[0]).toEqual({})
  })

  it('a row is what it is alone, to the bit, and jumps that all rows share are one', () => {
    const solver = createSolver(engine, network, { method: 'dopri5' })
    const shared: StateJump[] = [
      { time: 0.9, apply: reset },
      { time: 1.2, add: [1, 2] },
    ]
    const solve = (rows: number[], jumps: (row: number) => StateJump[]) => {
      const { y0, c, u } = setting
      return solver.solve({
        ...requestOf(setting),
        y0: rows.flatMap((row) => y0.slice(2 * row, 2 * row + 2)),
        times: rows.map((row) => times[row]!),
        inputs: { c: rows.map((row) => c[row]!), u: signal(knots, u, 'linear') },
        jumps: jumps === all ? shared : rows.map(jumps),
      })
    }
    const all = (): StateJump[] => shared
    for (const jumps of [all, (row: number) => jumpsOf(setting)[row]!]) {
      const together = solve([0, 1, 2, 3], jumps)
      const cotangent = together.values.map((x) => x + 1)
      const gradient = together.pullback(cotangent)
      const sums = shared.map(() => 0)
      let count = 0
      for (const row of [0, 1, 2, 3]) {
        const alone = solve([row], jumps)
        const [from, to] = [together.offsets[row]! * 2, together.offsets[row + 1]! * 2]
        expect(alone.values).toEqual(together.values.slice(from, to))
        const own = alone.pullback(cotangent.slice(from, to))
        expect(own.y0).toEqual(gradient.y0.slice(2 * row, 2 * row + 2))
        if (jumps === all) own.jumps.forEach(({ time }, i) => (sums[i]! += time!))
        else for (const jump of own.jumps) expect(jump).toEqual(gradient.jumps[count++])
        expect(alone.stats.evaluations).toBe(together.stats.rows.evaluations[row])
      }
      if (jumps === all) sums.forEach((x, i) => expect(gradient.jumps[i]!.time).toBeCloseTo(x, 11))
    }
  })

  it('go with events, rows that fail and one step size for all', () => {
    const solver = createSolver(engine, growth, { ...tight, throw: false, events: [{ when: (_t, z) => tf.sub(z, 10), stop: false }] })
    const run = (amounts: number[], record = false) =>
      solver.solve({
        y0: amounts.map(() => 1),
        times: [0, 3],
        params: { lambda: [1] },
        jumps: amounts.map((amount) => [{ time: 1, add: [amount] }]),
        record,
      })
    // To 10 from e + a at t = 1; what jumps over it is no event.
    const solution = run([1, 10, 1e308], true)
    expect(solution.events[0]!.map(({ time }) => time)).toEqual([expect.closeTo(1 + Math.log(10 / (Math.E + 1)), 8)])
    expect(solution.events[1]).toEqual([])
    expect(solution.status.map(({ status }) => status)).toEqual(['ok', 'ok', 'NonFinite'])
    const gradient = solution.pullback(solution.values.map((_, i) => i % 2))
    expect(gradient.jumps.map(({ add }) => add![0])).toEqual([expect.closeTo(Math.exp(2), 7), expect.closeTo(Math.exp(2), 7), 0])
    expect(gradient.y0[2]).toBe(0)
  })

  it('leaves nothing behind', () => {
    const own = referenceEngine()
    const solver = createSolver(own, decay)
    const solve = (record: boolean) =>
      solver.solve({
        y0: [1, 2],
        times: [0, 3],
        params: { k: [1] },
        inputs: { dose: [1, 2] },
        jumps: [
          { time: 0, apply: giveDose },
          { time: 1, add: [1] },
        ],
        record,
      })
    expectNoLeaks(own, solve)
  })
})

describe('jumps of the state', () => {
  const engine = referenceEngine()
  const solver = createSolver(engine, growth)
  const solve = (jumps: unknown) =>
    solver.solve({ y0: [1, 2], times: [0, 1], params: { lambda: [1] }, jumps: jumps as SolveRequest['jumps'] })

  it('in odeSolve, and on TensorFlow.js', async () => {
    for (const own of [engine, await selectEngine('tfjs')]) {
      const { values } = await odeSolve(
        (_t, z) => tf.neg(z),
        [1],
        [0, 1],
        {},
        { engine: own, rtol: 1e-5, atol: 1e-6, jumps: [{ time: 0.5, add: [1] }] },
      )
      expect(Math.abs(values[1]! - exact(1, 1, [[0.5, 1]], 1))).toBeLessThan(1e-4)
    }
  })

  const wrong: [string, unknown, string, number?][] = [
    ['no list', 3, 'jumps is 3; it must be a list of jumps, or one for each row.'],
    ['too few lists', [[]], 'There are 1 lists of jumps for 2 rows.'],
    ['a time that is NaN', [[], [{ time: Number.NaN, add: [1] }]], 'Row 1, jump 0: its time is NaN; it must be a finite number.', 1],
    ['neither', [{ time: 1 }], 'Jump 0: it has neither apply nor add. Give one.'],
    ['both', [{ time: 1, add: [1], apply: () => 1 }], 'Jump 0: it has both apply and add. Give one.'],
    ['another name', [{ time: 1, amount: 2 }], 'Jump 0: a jump has no "amount"; it has time, and apply or add.'],
    ['too many amounts', [[{ time: 1, add: [1, 2] }], []], 'Row 0, jump 0: its add is a list of 2 numbers; the state has 1.', 0],
    ['an amount that is NaN', [{ time: 1, add: [Number.NaN] }], 'Jump 0: component 0 of its add is NaN; it must be a finite number.'],
    ['no function', [{ time: 1, apply: 2 }], 'Jump 0: its apply is 2; it must be a function'],
    [
      'another shape',
      [{ time: 0.5, apply: (_t: tf.Tensor, z: tf.Tensor) => tf.concat([z, z], 1) }],
      'The apply of a jump returns [rows, 2]',
    ],
  ]
  it.each(wrong)('%s: an error', (_, jumps, message, row) => {
    let error: unknown
    try {
      solve(jumps)
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({ message: expect.stringContaining(message), ...(row !== undefined && { row, code: 'Jump' }) })
  })

  it('cannot be pulled back continuously, nor replayed past', () => {
    const jumps = [{ time: 0.123, add: [1] }]
    const request: SolveRequest = { y0: [1], times: [0, 1], params: { lambda: [1] } }
    expect(() => createSolver(engine, growth, { adjoint: 'continuous' }).solve({ ...request, jumps })).toThrow(
      'adjoint: "continuous" cannot pull back through jumps of the state.',
    )
    const { steps } = createSolver(engine, growth, { firstStep: 1 }).solve({ ...request, record: true })
    expect(() => solver.solve({ ...request, jumps, replay: steps })).toThrow(
      'The recorded steps go past t = 0.123, where something happens to row 0.',
    )
  })
})
