import { SolverError } from './errors.js'
import { readNumbers, said, type Nested, type Numbers, type TensorLike } from './numbers.js'

/** How a signal goes from knot to knot, see {@link signal}. */
export type Interpolation = 'hold' | 'linear' | 'hermite'

/** A control or covariate over time; made by {@link signal}. */
export interface Signal {
  readonly kind: 'signal'
  /** Times of its values. */
  readonly knots: ArrayLike<number>
  /** @internal */
  readonly values: Numbers
  readonly interpolation: Interpolation
  /** 1 for the derivative by time of a signal. */
  readonly order: 0 | 1
  /**
   * Its derivative by time, a signal of the same knots and values; gradients are those by the values. 0 outside of the knots.
   *
   * @throws SolverError `Option` for a signal that holds its values, and for a derivative
   */
  derivative(): Signal
}

/**
 * A signal through values at knots, as an input by row: for all rows, or in a list of one for each row. Steps end at its knots.
 *
 * - `'hold'`: each value holds from its knot to the next one; the field is evaluated anew where it jumps.
 * - `'linear'`: straight lines.
 * - `'hermite'`: cubics with the slope of the line before each knot (of the first line at the first knot), once continuously
 *   differentiable; a value has no effect before the knot before it. Morrill, Kidger, Yang and Lyons, Neural Controlled
 *   Differential Equations for Online Prediction Tasks, 2021: "Hermite cubic splines with backward differences".
 *
 * Before the first knot the first value holds, after the last the last one.
 *
 *     inputs: { u: signal([0, 1, 4], [0.5, 2, 1], 'linear') }
 *
 * @param knots times, rising, in the units of the solve's times
 * @param values at the knots, `[knots, k]`; where k is 1, `[knots]` will do
 * @throws SolverError `Shape` for values that are no numbers. Whether knots and values fit is checked in a solve, which can name the row
 */
export function signal(knots: ArrayLike<number>, values: Nested | TensorLike, interpolation: Interpolation = 'hold'): Signal {
  const { values: numbers, shape } = readNumbers(values, 'The list of values of a signal')
  const given: Numbers = { values: Float64Array.from(numbers), shape }
  return makeSignal(Array.from(knots), given, interpolation, 0)
}

function makeSignal(knots: readonly number[], values: Numbers, interpolation: Interpolation, order: 0 | 1): Signal {
  return {
    kind: 'signal',
    knots,
    values,
    interpolation,
    order,
    derivative() {
      if (order === 1 || interpolation === 'hold')
        throw new SolverError(
          'Option',
          order === 1
            ? 'This signal is a derivative already, which has none itself.'
            : 'A signal that holds its values has no derivative. Interpolate it: linear or hermite.',
        )
      return makeSignal(knots, values, interpolation, 1)
    },
  }
}

export const isSignal = (value: unknown): value is Signal =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'signal'

/** Columns of a signal's values. */
export const signalWidth = ({ knots, values: { values } }: Signal): number => values.length / knots.length

/** Degree of a signal's polynomials in time. */
export const degreeOf = ({ interpolation, order }: Signal): number => ({ hold: 0, linear: 1, hermite: 3 })[interpolation] - order

/** Whether a signal jumps at a knot. */
export function jumpsAt({ interpolation, order, knots }: Signal, knot: number): boolean {
  if (interpolation === 'hold') return true
  return order === 1 && (interpolation === 'linear' || knot === 0 || knot === knots.length - 1)
}

/** A stretch of a signal: Σ cₚ (t − knot)ᵖ, each cₚ a sum of the values at some knots, with weights `[degree + 1, taps]`. */
export interface Piece {
  readonly knot: number
  readonly taps: readonly number[]
  readonly weights: readonly (readonly number[])[]
}

const pieces = new WeakMap<Signal, Piece[]>()

/** The stretch between knots `i` and `i + 1`; −1 is that before the first knot. */
export function pieceOf(signal: Signal, i: number): Piece {
  const made = pieces.get(signal) ?? []
  pieces.set(signal, made)
  return (made[i + 1] ??= makePiece(signal, i))
}

