import type { OpWithAttributes } from './ops.js'
import type { Shape } from './shape.js'

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
 * - `lu` factors each matrix of `[…, n, n]`, and `luSolve(factors, b)` solves with what it made (`[…, n + 1, n]`), by each
 *   engine's own arrangement, which nothing else can read. In derivatives the factors stand for the matrix: their tangent
 *   and their cotangent hold the matrix's in the first n rows, and zeros in the last.
 */
export type Node = { readonly shape: Shape; readonly inputs: readonly number[] } & OpWithAttributes

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
