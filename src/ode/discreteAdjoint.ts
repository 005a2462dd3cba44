import { accumulating } from '../engine/differentiable.js'
import type { Engine, Value } from '../engine/engine.js'
import { GraphBuilder } from '../graph/builder.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import { ROWS } from '../graph/shape.js'
import { simplify } from '../graph/simplify.js'
import type { Run, TapeEntry } from './forward.js'
import { newArray } from './forward.js'
import { gatherNumbers, zerosLike, type Sums } from './gradient.js'
import { positionsOf, stageTimes } from './march.js'
import { compileProgram, lazily, type Program, type Values } from './program.js'
import { block, callField, column, stepGraph } from './step.js'
import { stagesOf, type Tableau } from './tableau.js'
import type { Gradient, StepRecord } from './types.js'

/** Cotangents of the state and of the field there, for some rows: `[n, dim]` each. */
interface Bar {
  readonly rows: Int32Array
  readonly y: Value
  readonly k1: Value
}

/**
 * The exact gradient of a computed solution with the steps (t_n, h_n) held fixed: the recorded iterations are walked
 * backward, each pulled back by the derivative of the very step Graph that made it. The state is (y, k1), the
 * field's value being handed from step to step. Rejected and finished rows took a step of size 0 there, the
 * identity; rows that failed take no part, so whatever they held cannot reach the others' parameters.
 */
export function createDiscreteAdjoint(engine: Engine, field: Graph, tableau: Tableau, dim: number): (params: Values, run: Run, tape: readonly TapeEntry[], cotangent: ArrayLike<number>) => Gradient {
  const count = stagesOf(tableau)
  const compile = (graph: () => Graph): (() => Program) => lazily(() => compileProgram(engine, simplify(graph(), { fuse: true })))
  const plain = compile(() => backwardGraph(field, tableau, dim, false))
  const withOutputs = compile(() => backwardGraph(field, tableau, dim, true))
  const weighting = compile(() => weightingGraph(count, dim))
  const start = compile(() => startBackwardGraph(field, dim))

  /** Cotangents [m, dim] of outputs as cotangents of (y, stages) of their rows, `[n, (1 + stages)·dim]`. */
  function outputBars(entry: TapeEntry, rows: Int32Array, cotangent: ArrayLike<number>): Value | undefined {
    if (!entry.outputs) return undefined
    const { positions, points, weights } = entry.outputs
    const place = new Map(Array.from(rows, (row, i) => [row, i] as const))
    const list = Array.from(positions.keys()).filter((i) => place.has(entry.step.rows[positions[i]!]!))
    const m = list.length
    if (m === 0) return undefined
    const bars = weighting().run({
      cotangent: engine.write(gatherNumbers(cotangent, list.map((i) => points[i]!), dim), [m, dim]),
      weights: engine.write(gatherNumbers(weights, list, count), [m, count]),
    }, m)
    return engine.scatterAdd(bars['bars']!, Int32Array.from(list, (i) => place.get(entry.step.rows[positions[i]!]!)!), rows.length)
  }

  /** Pulls one iteration back. */
  function pullStep(params: Values, entry: TapeEntry, rows: Int32Array, bar: Bar | undefined, sums: Sums, cotangent: ArrayLike<number>): { bar: Bar; sums: Sums } {
    const n = rows.length
    const subset = n < entry.step.rows.length ? positionsOf(rows, entry.step.rows) : undefined
    const step = subset ? stepSubset(entry.step, subset) : entry.step
    const take = (value: Value): Value => (subset ? engine.gather(value, subset) : value)
    const widen = (value: Value | undefined): Value =>
      value === undefined ? engine.write(newArray(engine, n * dim), [n, dim]) : bar!.rows.length === n ? value : engine.scatterAdd(value, positionsOf(bar!.rows, rows), n)
    const outputs = outputBars(entry, rows, cotangent)
    const results = (outputs ? withOutputs() : plain()).run({
      ...params, ...sums, ...(outputs && { outputs }),
      t: engine.write(stageTimes(step, tableau), [n, count]), h: engine.write(step.h, [n, 1]),
      y: take(entry.y), k1: take(entry.k1), 'bar.y1': widen(bar?.y), 'bar.k': widen(bar?.k1),
    }, n)
    return { bar: { rows, y: results['bar.y']!, k1: results['bar.k1']! }, sums: pickSums(results, sums) }
  }

  return (params, run, tape, cotangent) => {
    const { rows, table: { times, offsets }, slopes, status } = run
    const good = (row: number): boolean => status[row]!.status === 'ok'
    const gradient: Gradient = { y0: newArray(engine, rows * dim), params: [], times: new Float64Array(times.length) }
    engine.scope(() => {
      let sums: Sums = zerosLike(engine, params)
      let bar: Bar | undefined
      for (const entry of [...tape].reverse()) {
        const present = entry.step.rows.every(good) ? entry.step.rows : entry.step.rows.filter(good)
        if (present.length === 0) continue
        const old = [...Object.values(sums), ...(bar ? [bar.y, bar.k1] : [])]
        engine.scope(() => {
          ;({ bar, sums } = pullStep(params, entry, present, bar, sums, cotangent))
          return [...Object.values(sums), bar.y, bar.k1]
        })
        engine.free(...old)
      }
      if (bar) {
        const n = bar.rows.length
        const t = Float64Array.from(bar.rows, (row) => times[offsets[row]!]!)
        const first = Array.from(bar.rows, (row) => offsets[row]!)
        const results = start().run({
          ...params, ...sums, 't': engine.write(t, [n, 1]), 'y': engine.write(gatherNumbers(run.values, first, dim), [n, dim]), 'bar.y0': bar.y, 'bar.k1': bar.k1,
        }, n)
        sums = pickSums(results, sums)
        const y = engine.read(results['bar.y']!)
        bar.rows.forEach((row, i) => gradient.y0.set(y.subarray(i * dim, (i + 1) * dim), row * dim))
      }
      gradient.params.push(...Object.values(sums).map((sum) => engine.read(sum)))
    })
    for (let row = 0; row < rows; row++) if (good(row)) addDirect(gradient, row, times, offsets, slopes!, cotangent, dim)
    return gradient
  }
}

