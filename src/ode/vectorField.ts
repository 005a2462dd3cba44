import type { Tensor } from '@tensorflow/tfjs-core'
import { GraphError, TraceError } from '../errors.js'
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
 * @throws TraceError if it cannot be a Graph, `Field` if it computes with numbers instead of tensors; GraphError
 *   `RowsMixed` if a row depends on another, `Shape` if the result is not `[rows, dim]`, `Name` for a parameter called `t` or `z`
 */
export function vectorField(fn: FieldFunction, shapes: { dim: number; params?: Readonly<Record<string, Shape>> }): Graph {
  const { dim, params = {} } = shapes
  const clash = ['t', 'z'].find((name) => Object.hasOwn(params, name))
  if (clash) throw new GraphError('Name', `A parameter of a vector field cannot be called "${clash}": that is its argument. Rename it.`)
  const graph = traceOf(fn, dim, params)
  const [output] = graph.outputs
  const shape = graph.nodes[output!.node]!.shape
  if (graph.nodes.some((node) => node.op === 'constant' && node.values.some(Number.isNaN)))
    throw new TraceError(
      'Field',
      `The vector field computes with NaN: what comes of z[0], −z or Math.sin(z), since z is a tensor and no number. ${howTo(dim, params)}`,
    )
  if (!sameShape(shape, [ROWS, dim]))
    throw new GraphError('Shape', `The vector field returns ${formatShape(shape)}; dz/dt has the shape of z, ${formatShape([ROWS, dim])}.`)
  assertRowwise(graph)
  return graph
}

/** Traces a function of t, z and parameters, with advice for those who take tensors for numbers. */
export function traceOf(fn: FieldFunction, dim: number, params: Readonly<Record<string, Shape>>): Graph {
  try {
    return trace(
      (inputs) => {
        const { t, z, ...rest } = inputs
        const result: unknown = fn(t!, z!, rest)
        if (isNumbers(result))
          throw new TraceError(
            'Field',
            `The vector field returns ${typeof result === 'number' ? 'a number' : 'an array'}, not a tensor. ${howTo(dim, params)}`,
          )
        return result as Tensor
      },
      { t: [ROWS, 1], z: [ROWS, dim], ...params },
    )
  } catch (cause) {
    if (cause instanceof TraceError && cause.code === 'Read')
      throw new TraceError('Read', `${cause.message} So do −z, z + 1 and Math.sin(z). ${howTo(dim, params)}`, { cause })
    if (usesNumbers(cause))
      throw new TraceError('Field', `The vector field throws "${(cause as Error).message}". ${howTo(dim, params)}`, { cause })
    throw cause
  }
}

const isNumbers = (result: unknown): boolean => typeof result === 'number' || Array.isArray(result) || ArrayBuffer.isView(result)

/** Errors of JavaScript for a tensor that is taken for an array, and of TensorFlow.js for what is no tensor. */
const usesNumbers = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof Error && /must be a Tensor|TensorLike/.test(error.message))

/** What to write instead of numbers. */
function howTo(dim: number, params: object): string {
  const names = Object.keys(params)
  const example =
    dim === 1
      ? 'dz/dt = −z is (t, z) => tf.neg(z)'
      : `dz/dt = [z1, −z0, …] is (t, z) => { const [z0, z1${dim > 2 ? ', …' : ''}] = tf.split(z, ${dim}, 1); return tf.concat([z1, ` +
        `tf.neg(z0)${dim > 2 ? ', …' : ''}], 1) }`
  return (
    `A field is called with tensors, t [rows, 1], z [rows, ${dim}] and the parameters given (${names.join(', ') || 'none'}), and is ` +
    `written with TensorFlow.js: ${example}.`
  )
}
