import type { Dtype, Engine } from '../../src/engine/engine.js'
import { graphInputs } from '../../src/graph/graph.js'
import { formatShape, sameShape, shapeAt } from '../../src/graph/shape.js'
import { errorBounds, precisions, type Bounded } from './errorBounds.js'
import type { FuzzCase } from './randomCase.js'

/** How many elements could be checked, and in how many nothing can be said (overflow, 0 / 0 within errors, …). */
export interface Tally {
  checked: number
  open: number
}

/**
 * Runs a case on an engine and compares each element with the reference, within the errors that float arithmetic may
 * make. Returns what is wrong, or undefined. Before each run the engine's free memory is made NaN, so that what
 * is read before it is written shows.
 */
export function findFault(engine: Engine, tried: FuzzCase, tally: Tally = { checked: 0, open: 0 }): string | undefined {
  const { graph, runs, consumes = [] } = tried
  const consumed = graphInputs(graph).map(({ name }) => consumes.includes(name))
  const shapes = graphInputs(graph).map(({ shape }) => shape)
  let fault: string | undefined
  engine.scope(() => {
    const executable = engine.compile(graph, { consumes })
    for (const [run, { rows, inputs }] of runs.entries()) {
      const given = shapes.map((shape, i) => engine.write(inputs[i]!, shapeAt(shape, rows)))
      engine.free(...[1, 40, 5_000, 40_000].map((size) => engine.write(new Float32Array(size).fill(NaN), [size])))
      const found = executable.run(given, rows)
      const expected = expectedOf(tried, run, engine.dtype)
      const where = `run ${run} with ${rows} rows`
      for (const [output, { values, radius }] of expected.entries()) {
        const { name, node } = graph.outputs[output]!
        const shape = shapeAt(graph.nodes[node]!.shape, rows)
        if (!sameShape(found[output]!.shape, shape)) {
          fault = `${where}: output "${name}" has shape ${formatShape(found[output]!.shape)}, not ${formatShape(shape)}`
          return
        }
        const numbers = engine.read(found[output]!)
        if (numbers.length !== values.length) {
          fault = `${where}: output "${name}" has ${numbers.length} elements, not ${values.length}`
          return
        }
        const wrong: number[] = []
        for (let i = 0; i < values.length; i++) {
          if (radius[i] === Infinity) {
            tally.open++
            continue
          }
          tally.checked++
          if (!near(numbers[i]!, values[i]!, radius[i]!)) wrong.push(i)
        }
        if (wrong.length > 0) {
          const [at] = wrong as [number]
          fault =
            `${where}: output "${name}" ${formatShape(shape)} has ${wrong.length} wrong elements of ${values.length}; element ${at} is ` +
            `${numbers[at]}, not ${values[at]} ± ${radius[at]}`
          return
        }
      }
      for (const [i, value] of given.entries()) {
        if (consumed[i]) continue
        const after = engine.read(value)
        if (inputs[i]!.some((x, j) => !(after[j] === x || (Number.isNaN(x) && Number.isNaN(after[j]!))))) {
          fault = `${where}: input ${i} was changed`
          return
        }
      }
      engine.free(...found)
    }
  })
  return fault
}

/** NaN is near NaN; the sign of a zero does not matter. */
function near(found: number, value: number, radius: number): boolean {
  if (Number.isNaN(value)) return Number.isNaN(found)
  if (!Number.isFinite(value)) return found === value
  return Math.abs(found - value) <= radius
}

const known = new WeakMap<FuzzCase, Map<string, Bounded[]>>()

/** What a run should give, worked out once for all engines. */
function expectedOf(tried: FuzzCase, run: number, dtype: Dtype): Bounded[] {
  const ofCase = known.get(tried) ?? new Map<string, Bounded[]>()
  known.set(tried, ofCase)
  const { rows, inputs } = tried.runs[run]!
  const expected = ofCase.get(`${dtype} ${run}`) ?? errorBounds(tried.graph, inputs, rows, precisions[dtype])
  ofCase.set(`${dtype} ${run}`, expected)
  return expected
}
