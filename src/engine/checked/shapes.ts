import { EngineError } from '../../errors.js'
import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { formatShape, sameShape, sizeOf } from '../../graph/shape.js'
import type { FloatArray, ScanOptions, Stack } from '../engine.js'
import type { Blocks } from '../rawEngine.js'

/** @throws EngineError `Index` for an index that is not one of `rows` */
export function requireIndex(index: Int32Array, rows: number, what: string): void {
  for (let i = 0; i < index.length; i++) {
    if (!(index[i]! >= 0 && index[i]! < rows))
      throw new EngineError('Index', `${what}: index ${index[i]} at position ${i} is not one of ${rows} rows.`)
  }
}

/** @throws EngineError `Shape` if there are not as many indices as rows */
export function requireIndexPerRow(shape: readonly number[], index: Int32Array, what: string): void {
  if (shape[0] !== index.length)
    throw new EngineError('Shape', `${what} needs one index per row: ${index.length} for shape ${formatShape(shape)}.`)
}

/** @throws EngineError `Shape` if the numbers are not those of an array of that shape */
export function requireNumbers(values: ArrayLike<number>, shape: readonly number[]): void {
  if (sizeOf(shape) !== values.length) throw new EngineError('Shape', `${values.length} values do not fill shape ${formatShape(shape)}.`)
}

/** @throws EngineError `Shape` if the arrays are not as long together as one of that shape */
export function requireLengths(shape: readonly number[], to: readonly FloatArray[]): void {
  let length = 0
  for (const array of to) length += array.length
  if (length !== sizeOf(shape)) throw new EngineError('Shape', `${sizeOf(shape)} numbers do not fill arrays of ${length} together.`)
}

/**
 * What writes the arrays of a stack one by one, be it given all numbers or that already.
 * @throws EngineError `Shape` if the numbers are too few or too many
 */
export function stackWriter(
  values: ArrayLike<number> | ((step: number, into: FloatArray) => void),
  steps: number,
  shape: readonly number[],
): (step: number, into: FloatArray) => void {
  if (typeof values === 'function') return values
  const size = sizeOf(shape)
  if (steps * size !== values.length)
    throw new EngineError('Shape', `${values.length} values do not fill ${steps} arrays of shape ${formatShape(shape)}.`)
  const numbers = ArrayBuffer.isView(values) ? (values as FloatArray) : Float64Array.from(values)
  return (step, into) => into.set(numbers.subarray(step * size, (step + 1) * size))
}

/** @throws EngineError `Index` if a stack has no steps `from` to `to` */
export function requirePart({ steps }: Stack, from: number, to: number): void {
  if (!(from >= 0 && from <= to && to <= steps))
    throw new EngineError('Index', `A stack of ${steps} steps has no part from ${from} to ${to}.`)
}

/** The shape of the pieces of an array that is cut into `steps` alike. @throws EngineError `Shape` if it cannot be */
export function pieceShape(shape: readonly number[], steps: number): number[] {
  const rows = shape[0]! / steps
  if (!(Number.isInteger(steps) && steps > 0 && Number.isInteger(rows)))
    throw new EngineError('Shape', `An array of shape ${formatShape(shape)} cannot be cut into ${steps} with equally many rows.`)
  return [rows, ...shape.slice(1)]
}

/** The shape of arrays laid one behind the other. @throws EngineError `Shape` if they do not fit together, or there are none */
export function joinedShape(shapes: readonly (readonly number[])[]): number[] {
  const [first] = shapes
  if (!first || first.length === 0) throw new EngineError('Shape', 'concat needs at least one array, and arrays with rows.')
  const rest = first.slice(1)
  const other = shapes.find((shape) => !sameShape(shape.slice(1), rest))
  if (other)
    throw new EngineError(
      'Shape',
      `Arrays of shapes ${formatShape(first)} and ${formatShape(other)} cannot be joined: they differ in more than their rows.`,
    )
  return [shapes.reduce((sum, [rows]) => sum + rows!, 0), ...rest]
}

/** What `Engine.gatherWeighted` sums. @throws EngineError `Shape` if its arguments do not fit together */
export function blocksToSum(shape: readonly number[], index: Int32Array, weights: readonly number[]): Blocks {
  const terms = termsOf(index.length, weights, 'gatherWeighted')
  const width = (shape[1] ?? 0) / terms
  if (shape.length !== 2 || !Number.isInteger(width))
    throw new EngineError(
      'Shape',
      `gatherWeighted with ${terms} weights a row needs rows of ${terms} equal blocks, and was given shape ${formatShape(shape)}.`,
    )
  return { terms, width }
}

/** What `Engine.scatterWeighted` makes. @throws EngineError `Shape` if its arguments do not fit together */
export function blocksToAddTo(shape: readonly number[], from: Int32Array, index: Int32Array, weights: readonly number[]): Blocks {
  const terms = termsOf(shape[0] ?? 0, weights, 'scatterWeighted')
  if (shape.length !== 2 || from.length !== index.length)
    throw new EngineError(
      'Shape',
      `scatterWeighted needs rows, and as many places to take them from as to add them to: shape ${formatShape(shape)}, ` +
        `${from.length} and ${index.length}.`,
    )
  return { terms, width: shape[1]! }
}

function termsOf(rows: number, weights: readonly number[], what: string): number {
  if (weights.length !== 2 || weights[0] !== rows || weights[1] === 0)
    throw new EngineError('Shape', `${what} needs weights for each of ${rows} rows, and was given shape ${formatShape(weights)}.`)
  return weights[1]!
}

/** @throws EngineError `Input` for names that the Graph has not */
export function requireScan(graph: Graph, { carried, stepped = [], history = [], consumes = [] }: ScanOptions): void {
  const inputs = graphInputs(graph).map(({ name }) => name)
  const outputs = graphOutputs(graph).map(({ name }) => name)
  const strange = Object.values(carried).find((name) => !outputs.includes(name))
  if (strange !== undefined)
    throw new EngineError('Input', `The Graph has no output "${strange}" to carry along; it has ${outputs.join(', ')}.`)
  const twice = Object.values(carried).find((name, i, all) => all.indexOf(name) !== i)
  if (twice !== undefined) throw new EngineError('Input', `The output "${twice}" cannot be carried along as two inputs.`)
  const kept = [...history, ...consumes].find((name) => !(name in carried))
  if (kept !== undefined) throw new EngineError('Input', `"${kept}" cannot be used up or remembered: it is not carried along.`)
  const unknown = stepped.find((name) => !inputs.includes(name) || name in carried)
  if (unknown !== undefined)
    throw new EngineError('Input', `"${unknown}" cannot be an input of each step: the Graph has no such input, or it is carried along.`)
}
