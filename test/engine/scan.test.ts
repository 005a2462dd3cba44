import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differentiable } from '../../src/engine/autodiff/differentiable.js'
import type { Scan, ScanOptions, Stack, Value } from '../../src/engine/engine.js'
import { kernelEngine } from '../../src/engine/kernel/kernelEngine.js'
import { openNativeKernel } from '../../src/engine/kernel/nativeKernel.js'
import { plainEngine } from '../../src/engine/tfjs/plainEngine.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { GraphBuilder } from '../../src/graph/builder.js'
import type { Graph } from '../../src/graph/graph.js'
import { ROWS } from '../../src/graph/shape.js'
import { random } from '../../src/random.js'
import { referenceEngine } from '../reference/engine.js'
import type { CountingEngine } from './conformance.js'
import { kernelEngines } from './engines.js'

const WIDTH = 3

/** a and b change places, b + x·w/2 becomes a; xᵀa is summed up; each step gives out a·x. */
function crossing(): Graph {
  const builder = new GraphBuilder()
  const [a, b, x] = ['a', 'b', 'x'].map((name) => builder.input(name, [ROWS, WIDTH])) as [number, number, number]
  const [w, sum] = ['w', 'sum'].map((name) => builder.input(name, [WIDTH, WIDTH])) as [number, number]
  builder.output('next.a', builder.add(b, builder.mul(builder.constant(0.5), builder.matmul(x, w))))
  builder.output('next.b', a)
  builder.output('product', builder.mul(a, x))
  builder.output('next.sum', builder.add(sum, builder.matmul(x, a, { transposeA: true })))
  return builder.build()
}
const options: ScanOptions = { carried: { a: 'next.a', b: 'next.b', sum: 'next.sum' }, stepped: ['x'], history: ['a'] }

interface Numbers {
  readonly a: number[]
  readonly b: number[]
  readonly x: number[]
  readonly w: number[]
  readonly sum: number[]
}

function numbers(rows: number, steps: number): Numbers {
  const draw = random(5, 'scan', rows, steps)
  const list = (n: number): number[] => Array.from({ length: n }, () => Math.fround(draw.normal()))
  return { a: list(rows * WIDTH), b: list(rows * WIDTH), x: list(steps * rows * WIDTH), w: list(WIDTH * WIDTH), sum: list(WIDTH * WIDTH) }
}

/** The same in plain loops. */
function byHand(given: Numbers, rows: number, steps: number, backward: boolean) {
  let [a, b] = [given.a, given.b]
  const sum = given.sum.slice()
  const product: number[] = new Array<number>(steps * rows * WIDTH)
  const history: number[] = []
  for (let n = 0; n < steps; n++) {
    const first = (backward ? steps - 1 - n : n) * rows * WIDTH
    const x = given.x.slice(first, first + rows * WIDTH)
    history.push(...a)
    const next = b.map((value, i) => {
      let dot = 0
      for (let k = 0; k < WIDTH; k++) dot += x[Math.floor(i / WIDTH) * WIDTH + k]! * given.w[k * WIDTH + (i % WIDTH)]!
      return value + dot / 2
    })
    a.forEach((value, i) => (product[first + i] = value * x[i]!))
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < WIDTH; i++) for (let j = 0; j < WIDTH; j++) sum[i * WIDTH + j]! += x[r * WIDTH + i]! * a[r * WIDTH + j]!
    ;[a, b] = [next, a]
  }
  return { a, b, sum, product, history }
}

const engines: Record<string, () => Promise<CountingEngine>> = {
  ...kernelEngines('float32'),
  ...kernelEngines('float64'),
  'tfjs on cpu': () => tfjsEngine({ backend: 'cpu' }),
  reference: async () => referenceEngine(),
}

