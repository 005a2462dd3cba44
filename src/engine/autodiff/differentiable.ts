import { graphOutputs, type Graph } from '../../graph/graph.js'
import type { Engine, Value } from '../engine.js'
import { lazily } from '../lazily.js'
import { derivativeOf, type DerivativeOptions } from './derivative.js'
import { compileProgram, type NamedValues } from './program.js'
import { differentiableScan, type DifferentiableScan, type ScanPieceOptions } from './scan.js'

/** How a Graph is differentiated that is called once. Names of inputs and outputs are settled by type. */
export interface PieceOptions<Input extends string, Output extends string> extends DerivativeOptions {
  /** Inputs that are no parameters, in the order in which they are given; all others are parameters. */
  readonly inputs: readonly Input[]
  /** Those of them whose cotangents are wanted; default all. */
  readonly wrt?: readonly NoInfer<Input>[]
  /** Outputs that will get cotangents, in the order in which those are given; default all. */
  readonly outputs?: readonly Output[]
}

/**
 * A Graph that can be run forward and pulled back. Arguments go by position, parameters by name: a step of a solver is run thousands
 * of times a second. `Tape` is the way to use it by name.
 */
export interface Differentiable<Input extends string = string, Output extends string = string> {
  /** Names of what is given, by position. */
  readonly inputs: readonly Input[]
  readonly wrt: readonly Input[]
  /** Names of the outputs that get cotangents, by position. */
  readonly outputs: () => readonly Output[]
  /** Names of all outputs. */
  readonly gives: () => readonly string[]
  /** Names of the parameters, by the position of their sums. */
  readonly parameters: () => readonly string[]
  /** Runs it; gives all outputs in the Graph's order. */
  forward(parameters: NamedValues, inputs: readonly Value[], rows: number): Value[]
  /**
   * Runs it and gives out what its pullback needs, too. Where multiplication and addition are fused, its outputs may be rounded
   * differently from those of `forward`.
   */
  record(parameters: NamedValues, inputs: readonly Value[], rows: number): { readonly outputs: Value[]; readonly residuals: Value[] }
  /**
   * The vector-Jacobian product at `inputs`: cotangents of `wrt` for those of `outputs`, and new sums, which are the given ones plus
   * the gradient of each parameter; the given ones are used up. Without `residuals` it is run again, so that nothing but its inputs
   * need be kept; the result is the same.
   */
  pullback(
    parameters: NamedValues,
    inputs: readonly Value[],
    cotangents: readonly Value[],
    sums: readonly Value[],
    rows: number,
    residuals?: readonly Value[],
  ): { readonly cotangents: Value[]; readonly sums: Value[] }
  /** How many numbers `record` leaves behind for each row. */
  readonly residualsPerRow: () => number
}

/**
 * Compiles a Graph and its derivative, each part when it is first used. With `carried`, the Graph is a step that is repeated: a scan.
 *
 *     const layer = differentiable(engine, graph, { inputs: ['x'] })
 *     const [y] = layer.forward({ w, b }, [x], rows)
 *     const { cotangents, sums } = layer.pullback({ w, b }, [x], [dy], [dw, db], rows)
 *
 * @param graph the Graph, or what makes it when it is first needed
 */
export function differentiable(engine: Engine, graph: Graph | (() => Graph), options: ScanPieceOptions): DifferentiableScan
export function differentiable<const Input extends string, const Output extends string = string>(
  engine: Engine,
  graph: Graph | (() => Graph),
  options: PieceOptions<Input, Output>,
): Differentiable<Input, Output>
export function differentiable(
  engine: Engine,
  graph: Graph | (() => Graph),
  options: PieceOptions<string, string> | ScanPieceOptions,
): Differentiable | DifferentiableScan {
  const make = typeof graph === 'function' ? graph : () => graph
  return 'carried' in options ? differentiableScan(engine, make, options) : differentiableCall(engine, make, options)
}

function differentiableCall(engine: Engine, graph: () => Graph, options: PieceOptions<string, string>): Differentiable {
  const { inputs, wrt = inputs } = options
  const derivative = derivativeOf(graph, options)
  const { parameters, outputs, kept } = derivative
  const gives = lazily(() => graphOutputs(derivative.graph()).map(({ name }) => name))
  const plain = lazily(() => compileProgram(engine, derivative.graph(), inputs))
  // Residuals come from one Graph, kept or computed again: another one might be compiled to round differently.
  const recording = lazily(() => compileProgram(engine, derivative.recording(), inputs))
  const backward = lazily(() =>
    compileProgram(
      engine,
      derivative.backward(),
      inputs,
      kept().map(({ name }) => name),
      outputs().map((name) => `bar.${name}`),
      parameters().map((name) => `sum.${name}`),
    ),
  )
  const residualsOf = (values: NamedValues, given: readonly Value[], rows: number): Value[] =>
    kept().length > 0 ? recording().run(values, rows, given).slice(gives().length) : []
  return {
    inputs,
    wrt,
    outputs,
    gives,
    parameters,
    forward: (values, given, rows) => plain().run(values, rows, given),
    record(values, given, rows) {
      const results = recording().run(values, rows, given)
      return { outputs: results.slice(0, gives().length), residuals: results.slice(gives().length) }
    },
    pullback(values, given, cotangents, sums, rows, residuals = residualsOf(values, given, rows)) {
      const results = backward().run(values, rows, given, residuals, cotangents, sums)
      return { cotangents: results.slice(0, wrt.length), sums: results.slice(wrt.length) }
    },
    residualsPerRow: derivative.residualsPerRow,
  }
}
