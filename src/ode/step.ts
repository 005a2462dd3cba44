import { GraphBuilder, type Ref } from '../graph/builder.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import { formatShape, ROWS, sameShape } from '../graph/shape.js'
import { SolverError } from './errors.js'
import { degreeOf, denseStagesOf, pathWeights, stagesOf, type Tableau } from './tableau.js'
import type { Norm } from './types.js'

// The Graphs of a solve. Each has the field's parameters as inputs `param.<name>`. Times of stages are
// computed in float64 outside: in float32, t + h/5 cannot be told from t at t = 1e8.

/**
 * What the error of a step is measured against, atol + rtol·max(|y|, |y1|) by component, and by which norm. The numbers
 * are an input of the Graphs, `tolerance`: rtol, then atol; so that others need no new programs.
 */
export interface Tolerance extends ErrorNorm {
  readonly rtol: number
  readonly atol: number | readonly number[]
}

/** By which norm errors are measured. */
export interface ErrorNorm {
  /** Default: the root mean square over components. */
  readonly norm?: Norm
  /** Of how many states of equal size side by side the norm is taken, the largest counting; default 1. */
  readonly blocks?: number
  /** Whether atol is one number for each component; default one for all. */
  readonly byComponent?: boolean
  /** Whether a component may be measured against 0: then an error of 0 is none. */
  readonly againstZero?: boolean
}

/** A tolerance, with what of it programs are compiled for. */
export const toleranceOf = (rtol: number, atol: number | readonly number[], norm?: ErrorNorm['norm']): Tolerance => ({
  rtol,
  atol,
  byComponent: typeof atol !== 'number',
  againstZero: typeof atol === 'number' ? atol === 0 : atol.includes(0),
  ...(norm && { norm }),
})

/** The numbers of a tolerance as its Graphs take them. */
export const toleranceNumbers = ({ rtol, atol }: Tolerance): number[] => [rtol, ...(typeof atol === 'number' ? [atol] : atol)]

/** Evaluates a field inside a Graph under construction; its parameters become inputs `param.<name>`. */
export function callField(builder: GraphBuilder, field: Graph, t: Ref, z: Ref): Ref {
  return builder.call(field, { t, z, ...paramInputs(builder, field) })['output']!
}

/** The inputs `param.<name>` of a Graph under construction, made where they do not exist yet. */
export function paramInputs(builder: GraphBuilder, field: Graph): Record<string, Ref> {
  return Object.fromEntries(
    graphInputs(field)
      .filter(({ name }) => name !== 't' && name !== 'z')
      .map(({ name, shape }) => [name, inputOnce(builder, `param.${name}`, shape)]),
  )
}

/** Names of the inputs `param.<name>` of a finished Graph, in its order: that of the sums of their gradients. */
export const paramNames = (graph: Graph): string[] =>
  graphInputs(graph)
    .map(({ name }) => name)
    .filter((name) => name.startsWith('param.'))

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
 * the new state `y1`.
 */
function rungeKutta(
  builder: GraphBuilder,
  field: Graph,
  tableau: Tableau,
  { t, h, y, k1 }: { t: (stage: number) => Ref; h: Ref; y: Ref; k1: Ref },
): { y1: Ref; stages: Ref[] } {
  const stages = [k1]
  let y1 = y
  for (let i = 1; i < stagesOf(tableau); i++) {
    const increment = combine(builder, tableau.a[i]!, stages)
    y1 = increment === undefined ? y : builder.add(y, builder.mul(h, increment))
    stages.push(callField(builder, field, t(i), y1))
  }
  return { y1, stages }
}

/** What a step Graph gives out beside `y1` and `k`. */
export interface StepOutputs {
  /**
   * `check` `[rows, 2]`: the norm of error over tolerance (0 for a method without estimate), and a sum of
   * magnitudes that is finite exactly if the new state and the field there are.
   */
  readonly check?: ErrorNorm
  /** `stages` `[rows, stages·dim]`. */
  readonly stages?: boolean
  /** `path` `[rows, (1 + degree)·dim]`: y and p₁ … of the dense output, see `pathWeights`. */
  readonly path?: boolean
}

/**
 * The step that the solver repeats and the discrete adjoint differentiates. Inputs `clock` (see {@link clockWidth}),
 * `y`, `k1` and, with a check of a method that has an error estimate, `tolerance`;
 * outputs `y1`, `k` (the last stage) and what `outputs` says.
 */
