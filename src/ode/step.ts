import { GraphBuilder, type Ref } from '../graph/builder.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import { ROWS } from '../graph/shape.js'
import { callField, usesTime } from './callField.js'
import { beside, blocks, column, zeros } from './combine.js'
import { fieldDerivatives } from './fieldDerivatives.js'
import { gaussNodes } from './gauss.js'
import { blocksOf, NOT_SOLVED, timesOf, type Method, type StepParts } from './method.js'
import { errorScale, scaledNorm, tempered, type ErrorNorm } from './tolerance.js'

// The Graphs of a solve. Times of stages are computed in float64 outside: in float32, t + h/5 cannot be told from t at t = 1e8.

/** Names of the inputs `param.<name>` of a finished Graph, in its order: that of the sums of their gradients. */
export const paramNames = (graph: Graph): string[] =>
  graphInputs(graph)
    .map(({ name }) => name)
    .filter((name) => name.startsWith('param.'))

/** What a step Graph gives out beside `y1` and `carried`. */
export interface StepOutputs {
  /**
   * `check` `[rows, 2]`: the norm of error over tolerance (0 for a method without estimate, {@link NOT_SOLVED} where equations could not
   * be solved), and a sum of magnitudes that is finite exactly if the new state and the field there are. With `stiffness`
   * `[rows, 3]`: |hλ|, too.
   */
  readonly check?: ErrorNorm
  readonly stiffness?: boolean
  /** `nodes` `[rows, nodes·dim]`: the states at the nodes of a quadrature, see `quadratureOf`. */
  readonly nodes?: boolean
  /** `path` `[rows, (1 + degree)·dim]`: y and p₁ … of the dense output, see `StepParts.path`. */
  readonly path?: boolean
  /** An input `unknowns` around which the step is linear; see `StepContext.found`. */
  readonly found?: boolean
}

/**
 * The step that the solver repeats and the discrete adjoint differentiates. Inputs `clock` (see {@link clockLayout}),
 * `y`, `carried` and, with a check of a method that has an error estimate, `tolerance`; outputs `y1`, `carried1` and what `outputs` says,
 * and `unknowns` if the method has some.
 */
export function stepGraph(field: Graph, method: Method, dim: number, outputs: StepOutputs = {}): Graph {
  const builder = new GraphBuilder()
  const { check, path = false, found = false } = outputs
  const { y, parts } = stepParts(builder, field, method, dim, outputs)
  builder.output('y1', parts.y1)
  builder.output('carried1', beside(builder, parts.carried))
  if (outputs.nodes) builder.output('nodes', beside(builder, nodeStates(builder, method, y, parts)))
  if (path) builder.output('path', builder.concat([y, ...parts.path()], 1))
  if (check)
    builder.output(
      'check',
      builder.concat(
        [
          errorNorm(builder, y, parts, check),
          magnitude(builder, parts.y1, parts.carried[0]!),
          ...(outputs.stiffness ? [parts.stiffness!()] : []),
        ],
        1,
      ),
    )
  if (parts.unknowns && !found) builder.output('unknowns', beside(builder, parts.unknowns))
  return builder.build()
}

/** Writes a method's step into a Graph. */
function stepParts(
  builder: GraphBuilder,
  field: Graph,
  method: Method,
  dim: number,
  { check, path = false, found = false }: StepOutputs,
): { readonly y: Ref; readonly parts: StepParts } {
  const layout = clockLayout(field, method, path)
  const clock = builder.input('clock', [ROWS, layout.width])
  const y = builder.input('y', [ROWS, dim])
  const carried = blocks(builder, builder.input('carried', [ROWS, blocksOf(method) * dim]), dim)
  const t = (i: number): Ref => (layout.timed ? column(builder, clock, layout.times + i) : zeros(builder, 1))
  const derivatives = fieldDerivatives(builder, field)
  const parts = method.step({
    builder,
    dim,
    h: column(builder, clock, 0),
    y,
    carried,
    field: (i, z) => callField(builder, field, t(i), z),
    jacobian: (i, z) => derivatives.jacobian(t(i), z),
    timeDerivative: (i, z) => (layout.timed ? derivatives.byTime(t(i), z) : undefined),
    history: (i) => column(builder, clock, layout.history + i),
    ...(check && { norm: (x: Ref) => scaledNorm(builder, x, errorScale(builder, check, y, y), check) }),
    ...(found && { found: blocks(builder, builder.input('unknowns', [ROWS, method.unknowns! * dim]), dim) }),
  })
  return { y, parts }
}

/** The norm of a step's error. */
function errorNorm(builder: GraphBuilder, y: Ref, { y1, errors, solved }: StepParts, check: ErrorNorm): Ref {
  const measure = (): Ref => {
    if (!errors) return builder.broadcast(builder.constant([0], [1, 1]), [ROWS, 1])
    const scale = errorScale(builder, check, y, y1)
    const [error, crude] = errors().map((estimate) => scaledNorm(builder, estimate, scale, check))
    return crude === undefined ? error! : tempered(builder, error!, crude)
  }
  const norm = measure()
  return solved === undefined ? norm : builder.select(solved, norm, builder.constant(NOT_SOLVED))
}

/** The nodes of a quadrature over a step: where they lie, by number of evaluation or as a fraction of the step. */
export type Quadrature = readonly { readonly weight: number; readonly evaluation?: number; readonly theta: number }[]

/** The quadrature of a method's steps: its own, or Gauss's on the dense output. */
export function quadratureOf(field: Graph, method: Method, dim: number): Quadrature {
  const own = stepParts(new GraphBuilder(), field, method, dim, {}).parts.quadrature
  return own?.map(({ weight, evaluation }) => ({ weight, evaluation, theta: method.times[evaluation]! })) ?? gaussNodes(method.order)
}

