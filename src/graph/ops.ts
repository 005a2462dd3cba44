/**
 * The operations of Graphs, all in one table. What the rest of the package knows about an operation follows from its
 * entry (the type of its nodes, JSON, text, number of operands, folding of constants, its code in the kernel, the
 * kernel of TensorFlow.js) or is a table or a switch that does not compile while it lacks the operation (its
 * derivative, shape rule, dependence on rows; and in C++ `operate` of src/kernel/elementwise.h).
 */

/** What an attribute of a node is: its type, and how it is written in JSON and text. */
export interface AttributeTypes {
  text: string
  /** Row-major values; JSON has names for NaN and infinities. */
  values: readonly number[]
  integer: number
  integers: readonly number[]
  flag: boolean
  /** There or not. */
  mark: true
}
export type AttributeKind = keyof AttributeTypes

interface Entry<Kind = 'unary' | 'binary' | 'comparison' | 'structural', Attributes = Readonly<Record<string, AttributeKind>>> {
  readonly kind: Kind
  /** Number of operands; any number but 0 if `several`. */
  readonly operands: number | 'several'
  readonly attributes: Attributes
  /** Too dear to be computed again on the way back instead of being kept. */
  readonly dear: boolean
  /** The operands of two may change places. */
  readonly commutes: boolean
}

/** An element-wise operation: its value on JavaScript's own numbers, and the kernel of TensorFlow.js that computes it. */
interface Elementwise<Kind, Value> extends Entry<Kind, Record<never, never>> {
  readonly value: Value
  readonly tfjs: string
  /** Whether that kernel keeps integers integers without rounding. */
  readonly keepsIntegers: boolean
}

type OfOne = (x: number) => number
type OfTwo = (a: number, b: number) => number
type Traits = Partial<Pick<Elementwise<unknown, unknown>, 'dear' | 'commutes' | 'keepsIntegers'>>

const elementwise =
  <Kind extends Entry['kind'], Value>(kind: Kind, operands: number) =>
  (tfjs: string, value: Value, { dear = false, commutes = false, keepsIntegers = false }: Traits = {}): Elementwise<Kind, Value> => ({
    kind,
    operands,
    attributes: {},
    dear,
    commutes,
    value,
    tfjs,
    keepsIntegers,
  })
const unary = elementwise<'unary', OfOne>('unary', 1)
const binary = elementwise<'binary', OfTwo>('binary', 2)
const comparison = elementwise<'comparison', OfTwo>('comparison', 2)

const structural = <const Attributes extends Readonly<Record<string, AttributeKind>>>(
  operands: number | 'several',
  attributes: Attributes,
  { dear = false }: Traits = {},
): Entry<'structural', Attributes> => ({ kind: 'structural', operands, attributes, dear, commutes: false })

const table = {
  neg: unary('Neg', (x) => -x, { keepsIntegers: true }),
  reciprocal: unary('Reciprocal', (x) => 1 / x),
  abs: unary('Abs', Math.abs, { keepsIntegers: true }),
  sign: unary('Sign', Math.sign, { keepsIntegers: true }),
  square: unary('Square', (x) => x * x, { keepsIntegers: true }),
  sqrt: unary('Sqrt', Math.sqrt),
  rsqrt: unary('Rsqrt', (x) => 1 / Math.sqrt(x)),
  exp: unary('Exp', Math.exp, { dear: true }),
  expm1: unary('Expm1', Math.expm1, { dear: true }),
  log: unary('Log', Math.log, { dear: true }),
  log1p: unary('Log1p', Math.log1p, { dear: true }),
  sin: unary('Sin', Math.sin, { dear: true }),
  cos: unary('Cos', Math.cos, { dear: true }),
  tanh: unary('Tanh', Math.tanh, { dear: true }),
  sigmoid: unary('Sigmoid', sigmoid, { dear: true }),
  softplus: unary('Softplus', (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), { dear: true }),
  relu: unary('Relu', (x) => Math.max(x, 0), { keepsIntegers: true }),

  add: binary('Add', (a, b) => a + b, { commutes: true, keepsIntegers: true }),
  sub: binary('Sub', (a, b) => a - b, { keepsIntegers: true }),
  mul: binary('Multiply', (a, b) => a * b, { commutes: true, keepsIntegers: true }),
  div: binary('RealDiv', (a, b) => a / b),
  pow: binary('Pow', (a, b) => a ** b, { dear: true }),
  maximum: binary('Maximum', Math.max, { commutes: true, keepsIntegers: true }),
  minimum: binary('Minimum', Math.min, { commutes: true, keepsIntegers: true }),

  less: comparison('Less', (a, b) => Number(a < b)),
  lessEqual: comparison('LessEqual', (a, b) => Number(a <= b)),
  greater: comparison('Greater', (a, b) => Number(a > b)),
  greaterEqual: comparison('GreaterEqual', (a, b) => Number(a >= b)),
  equal: comparison('Equal', (a, b) => Number(a === b), { commutes: true }),
  notEqual: comparison('NotEqual', (a, b) => Number(a !== b), { commutes: true }),

  select: structural(3, {}),
  input: structural(0, { name: 'text' }),
  constant: structural(0, { values: 'values', rounded: 'mark' }),
  rows: structural(0, {}),
  matmul: structural(2, { transposeA: 'flag', transposeB: 'flag' }, { dear: true }),
  sum: structural(1, { axes: 'integers' }, { dear: true }),
  max: structural(1, { axes: 'integers' }, { dear: true }),
  reshape: structural(1, {}),
  broadcast: structural(1, {}),
  transpose: structural(1, { permutation: 'integers' }),
  concat: structural('several', { axis: 'integer' }),
  slice: structural(1, { begin: 'integers' }),
  pad: structural(1, { before: 'integers', after: 'integers' }),
  gather: structural(2, {}, { dear: true }),
  scatter: structural(2, {}, { dear: true }),
  lu: structural(1, {}, { dear: true }),
  luSolve: structural(2, { transposed: 'flag' }, { dear: true }),
}
type Table = typeof table

