import type { Tensor } from '@tensorflow/tfjs-core'
import { GraphError, TraceError } from '../errors.js'
import type { Graph } from '../graph/graph.js'
import { graphToJSON } from '../graph/json.js'
import { assertRowwise } from '../graph/rowwise.js'
import { formatShape, ROWS, sameShape, type Shape } from '../graph/shape.js'
import { trace } from '../graph/trace.js'
import { setTracer, type FieldFunction } from './tracer.js'

export type { FieldFunction } from './tracer.js'

/**
 * Traces dz/dt into the Graph that a solver takes.
 *
 * @param fn dz/dt; traced once, so it may neither read values nor draw random numbers
 * @param shapes `dim`: number of components of z. `params`: shapes of the parameters, which all rows share, by name. `inputs`: what is
 *   another in each row, such as a dose or a control, by name: its columns k, or its shape `[-1, k]`; the function gets it as `[rows, k]`
 *   beside the parameters. No name may be `t` or `z`, or stand twice
 * @throws TraceError if it cannot be a Graph, `Field` if it computes with numbers instead of tensors; GraphError
 *   `RowsMixed` if a row depends on another, `Shape` if the result is not `[rows, dim]`, `Name` for a name that is taken
 */
export function vectorField(
  fn: FieldFunction,
  shapes: { dim: number; params?: Readonly<Record<string, Shape>>; inputs?: Readonly<Record<string, number | Shape>> },
): Graph {
  const { dim, params = {}, inputs = {} } = shapes
  const clash = ['t', 'z'].find((name) => Object.hasOwn(params, name) || Object.hasOwn(inputs, name))
  if (clash)
    throw new GraphError(
      'Name',
      `A parameter${Object.hasOwn(params, clash) ? '' : ' or input'} of a vector field cannot be called "${clash}": that is its ` +
        'argument. Rename it.',
    )
  const twice = Object.keys(inputs).find((name) => Object.hasOwn(params, name))
  if (twice) throw new GraphError('Name', `"${twice}" is a parameter of the vector field and an input by row, too. Rename one of them.`)
  const graph = traceOf(fn, dim, { ...params, ...inputShapes(inputs) })
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
  return sameAsBefore(fn, graph)
}

/** Shapes of inputs by row, `[ROWS, k]`. */
function inputShapes(inputs: Readonly<Record<string, number | Shape>>): Record<string, Shape> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, given]) => {
      const shape = typeof given === 'number' ? [ROWS, given] : given
      if (shape.length !== 2 || shape[0] !== ROWS || !Number.isInteger(shape[1]) || shape[1]! < 1)
        throw new GraphError(
          'Shape',
          `The input "${name}" has shape ${formatShape(shape)}; an input by row is [rows, k]: give k, a whole number from 1, or [-1, k].`,
        )
      return [name, shape]
    }),
  )
}

/** What functions were traced to last. */
const traced = new WeakMap<FieldFunction, { readonly text: string; readonly graph: Graph }>()

/** The Graph that the function was traced to before, if it is the same: what is compiled of it goes by the object. */
function sameAsBefore(fn: FieldFunction, graph: Graph): Graph {
  const text = JSON.stringify(graphToJSON(graph))
  const before = traced.get(fn)
  if (before?.text === text) return before.graph
  traced.set(fn, { text, graph })
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

setTracer(traceOf)
