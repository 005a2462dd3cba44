import { GraphBuilder } from '../graph/builder.js'
import { graphInputs, graphOutputs, type Graph } from '../graph/graph.js'
import { simplify } from '../graph/simplify.js'
import { vjp } from '../graph/vjp.js'
import type { Engine, Executable, Value } from './engine.js'

/** Values by name: parameters, or what is being summed up for each of them. */
export type NamedValues = Readonly<Record<string, Value>>

/** A piece of a model that can be run forward and pulled back, with gradients of its parameters summed on the way. */
export interface Differentiable {
  /** Runs it; the outputs by name. */
  forward(inputs: NamedValues, parameters: NamedValues, rows: number): Record<string, Value>
  /**
   * The vector-Jacobian product at `inputs`: cotangents of the inputs, by name, and new accumulators, which are the
   * given ones plus this piece's contribution to the gradient of each parameter. Runs the piece again, so that
   * nothing but its inputs need be kept.
   */
  pullback(inputs: NamedValues, parameters: NamedValues, cotangents: NamedValues, accumulators: NamedValues, rows: number): { inputs: Record<string, Value>; accumulators: Record<string, Value> }
}

export interface DifferentiableOptions {
  /** Inputs whose cotangents are wanted. */
  readonly wrt: readonly string[]
  /** Inputs that are parameters: their gradients are accumulated. */
  readonly parameters: readonly string[]
  /** Outputs that will get cotangents; default all. */
  readonly outputs?: readonly string[]
}

/** Compiles a Graph and its derivative. Shared, repeated pieces of a model (a step, a cell) are made this way. */
export function differentiable(engine: Engine, graph: Graph, { wrt, parameters, outputs }: DifferentiableOptions): Differentiable {
  const forward = engine.compile(simplify(graph, { fuse: true }))
  const backward = engine.compile(simplify(accumulating(graph, wrt, parameters, outputs ?? graphOutputs(graph).map(({ name }) => name)), { fuse: true }))
  return {
    forward: (inputs, values, rows) => runNamed(forward, { ...inputs, ...values }, rows),
    pullback(inputs, values, cotangents, accumulators, rows) {
      const given: Record<string, Value> = { ...inputs, ...values }
      for (const [name, value] of Object.entries(cotangents)) given[`bar.${name}`] = value
      for (const name of parameters) given[`sum.${name}`] = accumulators[name]!
      const results = runNamed(backward, given, rows)
      return {
        inputs: Object.fromEntries(wrt.map((name) => [name, results[`bar.${name}`]!])),
        accumulators: Object.fromEntries(parameters.map((name) => [name, results[`sum.${name}`]!])),
      }
    },
  }
}

/** The derivative of `graph` that adds parameter gradients to the inputs `sum.<parameter>`. */
export function accumulating(graph: Graph, wrt: readonly string[], parameters: readonly string[], outputs: readonly string[]): Graph {
  const builder = new GraphBuilder()
  const bars = builder.call(vjp(graph, [...wrt, ...parameters], { cotangents: outputs }))
  for (const name of wrt) builder.output(`bar.${name}`, bars[`bar.${name}`]!)
  for (const { name, shape } of graphInputs(graph)) {
    if (parameters.includes(name)) builder.output(`sum.${name}`, builder.add(builder.input(`sum.${name}`, shape), bars[`bar.${name}`]!))
  }
  return builder.build()
}

/** Runs an executable with inputs and outputs by name. */
export function runNamed(executable: Executable, inputs: NamedValues, rows: number): Record<string, Value> {
  const ordered = graphInputs(executable.graph).map(({ name }) => inputs[name]!)
  const results = executable.run(ordered, rows)
  return Object.fromEntries(graphOutputs(executable.graph).map(({ name }, i) => [name, results[i]!]))
}
