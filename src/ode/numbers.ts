import type { Shape } from '../graph/shape.js'
import { SolverError } from './errors.js'

/** Numbers in nested lists, as people write matrices; a list may be a typed array. */
export type Nested = number | ArrayLike<number> | readonly Nested[]

/** What TensorFlow.js's tensors have of what is needed here, so that nothing of it is loaded for numbers. */
export interface TensorLike {
  /** Lengths of its axes. */
  readonly shape: readonly number[]
  readonly dtype?: string
  /** Its numbers, row-major. */
  dataSync(): ArrayLike<number>
}

/** Numbers, row-major, and their shape. */
export interface Numbers {
  readonly values: ArrayLike<number>
  readonly shape: Shape
}

export const isTensor = (value: unknown): value is TensorLike =>
  typeof value === 'object' && value !== null && 'dataSync' in value && typeof value.dataSync === 'function' && 'shape' in value

const isNumericArray = (value: unknown): value is ArrayLike<number> & ArrayBufferView =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)

/** What has a length and numbered entries and is no array of JavaScript's. */
const isArrayLike = (value: unknown): value is ArrayLike<unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'length' in value && Number.isInteger(value.length)

/**
 * The numbers of a number, nested lists, a typed array or a tensor.
 *
 * @param what what they are, to begin a sentence with
 * @throws SolverError `Shape` for ragged lists, and for what is no number; `Complex` for complex numbers
 */
export function readNumbers(value: unknown, what: string): Numbers {
  if (typeof value === 'number') return { values: [value], shape: [] }
  if (isTensor(value)) {
    requireReal(value, what)
    return { values: value.dataSync(), shape: value.shape }
  }
  if (isNumericArray(value)) return { values: value, shape: [value.length] }
  if (isArrayLike(value)) return readNumbers(Array.from(value), what)
  if (!Array.isArray(value))
    throw new SolverError('Shape', `${what} holds ${said(value)}, which is no number. Give numbers, lists of numbers or a tensor.`)
  if (value.length > 0 && value.every((part) => typeof part === 'number')) return { values: value as number[], shape: [value.length] }
  // Not map: it passes over holes.
  const parts = Array.from(value, (part: unknown) => readNumbers(part, what))
  if (parts.length === 0) return { values: [], shape: [0] }
  const inner = parts[0]!.shape
  const odd = parts.find(({ shape }) => shape.join() !== inner.join())
  if (odd) throw new SolverError('Shape', `${what} is ragged: it holds lists of shape [${inner.join(', ')}] and [${odd.shape.join(', ')}].`)
  return { values: parts.flatMap(({ values }) => Array.from(values)), shape: [parts.length, ...inner] }
}

/**
 * Throws for a tensor of complex numbers.
 *
 * @throws SolverError `Complex`
 */
export function requireReal({ dtype }: TensorLike, what: string): void {
  if (dtype !== 'complex64') return
  throw new SolverError(
    'Complex',
    `${what} is complex, and solvers compute with real numbers. Make real and imaginary parts components of their own: ` +
      'tf.concat([tf.real(z), tf.imag(z)], -1), with a field for both.',
  )
}

/** A value in a message. */
export function said(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `the bigint ${value}`
  if (value instanceof Date) return `a Date (${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()})`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'a list'
  if (isTensor(value)) return 'a tensor'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
