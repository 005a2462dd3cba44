import { GraphError } from '../errors.js'

/**
 * A shape whose dimensions may depend on the number of rows. A dimension `n >= 0` is a plain size; a negative
 * one, `-k`, stands for `k * rows`, where `rows` is an argument of the compiled program. So `[-1, 4]` is a table
 * of `rows` rows and 4 columns, and `[-12]` the same table sliced into threes and flattened.
 */
export type Shape = readonly number[]

/** The rows axis as a dimension: `[ROWS, 4]`. */
export const ROWS = -1

/** The concrete shape for a given number of rows. */
export const shapeAt = (shape: Shape, rows: number): number[] => shape.map((d) => (d < 0 ? -d * rows : d))

/** Number of elements of a concrete shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, d) => product * d, 1)

/**
 * Number of elements as `coefficient * rows ** degree`. A shape with two rows axes has degree 2, which no
 * operation of this package makes.
 */
export function symbolicSize(shape: Shape): { coefficient: number; degree: number } {
  let coefficient = 1
  let degree = 0
  for (const d of shape) {
    coefficient *= Math.abs(d)
    if (d < 0) degree++
  }
  return { coefficient, degree }
}

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i])

export const sameSize = (a: Shape, b: Shape): boolean => {
  const x = symbolicSize(a)
  const y = symbolicSize(b)
  return x.coefficient === y.coefficient && (x.degree === y.degree || x.coefficient === 0)
}

/** `[rows, 4]`, `[3·rows]`, `[]`: how shapes are printed. */
export const formatShape = (shape: Shape): string =>
  `[${shape.map((d) => (d === -1 ? 'rows' : d < 0 ? `${-d}·rows` : String(d))).join(', ')}]`

/** The shape two operands broadcast to, by NumPy's rule. */
export function broadcastShapes(a: Shape, b: Shape, what = 'operands'): Shape {
  const rank = Math.max(a.length, b.length)
  const out: number[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new GraphError(
        'Shape',
        `The shapes of ${what}, ${formatShape(a)} and ${formatShape(b)}, do not broadcast: dimensions ${x} and ${y} differ and ` +
          'neither is 1.',
      )
    }
    out.push(x === 1 ? y : x)
  }
  return out
}

/** Axes of `to` along which a value of shape `from` was repeated to become `to`. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const lead = to.length - from.length
  const axes: number[] = []
  to.forEach((d, i) => {
    if (i < lead || (from[i - lead] === 1 && d !== 1)) axes.push(i)
  })
  return axes
}
