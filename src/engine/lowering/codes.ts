import { binaryOps, comparisonOps, unaryOps, type ElementwiseOp } from '../../graph/ops.js'

/** Version of the form of programs: FORMAT of src/kernel/program.h. */
export const FORMAT = 6

/** Instruction of program.h. */
export const instructions = {
  elementwise: 1,
  product: 2,
  reduce: 3,
  copy: 4,
  zero: 5,
  gather: 6,
  scatter: 7,
  rows: 8,
  lu: 9,
  luSolve: 10,
} as const

/** What the kernel computes in one pass although Graphs have no op for it: a·b + c, a·b − c, c − a·b, a (1 − b²). */
const contractions = ['mulAdd', 'mulSub', 'subMul', 'tanhPullback'] as const

/** What an element-wise instruction computes. */
export type OperationName = ElementwiseOp | (typeof contractions)[number]

/** Code of elementwise.h, by name, in its order. */
export const operations: readonly OperationName[] = [...unaryOps, ...binaryOps, ...comparisonOps, 'select', ...contractions]

export const operationCode = (name: OperationName): number => operations.indexOf(name)

/** Operations that a product can have as its epilogue, it being their first operand: `epilogueOf` in epilogue.h. */
export const epilogues = ['tanh', 'sigmoid', 'relu', 'tanhPullback'] as const
export type Epilogue = (typeof epilogues)[number]

/** PACKED_ROWS of program.h. */
export const PACKED_ROWS = 256
/** TILE_STRIDE of program.h: bytes of a tile and one vector behind it. */
export const TILE_STRIDE = 2048 + 64
/** MOST_AXES of program.h: axes of a copy at most. */
export const MOST_AXES = 8

/** How an operand of an element-wise chain lies beside the R rows of C scalars that it makes: OperandKind of program.h. */
export const operandKinds = { full: 0, row: 1, column: 2, scalar: 3, window: 4 } as const

/** How a product starts: Start of gemm.h. */
export const starts = { zero: 0, vector: 1, matrix: 2 } as const

/** What a reduction does: `op` of ReduceWords in program.h. */
export const reductions = { sum: 0, max: 1 } as const
