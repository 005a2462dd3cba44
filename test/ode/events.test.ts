import { tensor1d, slice, sub } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Graph } from '../../src/graph/graph.js'
import { fixed } from '../../src/ode/control/controller.js'
import { SolverError } from '../../src/ode/errors.js'
import { steadyState, type EventOption } from '../../src/ode/eventFunctions.js'
import { createSolver } from '../../src/ode/solver.js'
import type { MethodName, SolverOptions } from '../../src/ode/types.js'
import '../../src/ode/vectorField.js'
import { solverEngines } from './engines.js'
import { fieldOf, growth } from './problems.js'

const column = (b: Parameters<Parameters<typeof fieldOf>[1]>[0]['b'], z: number, i: number) => b.slice(z as never, [0, i], [-1, 1])

/** An event function, as a Graph. */
const event = (dim: number, make: Parameters<typeof fieldOf>[1], params = {}): Graph => fieldOf(dim, make, params)
/** z[i] less a number. */
const level = (dim: number, i: number, at: number): Graph => event(dim, ({ b, z, c }) => b.sub(column(b, z, i), c(at)))

const still = fieldOf(1, ({ b, z, c }) => b.add(b.mul(c(0), z), c(1)))
/** [height, speed] under gravity g `[1]`. */
const fall = fieldOf(2, ({ b, z, p }) => b.concat([column(b, z, 1), b.sub(b.mul(b.constant(0), column(b, z, 0)), p['g']!)], 1), { g: [1] })
const tight = { rtol: 1e-10, atol: 1e-12 }

