import type { Graph } from '../graph/graph.js'
import type { CompileOptions, Dtype, Engine, FloatArray, Held, ScanOptions, ScanRequest, ScanResult, Stack, Value } from './engine.js'

/** A Graph made ready to run: as `Executable`, for inputs that were checked. */
export interface RawExecutable<V extends Value = Value> {
  readonly graph: Graph
  run(inputs: readonly V[], rows: number): V[]
}

/** As `Scan`, for a request that was checked. */
export interface RawScan<V extends Value = Value, S extends Stack = Stack> {
  readonly graph: Graph
  run(request: ScanRequest<V, S>): ScanResult<V, S>
}

/** Blocks that a row of a weighted sum consists of. */
export interface Blocks {
  readonly terms: number
  /** Columns of a block. */
  readonly width: number
}

/**
 * What an engine can do, without a check: `checked` makes an `Engine` of it. All methods do what those of `Engine` do,
 * and may rely on this: arrays and stacks are the engine's own and not freed, shapes fit, indices are in range, the
 * engine was not disposed of. There are no scopes here. A method that throws frees what it has made.
 */
export interface RawEngine<V extends Value = Value, S extends Stack = Stack, X extends RawExecutable<V> = RawExecutable<V>> {
  readonly name: Engine['name']
  readonly dtype: Dtype
  /** Whether it is an array of this engine that is not freed. */
  owns(value: unknown): value is V
  /** Likewise for a stack, or a part of one. */
  ownsStack(stack: unknown): stack is S
  /** The shape that the arrays of a stack have. */
  stackShape(stack: S): readonly number[]
  /** Whether this engine made it, and freed it. */
  wasFreed(held: Held): boolean
  compile(graph: Graph, options: CompileOptions): X
  compileScan(graph: Graph, options: ScanOptions): RawScan<V, S>
  write(values: ArrayLike<number> | ((into: FloatArray) => void), shape: readonly number[]): V
  read(value: V, to?: FloatArray): FloatArray
  readInto(value: V, to: readonly FloatArray[]): void
  writeStack(fill: (step: number, into: FloatArray) => void, steps: number, shape: readonly number[]): S
  readStack(stack: S): FloatArray
  gather(value: V, index: Int32Array): V
  /** @param shape of the result */
  concat(values: readonly (V | S)[], shape: readonly number[]): V
  /** @param shape of each piece */
  cut(value: V, steps: number, shape: readonly number[]): S
  scatterAdd(value: V, index: Int32Array, count: number): V
  gatherWeighted(value: V, index: Int32Array, weights: V, blocks: Blocks): V
  scatterWeighted(value: V, from: Int32Array, index: Int32Array, weights: V, count: number, blocks: Blocks): V
  /** Frees arrays and stacks; those freed already and parts of stacks are passed over. */
  release(held: readonly (V | S)[]): void
  dispose(): void
}
