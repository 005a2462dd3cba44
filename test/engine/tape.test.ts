import { describe, expect, it } from 'vitest'
import { differentiable } from '../../src/engine/autodiff/differentiable.js'
import { withTape, type HostScalar, type Tape } from '../../src/engine/autodiff/tape.js'
import type { Engine, FloatArray, Value } from '../../src/engine/engine.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { ROWS } from '../../src/graph/shape.js'
import { signal } from '../../src/ode/signal.js'
import { createSolver } from '../../src/ode/solver.js'
import { solveOnTape } from '../../src/ode/solveOnTape.js'
import { random } from '../../src/random.js'
import { referenceEngine } from '../reference/engine.js'

const WIDTH = 2
const ROW_COUNT = 3

/** tanh(x w) + v. */
function layer(): Graph {
  const builder = new GraphBuilder()
  const x = builder.input('x', [ROWS, WIDTH])
  const product = builder.unary('tanh', builder.matmul(x, builder.input('w', [WIDTH, WIDTH])))
  builder.output('y', builder.add(product, builder.input('v', [WIDTH])))
  return builder.build()
}

/** h ← tanh(h w + x), and out h² in all and by element. */
function cell(): Graph {
  const builder = new GraphBuilder()
  const h = builder.input('h', [ROWS, WIDTH])
  const next = builder.unary('tanh', builder.add(builder.matmul(h, builder.input('w', [WIDTH, WIDTH])), builder.input('x', [ROWS, WIDTH])))
  builder.output('next', next)
  builder.output('made', builder.unary('square', next))
  builder.output('size', builder.sum(builder.unary('square', next), [1], true))
  return builder.build()
}

/** dz/dt = tanh(z w). */
function field(): Graph {
  const builder = new GraphBuilder()
  builder.output('output', builder.unary('tanh', builder.matmul(builder.input('z', [ROWS, WIDTH]), builder.input('w', [WIDTH, WIDTH]))))
  return builder.build()
}

/** dz/dt = tanh(z w) + u·c. */
function drivenField(): Graph {
  const builder = new GraphBuilder()
  const [z, u, c] = [builder.input('z', [ROWS, WIDTH]), builder.input('u', [ROWS, WIDTH]), builder.input('c', [ROWS, 1])]
  const free = builder.unary('tanh', builder.matmul(z, builder.input('w', [WIDTH, WIDTH])))
  builder.output('output', builder.add(free, builder.mul(u, c)))
  return builder.build()
}

const weightsOf = (numbers: FloatArray): number[] => Array.from(numbers, (_, i) => Math.cos(2 * i + 1))

/** Σ c_i y_i² / 2 over all arrays, with its derivatives. */
function energy(arrays: readonly FloatArray[]): HostScalar<number> {
  const sum = arrays.reduce((total, numbers) => total + weightsOf(numbers).reduce((s, c, i) => s + (c * numbers[i]! ** 2) / 2, 0), 0)
  return { value: sum, derivatives: () => arrays.map((numbers) => weightsOf(numbers).map((c, i) => c * numbers[i]!)) }
}

const draw = random(3, 'tape')
const list = (length: number): number[] => Array.from({ length }, () => 0.7 * draw.normal())
const shapes = { w: [WIDTH, WIDTH], v: [WIDTH] } as const
const start = { w: list(WIDTH * WIDTH), v: list(WIDTH) }
const inputs = { x: list(ROW_COUNT * WIDTH), steps: list(4 * ROW_COUNT * WIDTH) }

type Forward = (tape: Tape, engine: Engine) => number

