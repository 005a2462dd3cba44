import { binaryOps, comparisonOps, unaryOps, type Op } from '../../graph/ops.js'

/** Version of the form of programs: FORMAT of src/kernel/program.h. */
export const FORMAT = 4
/** HEADER_WORDS of program.h. */
export const HEADER_WORDS = 9

/** Instruction of program.h. */
export const instructions = { elementwise: 1, product: 2, reduce: 3, copy: 4, zero: 5, gather: 6, scatter: 7, rows: 8 } as const

/** Operation of elementwise.h, by name, in its order. */
export const operations: readonly (Op | 'mulAdd' | 'mulSub' | 'subMul' | 'identity' | 'tanhPullback')[] = [
  ...unaryOps,
  ...binaryOps,
  ...comparisonOps,
  'select',
  'mulAdd',
  'mulSub',
  'subMul',
  'identity',
  'tanhPullback',
]

export const operationCode = (name: (typeof operations)[number]): number => operations.indexOf(name)

/** Operations that a product can end with, it being their first operand: `endingOf` in vm.h. */
export const endings = ['tanh', 'sigmoid', 'relu', 'tanhPullback'] as const

/** PACKED_ROWS of program.h. */
export const PACKED_ROWS = 256

/** How a product starts: START_… of gemm.h. */
export const starts = { zero: 0, vector: 1, matrix: 2 } as const
