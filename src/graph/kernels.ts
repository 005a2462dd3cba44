import type { GraphBuilder, Ref } from './builder.js'
import { elementwiseKernels } from './kernelsElementwise.js'
import { layoutKernels } from './kernelsLayout.js'
import { reductionKernels } from './kernelsReduction.js'
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

/** How each kernel of TensorFlow.js is written in a Graph. */
export const kernelLowerings: Readonly<Record<string, Lowering | undefined>> = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...layoutKernels,
}

/** Kernels whose operation has another name. */
const names: Readonly<Record<string, string>> = {
  Multiply: 'mul',
  RealDiv: 'div',
  BatchMatMul: 'matMul',
  _FusedMatMul: 'fused.matMul',
  PadV2: 'pad',
  GatherV2: 'gather',
  Select: 'where',
  Pack: 'stack',
  Unpack: 'unstack',
  SplitV: 'split',
  FusedBatchNorm: 'batchNorm',
  IsNan: 'isNaN',
  AddN: 'addN',
  Identity: 'clone',
}

/** The name under which people know a kernel: `Multiply` is `mul`. */
export const operationName = (kernel: string): string => names[kernel] ?? kernel.charAt(0).toLowerCase() + kernel.slice(1)

export const supportedOperations = (): string[] =>
  Object.keys(kernelLowerings)
    .map(operationName)
    .sort((a, b) => (a < b ? -1 : 1))
