import { elementwiseOps, isUnary, type BinaryOp, type ComparisonOp, type UnaryOp } from '../graph/ops.js'
import { FieldError } from './fieldError.js'
import { said } from './numbers.js'

/** A column, or a number that all rows share. */
export type Operand = Column | number

/** What a column is: an argument of the field, a number, or an operation on other columns. */
export type ColumnNode =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'time' }
  | { readonly kind: 'state'; readonly index: number }
  | { readonly kind: 'param'; readonly name: string; readonly entry?: number }
  | { readonly kind: 'op'; readonly op: UnaryOp | BinaryOp | ComparisonOp | 'select'; readonly operands: readonly Column[] }

/** Most entries of a parameter that can be taken one after the other: a loop that never ends is found here. */
const mostEntries = 65_536

/**
 * One number for each row: the time, a component of the state, a parameter, or what is computed from them. A field that
 * `field` is given as a function computes with these; its methods take columns and numbers. A number becomes a column with `column`.
 *
 * Comparisons are 1 where they hold, else 0. Every method throws a FieldError, `Column` for what is neither a column nor a
 * number, `NaN` for a number that is none.
 */
export class Column {
  /** @internal */
  readonly node: ColumnNode

  /** @internal */
  constructor(node: ColumnNode) {
    this.node = node
  }

  /** The sum of this and all that is given. */
  plus(...others: readonly Operand[]): Column {
    return others.reduce<Column>((sum, other) => apply('add', sum, other), this)
  }
  /** This less another. */
  minus(other: Operand): Column {
    return apply('sub', this, other)
  }
  /** The product of this and all that is given. */
  times(...others: readonly Operand[]): Column {
    return others.reduce<Column>((product, other) => apply('mul', product, other), this)
  }
  /** This divided by another. */
  div(other: Operand): Column {
    return apply('div', this, other)
  }
  /** This to the power of another; a negative number has powers that are constant integers only, else NaN. */
  pow(exponent: Operand): Column {
    return power(this, columnOf(exponent))
  }
  /** −x. */
  neg(): Column {
    return apply('neg', this)
  }
  /** x². */
  square(): Column {
    return apply('square', this)
  }
  /** Square root. */
  sqrt(): Column {
    return apply('sqrt', this)
  }
  /** eˣ. */
  exp(): Column {
    return apply('exp', this)
  }
  /** eˣ − 1, exact near 0. */
  expm1(): Column {
    return apply('expm1', this)
  }
  /** Natural logarithm. */
  log(): Column {
    return apply('log', this)
  }
  /** log(1 + x), exact near 0. */
  log1p(): Column {
    return apply('log1p', this)
  }
  /** Sine, of radians. */
  sin(): Column {
    return apply('sin', this)
  }
  /** Cosine, of radians. */
  cos(): Column {
    return apply('cos', this)
  }
  /** Tangent, of radians. */
  tan(): Column {
    return this.sin().div(this.cos())
  }
  /** Hyperbolic sine. */
  sinh(): Column {
    return this.expm1().minus(this.neg().expm1()).times(0.5)
  }
  /** Hyperbolic cosine. */
  cosh(): Column {
    return this.exp().plus(this.neg().exp()).times(0.5)
  }
  /** Hyperbolic tangent. */
  tanh(): Column {
    return apply('tanh', this)
  }
  /** 1 / (1 + e⁻ˣ). */
  sigmoid(): Column {
    return apply('sigmoid', this)
  }
  /** log(1 + eˣ). */
  softplus(): Column {
    return apply('softplus', this)
  }
  /** The larger of x and 0. */
  relu(): Column {
    return apply('relu', this)
  }
  /** |x|. */
  abs(): Column {
    return apply('abs', this)
  }
  /** 1, 0 or −1. */
  sign(): Column {
    return apply('sign', this)
  }
  /** The smallest of this and all that is given. */
  min(...others: readonly Operand[]): Column {
    return others.reduce<Column>((least, other) => apply('minimum', least, other), this)
  }
  /** The largest of this and all that is given. */
  max(...others: readonly Operand[]): Column {
    return others.reduce<Column>((most, other) => apply('maximum', most, other), this)
  }
  /** Whether this is less than another. */
  lt(other: Operand): Column {
    return apply('less', this, other)
  }
  /** Whether this is at most another. */
  le(other: Operand): Column {
    return apply('lessEqual', this, other)
  }
  /** Whether this is greater than another. */
  gt(other: Operand): Column {
    return apply('greater', this, other)
  }
  /** Whether this is at least another. */
  ge(other: Operand): Column {
    return apply('greaterEqual', this, other)
  }
  /** Whether this equals another. */
  eq(other: Operand): Column {
    return apply('equal', this, other)
  }
  /** Whether this differs from another. */
  ne(other: Operand): Column {
    return apply('notEqual', this, other)
  }
  /** `yes` in the rows in which this is not 0, else `no`; what is not chosen has no influence, NaN included. */
  where(yes: Operand, no: Operand): Column {
    return apply('select', this, yes, no)
  }

