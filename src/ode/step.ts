import { GraphBuilder, type Ref } from '../graph/builder.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import { ROWS } from '../graph/shape.js'
import { stagesOf, type Tableau } from './tableau.js'

// The Graphs of a solve. Each has the field's parameters as inputs `param.<name>`. Times of stages come as `t`
// `[rows, stages]`, computed in float64 outside: in float32, t + h/5 cannot be told from t at t = 1e8.

/** What the error of a step is measured against: atol + rtol·max(|y|, |y1|), by component. */
export interface Tolerance {
  readonly rtol: number
  readonly atol: number | readonly number[]
}

/** Evaluates a field inside a Graph under construction; its parameters become inputs `param.<name>`. */
export function callField(builder: GraphBuilder, field: Graph, t: Ref, z: Ref): Ref {
  return builder.call(field, { t, z, ...paramInputs(builder, field) })['output']!
}

/** The inputs `param.<name>` of a Graph under construction, made where they do not exist yet. */
export function paramInputs(builder: GraphBuilder, field: Graph): Record<string, Ref> {
  return Object.fromEntries(graphInputs(field).filter(({ name }) => name !== 't' && name !== 'z').map(({ name, shape }) => [name, inputOnce(builder, `param.${name}`, shape)]))
}

/** Column `i` of `[rows, n]` as `[rows, 1]`. */
export const column = (builder: GraphBuilder, x: Ref, i: number): Ref => builder.slice(x, [0, i], [ROWS, 1])

/** Block `i` of width `dim` of `[rows, n·dim]`. */
export const block = (builder: GraphBuilder, x: Ref, i: number, dim: number): Ref => builder.slice(x, [0, i * dim], [ROWS, dim])

/** Σ weights_i·terms_i, leaving out zero weights; undefined if all are. */
export function combine(builder: GraphBuilder, weights: readonly number[], terms: readonly Ref[]): Ref | undefined {
  let sum: Ref | undefined
  weights.forEach((weight, i) => {
    if (weight === 0) return
    const term = weight === 1 ? terms[i]! : builder.mul(builder.constant(weight), terms[i]!)
    sum = sum === undefined ? term : builder.add(sum, term)
  })
  return sum
}

/**
 * One Runge–Kutta step inside a Graph under construction. `t` gives the time of each stage `[rows, 1]`, `h` the step
 * `[rows, 1]`, `y` the state `[rows, dim]`, `k1` the field there. Returns the stages; the last one is the field at
 * the new state `y1`. With h = 0 the step is exactly the identity.
 */
export function rungeKutta(builder: GraphBuilder, field: Graph, tableau: Tableau, { t, h, y, k1 }: { t: (stage: number) => Ref; h: Ref; y: Ref; k1: Ref }): { y1: Ref; stages: Ref[] } {
  const stages = [k1]
  let y1 = y
  for (let i = 1; i < stagesOf(tableau); i++) {
    const increment = combine(builder, tableau.a[i]!, stages)
    y1 = increment === undefined ? y : builder.add(y, builder.mul(h, increment))
    stages.push(callField(builder, field, t(i), y1))
  }
  return { y1, stages }
}

/**
 * The step that the solver repeats and the discrete adjoint differentiates. Inputs `t` `[rows, stages]`, `h`, `y`,
 * `k1`; outputs `y1`, `k` (the last stage), `stages` `[rows, stages·dim]` and, with `tolerance`, `check` `[rows, 2]`: the
 * root mean square of error over tolerance (0 for a method without estimate), and a sum of magnitudes that is
 * finite exactly if the new state and the field there are.
 */
export function stepGraph(field: Graph, tableau: Tableau, dim: number, tolerance?: Tolerance): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, stagesOf(tableau)])
  const h = builder.input('h', [ROWS, 1])
  const y = builder.input('y', [ROWS, dim])
  const k1 = builder.input('k1', [ROWS, dim])
  const { y1, stages } = rungeKutta(builder, field, tableau, { t: (i) => column(builder, t, i), h, y, k1 })
  builder.output('y1', y1)
  builder.output('k', stages.at(-1)!)
  builder.output('stages', builder.concat(stages, 1))
  if (tolerance) {
    const error = tableau.bError && combine(builder, tableau.bError, stages)
    const norm = error === undefined
      ? builder.broadcast(builder.constant([0], [1, 1]), [ROWS, 1])
      : scaledNorm(builder, builder.mul(h, error), errorScale(builder, tolerance, y, y1), dim)
    builder.output('check', builder.concat([norm, builder.add(magnitude(builder, y1), magnitude(builder, stages.at(-1)!))], 1))
  }
  return builder.build()
}

