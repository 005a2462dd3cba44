/** Instruction sets of the kernel. */
export type InstructionSet = 'avx512' | 'avx2' | 'sse4' | 'neon' | 'simd128' | 'relaxed-simd'

/** Bytes of a block, the unit in which places in a kernel's memory are given. */
export const BLOCK = 64

/**
 * The compiled kernel with a memory of its own: the C++ of `src/kernel/`, native or WebAssembly. Places in the memory
 * are counted in blocks of 64 bytes. Nothing is checked here: a wrong place is a crash; the engine above checks.
 */
export interface Kernel {
  readonly name: 'native' | 'wasm'
  readonly instructionSet: InstructionSet
  /** For people: what it is and why it was taken. */
  readonly detail: string
  /** The memory; another object after `grow`. Block 0 starts at byte `base` of it. */
  readonly buffer: ArrayBuffer
  readonly base: number
  /** Blocks there are. */
  readonly blocks: number
  /**
   * Makes the memory hold at least `blocks` blocks, and one more behind them; what it held stays.
   *
   * @throws EngineError `Memory` if the system does not give that much
   */
  grow(blocks: number): void
  /**
   * Runs a program for a number of rows: the instructions from `from` up to `to` (−1: all). `args` is the block where
   * the blocks of inputs and outputs are listed (int32), `scratch` the first block the program may write to.
   * Returns 0, or a `RunError` of kernel.h.
   */
  run(program: number, rows: number, args: number, scratch: number, from: number, to: number): number
  /** Scalars of `scalarBytes` (4 or 8) that `pack` writes for a `[k, n]` matrix. */
  packedSize(k: number, n: number, scalarBytes: number): number
  /** Brings B `[k, n]` (with `transposed` 1, what is stored is `[n, k]`) into the order that matrix products read. */
  pack(source: number, destination: number, k: number, n: number, transposed: number, scalarBytes: number): void
  /** Rows `index[i]` (int32, in range) of `[·, width]`. */
  gather(source: number, destination: number, index: number, count: number, width: number, scalarBytes: number): void
  /** Zeros `[rows, width]`, then adds row i of the source to row `index[i]`. */
  scatterAdd(source: number, destination: number, index: number, count: number, rows: number, width: number, scalarBytes: number): void
  /** Row i of `[count, width]`: Σ_j weights[i, j] · block j of row `index[i]` of the source `[·, terms·width]`. */
  gatherWeighted(
    source: number,
    destination: number,
    index: number,
    weights: number,
    count: number,
    terms: number,
    width: number,
    scalarBytes: number,
  ): void
  /**
   * Its transpose: zeros `[rows, terms·width]`, then adds weights[from[i], j] times row
   * `from[i]` of the source `[·, width]` to block j of row `index[i]`.
   */
  scatterWeighted(
    source: number,
    destination: number,
    from: number,
    index: number,
    weights: number,
    count: number,
    rows: number,
    terms: number,
    width: number,
    scalarBytes: number,
  ): void
  /** Gives the memory back. */
  dispose(): void
}