const forwards: Record<string, Forward> = {
  'calls of one piece, one on the other': (tape, engine) => {
    const piece = differentiable(engine, layer(), { inputs: ['x'] })
    const first = tape.call(piece, { x: engine.write(inputs.x, [ROW_COUNT, WIDTH]) })['y']!
    return tape.loss([tape.call(piece, { x: first })['y']!], energy)
  },
  'a value that is used more than once': (tape, engine) => {
    const piece = differentiable(engine, layer(), { inputs: ['x'] })
    const y = tape.call(piece, { x: engine.write(inputs.x, [ROW_COUNT, WIDTH]) })['y']!
    const again = tape.call(piece, { x: y })['y']!
    return tape.loss([y, tape.gather(again, Int32Array.of(2, 0, 0)), again], energy)
  },
  'rows gathered and summed': (tape, engine) => {
    const piece = differentiable(engine, layer(), { inputs: ['x'] })
    const y = tape.call(piece, { x: engine.write(inputs.x, [ROW_COUNT, WIDTH]) })['y']!
    const many = tape.gather(y, Int32Array.of(0, 2, 2, 1, 0))
    return tape.loss([tape.sumRows(many, Int32Array.of(1, 1, 0, 3, 0), 4)], energy)
  },
  'a scan, its end and the sum of an output over its steps': (tape, engine) => {
    const piece = differentiable(engine, cell(), { carried: { h: 'next' }, stepped: ['x'], outputs: ['size'] })
    const up = differentiable(engine, layer(), { inputs: ['x'] })
    const h = tape.call(up, { x: engine.write(inputs.x, [ROW_COUNT, WIDTH]) })['y']!
    const stacks = { x: engine.writeStack(inputs.steps, 4, [ROW_COUNT, WIDTH]) }
    const { end, sums } = tape.scan(piece, { start: { h }, stacks, steps: 4, summed: ['size'] })
    return tape.loss([end['h']!, sums['size']!], energy)
  },
  ...Object.fromEntries(
    // Where nothing fits, parts are of one step each.
    [undefined, 1].map((residualNumbers): [string, Forward] => [
      `a scan of which all steps are wanted, ${residualNumbers === undefined ? 'in one part' : 'in several'}`,
      (tape, engine) => {
        const options = { carried: { h: 'next' }, stepped: ['x'], outputs: ['size'], steppedOutputs: ['made'] }
        const piece = differentiable(engine, cell(), { ...options, ...(residualNumbers && { residualNumbers }) })
        const up = differentiable(engine, layer(), { inputs: ['x'] })
        const h = tape.call(up, { x: engine.write(inputs.x, [ROW_COUNT, WIDTH]) })['y']!
        const stacks = { x: engine.writeStack(inputs.steps, 4, [ROW_COUNT, WIDTH]) }
        const { end, sums, steps, outputs } = tape.scan(piece, { start: { h }, stacks, steps: 4, summed: ['size'], stepped: ['made'] })
        expect(outputs.length > 1).toBe(residualNumbers !== undefined && tape.recording)
        return tape.loss([end['h']!, sums['size']!, steps['made']!], energy)
      },
    ]),
  ),
  ...Object.fromEntries(
    (['discrete', 'continuous', 'interpolated'] as const).map((adjoint): [string, Forward] => [
      `the solve of an ODE, ${adjoint} adjoint`,
      (tape, engine) => {
        const solver = createSolver(engine, field(), { rtol: 1e-10, atol: 1e-12, adjoint })
        const up = differentiable(engine, layer(), { inputs: ['x'] })
        const y0: Value = tape.call(up, { x: engine.write(inputs.x, [ROW_COUNT, WIDTH]) })['y']!
        const times = [
          [0, 0.5, 1],
          [0, -0.7],
          [0, 0.2],
        ]
        const { solution, outputs } = solveOnTape(tape, solver, y0, times)
        tape.atEnd(solution.dispose)
        return tape.loss([outputs], energy)
      },
    ]),
  ),
  ...Object.fromEntries(
    (['discrete', 'interpolated'] as const).map((adjoint): [string, Forward] => [
      `the solve of an ODE driven by what is on the tape, and by signals, ${adjoint} adjoint`,
      (tape, engine) => {
        const solver = createSolver(engine, drivenField(), { rtol: 1e-10, atol: 1e-12, adjoint })
        const up = differentiable(engine, layer(), { inputs: ['x'] })
        const y0: Value = tape.call(up, { x: engine.write(inputs.x, [ROW_COUNT, WIDTH]) })['y']!
        const u = tape.call(up, { x: y0 })['y']!
        const { solution, outputs } = solveOnTape(
          tape,
          solver,
          y0,
          [
            [0, 0.5, 1],
            [0, -0.7],
            [0, 0.2],
          ],
          {
            inputs: { u, c: signal([0, 0.4], [1, 3], 'linear') },
            // What jumps goes with the discrete adjoint only.
            ...(adjoint === 'discrete' && { jumps: [[{ time: 0.3, add: [1, 2] }], [], []] }),
          },
        )
        tape.atEnd(solution.dispose)
        return tape.loss([outputs, u], energy)
      },
    ]),
  ),
}

describe('a tape', () => {
  const engine = referenceEngine()
  const upload = (values: typeof start) => () => ({ w: engine.write(values.w, shapes.w), v: engine.write(values.v, shapes.v) })

  // Central differences in float64 with step 1e-6; of adaptive solves, the tolerance of 1e-10 is divided by that step.
  it.each(Object.entries(forwards))('pulls back %s', (name, forward) => {
    const before = engine.live()
    const lossAt = (values: typeof start): number => withTape(engine, upload(values), { record: false }, (tape) => forward(tape, engine))
    const { loss, gradient } = withTape(engine, upload(start), {}, (tape) => {
      const loss = forward(tape, engine)
      const sums = tape.backward()
      return { loss, gradient: { w: engine.read(sums['w']!), v: engine.read(sums['v']!) } }
    })
    expect(loss).toBeCloseTo(lossAt(start), 12)
    for (const parameter of ['w', 'v'] as const) {
      start[parameter].forEach((_, i) => {
        const at = (delta: number): number =>
          lossAt({ ...start, [parameter]: start[parameter].map((value, j) => value + (i === j ? delta : 0)) })
        const difference = (at(1e-6) - at(-1e-6)) / 2e-6
        expect(Math.abs(gradient[parameter][i]! - difference), `${parameter}[${i}]`).toBeLessThan(name.includes('solve') ? 2e-4 : 1e-8)
      })
    }
    expect(engine.live()).toBe(before)
  })

  it('gives zeros for a parameter that nothing depends on', () => {
    const gradient = withTape(engine, upload(start), {}, (tape) => {
      const piece = differentiable(engine, cell(), { carried: { h: 'next' }, stepped: ['x'] })
      const h = engine.write(inputs.x, [ROW_COUNT, WIDTH])
      const stacks = { x: engine.writeStack(inputs.steps, 4, [ROW_COUNT, WIDTH]) }
      tape.loss([tape.scan(piece, { start: { h }, stacks, steps: 4 }).end['h']!], energy)
      return engine.read(tape.backward()['v']!)
    })
    expect([...gradient]).toEqual([0, 0])
  })
})
