import { GraphBuilder, type Ref } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { formatShape, ROWS } from '../graph/shape.js'
import { callField } from './callField.js'
import { withCourses, type Degrees } from './courses.js'
import { SolverError } from './errors.js'
import { callFunctionOfField, functionOfField } from './fieldFunction.js'
import { said } from './numbers.js'
import type { FieldFunction } from './tracer.js'

/** What makes an event happen: where this changes its sign. */
export interface EventOption {
  /**
   * A function of `t` `[rows, 1]`, `z` `[rows, dim]` and the field's parameters and inputs, that returns `[rows, 1]`; a Graph of it with
   * the output `output`; or {@link steadyState}.
   */
  readonly when: FieldFunction | Graph | SteadyState
  /** Only where it rises (`'up'`) or falls (`'down'`) as the solve goes along; default `'both'`. */
  readonly direction?: 'up' | 'down' | 'both'
  /** Whether the row ends there, default true: outputs behind it are NaN. */
  readonly stop?: boolean
}

/** See {@link steadyState}. */
export interface SteadyState {
  readonly kind: 'steadyState'
  readonly rtol: number
  readonly atol: number
}

/**
 * The event that the solution has come to rest: the root mean square of f / (atol + rtol·|z|) falls below 1.
 *
 *     events: [{ when: steadyState({ atol: 1e-6 }) }]
 *
 * @throws SolverError `Option` for tolerances below 0
 */
export function steadyState({ rtol = 1e-3, atol = 1e-6 }: { readonly rtol?: number; readonly atol?: number } = {}): SteadyState {
  for (const [name, value] of Object.entries({ rtol, atol }))
    if (!(value >= 0 && Number.isFinite(value)))
      throw new SolverError('Option', `steadyState: ${name} is ${said(value)}; it must be a number from 0.`)
  if (rtol === 0 && atol === 0) throw new SolverError('Option', 'steadyState: rtol and atol are both 0; one must be above.')
  return { kind: 'steadyState', rtol, atol }
}

/** All event functions side by side: inputs `t`, `y`, `inputs` and the parameters; output `g` `[rows, events]`. */
export function eventsGraph(field: Graph, degrees: Degrees, dim: number, events: readonly EventOption[]): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const y = builder.input('y', [ROWS, dim])
  const told = withCourses(field, degrees)
  const values = events.map(({ when }, i): Ref => {
    if (typeof when === 'object' && 'kind' in when) return restlessness(builder, told, when, t, y)
    const graph = functionOfField(
      {
        what: `Event function ${i}`,
        given: when,
        width: 1,
        expected:
          `it must return one number for each row, ${formatShape([ROWS, 1])}: of z [rows, ${dim}], take a column with ` +
          'tf.slice(z, [0, 0], [-1, 1]).',
      },
      field,
      dim,
    )
    return callFunctionOfField(builder, graph, field, degrees, t, y)
  })
  builder.output('g', values.length === 1 ? values[0]! : builder.concat(values, 1))
  return builder.build()
}

/** Norm of the field over its tolerance, less 1. */
function restlessness(builder: GraphBuilder, field: Graph, { rtol, atol }: SteadyState, t: Ref, y: Ref): Ref {
  const slope = callField(builder, field, t, y)
  const scale = builder.add(builder.constant(atol), builder.mul(builder.constant(rtol), builder.unary('abs', y)))
  const scaled = builder.div(slope, scale)
  const mean = builder.mul(builder.constant(1 / builder.shape(y)[1]!), builder.sum(builder.unary('square', scaled), [1], true))
  return builder.sub(builder.unary('sqrt', mean), builder.constant(1))
}