describe.each(Object.entries(engines))('a scan on %s', (_, open) => {
  let engine: CountingEngine
  let scan: Scan
  let back: Scan
  beforeAll(async () => {
    engine = await open()
    scan = engine.compileScan(crossing(), options)
    back = engine.compileScan(crossing(), { ...options, history: [], consumes: ['sum'] })
  })
  afterAll(() => engine.dispose())
  const close = (values: ArrayLike<number>, expected: readonly number[]): void => {
    expect(values).toHaveLength(expected.length)
    const scale = 1 + Math.max(0, ...expected.map(Math.abs))
    for (let i = 0; i < expected.length; i++)
      expect(Math.abs(values[i]! - expected[i]!) / scale).toBeLessThan(engine.dtype === 'float32' ? 2e-6 : 1e-13)
  }
  const given = (list: Numbers, rows: number, steps: number): { inputs: Record<string, Value>; stacks: Record<string, Stack> } => ({
    inputs: {
      a: engine.write(list.a, [rows, WIDTH]),
      b: engine.write(list.b, [rows, WIDTH]),
      w: engine.write(list.w, [WIDTH, WIDTH]),
      sum: engine.write(list.sum, [WIDTH, WIDTH]),
    },
    stacks: { x: engine.writeStack(list.x, steps, [rows, WIDTH]) },
  })

  it.each([0, 1, 5, 16].flatMap((rows) => [0, 1, 4, 7].map((steps) => [rows, steps] as const)))(
    'of %i rows and %i steps does what loops do, in both directions',
    (rows, steps) => {
      const list = numbers(rows, steps)
      engine.scope(() => {
        const { inputs, stacks } = given(list, rows, steps)
        const forward = scan.run({ inputs, stacks, rows, steps })
        const wanted = byHand(list, rows, steps, false)
        for (const name of ['a', 'b', 'sum'] as const) close(engine.read(forward.carried[name]!), wanted[name])
        close(engine.readStack(forward.outputs['product']!), wanted.product)
        close(engine.readStack(forward.history['a']!), wanted.history)
        expect(forward.history['a']!.steps).toBe(steps)
        // What was given is as it was.
        for (const name of ['a', 'b', 'sum', 'w'] as const) close(engine.read(inputs[name]!), list[name])
        const backward = back.run({ inputs, stacks, rows, steps, backward: true })
        const reversed = byHand(list, rows, steps, true)
        for (const name of ['a', 'b', 'sum'] as const) close(engine.read(backward.carried[name]!), reversed[name])
        close(engine.readStack(backward.outputs['product']!), reversed.product)
        expect(() => engine.read(inputs['sum']!)).toThrow(expect.objectContaining({ code: 'Freed' }) as Error)
      })
    },
  )

  it('multiplies by matrices that change from step to step', () => {
    const builder = new GraphBuilder()
    const square = (name: string): number => builder.input(name, [WIDTH, WIDTH])
    const [x, m, a, b] = [builder.input('x', [ROWS, WIDTH]), square('m'), square('a'), square('b')]
    builder.output('next.m', builder.add(builder.matmul(m, a), b))
    builder.output('by.m', builder.matmul(x, m))
    builder.output('by.a', builder.matmul(x, a, { transposeB: true }))
    const draw = random(8, 'matrices')
    const list = (n: number): number[] => Array.from({ length: n }, () => draw.normal())
    const [xs, ms, as, bs] = [list(2 * WIDTH), list(WIDTH * WIDTH), list(3 * WIDTH * WIDTH), list(WIDTH * WIDTH)]
    const times = (l: readonly number[], r: readonly number[], transposed = false): number[] =>
      Array.from({ length: l.length }, (_, at) => {
        let dot = 0
        for (let k = 0; k < WIDTH; k++)
          dot += l[Math.floor(at / WIDTH) * WIDTH + k]! * (transposed ? r[(at % WIDTH) * WIDTH + k]! : r[k * WIDTH + (at % WIDTH)]!)
        return dot
      })
    const before = engine.live()
    engine.scope(() => {
      for (const history of [[], ['m']]) {
        const matrices = engine.compileScan(builder.build(), { carried: { m: 'next.m' }, stepped: ['a'], history })
        const { outputs } = matrices.run({
          inputs: { x: engine.write(xs, [2, WIDTH]), m: engine.write(ms, [WIDTH, WIDTH]), b: engine.write(bs, [WIDTH, WIDTH]) },
          stacks: { a: engine.writeStack(as, 3, [WIDTH, WIDTH]) },
          rows: 2,
          steps: 3,
        })
        const [byM, byA]: [number[], number[]] = [[], []]
        let current = ms
        for (let step = 0; step < 3; step++) {
          const own = as.slice(step * WIDTH * WIDTH, (step + 1) * WIDTH * WIDTH)
          byM.push(...times(xs, current))
          byA.push(...times(xs, own, true))
          current = times(current, own).map((value, i) => value + bs[i]!)
        }
        close(engine.readStack(outputs['by.m']!), byM)
        close(engine.readStack(outputs['by.a']!), byA)
      }
    })
    expect(engine.live()).toBe(before)
  })

  it('runs on part of a stack, which lies in the whole', () => {
    const list = numbers(5, 6)
    engine.scope(() => {
      const { inputs, stacks } = given(list, 5, 6)
      const part = scan.run({ inputs, stacks: { x: stacks['x']!.part(2, 5) }, rows: 5, steps: 3 })
      close(engine.readStack(part.outputs['product']!), byHand({ ...list, x: list.x.slice(2 * 15, 5 * 15) }, 5, 3, false).product)
      // The whole owns the memory: freeing a part does nothing, and a part of what is freed is freed.
      const held = stacks['x']!.part(1, 3)
      engine.free(held)
      expect(engine.readStack(held)).toHaveLength(2 * 15)
      engine.free(stacks['x']!)
      expect(() => engine.readStack(held)).toThrow(expect.objectContaining({ code: 'Freed' }) as Error)
      for (const [from, to] of [
        [-1, 2],
        [2, 1],
        [0, 7],
      ] as const)
        expect(() => stacks['x']!.part(from, to)).toThrow(/no part/)
    })
  })

  it.each([
    [0, 3],
    [1, 1],
    [5, 3],
    [16, 2],
  ])('stacks of %i rows, %i of them, are cut from arrays and joined to them', (rows, steps) => {
    const list = numbers(rows, steps).x
    const whole = engine.write(list, [steps * rows, WIDTH])
    const before = engine.live()
    engine.scope(() => {
      const stack = engine.cut(whole, steps)
      expect(stack.steps).toBe(steps)
      close(engine.readStack(stack), list)
      close(engine.read(whole), list)
      const joined = engine.concat([whole, stack, stack.part(0, 1)])
      expect(joined.shape).toEqual([(2 * steps + 1) * rows, WIDTH])
      close(engine.read(joined), [...list, ...list, ...list.slice(0, rows * WIDTH)])
      for (const bad of [0, -1, 1.5, ...(rows > 0 ? [steps * rows + 1] : [])])
        expect(() => engine.cut(whole, bad)).toThrow(
          expect.objectContaining({ code: 'Shape', message: expect.stringMatching(/cannot be cut into/) as string }) as Error,
        )
    })
    expect(engine.live()).toBe(before)
    engine.free(whole)
  })

  it('a stack outlives the scope that returns it, alone or among arrays, and no other', () => {
    const before = engine.live()
    const kept: Stack[] = []
    engine.scope(() => {
      kept.push(engine.scope(() => engine.writeStack([1, 2], 2, [1])))
      engine.scope(() => {
        kept.push(engine.writeStack([3, 4], 2, [1]))
        return [engine.write([5], [1]), kept[1]!]
      })
      kept.push(engine.writeStack([6, 7], 2, [1]))
      expect(kept.map((stack) => [...engine.readStack(stack)])).toEqual([
        [1, 2],
        [3, 4],
        [6, 7],
      ])
      return kept[1]!
    })
    expect([...engine.readStack(kept[1]!)]).toEqual([3, 4])
    for (const freed of [kept[0]!, kept[2]!]) expect(() => engine.readStack(freed)).toThrow(/freed/)
    engine.free(kept[1]!)
    expect(engine.live()).toBe(before)
  })

  it('leaves nothing behind but what it gives, freed with its scope or by name', () => {
    const before = engine.live()
    engine.scope(() => {
      const { inputs, stacks } = given(numbers(5, 4), 5, 4)
      scan.run({ inputs, stacks, rows: 5, steps: 4 })
      back.run({ inputs, stacks, rows: 5, steps: 4 })
    })
    expect(engine.live()).toBe(before)
    const { inputs, stacks } = given(numbers(5, 4), 5, 4)
    const { carried, outputs, history } = scan.run({ inputs, stacks, rows: 5, steps: 4 })
    for (const group of [inputs, stacks, carried, outputs, history]) engine.free(...Object.values(group as Record<string, Value | Stack>))
    expect(engine.live()).toBe(before)
  })

  it('says what is wrong with a request', () => {
    const before = engine.live()
    engine.scope(() => {
      const { inputs, stacks } = given(numbers(5, 4), 5, 4)
      const refused = (run: () => unknown, code: string, message: RegExp): void =>
        expect(run).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error)
      refused(() => scan.run({ inputs, stacks, rows: 5, steps: 3 }), 'Shape', /"x" has 4 steps, and the scan 3/)
      refused(() => scan.run({ inputs, stacks, rows: 5, steps: 4, backward: true }), 'Input', /no history/)
      refused(() => engine.compileScan(crossing(), { carried: { a: 'none' } }), 'Input', /no output "none"/)
      refused(
        () => engine.compileScan(crossing(), { carried: { a: 'next.a', b: 'next.a' } }),
        'Input',
        /"next.a" cannot be carried along as two inputs/,
      )
      refused(() => engine.compileScan(crossing(), { carried: {}, stepped: ['y'] }), 'Input', /"y" cannot be an input of each step/)
      refused(() => engine.compileScan(crossing(), { carried: {}, history: ['a'] }), 'Input', /"a" cannot be used up or remembered/)
      refused(() => engine.writeStack([1, 2], 3, [2, 2]), 'Shape', /2 values do not fill 3 arrays/)
    })
    expect(engine.live()).toBe(before)
  })

  it('pulled back is what its steps pulled back one by one are, in one part and in several', () => {
    const rows = 5
    const steps = 7
    const draw = random(6, 'pull')
    const list = (...shape: number[]): { values: number[]; shape: number[] } => ({
      values: Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => draw.normal()),
      shape,
    })
    const builder = new GraphBuilder()
    const [h, x] = [builder.input('h', [ROWS, WIDTH]), builder.input('x', [ROWS, WIDTH])]
    const moved = builder.unary('tanh', builder.add(builder.matmul(h, builder.input('w', [WIDTH, WIDTH])), builder.mul(x, h)))
    builder.output('moved', moved)
    builder.output('square', builder.unary('square', moved))
    const graph = builder.build()
    const [start, w, bar, barSquare, sum] = [
      list(rows, WIDTH),
      list(WIDTH, WIDTH),
      list(rows, WIDTH),
      list(rows, WIDTH),
      list(WIDTH, WIDTH),
    ]
    const xs = Array.from({ length: steps }, () => list(rows, WIDTH))
    const up = ({ values, shape }: ReturnType<typeof list>): Value => engine.write(values, shape)
    const before = engine.live()
    engine.scope(() => {
      const step = differentiable(engine, graph, { inputs: ['h', 'x'], wrt: ['h'] })
      const parameters = { w: up(w) }
      const inputs: Value[][] = []
      let state = up(start)
      for (const each of xs) {
        inputs.push([state, up(each)])
        state = step.record(parameters, inputs.at(-1)!, rows).outputs[0]!
      }
      let [bars, sums] = [up(bar), [up(sum)]]
      for (const given of inputs.toReversed()) {
        const pulled = step.pullback(parameters, given, [bars, up(barSquare)], sums, rows)
        bars = pulled.cotangents[0]!
        sums = pulled.sums
      }
      for (const residualNumbers of [undefined, 4 * rows * WIDTH, 0]) {
        const scanned = differentiable(engine, graph, {
          carried: { h: 'moved' },
          stepped: ['x'],
          outputs: ['square'],
          ...(residualNumbers !== undefined && { residualNumbers }),
        })
        const stack = engine.writeStack(
          xs.flatMap(({ values }) => values),
          steps,
          [rows, WIDTH],
        )
        const recording = scanned.record({ start: { h: up(start) }, stacks: { x: stack }, parameters, rows, steps })
        expect(recording.parts.length).toBe(residualNumbers === undefined ? 1 : residualNumbers === 0 ? steps : 4)
        expect(engine.read(recording.end['h']!)).toEqual(engine.read(state))
        const pulled = recording.pullback({ end: { h: up(bar) }, outputs: { square: up(barSquare) } }, [up(sum)])
        expect(engine.read(pulled.start['h']!)).toEqual(engine.read(bars))
        expect(engine.read(pulled.sums[0]!)).toEqual(engine.read(sums[0]!))
      }
      // A cotangent of each step's own; and pulled back again.
      const own = xs.map(() => list(rows, WIDTH))
      let [ownBars, ownSums] = [up(bar), [up(sum)]]
      inputs.toReversed().forEach((given, i) => {
        const pulled = step.pullback(parameters, given, [ownBars, up(own[steps - 1 - i]!)], ownSums, rows)
        ownBars = pulled.cotangents[0]!
        ownSums = pulled.sums
      })
      for (const residualNumbers of [undefined, 4 * rows * WIDTH]) {
        const scanned = differentiable(engine, graph, {
          carried: { h: 'moved' },
          stepped: ['x'],
          steppedOutputs: ['square'],
          ...(residualNumbers !== undefined && { residualNumbers }),
        })
        const stack = engine.writeStack(
          xs.flatMap(({ values }) => values),
          steps,
          [rows, WIDTH],
        )
        const ownStack = engine.writeStack(
          own.flatMap(({ values }) => values),
          steps,
          [rows, WIDTH],
        )
        const recording = scanned.record({ start: { h: up(start) }, stacks: { x: stack }, parameters, rows, steps })
        for (const keep of [true, true, false]) {
          const pulled = recording.pullback({ end: { h: up(bar) }, stacks: { square: ownStack } }, [up(sum)], keep)
          expect(engine.read(pulled.start['h']!)).toEqual(engine.read(ownBars))
          expect(engine.read(pulled.sums[0]!)).toEqual(engine.read(ownSums[0]!))
        }
        expect(() => recording.pullback({ end: { h: up(bar) }, stacks: { square: ownStack } }, [up(sum)])).toThrow(/freed/)
      }
    })
    expect(engine.live()).toBe(before)
  })
})

