import { joinedShape, split } from '../../src/engine/joined.js'
import { withScans } from '../../src/engine/tfjs/scanByRuns.js'
import { blocksOf, rowsToSpread } from '../../src/engine/weighted.js'
import type { CompileOptions, Engine, Executable, Value, FloatArray } from '../../src/engine/engine.js'
import { EngineError } from '../../src/errors.js'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { formatShape, sameShape, shapeAt, sizeOf } from '../../src/graph/shape.js'
import { rowIndex } from './kernels.js'
import { planGraph, type Plan } from './plan.js'

/** An array of the reference engine. */
export interface ReferenceValue extends Value {
  readonly data: Float64Array
}

export interface ReferenceEngine extends Engine {
  readonly name: 'reference'
  readonly dtype: 'float64'
  write(values: ArrayLike<number> | ((into: FloatArray) => void), shape: readonly number[]): ReferenceValue
  read(value: Value, to?: FloatArray): Float64Array
  /** Number of arrays not freed yet; for tests of leaks. */
  live(): number
}

/** Layouts kept per executable, one for each number of rows seen lately. */
const planLimit = 8

/**
 * The oracle of the tests: a Graph interpreter in float64 whose every loop can be read. Sums run in row-major
 * order, whatever the number of rows. Use of a freed array, a second free and use after `dispose` are errors.
 *
 * @throws EngineError `Freed`, `Foreign`, `Disposed`, `Shape`, `Input`, `Index`
 */