  /** Entry `index` of a parameter that is a list of numbers. */
  at(index: number): Column {
    const { node } = this
    if (node.kind !== 'param' || node.entry !== undefined)
      throw new FieldError('Column', 'Only a parameter has entries; a component of the state, or what was computed, is one column.')
    if (!Number.isInteger(index) || index < 0)
      throw new FieldError('Column', `Entry ${said(index)} of the parameter "${node.name}": entries are counted from 0.`)
    return new Column({ kind: 'param', name: node.name, entry: index })
  }
  /** The entries of a parameter, as many as are taken: `{ p: [p0, p1] }`. */
  *[Symbol.iterator](): Generator<Column, undefined> {
    for (let entry = 0; entry < mostEntries; entry++) yield this.at(entry)
    throw new FieldError(
      'Column',
      'A parameter has as many entries as are taken, so it has no end: take them by name, [p0, p1], or by p.at(0).',
    )
  }

  /** Called where JavaScript wants a number: `a * x`, `-x`, `Math.sin(x)`, `x > 0`. */
  [Symbol.toPrimitive](): never {
    throw new FieldError(
      'Column',
      'A column is no number for JavaScript: write x.times(a) for a * x, x.neg() for -x, x.sin() for Math.sin(x), x.gt(0) for x > 0; or ' +
        "the equations as text, field({ x: '-a * x' }).",
    )
  }
}

/** A number as a column, to begin with where a number stands first: `column(1).minus(x)`. */
export const column = (value: number): Column => columnOf(value)

/**
 * @throws FieldError `Column` for what is neither a column nor a number, `NaN` for NaN
 */
export function columnOf(value: unknown): Column {
  if (value instanceof Column) return value
  if (typeof value !== 'number') throw new FieldError('Column', `A field computes with columns and numbers; this is ${said(value)}.`)
  if (Number.isNaN(value))
    throw new FieldError('NaN', 'A number in the field is NaN: the program that makes the field computed it wrongly.')
  return new Column({ kind: 'number', value })
}

/** An operation; of numbers, the number that results. */
function apply(op: UnaryOp | BinaryOp | ComparisonOp | 'select', ...given: readonly Operand[]): Column {
  const operands = given.map(columnOf)
  const numbers = operands.flatMap(({ node }) => (node.kind === 'number' ? [node.value] : []))
  if (numbers.length < operands.length) return new Column({ kind: 'op', op, operands })
  const [a, b, c] = numbers as [number, number, number]
  const value = op === 'select' ? (a !== 0 ? b : c) : isUnary(op) ? elementwiseOps[op].value(a) : elementwiseOps[op].value(a, b)
  if (Number.isNaN(value))
    throw new FieldError(
      'NaN',
      `The ${numbers.length === 1 ? `number ${a} gives` : `numbers ${numbers.join(' and ')} give`} NaN (by ${op}).`,
    )
  return new Column({ kind: 'number', value })
}

/** Small constant powers by multiplication, which is quicker than `pow` and as exact, for negative numbers, too. */
function power(base: Column, exponent: Column): Column {
  const n = exponent.node.kind === 'number' && base.node.kind !== 'number' ? exponent.node.value : NaN
  if (n === 0.5) return base.sqrt()
  if (!Number.isInteger(n) || Math.abs(n) > 16) return apply('pow', base, exponent)
  if (n < 0) return apply('reciprocal', power(base, columnOf(-n)))
  if (n === 0) return columnOf(1)
  if (n === 1) return base
  const half = power(base, columnOf(Math.floor(n / 2))).square()
  return n % 2 === 0 ? half : half.times(base)
}