/** States at the nodes of a quadrature over the step. */
function nodeStates(builder: GraphBuilder, method: Method, y: Ref, parts: StepParts): Ref[] {
  if (parts.quadrature) return parts.quadrature.map(({ state }) => state)
  const path = parts.path()
  return gaussNodes(method.order).map(({ theta }) => pathPoint(builder, [y, ...path], theta))
}

/** A point of the dense output y + θ(p₁ + (1 − θ)(p₂ + …)) inside a Graph. */
export function pathPoint(builder: GraphBuilder, path: readonly Ref[], theta: number): Ref {
  let value = path.at(-1)!
  for (let j = path.length - 2; j >= 0; j--)
    value = builder.add(path[j]!, builder.mul(builder.constant(j % 2 === 1 ? 1 - theta : theta), value))
  return value
}

/** Where a step's `clock` has what: the size h first; if the field depends on t, the time of each evaluation; numbers of its history. */
export function clockLayout(
  field: Graph,
  method: Method,
  path = false,
): { readonly timed: boolean; readonly times: number; readonly history: number; readonly width: number } {
  const timed = usesTime(field)
  const history = 1 + (timed ? timesOf(method, path).length : 0)
  return { timed, times: 1, history, width: history + (method.history?.numbers ?? 0) }
}

/**
 * The field at the start: inputs `t` `[rows, 1]`, `y`, `tolerance`; outputs `carried` (the field, and zeros for the rest) and
 * `check` `[rows, 3]`: scaled norms of y and the field, magnitude.
 */
export function startGraph(field: Graph, method: Method, dim: number, tolerance: ErrorNorm): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const y = builder.input('y', [ROWS, dim])
  const slope = callField(builder, field, t, y)
  const scale = errorScale(builder, tolerance, y, y)
  builder.output('carried', carriedAtStart(builder, method, dim, slope))
  builder.output(
    'check',
    builder.concat(
      [
        // What stands at 0 and has no tolerance there has no say in the first step.
        scaledNorm(builder, y, scale, tolerance, scale),
        scaledNorm(builder, slope, scale, tolerance, scale),
        magnitude(builder, y, slope),
      ],
      1,
    ),
  )
  return builder.build()
}

/** What is carried where a row starts, or starts anew: the field there. */
export function carriedAtStart(builder: GraphBuilder, method: Method, dim: number, slope: Ref): Ref {
  return blocksOf(method) === 1 ? slope : builder.concat([slope, zeros(builder, (blocksOf(method) - 1) * dim)], 1)
}

/**
 * How fast the field changes: inputs `t` (after the trial step), `h` `[rows, 1]`, `y`, `carried`,
 * `tolerance`; output `norm` `[rows, 1]` of f(t + h, y + h·slope) − slope.
 */
export function trialGraph(field: Graph, method: Method, dim: number, tolerance: ErrorNorm): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const h = builder.input('h', [ROWS, 1])
  const y = builder.input('y', [ROWS, dim])
  const slope = blocks(builder, builder.input('carried', [ROWS, blocksOf(method) * dim]), dim)[0]!
  const next = callField(builder, field, t, builder.add(y, builder.mul(h, slope)))
  const change = builder.sub(next, slope)
  const scale = errorScale(builder, tolerance, y, y)
  builder.output('norm', scaledNorm(builder, change, scale, tolerance, scale))
  return builder.build()
}

/**
 * The field anew: inputs `t`, `y`, `carried` and `here` `[rows, 1]`; output `carried1`, as at the start where `here` is 1, else as it was.
 */
export function restartGraph(field: Graph, method: Method, dim: number): Graph {
  const builder = new GraphBuilder()
  const [t, here] = [builder.input('t', [ROWS, 1]), builder.input('here', [ROWS, 1])]
  const [y, carried] = [builder.input('y', [ROWS, dim]), builder.input('carried', [ROWS, blocksOf(method) * dim])]
  builder.output('carried1', builder.select(here, carriedAtStart(builder, method, dim, callField(builder, field, t, y)), carried))
  return builder.build()
}

/** `accepted` `[rows, 1]` chooses by row: outputs `y` and `carried` from `y1`, `carried1` where it is 1, else as they were. */
export function selectGraph(method: Method, dim: number): Graph {
  const builder = new GraphBuilder()
  const accepted = builder.input('accepted', [ROWS, 1])
  const [y1, y] = ['y1', 'y'].map((name) => builder.input(name, [ROWS, dim]))
  const [carried1, carried] = ['carried1', 'carried'].map((name) => builder.input(name, [ROWS, blocksOf(method) * dim]))
  builder.output('y', builder.select(accepted, y1!, y!))
  builder.output('carried', builder.select(accepted, carried1!, carried!))
  return builder.build()
}

/** A product by row: inputs `a`, `b` `[rows, dim]`; output `product` `[rows, 1]`. */
export function dotGraph(dim: number): Graph {
  const builder = new GraphBuilder()
  const [a, b] = [builder.input('a', [ROWS, dim]), builder.input('b', [ROWS, dim])]
  builder.output('product', builder.sum(builder.mul(a, b), [1], true))
  return builder.build()
}

/** A sum by row that is finite exactly if all numbers of both are. */
const magnitude = (builder: GraphBuilder, x: Ref, y: Ref): Ref =>
  builder.sum(builder.add(builder.unary('abs', x), builder.unary('abs', y)), [1], true)
