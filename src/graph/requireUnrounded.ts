import { GraphError } from '../errors.js'
import type { Graph } from './graph.js'
import { formatShape } from './shape.js'

/**
 * Makes sure that all constants are known in full, for computing in float64.
 *
 * @throws GraphError `Rounded` for one that comes from a tensor of TensorFlow.js, which holds float32
 */
export function requireUnrounded(graph: Graph): void {
  graph.nodes.forEach((node, i) => {
    if (node.op !== 'constant' || !node.rounded) return
    const [first] = node.values
    const what = node.values.length === 1 ? `the number ${first}` : `numbers (${first}, …)`
    throw new GraphError(
      'Rounded',
      `The constant %${i} of shape ${formatShape(node.shape)} holds ${what} that TensorFlow.js rounded to float32, and is to be ` +
        'computed with in float64. It comes from a tensor made outside of the traced function, from a Float32Array, or from an ' +
        'operation that TensorFlow.js alone computes. Write the numbers inside the function, as in tf.mul(8 / 3, z); or make it a ' +
        'parameter; or take an engine of float32.',
    )
  })
}
