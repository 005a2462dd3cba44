import type { GraphBuilder, Ref } from './builder.js'
import type { Shape } from './shape.js'

/** What a lowering sees of one kernel call of TensorFlow.js. */
export interface KernelCall {
  readonly g: GraphBuilder
  readonly attributes: Readonly<Record<string, unknown>>
  /** Shapes of the outputs, as TensorFlow.js worked them out. */
  readonly shapes: readonly Shape[]
  readonly outputDtype: string
  has(name: string): boolean
  /** The operand of that name. */
  ref(name: string): Ref
  /** All operands in order, of kernels that take a list. */
  refs(): Ref[]
  dtype(name: string): string
  /** An operand's shape in both of the traced runs. */
  concreteShapes(name: string): readonly [readonly number[], readonly number[]]
  /** Says why this call cannot be lowered; the message begins with the operation's name. */
  fail(why: string): never
}

/** Writes one kernel call as nodes of a Graph; returns a node per output. */
export type Lowering = (call: KernelCall) => readonly Ref[]