export function stepGraph(field: Graph, tableau: Tableau, dim: number, outputs: StepOutputs = {}): Graph {
  const builder = new GraphBuilder()
  const clock = builder.input('clock', [ROWS, clockWidth(field, tableau, outputs.path)])
  const y = builder.input('y', [ROWS, dim])
  const k1 = builder.input('k1', [ROWS, dim])
  const h = column(builder, clock, 0)
  const t = usesTime(field) ? (i: number) => column(builder, clock, 1 + i) : () => builder.broadcast(builder.constant(0), [ROWS, 1])
  const { y1, stages } = rungeKutta(builder, field, tableau, { t, h, y, k1 })
  builder.output('y1', y1)
  builder.output('k', stages.at(-1)!)
  if (outputs.stages) builder.output('stages', builder.concat(stages, 1))
  if (outputs.path) {
    const all = [...stages]
    for (const { a } of tableau.extra ?? [])
      all.push(callField(builder, field, t(all.length), builder.add(y, builder.mul(h, combine(builder, a, all)!))))
    const weights = pathWeights(tableau)
    const parts = Array.from({ length: degreeOf(tableau) }, (_, j) => {
      if (j === 0) return builder.sub(y1, y)
      const sum = combine(
        builder,
        weights.map((row) => row[j]!),
        all,
      )
      return sum === undefined ? builder.broadcast(builder.constant(0), [ROWS, dim]) : builder.mul(h, sum)
    })
    builder.output('path', builder.concat([y, ...parts], 1))
  }
  if (outputs.check) {
    const { check } = outputs
    const measure = ({ bError, bCrude }: Tableau): Ref => {
      if (bError === undefined) return builder.broadcast(builder.constant([0], [1, 1]), [ROWS, 1])
      const scale = errorScale(builder, check, y, y1)
      const normOf = (weights: readonly number[]): Ref =>
        scaledNorm(builder, builder.mul(h, combine(builder, weights, stages)!), scale, check)
      return bCrude ? tempered(builder, normOf(bError), normOf(bCrude)) : normOf(bError)
    }
    const norm = measure(tableau)
    builder.output('check', builder.concat([norm, magnitude(builder, y1, stages.at(-1)!)], 1))
  }
  return builder.build()
}

/** Whether a field depends on t. */
export const usesTime = (field: Graph): boolean => usesInput(field, 't')

/** Whether a Graph has an input and uses it. */
export function usesInput({ nodes, outputs }: Graph, name: string): boolean {
  const at = nodes.findIndex((node) => node.op === 'input' && node.name === name)
  return at >= 0 && (nodes.some(({ inputs }) => inputs.includes(at)) || outputs.some(({ node }) => node === at))
}

/** Columns of `clock`, which tells a step its size h and, if the field depends on t, the time of each stage. */
export const clockWidth = (field: Graph, tableau: Tableau, path = false): number =>
  usesTime(field) ? 1 + (path ? denseStagesOf(tableau) : stagesOf(tableau)) : 1

/**
 * The field at the start: inputs `t` `[rows, 1]`, `y`, `tolerance`; outputs `k1` and
 * `check` `[rows, 3]`: scaled norms of y and k1, magnitude.
 */
export function startGraph(field: Graph, dim: number, tolerance: ErrorNorm): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const y = builder.input('y', [ROWS, dim])
  const k1 = callField(builder, field, t, y)
  const scale = errorScale(builder, tolerance, y, y)
  builder.output('k1', k1)
  builder.output(
    'check',
    builder.concat(
      [
        // What stands at 0 and has no tolerance there has no say in the first step.
        scaledNorm(builder, y, scale, tolerance, scale),
        scaledNorm(builder, k1, scale, tolerance, scale),
        magnitude(builder, y, k1),
      ],
      1,
    ),
  )
  return builder.build()
}

/**
 * How fast the field changes: inputs `t` (after the trial step), `h` `[rows, 1]`, `y`, `k1`,
 * `tolerance`; output `norm` `[rows, 1]` of f(t + h, y + h·k1) − k1.
 */
