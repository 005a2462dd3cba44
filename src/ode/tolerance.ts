import type { GraphBuilder, Ref } from '../graph/builder.js'
import { formatShape, ROWS, sameShape } from '../graph/shape.js'
import { inputOnce } from './callField.js'
import { block } from './combine.js'
import { SolverError } from './errors.js'
import type { Norm } from './types.js'

/**
 * What the error of a step is measured against, atol + rtol·max(|y|, |y1|) by component, and by which norm. The numbers
 * are an input of the Graphs, `tolerance`: rtol, then atol; so that others need no new programs.
 */
export interface Tolerance extends ErrorNorm {
  readonly rtol: number
  readonly atol: number | readonly number[]
}

/** By which norm errors are measured. */
export interface ErrorNorm {
  /** Default: the root mean square over components. */
  readonly norm?: Norm
  /** Of how many states of equal size side by side the norm is taken, the largest counting; default 1. */
  readonly blocks?: number
  /** Whether atol is one number for each component; default one for all. */
  readonly byComponent?: boolean
  /** Whether a component may be measured against 0: then an error of 0 is none. */
  readonly againstZero?: boolean
}

/** A tolerance, with what of it programs are compiled for. */
export const toleranceOf = (rtol: number, atol: number | readonly number[], norm?: ErrorNorm['norm']): Tolerance => ({
  rtol,
  atol,
  byComponent: typeof atol !== 'number',
  againstZero: typeof atol === 'number' ? atol === 0 : atol.includes(0),
  ...(norm && { norm }),
})

/** The numbers of a tolerance as its Graphs take them. */
export const toleranceNumbers = ({ rtol, atol }: Tolerance): number[] => [rtol, ...(typeof atol === 'number' ? [atol] : atol)]

/** The tolerance by component at the larger of two states, `[rows, dim]`. */
export function errorScale(builder: GraphBuilder, { byComponent = false }: ErrorNorm, y: Ref, y1: Ref): Ref {
  const size = builder.binary('maximum', builder.unary('abs', y), builder.unary('abs', y1))
  const count = byComponent ? builder.shape(y)[1]! : 1
  const numbers = inputOnce(builder, 'tolerance', [1 + count])
  const relative = builder.reshape(builder.slice(numbers, [0], [1]), [])
  const absolute = builder.slice(numbers, [1], [count])
  return builder.add(byComponent ? absolute : builder.reshape(absolute, []), builder.mul(relative, size))
}

/** The norm of x over a scale, `[rows, 1]`. @param zero what has to be 0 where x counts as 0 though its scale may be 0, too */
export function scaledNorm(builder: GraphBuilder, x: Ref, scale: Ref, { norm, blocks = 1, againstZero = false }: ErrorNorm, zero = x): Ref {
  const scaled = againstZero
    ? builder.select(builder.binary('equal', zero, builder.constant(0)), builder.constant(0), builder.div(x, scale))
    : builder.div(x, scale)
  if (norm === undefined) return rootMeanSquare(builder, scaled)
  const dim = builder.shape(scaled)[1]! / blocks
  const norms = Array.from({ length: blocks }, (_, i) => norm(builder, block(builder, scaled, i, dim)))
  for (const ref of norms) {
    if (!sameShape(builder.shape(ref), [ROWS, 1]))
      throw new SolverError(
        'Option',
        `The norm returns ${formatShape(builder.shape(ref))} for ${formatShape([ROWS, dim])}; it must return one number for each ` +
          `row, ${formatShape([ROWS, 1])}.`,
      )
  }
  return norms.reduce((a, b) => builder.binary('maximum', a, b))
}

/** e²/√(e² + 0.01 c²), and 0 where both are. */
export function tempered(builder: GraphBuilder, e: Ref, c: Ref): Ref {
  const square = builder.unary('square', e)
  const sum = builder.add(square, builder.mul(builder.constant(0.01), builder.unary('square', c)))
  return builder.select(
    builder.binary('equal', sum, builder.constant(0)),
    builder.constant(0),
    builder.div(square, builder.unary('sqrt', sum)),
  )
}

function rootMeanSquare(builder: GraphBuilder, x: Ref): Ref {
  const squares = builder.sum(builder.unary('square', x), [1], true)
  return builder.unary('sqrt', builder.mul(builder.constant(1 / builder.shape(x)[1]!), squares))
}