describe.each(await solverEngines())('events on $name', ({ engine }) => {
  const rate = engine.write([1], [1])
  const grow = (events: readonly EventOption[], y0 = [1], end = 3, options: SolverOptions = tight) =>
    createSolver(engine, growth, { ...options, events }).solve({ y0, times: [0, 0.5, end], params: [rate], record: true })

  it('happen where the function crosses 0: y = e of y′ = y at t = 1, in each row by itself', () => {
    const { events, status, values } = grow([{ when: level(1, 0, Math.E) }], [1, 2, 0.1])
    expect(events.map((list) => list.length)).toEqual([1, 1, 0])
    expect(events[0]![0]!.time).toBeCloseTo(1, 8)
    expect(events[0]![0]!.state[0]).toBeCloseTo(Math.E, 8)
    expect(events[1]![0]!.time).toBeCloseTo(1 - Math.log(2), 8)
    expect(status.map((row) => row.status)).toEqual(['stopped', 'stopped', 'ok'])
    expect(status[0]!.time).toBe(events[0]![0]!.time)
    // Row 0 has its output at 0.5 and none behind the event; row 1 stops at 0.3.
    expect([...values].map(Number.isNaN)).toEqual([false, false, true, false, true, true, false, false, false])
  })

  it.each<[MethodName, SolverOptions, number]>([
    ['tsit5', { rtol: 1e-9, atol: 1e-9 }, 1e-7],
    ['dopri8', { rtol: 1e-9, atol: 1e-9 }, 1e-7],
    ['bosh3', { rtol: 1e-7, atol: 1e-7 }, 1e-5],
    ['rodas5p', { rtol: 1e-8, atol: 1e-8 }, 1e-6],
    ['kvaerno5', { rtol: 1e-8, atol: 1e-8 }, 1e-5],
    ['rk4', { stepSize: 0.01 }, 1e-7],
    ['euler', { stepSize: 0.001 }, 5e-3],
  ])('by %s', (method, options, error) => {
    const { events } = grow([{ when: level(1, 0, Math.E) }], [1], 3, { method, ...options })
    expect(Math.abs(events[0]![0]!.time - 1)).toBeLessThan(error)
  })

  it('in one long step, and on the very first', () => {
    const solver = createSolver(engine, still, { firstStep: 100, events: [{ when: level(1, 0, 0) }] })
    const { events } = solver.solve({ y0: [-10], times: [0, 20], params: [] })
    expect(events[0]![0]!.time).toBeCloseTo(10, 10)
  })

  it('only in the direction asked for, forward and backward', () => {
    const wave = fieldOf(1, ({ b, t, z, c }) => b.add(b.mul(c(0), z), b.unary('cos', t)))
    const found = (direction: EventOption['direction'], times: number[]) =>
      createSolver(engine, wave, { ...tight, events: [{ when: level(1, 0, 0), ...(direction && { direction }), stop: false }] })
        .solve({ y0: [Math.sin(times[0]!)], times, params: [] })
        .events[0]!.map(({ time }) => Math.round((time / Math.PI) * 1e8) / 1e8)
    expect(found('up', [0.1, 10])).toEqual([2])
    expect(found('down', [0.1, 10])).toEqual([1, 3])
    expect(found(undefined, [0.1, 10])).toEqual([1, 2, 3])
    // As the solve goes along: what rises in time falls on the way back.
    expect(found('up', [10, 0.1])).toEqual([3, 1])
  })

  it('of two, the first ends the row; those that do not stop are listed up to there', () => {
    const events: EventOption[] = [
      { when: level(1, 0, 7) },
      { when: level(1, 0, 5) },
      { when: level(1, 0, 3), stop: false },
      { when: level(1, 0, 6), stop: false },
    ]
    const solver = createSolver(engine, still, { firstStep: 100, events })
    const solution = solver.solve({ y0: [0], times: [0, 20], params: [] })
    expect(solution.events[0]!.map(({ event, time }) => [event, Math.round(time * 1e9) / 1e9])).toEqual([
      [2, 3],
      [1, 5],
    ])
  })

  it('at one time all are listed, in their order', () => {
    const events: EventOption[] = [{ when: level(1, 0, 5), stop: false }, { when: level(1, 0, 5) }]
    const solution = createSolver(engine, still, { events }).solve({ y0: [0], times: [0, 20], params: [] })
    expect(solution.events[0]!.map(({ event }) => event)).toEqual([0, 1])
  })

  it('where the function is 0 at the start, only when it comes back', () => {
    const solver = createSolver(engine, fall, { ...tight, events: [{ when: level(2, 0, 0) }] })
    const g = engine.write([9.81], [1])
    const { events } = solver.solve({ y0: [0, 5], times: [0, 3], params: [g] })
    expect(events[0]![0]!.time).toBeCloseTo((2 * 5) / 9.81, 8)
  })

  it('steadyState: the solution has come to rest', () => {
    const relax = fieldOf(1, ({ b, z, c }) => b.sub(c(2), z))
    const events = [{ when: steadyState({ rtol: 0, atol: 1e-3 }) }]
    const solution = createSolver(engine, relax, { ...tight, events }).solve({ y0: [3], times: [0, 100], params: [] })
    // |f| = e^−t = 1e-3.
    expect(solution.events[0]![0]!.time).toBeCloseTo(Math.log(1000), 6)
    expect(solution.status[0]!.status).toBe('stopped')
  })

  it('with fixed steps of an adaptive method, and in replayed steps', () => {
    const options: SolverOptions = { control: fixed(0.125), events: [{ when: level(1, 0, Math.E), stop: false }] }
    const solver = createSolver(engine, growth, options)
    const request = { y0: [1], times: [0, 3], params: [rate], record: true }
    const once = solver.solve(request)
    expect(once.events[0]![0]!.time).toBeCloseTo(1, 5)
    expect(solver.solve({ ...request, replay: once.steps }).events[0]![0]!.time).toBe(once.events[0]![0]!.time)
  })

  describe('gradients by the implicit function theorem', () => {
    // From height x at rest: lands at √(2x/g) with speed −√(2gx).
    it.each([1, 3, 10])('of a ball that falls from %d', (x) => {
      const g = engine.write([9.81], [1])
      const solver = createSolver(engine, fall, { ...tight, events: [{ when: level(2, 0, 0), direction: 'down' }] })
      const solution = solver.solve({ y0: [x, 0], times: [0, 5], params: [g], record: true })
      const by = (seed: object) => solution.pullback([0, 0, 0, 0], { events: [{ row: 0, index: 0, ...seed }] })
      const time = by({ time: 1 })
      expect(time.y0[0]).toBeCloseTo(1 / Math.sqrt(2 * 9.81 * x), 8)
      expect(time.y0[1]).toBeCloseTo(1 / 9.81, 8) // later by v/g at first order
      expect(Object.values(time.params)[0]![0]).toBeCloseTo(-0.5 * Math.sqrt(2 * x) * 9.81 ** -1.5, 8)
      expect(time.times[0]).toBeCloseTo(1, 8) // all is later if it starts later
      const speed = by({ state: [0, 1] })
      expect(speed.y0[0]).toBeCloseTo(-Math.sqrt(9.81 / (2 * x)), 8)
      expect(Object.values(speed.params)[0]![0]).toBeCloseTo(-Math.sqrt(x / (2 * 9.81)), 8)
      expect(by({ state: [1, 0] }).y0[0]).toBeCloseTo(0, 8) // it always lands at height 0
    })

    it('through a bounce: solves one behind the other', () => {
      const [x, g, keep] = [3, 9.81, 0.8]
      const params = [engine.write([g], [1])]
      const solver = createSolver(engine, fall, { ...tight, events: [{ when: level(2, 0, 0), direction: 'down' }] })
      const first = solver.solve({ y0: [x, 0], times: [0, 5], params, record: true })
      const landed = first.events[0]![0]!
      const second = solver.solve({ y0: [0, -keep * landed.state[1]!], times: [landed.time, 9], params, record: true })
      const seed = { events: [{ row: 0, index: 0, time: 1 }] }
      const back = second.pullback([0, 0, 0, 0], seed)
      const all = first.pullback([0, 0, 0, 0], { events: [{ row: 0, index: 0, time: back.times[0]!, state: [0, -keep * back.y0[1]!] }] })
      // The second landing is at √(2x/g) (1 + 2·keep).
      expect(second.events[0]![0]!.time).toBeCloseTo(Math.sqrt((2 * x) / g) * (1 + 2 * keep), 8)
      expect(all.y0[0]).toBeCloseTo((1 + 2 * keep) / Math.sqrt(2 * g * x), 7)
    })

    it('beside those of outputs, with parameters and time in the function, in some rows of several', () => {
      const moving = event(1, ({ b, t, z, p, c }) => b.sub(z, b.add(p['lambda']!, b.add(c(1.5), b.mul(c(0.3), t)))), { lambda: [1] })
      const options: SolverOptions = { rtol: 1e-6, atol: 1e-6, events: [{ when: moving, stop: false }] }
      const solver = createSolver(engine, growth, options)
      const y0 = [1, 0.2, 2]
      const times = [0, 0.4, 1.5]
      const cotangent = y0.flatMap((_, row) => [0.1, 0.2 + row, -0.3])
      const seeds = [
        { row: 0, index: 0, time: 0.7, state: [0.4] },
        { row: 2, index: 0, time: -0.2, state: [1.1] },
      ]
      const solve = (values: readonly number[], lambda: number, replay?: ReturnType<typeof solver.solve>['steps']) => {
        const params = [engine.write([lambda], [1])]
        return solver.solve({ y0: values, times, params, record: true, ...(replay && { replay }) })
      }
      const base = solve(y0, 1.1)
      expect(base.events.map((list) => list.length)).toEqual([1, 0, 1])
      const loss = (solution: ReturnType<typeof solve>): number =>
        Array.from(solution.values).reduce((sum, value, i) => sum + cotangent[i]! * value, 0) +
        seeds.reduce((sum, { row, time, state }) => {
          const found = solution.events[row]![0]!
          return sum + time * found.time + state[0]! * found.state[0]!
        }, 0)
      const gradient = base.pullback(cotangent, { events: seeds })
      const e = 1e-6
      y0.forEach((_, row) => {
        const moved = (by: number) =>
          loss(
            solve(
              y0.map((value, i) => (i === row ? value + by : value)),
              1.1,
              base.steps,
            ),
          )
        expect(gradient.y0[row]).toBeCloseTo((moved(e) - moved(-e)) / (2 * e), 6)
      })
      const by = (loss(solve(y0, 1.1 + e, base.steps)) - loss(solve(y0, 1.1 - e, base.steps))) / (2 * e)
      expect(Object.values(gradient.params)[0]![0]).toBeCloseTo(by, 6)
    })
  })

  describe('bad input', () => {
    const failing = (when: Graph, y0 = [1]): SolverError => {
      try {
        grow([{ when }], y0)
      } catch (error) {
        if (error instanceof SolverError) return error
        throw error
      }
      throw new Error('nothing was thrown')
    }
    it('a function that is NaN: row and time are named', () => {
      const error = failing(
        event(1, ({ b, z, c }) => b.unary('sqrt', b.sub(c(2), z))),
        [0.1, 1],
      )
      expect(error.code).toBe('Event')
      expect(error.row).toBe(1)
      expect(error.message).toMatch(/^Row 1 at t = 0\.\d+: event function 0 is NaN/)
    })
    it('a function of the wrong shape, or of what the field has not', () => {
      expect(failing(event(1, ({ b, z }) => b.concat([z, z], 1))).message).toContain(
        'Event function 0 returns [rows, 2]; it must return one',
      )
      expect(failing(event(1, ({ b, z, p }) => b.mul(z, p['mass']!), { mass: [1] })).message).toContain(
        'Event function 0 takes "mass", which the field has not; it has t, z, lambda.',
      )
    })
    it('options that make no sense', () => {
      const solver = (one: object) => () => createSolver(engine, growth, { events: [one as EventOption] })
      expect(solver({ when: 1 })).toThrow('events[0].when is 1; it must be a function, a Graph or steadyState().')
      expect(solver({ when: level(1, 0, 1), direction: 'left' })).toThrow('events[0].direction is "left"; it must be up, down or both.')
      expect(solver({ when: level(1, 0, 1), terminal: true })).toThrow(
        'events[0] has no option "terminal". Options: when, direction, stop.',
      )
      expect(() => steadyState({ rtol: 0, atol: 0 })).toThrow('steadyState: rtol and atol are both 0')
    })
    it('the continuous adjoint, which knows nothing of events', () => {
      const solution = grow([{ when: level(1, 0, Math.E) }], [1], 3, { ...tight, adjoint: 'continuous' })
      expect(() => solution.pullback([0, 1, 0], { events: [{ row: 0, index: 0, time: 1 }] })).toThrow(
        'adjoint: "continuous" cannot pull back through events. Use the discrete one, which is the default.',
      )
    })
    it('a cotangent of an event that there is not, and one that has no derivative', () => {
      const solution = grow([{ when: level(1, 0, Math.E) }])
      expect(() => solution.pullback([0, 0, 0], { events: [{ row: 0, index: 1 }] })).toThrow('Row 0 has 1 events; there is no event 1')
      expect(() => solution.pullback([0, 0, 0], { events: [{ row: 3, index: 0 }] })).toThrow('There is no row 3')
      const cubed = event(1, ({ b, z, c }) => {
        const d = b.sub(z, c(1))
        return b.mul(d, b.mul(d, d))
      })
      const touching = createSolver(engine, still, { events: [{ when: cubed }] }).solve({
        y0: [0],
        times: [0, 1, 2],
        params: [],
        record: true,
      })
      expect(() => touching.pullback([0, 0, 0], { events: [{ row: 0, index: 0, time: 1 }] })).toThrow('has no derivative')
    })
  })
})

it('a TensorFlow.js function of t, z and parameters', async () => {
  const { engine } = (await solverEngines())[0]!
  const solver = createSolver(engine, growth, { ...tight, events: [{ when: (_t, z) => sub(slice(z, [0, 0], [-1, 1]), tensor1d([2])) }] })
  const { events } = solver.solve({ y0: [1], times: [0, 3], params: [engine.write([1], [1])] })
  expect(events[0]![0]!.time).toBeCloseTo(Math.log(2), 8)
})
