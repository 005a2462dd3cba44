import { GraphBuilder } from '../graph/builder.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import { jvp } from '../graph/jvp.js'
import { ROWS } from '../graph/shape.js'
import { fieldParameters } from './callField.js'
import { beside, block, zeros } from './combine.js'
import { derivedOnce } from './derivedOnce.js'
import { SolverError } from './errors.js'

/**
 * The tangent system of a field: the state is [z, ż] with ż the derivative of z along a direction, so that dż/dt = (∂f/∂z) ż + (∂f/∂θ) θ̇.
 * Its parameters are those of the field and, for each, `dot.<name>`: the direction, of the same shape. A solve of it is the derivative of a
 * solve of the field; its own gradient holds second derivatives: with L a function of z at some times, the cotangent [L″ż, L′] of [z, ż]
 * pulls back to the Hessian of L times the direction.
 *
 * @throws SolverError `Shape` for a Graph that is no field
 */
export const tangentField = (field: Graph): Graph => derivedOnce(field, 'tangent', () => makeTangent(field))

function makeTangent(field: Graph): Graph {
  const inputs = graphInputs(field).map(({ name }) => name)
  const output = field.nodes[field.outputs[0]?.node ?? -1]
  const dim = output?.shape[1]
  if (!inputs.includes('z') || dim === undefined) throw new SolverError('Shape', 'tangentField takes a field: see vectorField.')
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const state = builder.input('z', [ROWS, 2 * dim])
  const moving = ['z', ...fieldParameters(field).map(({ name }) => name)]
  const results = builder.call(jvp(field, moving), {
    ...(inputs.includes('t') && { t }),
    z: block(builder, state, 0, dim),
    'dot.z': block(builder, state, 1, dim),
  })
  builder.output('output', beside(builder, [results['output']!, results['dot.output'] ?? zeros(builder, dim)]))
  return builder.build()
}
