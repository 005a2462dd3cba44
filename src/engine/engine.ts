import type { Graph } from '../graph/graph.js'

/** What can compute: the kernel as an addon of Node, the kernel as WebAssembly, TensorFlow.js. */
export type EngineName = 'native' | 'wasm' | 'tfjs'
/** The scalars that an engine computes with. */
export type Dtype = 'float32' | 'float64'
/** Numbers out of an engine, row-major, in its scalars. */
export type FloatArray = Float32Array | Float64Array

/** An array that lives in an engine. Only the engine that made it can read it. */
export interface Value {
  readonly shape: readonly number[]
}

/** A Graph made ready to run on one engine. */
export interface Executable {
  readonly graph: Graph
  /**
   * Runs the Graph. `inputs` stand in the order of the Graph's inputs, `rows` is the length of the rows axis (0 is
   * allowed). Returns the outputs in the Graph's order; inputs are left as they are, and an output never shares
   * its fate with an input: each is freed on its own.
   */
  run(inputs: readonly Value[], rows: number): Value[]
}

/** How a Graph is made ready to run. */
export interface CompileOptions {
  /**
   * Names of inputs that each run uses up: they are freed by it, and results may take their memory, so that what is
   * added up over many runs stays in one place. Such an input is given to one run, and once.
   */
  readonly consumes?: readonly string[]
}

/**
 * Runs Graphs. An engine owns the arrays it makes: those made inside `scope` are freed at its end, except what
 * its body returns; those made outside live until `free`.
 */
export interface Engine {
  readonly name: EngineName | 'reference'
  readonly dtype: Dtype
  /**
   * Makes a Graph ready to run; do it once, run it often.
   *
   * @throws EngineError if the engine cannot run it
   */
  compile(graph: Graph, options?: CompileOptions): Executable
  /** Copies numbers, row-major, into the engine. */
  write(values: ArrayLike<number>, shape: readonly number[]): Value
  /** Copies an array out of the engine. */
  read(value: Value): FloatArray
  /** Rows `index` of axis 0, in that order, repeats allowed. */
  gather(value: Value, index: Int32Array): Value
  /** Zeros with `count` rows on axis 0, to whose row `index[i]` row i of `value` is added. */
  scatterAdd(value: Value, index: Int32Array, count: number): Value
  /** Frees at its end all arrays made in `body` but the returned ones. Scopes nest. */
  scope<T extends Value | readonly Value[] | void>(body: () => T): T
  /** Frees arrays before the end of their scope. */
  free(...values: readonly Value[]): void
  /** Frees the engine itself: workers, memory. */
  dispose(): void
}
