import { columnsOf, type Degrees } from './courses.js'
import type { RowInput } from './callField.js'
import type { Timeline } from './rowInputs.js'
import { jumpsAt, pieceOf, type Piece, type Signal } from './signal.js'
import type { StopTimes } from './stopTimes.js'

/** An input of the field: in which columns the solve holds it, and what it was given as. */
export interface GivenInput extends RowInput {
  readonly degree: number
  /** Numbers `[rows, k]`, or one signal for all rows or for each. */
  readonly given: { readonly values: ArrayLike<number> } | { readonly signals: readonly Signal[] }
}

/** Inputs as they go along each row: segments as numbers, `[segments, width]`, and when they end. */
export interface Segments {
  readonly numbers: Float64Array
  readonly first: Int32Array
  /** When rows move on, from the segments they stand in. */
  readonly timeline: (segment: Int32Array) => Timeline
  gradient(bars: ArrayLike<number>): Record<string, Float64Array>
}

/** Columns of all inputs, one behind the other. */
export function layOut(inputs: readonly RowInput[], degrees: Degrees): { readonly columns: readonly number[]; readonly width: number } {
  let width = 0
  const columns = inputs.map(({ name, width: own }) => {
    width += columnsOf(own, degrees[name] ?? 0)
    return width - columnsOf(own, degrees[name] ?? 0)
  })
  return { columns, width }
}

type Way = Pick<StopTimes, 'start' | 'last' | 'direction' | 'origin'>

/** @param inputs with `from` as laid out, `width` columns in all */
export function makeSegments(inputs: readonly GivenInput[], width: number, rows: number, way: Way): Segments {
  const { start, last, direction } = way
  const signalOf = ({ given }: GivenInput, row: number): Signal | undefined =>
    'signals' in given ? (given.signals.length === 1 ? given.signals[0] : given.signals[row]) : undefined
  const first = new Int32Array(rows)
  const ends: number[] = []
  const jumping: boolean[] = []
  const owners: number[] = []
  for (let row = 0; row < rows; row++) {
    first[row] = ends.length
    const signals = inputs.flatMap((input) => signalOf(input, row) ?? [])
    for (const end of stopsOf(signals, start[row]!, last[row]!, direction[row]!)) {
      ends.push(end)
      jumping.push(signals.some((signal) => jumpsAtTime(signal, end)))
      owners.push(row)
    }
    // Nothing lies behind a row's last time: the segment that ends there, or beyond, is the last.
    if (ends.length === first[row] || (ends.at(-1)! - last[row]!) * direction[row]! < 0) {
      ends.push(direction[row]! * Infinity)
      jumping.push(false)
      owners.push(row)
    }
  }
  /** The stretch of a signal that a segment lies in. */
  const pieceIn = (signal: Signal, segment: number): Piece => {
    const row = owners[segment]!
    return pieceOf(signal, stretchAt(signal, segment === first[row] ? start[row]! : ends[segment - 1]!, direction[row]!))
  }
  const segmentAt = (row: number, time: number): number => {
    let found = first[row]!
    while ((time - ends[found]!) * direction[row]! > 0 && owners[found + 1] === row) found++
    return found
  }
  const numbers = new Float64Array(ends.length * width)
  for (let segment = 0; segment < ends.length; segment++) {
    for (const input of inputs) {
      const signal = signalOf(input, owners[segment]!)
      if (signal) writePiece(signal, pieceIn(signal, segment), input, way.origin(owners[segment]!), numbers, segment * width + input.from)
      else copyValues(input, owners[segment]!, numbers, segment * width + input.from)
    }
  }
  return {
    numbers,
    first,
    timeline: (segment) => ({
      next: (row) => ends[segment[row]!]!,
      jumps: (row) => jumping[segment[row]!]!,
      at: segmentAt,
      endsAt: (row, time) => ends[segmentAt(row, time)] === time,
    }),
    gradient: (bars) =>
      Object.fromEntries(
        inputs.map((input): [string, Float64Array] => {
          const { given } = input
          const sums = 'signals' in given ? given.signals.map(({ values }) => new Float64Array(values.values.length)) : []
          const values = new Float64Array('values' in given ? given.values.length : 0)
          for (let segment = 0; segment < ends.length; segment++) {
            const row = owners[segment]!
            const at = segment * width + input.from
            const signal = signalOf(input, row)
            if (signal) pullPiece(pieceIn(signal, segment), input, bars, at, sums[sums.length === 1 ? 0 : row]!)
            else for (let k = 0; k < input.width; k++) values[row * input.width + k]! += bars[at + k]!
          }
          return [input.name, 'signals' in given ? joined(sums) : values]
        }),
      ),
  }
}

/** Knots beyond `start`, in the order in which a row comes by them: up to the first at `last` or beyond. */
function stopsOf(signals: readonly Signal[], start: number, last: number, direction: number): number[] {
  const times = new Set<number>()
  for (const { knots } of signals) for (let i = 0; i < knots.length; i++) if ((knots[i]! - start) * direction > 0) times.add(knots[i]!)
  const sorted = [...times].sort((a, b) => (a - b) * direction)
  const enough = sorted.findIndex((time) => (time - last) * direction >= 0)
  return enough < 0 ? sorted : sorted.slice(0, enough + 1)
}

function jumpsAtTime(signal: Signal, time: number): boolean {
  const knot = stretchAt(signal, time, 1)
  return signal.knots[knot] === time && jumpsAt(signal, knot)
}

/** The stretch that begins at `time` for who goes on from it in a direction. */
function stretchAt({ knots }: Signal, time: number, direction: number): number {
  let [low, high] = [0, knots.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (knots[middle]! < time || (direction > 0 && knots[middle] === time)) low = middle + 1
    else high = middle
  }
  return low - 1
}

function writePiece(signal: Signal, piece: Piece, { width, degree }: GivenInput, origin: number, into: Float64Array, at: number): void {
  const { values } = signal.values
  const coefficients = degree === 0 ? at : at + 1
  if (degree > 0) into[at] = piece.knot - origin
  piece.weights.forEach((weights, p) => {
    piece.taps.forEach((tap, j) => {
      for (let k = 0; k < width; k++) into[coefficients + p * width + k]! += weights[j]! * values[tap * width + k]!
    })
  })
}

/** The transpose of `writePiece`. */
function pullPiece(piece: Piece, { width, degree }: GivenInput, bars: ArrayLike<number>, at: number, sums: Float64Array): void {
  const coefficients = degree === 0 ? at : at + 1
  piece.weights.forEach((weights, p) => {
    piece.taps.forEach((tap, j) => {
      for (let k = 0; k < width; k++) sums[tap * width + k]! += weights[j]! * bars[coefficients + p * width + k]!
    })
  })
}

function copyValues({ given, width }: GivenInput, row: number, into: Float64Array, at: number): void {
  if ('values' in given) for (let k = 0; k < width; k++) into[at + k] = given.values[row * width + k]!
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
