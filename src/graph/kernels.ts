import type { Lowering } from './kernelCall.js'
import { elementwiseKernels } from './kernelsElementwise.js'
import { layoutKernels } from './kernelsLayout.js'
import { reductionKernels } from './kernelsReduction.js'

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
