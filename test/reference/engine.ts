import { checked } from '../../src/engine/checked/checked.js'
import type { CompileOptions, Engine, FloatArray, Value } from '../../src/engine/engine.js'
import type { RawExecutable } from '../../src/engine/rawEngine.js'
import { withStacks } from '../../src/engine/tfjs/stacks.js'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { sizeOf } from '../../src/graph/shape.js'
import { planGraph, type Plan } from './plan.js'

/** An array of the reference engine. */
interface ReferenceValue extends Value {
  readonly data: Float64Array
}

export interface ReferenceEngine extends Engine {
  readonly name: 'reference'
  readonly dtype: 'float64'
  read(value: Value, to?: FloatArray): Float64Array
  /** Number of arrays not freed yet; for tests of leaks. */
  live(): number
}

/** Layouts kept per executable, one for each number of rows seen lately. */
const planLimit = 8

/**
 * The oracle of the tests: a Graph interpreter in float64 whose every loop can be read. Sums run in row-major
 * order, whatever the number of rows.
 *
 * @throws EngineError `Freed`, `Foreign`, `Disposed`, `Shape`, `Input`, `Index`
 */
export function referenceEngine(): ReferenceEngine {
  const alive = new Set<unknown>()
  const known = new WeakSet<object>()
  const own = (data: Float64Array, shape: readonly number[]): ReferenceValue => {
    const value: ReferenceValue = { shape: [...shape], data }
    alive.add(value)
    known.add(value)
    return value
  }

  function compile(graph: Graph, { consumes = [] }: CompileOptions): RawExecutable<ReferenceValue> {
    const inputs = graphInputs(graph)
    const inputNodes = graph.nodes.flatMap((node, i) => (node.op === 'input' ? [i] : []))
    const plans = new Map<number, Plan>()
    const planFor = (rows: number): Plan => {
      const plan = plans.get(rows) ?? planGraph(graph, rows)
      plans.delete(rows)
      plans.set(rows, plan)
      if (plans.size > planLimit) plans.delete(plans.keys().next().value!)
      return plan
    }
    return {
      graph,
      run(values, rows) {
        const plan = planFor(rows)
        values.forEach(({ data }, i) => (plan.buffers[inputNodes[i]!] = data))
        for (const step of plan.steps) step(plan.buffers)
        const results = graph.outputs.map(({ node }) => own(plan.buffers[node]!.slice(), plan.shapes[node]!))
        values.forEach((value, i) => consumes.includes(inputs[i]!.name) && alive.delete(value))
        return results
      },
    }
  }

  const raw = withStacks<ReferenceValue>({
    name: 'reference',
    dtype: 'float64',
    owns: (value): value is ReferenceValue => alive.has(value),
    wasFreed: (value) => known.has(value) && !alive.has(value),
    compile,
    write(values, shape) {
      const numbers = typeof values === 'function' ? new Float64Array(sizeOf(shape)) : Float64Array.from(values)
      if (typeof values === 'function') values(numbers)
      return own(numbers, shape)
    },
    readInto({ data }, to) {
      let at = 0
      for (const array of to) array.set(data.subarray(at, (at += array.length)))
    },
    read({ data }, to) {
      if (to?.length !== data.length) return data.slice()
      to.set(data)
      return to
    },
    gather({ data, shape: [, ...rest] }, index) {
      const width = sizeOf(rest)
      const out = new Float64Array(index.length * width)
      index.forEach((row, i) => out.set(data.subarray(row * width, (row + 1) * width), i * width))
      return own(out, [index.length, ...rest])
    },
    concat: (values, shape) => own(Float64Array.from(values.flatMap(({ data }) => [...data])), shape),
    scatterAdd({ data, shape: [, ...rest] }, index, count) {
      const width = sizeOf(rest)
      const out = new Float64Array(count * width)
      index.forEach((row, i) => {
        for (let j = 0; j < width; j++) out[row * width + j]! += data[i * width + j]!
      })
      return own(out, [count, ...rest])
    },
    gatherWeighted(source, index, weights, { terms, width }) {
      const block = (row: number, j: number) => source.data.subarray((row * terms + j) * width, (row * terms + j + 1) * width)
      const rows = [...index].map((row, i) =>
        Array.from({ length: width }, (_, c) =>
          Array.from({ length: terms }, (__, j) => weights.data[i * terms + j]! * block(row, j)[c]!).reduceRight((a, b) => a + b),
        ),
      )
      return own(Float64Array.from(rows.flat()), [index.length, width])
    },
    scatterWeighted(source, from, index, weights, count, { terms, width }) {
      const out = Array.from({ length: count }, () => Array.from({ length: terms }, () => new Array<number>(width).fill(0)))
      index.forEach((row, i) => {
        const of = from[i]!
        out[row]!.forEach((block, j) =>
          block.forEach((_, c) => (block[c]! += weights.data[of * terms + j]! * source.data[of * width + c]!)),
        )
      })
      return own(Float64Array.from(out.flat(2)), [count, terms * width])
    },
    release: (values) => values.forEach((value) => alive.delete(value)),
    dispose: () => alive.clear(),
  })
  return { ...(checked(raw) as ReferenceEngine), live: () => alive.size }
}
