import { GraphBuilder } from '../../graph/builder.js'
import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { splitVjp } from '../../graph/residuals.js'
import { lazily } from '../lazily.js'

/** A Graph and the parts of its derivative, each made when it is first asked for. */
export interface Derivative {
  readonly graph: () => Graph
  /** Names of the inputs that are parameters, of what cotangents come in for, and of what they go out for. */
  readonly parameters: () => readonly string[]
  readonly outputs: () => readonly string[]
  readonly wrt: readonly string[]
  /** The Graph, and behind its outputs the residuals: what its derivative needs of it. */
  readonly recording: () => Graph
  /** From inputs, residuals, cotangents `bar.<output>` and `sum.<parameter>` to `bar.<input>`, then the sums with the gradients added. */
  readonly backward: () => Graph
  /** Names and shapes of the residuals. */
  readonly kept: () => readonly { readonly name: string; readonly shape: readonly number[] }[]
  /** How many numbers are left behind for each row. */
  readonly residualsPerRow: () => number
}

/** What of a Graph is differentiated. */
export interface DerivativeOptions {
  /** Inputs that are no parameters; all others are. */
  readonly inputs: readonly string[]
  /** Inputs whose cotangents are wanted; default all of `inputs`. */
  readonly wrt?: readonly string[]
  /** Outputs that will get cotangents; default all. */
  readonly outputs?: readonly string[]
}

/** Takes the vector-Jacobian product of a Graph apart: see `splitVjp`. Gradients of parameters are added to sums on the way. */
export function derivativeOf(graph: () => Graph, { inputs, wrt = inputs, outputs }: DerivativeOptions): Derivative {
  const whole = lazily(graph)
  const parameters = lazily(() =>
    graphInputs(whole())
      .map(({ name }) => name)
      .filter((name) => !inputs.includes(name)),
  )
  const pulled = lazily(() => outputs ?? graphOutputs(whole()).map(({ name }) => name))
  const split = lazily(() => splitVjp(whole(), [...wrt, ...parameters()], { cotangents: pulled() }))
  return {
    graph: whole,
    parameters,
    outputs: pulled,
    wrt,
    recording: () => split().forward,
    backward: () => accumulating(split().backward, wrt, parameters()),
    kept: () => split().kept,
    residualsPerRow: lazily(() => split().kept.reduce((sum, { shape }) => sum + numbersPerRow(shape), 0)),
  }
}

/** The backward part of a split derivative, with the gradient of each parameter added to an input `sum.<parameter>`. */
function accumulating(backward: Graph, wrt: readonly string[], parameters: readonly string[]): Graph {
  const builder = new GraphBuilder()
  const bars = builder.call(backward)
  for (const name of wrt) builder.output(`bar.${name}`, bars[`bar.${name}`]!)
  for (const name of parameters) {
    const bar = bars[`bar.${name}`]!
    builder.output(`sum.${name}`, builder.add(builder.input(`sum.${name}`, builder.shape(bar)), bar))
  }
  return builder.build()
}

/** What has no rows is not left behind for each. */
const numbersPerRow = (shape: readonly number[]): number =>
  shape.some((d) => d < 0) ? shape.reduce((product, d) => product * Math.abs(d), 1) : 0

/** Numbers that may be left behind for a way back: 256 MiB of float32. What does not fit is computed again. */
export const RESIDUAL_NUMBERS = 2 ** 26