function makePiece(signal: Signal, i: number): Piece {
  const { knots, interpolation, order } = signal
  const last = knots.length - 1
  const within = i >= 0 && i < last
  const piece = within && interpolation !== 'hold' ? curve(signal, i) : undefined
  const tap = Math.min(Math.max(i, 0), last)
  if (!piece) return { knot: knots[tap]!, taps: [tap], weights: flat(degreeOf(signal), 1 - order) }
  if (order === 0) return piece
  return { ...piece, weights: piece.weights.slice(1).map((row, p) => row.map((weight) => (p + 1) * weight)) }
}

/** A value that stays, as a polynomial of a degree. */
const flat = (degree: number, value: number): number[][] => Array.from({ length: degree + 1 }, (_, p) => [p === 0 ? value : 0])

function curve({ knots, interpolation }: Signal, i: number): Piece {
  const h = knots[i + 1]! - knots[i]!
  const knot = knots[i]!
  if (interpolation === 'linear')
    return {
      knot,
      taps: [i, i + 1],
      weights: [
        [1, 0],
        [-1 / h, 1 / h],
      ],
    }
  // The slopes at both ends, as weights of the values before, at and after knot i. With the slope of the line at its end, the cubic is
  // v + s m₀ + s² 2(m₁ − m₀)/h + s³ (m₀ − m₁)/h².
  const before = i === 0 ? undefined : knot - knots[i - 1]!
  const taps = before === undefined ? [i, i + 1] : [i - 1, i, i + 1]
  const pad = before === undefined ? [] : [0]
  const end = [...pad, -1 / h, 1 / h]
  const start = before === undefined ? end : [-1 / before, 1 / before, 0]
  return {
    knot,
    taps,
    weights: [
      [...pad, 1, 0],
      start,
      end.map((weight, j) => (2 * (weight - start[j]!)) / h),
      end.map((weight, j) => (start[j]! - weight) / h ** 2),
    ],
  }
}

/**
 * Throws a SolverError `Signal` for one that is none for an input of `width` columns.
 *
 * @param where to begin a sentence with: the input, and the row
 */
export function requireSignal({ knots, values, interpolation }: Signal, width: number, where: string, row?: number): void {
  const fail = (message: string): never => {
    throw new SolverError('Signal', `${where}: ${message}`, row)
  }
  if (!['hold', 'linear', 'hermite'].includes(interpolation))
    fail(`there is no interpolation "${String(interpolation)}" of signals. Choose hold, linear or hermite.`)
  if (knots.length === 0) fail('the signal has no knots. Give at least one.')
  for (let i = 0; i < knots.length; i++) {
    if (!Number.isFinite(knots[i])) fail(`knot ${i} of the signal is ${said(knots[i])}; knots are finite times.`)
    if (i > 0 && knots[i]! <= knots[i - 1]!)
      fail(
        `knot ${i} of the signal, ${knots[i]!}, ${knots[i] === knots[i - 1] ? 'is that before it, too' : `stands after ${knots[i - 1]!}`}. ` +
          'Knots must rise; sort them, and keep one of each.',
      )
  }
  const { shape, values: numbers } = values
  const fits = shape[0] === knots.length && (shape.length === 1 ? width === 1 : shape.length === 2 && shape[1] === width)
  const isFlat = shape.length === 1 && numbers.length === knots.length * width
  if (!fits && !isFlat)
    fail(
      `the signal has ${knots.length} knots and values of shape [${shape.join(', ')}]; the field takes values [${knots.length}, ${width}].`,
    )
  for (let i = 0; i < numbers.length; i++)
    if (!Number.isFinite(numbers[i]))
      fail(
        `the value of the signal at knot ${Math.floor(i / width)}, column ${i % width}, is ${said(numbers[i])}. It must be a finite ` +
          'number: leave knots without a value out.',
      )
}