export function referenceEngine(): ReferenceEngine {
  const alive = new Set<Value>()
  const known = new WeakSet<Value>()
  const scopes: Set<Value>[] = []
  let disposed = false

  const own = (data: Float64Array, shape: readonly number[]): ReferenceValue => {
    if (disposed) throw new EngineError('Disposed', 'The reference engine was disposed of and cannot make arrays any more.')
    const value: ReferenceValue = { shape: [...shape], data }
    alive.add(value)
    known.add(value)
    scopes.at(-1)?.add(value)
    return value
  }
  const open = (value: Value, what: string): ReferenceValue => {
    if (disposed) throw new EngineError('Disposed', `${what} is used after the reference engine was disposed of.`)
    if (!known.has(value)) throw new EngineError('Foreign', `${what} was not made by this reference engine.`)
    if (!alive.has(value)) throw new EngineError('Freed', `${what}, of shape ${formatShape(value.shape)}, is used after it was freed.`)
    return value as ReferenceValue
  }
  const free = (values: Iterable<Value>): void => {
    for (const value of values) {
      open(value, 'An array to be freed')
      alive.delete(value)
      for (const scope of scopes) scope.delete(value)
    }
  }

  function compile(graph: Graph, { consumes = [] }: CompileOptions = {}): Executable {
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
        if (!Number.isInteger(rows) || rows < 0) throw new EngineError('Input', `The number of rows is ${rows}; it must be 0, 1, 2, …`)
        if (values.length !== inputs.length) {
          throw new EngineError(
            'Input',
            `The Graph takes ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}) but was given ${values.length}.`,
          )
        }
        const plan = planFor(rows)
        inputs.forEach(({ name, shape }, i) => {
          const value = open(values[i]!, `Input "${name}"`)
          const wanted = shapeAt(shape, rows)
          if (!sameShape(value.shape, wanted)) {
            throw new EngineError(
              'Shape',
              `Input "${name}" has shape ${formatShape(value.shape)}; with ${rows} rows it must be ${formatShape(wanted)}, ` +
                `${formatShape(shape)} in the Graph.`,
            )
          }
          plan.buffers[inputNodes[i]!] = value.data
        })
        for (const step of plan.steps) step(plan.buffers)
        const results = graph.outputs.map(({ node }) => own(plan.buffers[node]!.slice(), plan.shapes[node]!))
        free(new Set(values.filter((_, i) => consumes.includes(inputs[i]!.name))))
        return results
      },
    }
  }

  return withScans({
    name: 'reference',
    dtype: 'float64',
    compile,
    write(values, shape) {
      const numbers = typeof values === 'function' ? new Float64Array(sizeOf(shape)) : Float64Array.from(values)
      if (typeof values === 'function') values(numbers)
      if (sizeOf(shape) !== numbers.length)
        throw new EngineError('Shape', `${numbers.length} values do not fill shape ${formatShape(shape)}.`)
      return own(numbers, shape)
    },
    readInto: (value: Value, to: readonly FloatArray[]) => split(open(value, 'An array to be read').data, to),
    read(value: Value, to?: FloatArray) {
      const { data } = open(value, 'An array to be read')
      if (to?.length !== data.length) return data.slice()
      to.set(data)
      return to as Float64Array
    },
    gather(value, index) {
      const { data, shape } = open(value, 'An array to gather from')
      const width = sizeOf(shape.slice(1))
      const out = new Float64Array(index.length * width)
      index.forEach((row, i) => {
        const begin = rowIndex(row, shape[0] ?? 0, 'gather') * width
        out.set(data.subarray(begin, begin + width), i * width)
      })
      return own(out, [index.length, ...shape.slice(1)])
    },
    concat(values) {
      const parts = values.map((value) => open(value, 'An array to be joined').data)
      return own(Float64Array.from(parts.flatMap((part) => [...part])), joinedShape(values))
    },
    scatterAdd(value, index, count) {
      const { data, shape } = open(value, 'An array to scatter')
      if (shape[0] !== index.length)
        throw new EngineError('Shape', `scatterAdd needs one index per row: ${index.length} for shape ${formatShape(shape)}.`)
      const width = sizeOf(shape.slice(1))
      const out = new Float64Array(count * width)
      index.forEach((row, i) => {
        const begin = rowIndex(row, count, 'scatterAdd') * width
        for (let j = 0; j < width; j++) out[begin + j]! += data[i * width + j]!
      })
      return own(out, [count, ...shape.slice(1)])
    },
    gatherWeighted(value, index, weights) {
      const [source, weight] = [open(value, 'An array to gather from'), open(weights, 'Weights')]
      const { terms, width } = blocksOf(value, index, weights)
      const block = (row: number, j: number) => source.data.subarray((row * terms + j) * width, (row * terms + j + 1) * width)
      const rows = [...index].map((row, i) => {
        const from = rowIndex(row, value.shape[0]!, 'gatherWeighted')
        return Array.from({ length: width }, (_, c) =>
          Array.from({ length: terms }, (__, j) => weight.data[i * terms + j]! * block(from, j)[c]!).reduceRight((a, b) => a + b),
        )
      })
      return own(Float64Array.from(rows.flat()), [index.length, width])
    },
    scatterWeighted(value, from, index, weights, count) {
      const [source, weight] = [open(value, 'An array to scatter'), open(weights, 'Weights')]
      const { terms, width } = rowsToSpread(value, from, index, weights)
      const out = Array.from({ length: count }, () => Array.from({ length: terms }, () => new Array<number>(width).fill(0)))
      index.forEach((row, i) => {
        const [to, of] = [rowIndex(row, count, 'scatterWeighted'), rowIndex(from[i]!, value.shape[0]!, 'scatterWeighted')]
        out[to]!.forEach((block, j) => block.forEach((_, c) => (block[c]! += weight.data[of * terms + j]! * source.data[of * width + c]!)))
      })
      return own(Float64Array.from(out.flat(2)), [count, terms * width])
    },
    scope(body) {
      const made = new Set<Value>()
      scopes.push(made)
      let kept: readonly Value[] = []
      try {
        const result = body()
        kept = result
        return result
      } finally {
        scopes.pop()
        for (const value of made) {
          if (kept.includes(value)) scopes.at(-1)?.add(value)
          else alive.delete(value)
        }
      }
    },
    free: (...values: readonly Value[]) => free(values),
    dispose() {
      alive.clear()
      disposed = true
    },
    live: () => alive.size,
  })
}
