import type { Shape } from './shape.js'

/** Element-wise functions of one value. */
export const unaryOps = [
  'neg',
  'reciprocal',
  'abs',
  'sign',
  'square',
  'sqrt',
  'rsqrt',
  'exp',
  'expm1',
  'log',
  'log1p',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'softplus',
  'relu',
] as const
/** Functions of one value, element by element. */
export type UnaryOp = (typeof unaryOps)[number]

/** Element-wise functions of two values, broadcasting by NumPy's rule. */
export const binaryOps = ['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum'] as const
/** Functions of two values, element by element. */
export type BinaryOp = (typeof binaryOps)[number]

/** Element-wise comparisons, broadcasting; true is 1 and false is 0. Their derivative is 0. */
export const comparisonOps = ['less', 'lessEqual', 'greater', 'greaterEqual', 'equal', 'notEqual'] as const
/** Comparisons, element by element: 1 where they hold, else 0. */
export type ComparisonOp = (typeof comparisonOps)[number]

/**
 * One operation of a Graph. `inputs` are indices of earlier nodes. All values are real numbers of the engine's
 * one scalar type; indices and truth values are numbers too.
 *
 * - `input` is an argument, `constant` a literal (row-major values), `rows` the number of rows as a scalar. The numbers
 *   of a `rounded` constant are known to float32 precision only: they come from a tensor of TensorFlow.js.
 * - `select(condition, a, b)` is `a` where the condition is not 0, else `b`, broadcasting; what is not selected
 *   never influences the result, NaN and infinities included.
 * - `matmul` multiplies the last two axes; leading (batch) axes of both operands must be equal.
 * - `sum` and `max` remove the axes they reduce.
 * - `slice` and `pad` never touch the rows axis (there `begin` and padding are 0 and `size` is the whole axis).
 * - `gather(x, index)` takes rows `index[i]` of axis 0; `scatter(x, index)` adds row i of x to row `index[i]` of
 *   a zero array with `count` rows on axis 0.
 */
export type Node = { readonly shape: Shape; readonly inputs: readonly number[] } & (
  | { readonly op: 'input'; readonly name: string }
  | { readonly op: 'constant'; readonly values: readonly number[]; readonly rounded?: true }
  | { readonly op: 'rows' }
  | { readonly op: UnaryOp | BinaryOp | ComparisonOp | 'select' }
  | { readonly op: 'matmul'; readonly transposeA: boolean; readonly transposeB: boolean }
  | { readonly op: 'sum' | 'max'; readonly axes: readonly number[] }
  | { readonly op: 'reshape' | 'broadcast' }
  | { readonly op: 'transpose'; readonly permutation: readonly number[] }
  | { readonly op: 'concat'; readonly axis: number }
  | { readonly op: 'slice'; readonly begin: readonly number[] }
  | { readonly op: 'pad'; readonly before: readonly number[]; readonly after: readonly number[] }
  | { readonly op: 'gather' }
  | { readonly op: 'scatter' }
)

export type Op = Node['op']

/**
 * A traced or derived program: data, never code. Nodes stand in topological order; one axis, the rows, is
 * symbolic (see {@link Shape}). Input nodes carry their names, outputs are named here, in order.
 */
export interface Graph {
  readonly nodes: readonly Node[]
  readonly outputs: readonly { readonly name: string; readonly node: number }[]
}

/** Names and shapes of a Graph's inputs, in the order an executable takes them. */
export const graphInputs = (graph: Graph): { name: string; shape: Shape }[] =>
  graph.nodes.flatMap((node) => (node.op === 'input' ? [{ name: node.name, shape: node.shape }] : []))

/** Names and shapes of a Graph's outputs, in the order an executable returns them. */
export const graphOutputs = (graph: Graph): { name: string; shape: Shape }[] =>
  graph.outputs.map(({ name, node }) => ({ name, shape: graph.nodes[node]!.shape }))

export const isUnary = (op: Op): op is UnaryOp => (unaryOps as readonly string[]).includes(op)
export const isBinary = (op: Op): op is BinaryOp => (binaryOps as readonly string[]).includes(op)
export const isComparison = (op: Op): op is ComparisonOp => (comparisonOps as readonly string[]).includes(op)