/** What a node computes. */
export type Op = keyof Table
type OpOfKind<Kind extends Entry['kind']> = { [O in Op]: Table[O]['kind'] extends Kind ? O : never }[Op]
/** Functions of one value, element by element. */
export type UnaryOp = OpOfKind<'unary'>
/** Functions of two values, element by element, broadcasting by NumPy's rule. */
export type BinaryOp = OpOfKind<'binary'>
/** Comparisons, element by element, broadcasting: 1 where they hold, else 0. Their derivative is 0. */
export type ComparisonOp = OpOfKind<'comparison'>
/** An op whose nodes have nothing but operands and a shape. */
type PlainOp = { [O in Op]: keyof Table[O]['attributes'] extends never ? O : never }[Op]

/** The attributes of an op's nodes. */
type AttributesOf<Kinds> = {
  readonly [K in keyof Kinds as Kinds[K] extends 'mark' ? never : K]: AttributeTypes[Kinds[K] & AttributeKind]
} & {
  readonly [K in keyof Kinds as Kinds[K] extends 'mark' ? K : never]?: true
}
/** The op of a node, with its attributes. */
export type OpWithAttributes =
  | { readonly op: PlainOp }
  | { [O in Exclude<Op, PlainOp>]: { readonly op: O } & AttributesOf<Table[O]['attributes']> }[Exclude<Op, PlainOp>]

export const ops: Readonly<Record<Op, Entry>> = table
export const elementwiseOps: Readonly<
  Record<UnaryOp, Elementwise<'unary', OfOne>> & Record<BinaryOp | ComparisonOp, Elementwise<'binary' | 'comparison', OfTwo>>
> = table

const ofKind = (kind: Entry['kind']): readonly Op[] => (Object.keys(table) as Op[]).filter((op) => ops[op].kind === kind)
export const unaryOps = ofKind('unary') as readonly UnaryOp[]
export const binaryOps = ofKind('binary') as readonly BinaryOp[]
export const comparisonOps = ofKind('comparison') as readonly ComparisonOp[]

export const isUnary = (op: Op): op is UnaryOp => ops[op].kind === 'unary'
export const isBinary = (op: Op): op is BinaryOp => ops[op].kind === 'binary'
export const isComparison = (op: Op): op is ComparisonOp => ops[op].kind === 'comparison'

/** What is computed element by element: functions, comparisons, and the choice between two values. */
export type ElementwiseOp = UnaryOp | BinaryOp | ComparisonOp | 'select'
export const isElementwise = (op: Op): op is ElementwiseOp => ops[op].kind !== 'structural' || op === 'select'

type NamedKinds = readonly (readonly [name: string, kind: AttributeKind])[]
const attributes = new Map<string, NamedKinds>(Object.entries(ops).map(([op, entry]) => [op, Object.entries(entry.attributes)]))
/** Names and kinds of an op's attributes, in order. */
export const attributesOf = (op: Op): NamedKinds => attributes.get(op)!

function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x))
  return x < 0 ? e / (1 + e) : 1 / (1 + e)
}