export function trialGraph(field: Graph, dim: number, tolerance: ErrorNorm): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const h = builder.input('h', [ROWS, 1])
  const y = builder.input('y', [ROWS, dim])
  const k1 = builder.input('k1', [ROWS, dim])
  const k2 = callField(builder, field, t, builder.add(y, builder.mul(h, k1)))
  const change = builder.sub(k2, k1)
  const scale = errorScale(builder, tolerance, y, y)
  builder.output('norm', scaledNorm(builder, change, scale, tolerance, scale))
  return builder.build()
}

/**
 * The field anew: inputs `t`, `y`, `k1` and `here` `[rows, 1]`; output `k`, the field at (t, y) in rows where `here` is 1,
 * else `k1`.
 */
export function restartGraph(field: Graph, dim: number): Graph {
  const builder = new GraphBuilder()
  const [t, here] = [builder.input('t', [ROWS, 1]), builder.input('here', [ROWS, 1])]
  const [y, k1] = [builder.input('y', [ROWS, dim]), builder.input('k1', [ROWS, dim])]
  builder.output('k', builder.select(here, callField(builder, field, t, y), k1))
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

/** A product by row: inputs `a`, `b` `[rows, dim]`; output `product` `[rows, 1]`. */
export function dotGraph(dim: number): Graph {
  const builder = new GraphBuilder()
  const [a, b] = [builder.input('a', [ROWS, dim]), builder.input('b', [ROWS, dim])]
  builder.output('product', builder.sum(builder.mul(a, b), [1], true))
  return builder.build()
}

function errorScale(builder: GraphBuilder, { byComponent = false }: ErrorNorm, y: Ref, y1: Ref): Ref {
  const size = builder.binary('maximum', builder.unary('abs', y), builder.unary('abs', y1))
  const count = byComponent ? builder.shape(y)[1]! : 1
  const numbers = inputOnce(builder, 'tolerance', [1 + count])
  const relative = builder.reshape(builder.slice(numbers, [0], [1]), [])
  const absolute = builder.slice(numbers, [1], [count])
  return builder.add(byComponent ? absolute : builder.reshape(absolute, []), builder.mul(relative, size))
}

function scaledNorm(builder: GraphBuilder, x: Ref, scale: Ref, { norm, blocks = 1, againstZero = false }: ErrorNorm, zero = x): Ref {
  const scaled = againstZero
    ? builder.select(builder.binary('equal', zero, builder.constant(0)), builder.constant(0), builder.div(x, scale))
    : builder.div(x, scale)
  if (norm === undefined) return rootMeanSquare(builder, scaled)
  const dim = builder.shape(scaled)[1]! / blocks
  const norms = Array.from({ length: blocks }, (_, i) => norm(builder, block(builder, scaled, i, dim)))
  for (const ref of norms) {
    if (!sameShape(builder.shape(ref), [ROWS, 1]))
      throw new SolverError(
        'Option',
        `The norm returns ${formatShape(builder.shape(ref))} for ${formatShape([ROWS, dim])}; it must return one number for each ` +
          `row, ${formatShape([ROWS, 1])}.`,
      )
  }
  return norms.reduce((a, b) => builder.binary('maximum', a, b))
}

/** e²/√(e² + 0.01 c²), and 0 where both are. */
function tempered(builder: GraphBuilder, e: Ref, c: Ref): Ref {
  const square = builder.unary('square', e)
  const sum = builder.add(square, builder.mul(builder.constant(0.01), builder.unary('square', c)))
  return builder.select(
    builder.binary('equal', sum, builder.constant(0)),
    builder.constant(0),
    builder.div(square, builder.unary('sqrt', sum)),
  )
}

function rootMeanSquare(builder: GraphBuilder, x: Ref): Ref {
  const squares = builder.sum(builder.unary('square', x), [1], true)
  return builder.unary('sqrt', builder.mul(builder.constant(1 / builder.shape(x)[1]!), squares))
}

/** A sum by row that is finite exactly if all numbers of both are. */
const magnitude = (builder: GraphBuilder, x: Ref, y: Ref): Ref =>
  builder.sum(builder.add(builder.unary('abs', x), builder.unary('abs', y)), [1], true)

function inputOnce(builder: GraphBuilder, name: string, shape: readonly number[]): Ref {
  return builder.call({ nodes: [{ op: 'input', name, inputs: [], shape }], outputs: [{ name: 'output', node: 0 }] })['output']!
}
