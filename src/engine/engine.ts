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

/** Arrays of one shape that live in an engine, one for each step of a scan. */
export interface Stack {
  readonly steps: number
  /** Those of the steps from `from` up to `to`. They lie in this stack, and are freed with it. */
  part(from: number, to: number): Stack
}

/** What an engine makes, and frees. */
export type Held = Value | Stack

/** What a Graph that is repeated hands on from step to step. All inputs that are not named stay the same. */
export interface ScanOptions {
  /** Inputs that each step takes from the step before it: names of inputs, and of the outputs they are taken from. */
  readonly carried: Readonly<Record<string, string>>
  /** Names of inputs of which each step has one of its own. */
  readonly stepped?: readonly string[]
  /** Names of carried inputs that are wanted as they were at the beginning of each step. */
  readonly history?: readonly string[]
  /** Names of carried inputs that a run uses up: what is given is freed by it, and added to where it lies if it can be. */
  readonly consumes?: readonly string[]
}

/** What a scan is run on; by name, and names that the Graph has not are passed over. */
export interface ScanRequest<V extends Value = Value, S extends Stack = Stack> {
  /** Inputs that stay the same, and those carried as the first step takes them. */
  readonly inputs: Readonly<Record<string, V>>
  /** Of the inputs of which each step has one of its own. */
  readonly stacks: Readonly<Record<string, S>>
  readonly rows: number
  readonly steps: number
  /** Whether the last step of the stacks is run first; default false. Not with a history. */
  readonly backward?: boolean
}

/** What a scan gives. */
export interface ScanResult<V extends Value = Value, S extends Stack = Stack> {
  /** What is carried, by the name of the input, as it is after the last step run. */
  readonly carried: Record<string, V>
  /** Of all other outputs, by name, what each step gave, in the order of the steps. */
  readonly outputs: Record<string, S>
  /** By the name of the carried input. */
  readonly history: Record<string, S>
}

/** A Graph made ready to be run many times over, each run taking up what the one before it gave. */
export interface Scan {
  readonly graph: Graph
  /**
   * Runs the steps. What it gives is freed like any array: by its scope, or by name.
   *
   * @throws EngineError `Shape` for arrays or stacks that do not fit
   */
  run(request: ScanRequest): ScanResult
}

/**
 * Runs Graphs. An engine owns the arrays and stacks it makes: those made inside `scope` are freed at its end, except
 * what its body returns; those made outside live until `free`.
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
  /**
   * Makes a Graph ready to be repeated, at less cost than by running it again and again.
   *
   * @throws EngineError if the engine cannot run it; `Input` for a name that the Graph has not
   */
  compileScan(graph: Graph, options: ScanOptions): Scan
  /** Copies numbers `[steps, ...shape]`, row-major, into the engine, or what a function writes, which must write every element. */
  writeStack(values: ArrayLike<number> | ((step: number, into: FloatArray) => void), steps: number, shape: readonly number[]): Stack
  /** Copies a stack out of the engine, `[steps, ...shape]`. */
  readStack(stack: Stack): FloatArray
  /** Copies numbers, row-major, into the engine, or what a function writes, which must write every element. */
  write(values: ArrayLike<number> | ((into: FloatArray) => void), shape: readonly number[]): Value
  /** Copies an array out of the engine; into `to`, if that is as long. */
  read(value: Value, to?: FloatArray): FloatArray
  /** Copies an array out of the engine, into several that are as long together. */
  readInto(value: Value, to: readonly FloatArray[]): void
  /** Rows `index` of axis 0, in that order, repeats allowed. */
  gather(value: Value, index: Int32Array): Value
  /** Arrays that differ in their number of rows only, one behind the other; a stack stands for its arrays. */
  concat(values: readonly Held[]): Value
  /**
   * An array cut into `steps` that have equally many rows, `[steps·rows, …]` to
   * `[rows, …]`. @throws EngineError `Shape` if it has not so many
   */
  cut(value: Value, steps: number): Stack
  /** Zeros with `count` rows on axis 0, to whose row `index[i]` row i of `value` is added. */
  scatterAdd(value: Value, index: Int32Array, count: number): Value
  /**
   * Rows that are each a weighted sum of the blocks that a row of `value` `[·, terms·width]` consists of: row i is
   * Σ_j weights[i, j] · block j of row index[i]. `weights` `[m, terms]`; gives `[m, width]`.
   *
   * @throws EngineError `Shape`, `Index`
   */
  gatherWeighted(value: Value, index: Int32Array, weights: Value): Value
  /**
   * Its transpose, for some rows of `value` `[m, width]`: zeros `[count, terms·width]`, to block j of whose row index[i]
   * weights[from[i], j] times row from[i] is added. `weights` `[m, terms]`.
   *
   * @throws EngineError `Shape`, `Index`
   */
  scatterWeighted(value: Value, from: Int32Array, index: Int32Array, weights: Value, count: number): Value
  /**
   * Runs `body` and returns what that returns. All arrays and stacks that were made in it are freed at its end, but those
   * in what it returns: the result itself, those in an array or a plain object, and those in arrays and plain objects in
   * that: `{ state, parts: [a, b] }`. Deeper, in other objects or in a `Map` they are not looked for. Whoever returns a
   * part of a stack must return the stack, too. Scopes nest: what one keeps is freed by the one around it.
   *
   * @throws EngineError `Scope` for an async body
   */
  scope<T>(body: () => T): T
  /** Frees arrays and stacks before the end of their scope. */
  free(...values: readonly Held[]): void
  /** Frees the engine itself: workers, memory. */
  dispose(): void
}