describe('a scan of a Graph that the kernel has no instructions for', () => {
  it('runs on the engine that stands in', () => {
    const builder = new GraphBuilder()
    const x = builder.input('x', [ROWS, WIDTH])
    const a = builder.input('a', [ROWS, WIDTH])
    const square = builder.matmul(x, a, { transposeB: true })
    builder.output('next', builder.add(builder.matmul(square, a), x))
    builder.output('seen', builder.sum(square, [1], true))
    const graph = builder.build()
    const rows = 4
    const steps = 3
    const list = numbers(rows, steps)
    const compute = (engine: CountingEngine): number[][] => {
      const result: number[][] = []
      engine.scope(() => {
        const scan = engine.compileScan(graph, { carried: { a: 'next' }, stepped: ['x'], consumes: ['a'] })
        const { carried, outputs } = scan.run({
          inputs: { a: engine.write(list.a, [rows, WIDTH]) },
          stacks: { x: engine.writeStack(list.x, steps, [rows, WIDTH]) },
          rows,
          steps,
        })
        result.push([...engine.read(carried['a']!)], [...engine.readStack(outputs['seen']!)])
      })
      return result
    }
    const notices: string[] = []
    const native = kernelEngine(openNativeKernel(), { fallback: plainEngine, onNotice: (message) => notices.push(message) })
    const [expected, found] = [compute(referenceEngine()), compute(native)]
    expect(notices).toHaveLength(1)
    expect(native.live()).toBe(0)
    found.forEach((values, i) => values.forEach((value, j) => expect(value / expected[i]![j]!).toBeCloseTo(1, 5)))
    native.dispose()
  })
})