/** Adds what reaches y0 from the outputs at the first time, and sets the gradients of the row's times. */
function addDirect(gradient: Gradient, row: number, times: Float64Array, offsets: Int32Array, slopes: ArrayLike<number>, cotangent: ArrayLike<number>, dim: number): void {
  const first = offsets[row]!
  const y0 = gradient.y0.subarray(row * dim, (row + 1) * dim)
  const add = (point: number): void => y0.forEach((value, d) => (y0[d] = value + cotangent[point * dim + d]!))
  const dot = (values: ArrayLike<number>, at: number, slope: number): number => {
    let sum = 0
    for (let d = 0; d < dim; d++) sum += values[at + d]! * slopes[slope + d]!
    return sum
  }
  for (let point = first + 1; point < offsets[row + 1]!; point++) {
    if (times[point] === times[first]) add(point)
    gradient.times[point] = dot(cotangent, point * dim, point * dim)
  }
  gradient.times[first] = 0 - dot(y0, 0, first * dim)
  add(first)
}

/**
 * The step's derivative. Inputs: those of the step, `bar.y1`, `bar.k`, with outputs also `outputs`
 * `[rows, (1 + stages)·dim]`, and `sum.param.<name>`; outputs `bar.y`, `bar.k1` and the new sums.
 */
function backwardGraph(field: Graph, tableau: Tableau, dim: number, withOutputs: boolean): Graph {
  const step = stepGraph(field, tableau, dim)
  const parameters = paramNamesOf(step)
  const derivative = accumulating(step, ['y', 'k1'], parameters, withOutputs ? ['y1', 'k', 'stages'] : ['y1', 'k'])
  if (!withOutputs) return derivative
  const count = stagesOf(tableau)
  const builder = new GraphBuilder()
  const outputs = builder.input('outputs', [ROWS, (1 + count) * dim])
  const bars = builder.call(derivative, { 'bar.stages': builder.slice(outputs, [0, dim], [ROWS, count * dim]) })
  for (const [name, ref] of Object.entries(bars)) builder.output(name, name === 'bar.y' ? builder.add(ref, block(builder, outputs, 0, dim)) : ref)
  return builder.build()
}

/** Output cotangents `[rows, dim]` beside themselves times each of `weights` `[rows, stages]`: `bars` `[rows, (1 + stages)·dim]`. */
function weightingGraph(count: number, dim: number): Graph {
  const builder = new GraphBuilder()
  const cotangent = builder.input('cotangent', [ROWS, dim])
  const weights = builder.input('weights', [ROWS, count])
  const parts = Array.from({ length: count }, (_, i) => builder.mul(column(builder, weights, i), cotangent))
  builder.output('bars', builder.concat([cotangent, ...parts], 1))
  return builder.build()
}

/** The derivative of the field at the start: inputs `t`, `y`, `bar.k1`, `bar.y0`; output `bar.y` = bar.y0 + (∂f/∂y)ᵀ bar.k1, and the new sums. */
function startBackwardGraph(field: Graph, dim: number): Graph {
  const start = new GraphBuilder()
  start.output('k1', callField(start, field, start.input('t', [ROWS, 1]), start.input('y', [ROWS, dim])))
  const graph = start.build()
  const builder = new GraphBuilder()
  const bars = builder.call(accumulating(graph, ['y'], paramNamesOf(graph), ['k1']))
  const y0 = builder.input('bar.y0', [ROWS, dim])
  for (const [name, ref] of Object.entries(bars)) builder.output(name, name === 'bar.y' ? builder.add(ref, y0) : ref)
  return builder.build()
}

const paramNamesOf = (graph: Graph): string[] => graphInputs(graph).map(({ name }) => name).filter((name) => name.startsWith('param.'))

const pickSums = (results: Values, sums: Sums): Sums => Object.fromEntries(Object.keys(sums).map((name) => [name, results[name]!]))

function stepSubset(step: StepRecord, index: Int32Array): StepRecord {
  const take = (values: Float64Array): Float64Array => Float64Array.from(index, (i) => values[i]!)
  return { rows: Int32Array.from(index, (i) => step.rows[i]!), t: take(step.t), h: take(step.h), end: take(step.end) }
}
