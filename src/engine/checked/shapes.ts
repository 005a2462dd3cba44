import { EngineError } from '../errors.js'
import { formatShape, sameShape } from '../graph/shape.js'
import type { FloatArray, Stack, Value } from './engine.js'

/** The shape of the pieces of an array that is cut into `steps` alike. @throws EngineError `Shape` if it cannot be */
export function pieceShape({ shape }: Value, steps: number): number[] {
  const rows = shape[0]! / steps
  if (!(Number.isInteger(steps) && steps > 0 && Number.isInteger(rows)))
    throw new EngineError('Shape', `An array of shape ${formatShape(shape)} cannot be cut into ${steps} with equally many rows.`)
  return [rows, ...shape.slice(1)]
}

/** The shape of arrays laid one behind the other. @throws EngineError `Shape` if they do not fit together, or there are none */
export function joinedShape(values: readonly Value[]): number[] {
  const [first] = values
  if (!first || first.shape.length === 0) throw new EngineError('Shape', 'concat needs at least one array, and arrays with rows.')
  const rest = first.shape.slice(1)
  const other = values.find(({ shape }) => !sameShape(shape.slice(1), rest))
  if (other)
    throw new EngineError(
      'Shape',
      `Arrays of shapes ${formatShape(first.shape)} and ${formatShape(other.shape)} cannot be joined: they differ in more than their rows.`,
    )
  return [values.reduce((sum, { shape }) => sum + shape[0]!, 0), ...rest]
}

/** Numbers cut into arrays that are as long together. @throws EngineError `Shape` if they are not */
export function split(numbers: FloatArray, to: readonly FloatArray[]): void {
  const length = to.reduce((sum, array) => sum + array.length, 0)
  if (length !== numbers.length) throw new EngineError('Shape', `${numbers.length} numbers do not fill arrays of ${length} together.`)
  let at = 0
  for (const array of to) array.set(numbers.subarray(at, (at += array.length)))
}

/** @throws EngineError `Index` if a stack has no steps `from` to `to` */
export function requirePart({ steps }: Stack, from: number, to: number): void {
  if (!(from >= 0 && from <= to && to <= steps))
    throw new EngineError('Index', `A stack of ${steps} steps has no part from ${from} to ${to}.`)
}
