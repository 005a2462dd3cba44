import type { GraphBuilder, Ref } from '../graph/builder.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import { formatShape, ROWS, sameShape } from '../graph/shape.js'
import { fieldParameters, inputRefs, paramInputs, rowInputs } from './callField.js'
import { withCourses, type Degrees } from './courses.js'
import { SolverError } from './errors.js'
import { traceFunction, type FieldFunction } from './tracer.js'

/** A function of time, state, parameters and inputs that goes along with a field: when an event is, what a jump does. */
export interface FunctionOfField {
  /** What it is, to begin a message with. */
  readonly what: string
  readonly given: FieldFunction | Graph
  /** Columns that it returns. */
  readonly width: number
  /** What its result is, and what to write, for who returns something else. */
  readonly expected: string
}

/**
 * The Graph of such a function: inputs `t`, `z` and what of the field's parameters and inputs by row it takes; output `output`.
 *
 * @param dim components of the state
 * @throws SolverError `Shape` for one that returns another shape, or takes what the field has not
 */
export function functionOfField({ what, given, width, expected }: FunctionOfField, field: Graph, dim: number): Graph {
  const shapes = Object.fromEntries([
    ...fieldParameters(field).map(({ name, shape }) => [name, shape] as const),
    ...rowInputs(field).map(({ name, width: columns }) => [name, [ROWS, columns]] as const),
  ])
  const graph = typeof given === 'function' ? traceFunction(given, dim, shapes) : given
  const output = graph.outputs.length === 1 && graph.outputs[0]!.name === 'output' ? graph.nodes[graph.outputs[0]!.node] : undefined
  if (!output || !sameShape(output.shape, [ROWS, width]))
    throw new SolverError('Shape', `${what} returns ${output ? formatShape(output.shape) : 'no output called "output"'}; ${expected}`)
  const known = ['t', 'z', ...Object.keys(shapes)]
  const foreign = graphInputs(graph).find(({ name }) => !known.includes(name))
  if (foreign) throw new SolverError('Shape', `${what} takes "${foreign.name}", which the field has not; it has ${known.join(', ')}.`)
  return graph
}

/** Computes such a Graph inside another, at `t` and `z`. @param degrees of the field's inputs by row in time */
export function callFunctionOfField(builder: GraphBuilder, graph: Graph, field: Graph, degrees: Degrees, t: Ref, z: Ref): Ref {
  const [own, told] = [withCourses(graph, degrees), withCourses(field, degrees)]
  const names = graphInputs(own).map(({ name }) => name)
  const refs = Object.entries({ ...paramInputs(builder, told), ...inputRefs(builder, told) }).filter(([name]) => names.includes(name))
  return builder.call(own, { t, z, ...Object.fromEntries(refs) })['output']!
}
