import type { Tensor } from '@tensorflow/tfjs-core'
import { GraphError } from '../errors.js'
import type { Graph } from '../graph/graph.js'
import { assertRowwise } from '../graph/rowwise.js'
import { formatShape, ROWS, sameShape, type Shape } from '../graph/shape.js'
import { trace } from '../graph/trace.js'

/** dz/dt as an ordinary TensorFlow.js function: `t` `[rows, 1]`, `z` `[rows, dim]`, parameters by name; returns `[rows, dim]`. */
export type FieldFunction = (t: Tensor, z: Tensor, params: Record<string, Tensor>) => Tensor

/**
 * Traces dz/dt into the Graph that a solver takes.
 *
 * @param fn dz/dt; traced once, so it may neither read values nor draw random numbers
 * @param shapes `dim`: number of components of z. `params`: shapes of the parameters, by name; none may be called `t` or `z`
 * @throws TraceError if it cannot be a Graph; GraphError `RowsMixed` if a row depends on another, `Shape` if the result
 *   is not `[rows, dim]`, `Name` for a parameter called `t` or `z`
 */
export function vectorField(fn: FieldFunction, shapes: { dim: number; params?: Readonly<Record<string, Shape>> }): Graph {
  const { dim, params = {} } = shapes
  const clash = ['t', 'z'].find((name) => Object.hasOwn(params, name))
  if (clash) throw new GraphError('Name', `A parameter of a vector field cannot be called "${clash}": that is its argument. Rename it.`)
  const graph = trace((inputs) => {
    const { t, z, ...rest } = inputs
    return fn(t!, z!, rest)
  }, { t: [ROWS, 1], z: [ROWS, dim], ...params })
  const [output] = graph.outputs
  const shape = graph.nodes[output!.node]!.shape
  if (!sameShape(shape, [ROWS, dim])) throw new GraphError('Shape', `The vector field returns ${formatShape(shape)}; dz/dt has the shape of z, ${formatShape([ROWS, dim])}.`)
  assertRowwise(graph)
  return graph
}