/** The field at the start: inputs `t` `[rows, 1]`, `y`; outputs `k1` and `check` `[rows, 3]`: scaled norms of y and k1, magnitude. */
export function startGraph(field: Graph, dim: number, tolerance: Tolerance): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const y = builder.input('y', [ROWS, dim])
  const k1 = callField(builder, field, t, y)
  const scale = errorScale(builder, tolerance, y, y)
  builder.output('k1', k1)
  builder.output('check', builder.concat([
    scaledNorm(builder, y, scale, dim), scaledNorm(builder, k1, scale, dim), builder.add(magnitude(builder, y), magnitude(builder, k1)),
  ], 1))
  return builder.build()
}

/** How fast the field changes: inputs `t` (after the trial step), `h` `[rows, 1]`, `y`, `k1`; output `norm` `[rows, 1]` of f(t + h, y + h·k1) − k1. */
export function trialGraph(field: Graph, dim: number, tolerance: Tolerance): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const h = builder.input('h', [ROWS, 1])
  const y = builder.input('y', [ROWS, dim])
  const k1 = builder.input('k1', [ROWS, dim])
  const k2 = callField(builder, field, t, builder.add(y, builder.mul(h, k1)))
  builder.output('norm', scaledNorm(builder, builder.sub(k2, k1), errorScale(builder, tolerance, y, y), dim))
  return builder.build()
}

/** `accepted` `[rows, 1]` chooses by row: outputs `y` and `k1` from `y1`, `k` where it is 1, else as they were. */
export function selectGraph(dim: number): Graph {
  const builder = new GraphBuilder()
  const accepted = builder.input('accepted', [ROWS, 1])
  const [y1, k, y, k1] = ['y1', 'k', 'y', 'k1'].map((name) => builder.input(name, [ROWS, dim]))
  builder.output('y', builder.select(accepted, y1!, y!))
  builder.output('k1', builder.select(accepted, k!, k1!))
  return builder.build()
}

/** Dense output: inputs `y`, `stages` and `weights` `[rows, stages]`; output `output` = y + Σ w_i k_i; with `slopes`, a second set of weights, `slope` = Σ s_i k_i. */
export function interpolationGraph(tableau: Tableau, dim: number, slopes: boolean): Graph {
  const builder = new GraphBuilder()
  const count = stagesOf(tableau)
  const y = builder.input('y', [ROWS, dim])
  const stages = builder.input('stages', [ROWS, count * dim])
  const sum = (weights: Ref): Ref =>
    tableau.c.map((_, i) => builder.mul(column(builder, weights, i), block(builder, stages, i, dim))).reduce((a, b) => builder.add(a, b))
  builder.output('output', builder.add(y, sum(builder.input('weights', [ROWS, count]))))
  if (slopes) builder.output('slope', sum(builder.input('slopes', [ROWS, count])))
  return builder.build()
}

export function errorScale(builder: GraphBuilder, { rtol, atol }: Tolerance, y: Ref, y1: Ref): Ref {
  const size = builder.binary('maximum', builder.unary('abs', y), builder.unary('abs', y1))
  const absolute = typeof atol === 'number' ? builder.constant(atol) : builder.constant(atol, [atol.length])
  return builder.add(absolute, builder.mul(builder.constant(rtol), size))
}

function scaledNorm(builder: GraphBuilder, x: Ref, scale: Ref, dim: number): Ref {
  const squares = builder.sum(builder.unary('square', builder.div(x, scale)), [1], true)
  return builder.unary('sqrt', builder.mul(builder.constant(1 / dim), squares))
}

const magnitude = (builder: GraphBuilder, x: Ref): Ref => builder.sum(builder.unary('abs', x), [1], true)

function inputOnce(builder: GraphBuilder, name: string, shape: readonly number[]): Ref {
  return builder.call({ nodes: [{ op: 'input', name, inputs: [], shape }], outputs: [{ name: 'output', node: 0 }] })['output']!
}
