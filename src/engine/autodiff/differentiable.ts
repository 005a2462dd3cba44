import { GraphBuilder } from '../../graph/builder.js'
import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { splitVjp } from '../../graph/residuals.js'
import { simplify } from '../../graph/simplify.js'
import type { Engine, Executable, Value } from '../engine.js'
import { lazily } from '../lazily.js'

/** Values by name: parameters, or what is being summed up for each of them. */
export type NamedValues = Readonly<Record<string, Value>>

/** A piece of a model that can be run forward and pulled back, with gradients of its parameters summed on the way. */
export interface Differentiable {
  /** Runs it; the outputs by name. */
  forward(inputs: NamedValues, parameters: NamedValues, rows: number): Record<string, Value>
  /**
   * Runs it and gives out the intermediate values that its pullback needs, too. (Where multiplication and
   * addition are fused, its outputs may be rounded differently from those of `forward`.)
   */
  record(inputs: NamedValues, parameters: NamedValues, rows: number): { outputs: Record<string, Value>; residuals: readonly Value[] }
  /** How many numbers `record` leaves behind for each row. */
  readonly residualsPerRow: number
  /**
   * The vector-Jacobian product at `inputs`: cotangents of the inputs, by name, and new accumulators, which are the
   * given ones plus this piece's contribution to the gradient of each parameter; the given ones are used up. Without
   * `residuals` it runs the piece again, so that nothing but its inputs need be kept; the result is the same.
   */
  pullback(
    inputs: NamedValues,
    parameters: NamedValues,
    cotangents: NamedValues,
    accumulators: NamedValues,
    rows: number,
    residuals?: readonly Value[],
  ): { inputs: Record<string, Value>; accumulators: Record<string, Value> }
}

export interface DifferentiableOptions {
  /** Inputs whose cotangents are wanted. */
  readonly wrt: readonly string[]
  /** Inputs that are parameters: their gradients are accumulated. */
  readonly parameters: readonly string[]
  /** Outputs that will get cotangents; default all. */
  readonly outputs?: readonly string[]
}

/**
 * Compiles a Graph and its derivative, each part when it is first used. Shared,
 * repeated pieces of a model (a step, a cell) are made this way.
 */
export function differentiable(engine: Engine, graph: Graph, { wrt, parameters, outputs }: DifferentiableOptions): Differentiable {
  const split = lazily(() =>
    splitVjp(graph, [...wrt, ...parameters], { cotangents: outputs ?? graphOutputs(graph).map(({ name }) => name) }),
  )
  const compile = (part: () => Graph): (() => Sourced) => lazily(() => sourced(compileSums(engine, part()), parameters))
  const names = graphOutputs(graph).map(({ name }) => name)
  const forward = compile(() => graph)
  const recording = compile(() => split().forward)
  // By the Graph that gives them out elsewhere, too: another one might be compiled to round differently.
  const residualsOf = (inputs: NamedValues, values: NamedValues, rows: number): Value[] =>
    recording()({ inputs, parameters: values }, rows).slice(names.length)
  const backward = compile(() => accumulating(split().backward, wrt, parameters))
  return {
    forward: (inputs, values, rows) => named(names, forward()({ inputs, parameters: values }, rows)),
    record(inputs, values, rows) {
      const results = recording()({ inputs, parameters: values }, rows)
      return { outputs: named(names, results), residuals: results.slice(names.length) }
    },
    get residualsPerRow() {
      return numbersPerRow(split().kept.map(({ shape }) => shape))
    },
    pullback(inputs, values, cotangents, accumulators, rows, residuals = residualsOf(inputs, values, rows)) {
      const results = backward()({ inputs, parameters: values, cotangents, accumulators, residuals }, rows)
      return { inputs: named(wrt, results), accumulators: named(parameters, results, wrt.length) }
    },
  }
}

/** Compiles a Graph that adds to its inputs `sum.<name>`: these are used up, so that the sums stay where they are. */
export function compileSums(engine: Engine, graph: Graph): Executable {
  const simplified = simplify(graph, { fuse: true })
  return engine.compile(simplified, {
    consumes: graphInputs(simplified)
      .map(({ name }) => name)
      .filter((name) => name.startsWith('sum.')),
  })
}

/**
 * The backward part of a split derivative, with parameter gradients added to inputs
 * `sum.<parameter>`: outputs `bar.<name>` of `wrt`, then `sum.<parameter>`.
 */
export function accumulating(backward: Graph, wrt: readonly string[], parameters: readonly string[]): Graph {
  const builder = new GraphBuilder()
  const bars = builder.call(backward)
  for (const name of wrt) builder.output(`bar.${name}`, bars[`bar.${name}`]!)
  for (const name of parameters) {
    const bar = bars[`bar.${name}`]!
    builder.output(`sum.${name}`, builder.add(builder.input(`sum.${name}`, builder.shape(bar)), bar))
  }
  return builder.build()
}

/** Numbers that a recorded piece may leave behind for its way back: 256 MiB of float32. What does not fit is computed again. */
export const RESIDUAL_NUMBERS = 2 ** 26

/** Numbers per row in values of these shapes. */
export const numbersPerRow = (shapes: readonly (readonly number[])[]): number =>
  shapes.reduce((sum, shape) => sum + (shape.some((d) => d < 0) ? shape.reduce((product, d) => product * Math.abs(d), 1) : 0), 0)

/** Runs an executable with inputs and outputs by name. */
export function runNamed(executable: Executable, inputs: NamedValues, rows: number): Record<string, Value> {
  const ordered = graphInputs(executable.graph).map(({ name }) => inputs[name]!)
  return named(
    graphOutputs(executable.graph).map(({ name }) => name),
    executable.run(ordered, rows),
  )
}

interface Sources {
  readonly inputs: NamedValues
  readonly parameters: NamedValues
  readonly cotangents?: NamedValues
  readonly accumulators?: NamedValues
  readonly residuals?: readonly Value[]
}
type Sourced = (sources: Sources, rows: number) => Value[]

/** An executable that picks its inputs from where they are, by what their names begin with: looked at once, not at every run. */
function sourced(executable: Executable, parameters: readonly string[]): Sourced {
  const find = graphInputs(executable.graph).map(({ name }): ((sources: Sources) => Value) => {
    const key = name.slice(name.indexOf('.') + 1)
    if (parameters.includes(name)) return (sources) => sources.parameters[name]!
    if (name.startsWith('bar.')) return (sources) => sources.cotangents![key]!
    if (name.startsWith('sum.')) return (sources) => sources.accumulators![key]!
    if (name.startsWith('residual.')) return (sources) => sources.residuals![Number(key)]!
    return (sources) => sources.inputs[name]!
  })
  return (sources, rows) =>
    executable.run(
      find.map((get) => get(sources)),
      rows,
    )
}

/** Consecutive results by name. */
function named(names: readonly string[], results: readonly Value[], from = 0): Record<string, Value> {
  const out: Record<string, Value> = {}
  for (let i = 0; i < names.length; i++) out[names[i]!] = results[from + i]!
  return out
}
