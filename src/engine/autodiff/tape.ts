import { ArrayPool, type Loan } from '../../arrayPool.js'
import { sizeOf } from '../../graph/shape.js'
import { zeroValue } from '../arrays.js'
import type { Engine, FloatArray, Stack, Value } from '../engine.js'
import { addValues } from './addValues.js'
import { RESIDUAL_NUMBERS } from './derivative.js'
import type { Differentiable } from './differentiable.js'
import type { NamedValues } from './program.js'
import type { DifferentiableScan } from './scan.js'

/** Numbers of the host that were computed from arrays of the engine, such as a sum over the steps of a scan. */
export interface HostNumbers {
  readonly numbers: Float64Array
}

/** What can be on a tape. */
export type Taped = Value | HostNumbers

/** Something that was applied, and its way back. Pieces of other layers, such as the solve of an ODE, go on a tape by this. */
export interface Applied {
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  /** Names of the parameters that it reads. */
  readonly parameters: readonly string[]
  /**
   * Cotangents of the inputs for those of the outputs, and the sums of the parameters' gradients with its own added. Those
   * given are used up.
   */
  pullback(cotangents: readonly Value[], sums: readonly Value[]): { readonly cotangents: readonly Value[]; readonly sums: readonly Value[] }
}

/** What is given to a scan on a tape: what is carried, as the first step takes it, and the inputs of each step. */
export interface TapedScanInputs {
  readonly start: NamedValues
  readonly stacks: Readonly<Record<string, Stack>>
  readonly steps: number
  /** Outputs to be summed over the steps, `[rows, 1]` each. */
  readonly summed?: readonly string[]
  /** Outputs of which all steps are wanted: see `TapedScan`. Outputs that are neither summed nor named here get no cotangents. */
  readonly stepped?: readonly string[]
}

/** What a scan on a tape gives. */
export interface TapedScan {
  /** What is carried, after the last step. */
  readonly end: Record<string, Value>
  /** Of outputs that are summed, the sum over the steps, in float64, `[rows]`. */
  readonly sums: Record<string, HostNumbers>
  /** Of outputs of which all steps are wanted, these one below the other, `[steps · rows, …]`. */
  readonly steps: Record<string, Value>
  /** Other outputs, step by step, in stacks that follow each other. */
  readonly outputs: readonly Readonly<Record<string, Stack>>[]
}

/** A scalar that was computed on the host from arrays of the engine: the end of a tape. */
export interface HostScalar<T> {
  /** The scalar, with whatever else is worth to know. */
  readonly value: T
  /** Its derivatives by each of the arrays it was computed from, in their order. Asked for only if the tape is pulled back. */
  derivatives(): readonly ArrayLike<number>[]
}

/** What a tape keeps, and what it uses again. */
export interface TapeOptions {
  /** Whether the tape will be pulled back; default true. If not, it computes and keeps nothing. */
  readonly record?: boolean
  /** Arrays of the host to be used again from tape to tape. */
  readonly pool?: ArrayPool
}

/** An entry: how it is pulled back once the cotangents of what it gave are known. */
interface Entry {
  readonly outputs: readonly Taped[]
  pullback(): void
}

/**
 * A forward pass that can be pulled back: pieces are applied, and `backward` walks them from the last to the first. A model is
 * written as its forward pass alone. Use it inside a scope of the engine; what it makes is freed with that.
 *
 *     const tape = new Tape(engine, { w, b })
 *     const { y } = tape.call(layer, { x })
 *     const loss = tape.loss([y], ([numbers]) => meanSquare(numbers!))
 *     const { w: dw } = tape.backward()
 */
export class Tape {
  readonly recording: boolean
  readonly pool: ArrayPool
  /** Arrays of the host that are needed until the tape ends. */
  readonly loan: Loan
  readonly #entries: Entry[] = []
  readonly #cotangents = new Map<Taped, Value>()
  /** What depends on a parameter. */
  readonly #active = new Set<Taped>()
  readonly #finish: (() => void)[] = []
  #sums: Record<string, Value> = {}

  /** @param parameters arrays of the engine, by name: pieces take from them what they need */
  constructor(
    readonly engine: Engine,
    readonly parameters: NamedValues,
    { record = true, pool = new ArrayPool() }: TapeOptions = {},
  ) {
    this.recording = record
    this.pool = pool
    this.loan = pool.loan()
  }

  /**
   * Calls a differentiable Graph.
   *
   * @param rows length of the rows axis; default that of the first input
   */
  call<Input extends string, Output extends string>(
    piece: Differentiable<Input, Output>,
    inputs: Readonly<Record<NoInfer<Input>, Value>>,
    rows = inputs[piece.inputs[0]!].shape[0]!,
  ): Record<Output, Value> {
    const { parameters } = this
    const given = piece.inputs.map((name) => inputs[name])
    const keeps = this.recording && rows * piece.residualsPerRow() <= RESIDUAL_NUMBERS
    const { outputs, residuals } = keeps
      ? piece.record(parameters, given, rows)
      : { outputs: piece.forward(parameters, given, rows), residuals: undefined }
    const named = byName(piece.gives(), outputs)
    if (this.recording) {
      this.apply({
        inputs: piece.wrt.map((name) => inputs[name]),
        outputs: piece.outputs().map((name) => named[name]!),
        parameters: piece.parameters(),
        pullback: (cotangents, sums) => piece.pullback(parameters, given, cotangents, sums, rows, residuals),
      })
    }
    return named as Record<Output, Value>
  }

  /** Runs a Graph that is repeated. */
  scan(piece: DifferentiableScan, { start, stacks, steps, summed = [], stepped = [] }: TapedScanInputs): TapedScan {
    const carried = Object.keys(start)
    const rows = start[carried[0]!]!.shape[0]!
    const request = { start, stacks, parameters: this.parameters, rows, steps }
    const recording = this.recording ? piece.record(request) : undefined
    const parts = recording?.parts ?? [piece.forward(request)]
    const end = parts.at(-1)!.end
    const sums = byName(
      summed,
      summed.map((name) =>
        sumOverSteps(
          this.engine,
          parts.map(({ outputs }) => outputs[name]!),
          rows,
        ),
      ),
    )
    const all = byName(
      stepped,
      stepped.map((name) => this.engine.concat(parts.map(({ outputs }) => outputs[name]!))),
    )
    if (recording) {
      this.#push(
        [...carried.map((name) => end[name]!), ...summed.map((name) => sums[name]!), ...stepped.map((name) => all[name]!)],
        carried.map((name) => start[name]!),
        piece.parameters(),
        (given, added) => {
          const along = given.slice(carried.length + summed.length).map((cotangent) => this.engine.cut(cotangent, steps))
          const cotangents = {
            end: byName(carried, given),
            outputs: byName(summed, given.slice(carried.length)),
            stacks: byName(stepped, along),
          }
          const pulled = recording.pullback(cotangents, added)
          return { cotangents: carried.map((name) => pulled.start[name]!), sums: pulled.sums }
        },
      )
    }
    return { end, sums, steps: all, outputs: parts.map(({ outputs }) => outputs) }
  }

  /** Rows `index` of an array, repeats allowed. */
  gather(value: Value, index: Int32Array): Value {
    const taken = this.engine.gather(value, index)
    this.apply({
      inputs: [value],
      outputs: [taken],
      parameters: [],
      pullback: ([cotangent]) => ({ cotangents: [this.engine.scatterAdd(cotangent!, index, value.shape[0]!)], sums: [] }),
    })
    return taken
  }

  /** Sums of rows: zeros with `count` rows, to whose row `index[i]` row i is added. */
  sumRows(value: Value, index: Int32Array, count: number): Value {
    const added = this.engine.scatterAdd(value, index, count)
    this.apply({
      inputs: [value],
      outputs: [added],
      parameters: [],
      pullback: ([cotangent]) => ({ cotangents: [this.engine.gather(cotangent!, index)], sums: [] }),
    })
    return added
  }

  /** Puts something on the tape that was computed elsewhere. Does nothing if the tape is not recording. */
  apply({ inputs, outputs, parameters, pullback }: Applied): void {
    this.#push(outputs, inputs, parameters, pullback)
  }

  /** The scalar that is differentiated: computed on the host, with its derivatives by the arrays that it is computed from. */
  loss<T>(inputs: readonly Taped[], compute: (numbers: readonly FloatArray[]) => HostScalar<T>): T {
    const { engine, loan } = this
    const { value, derivatives } = compute(
      inputs.map((input) => ('numbers' in input ? input.numbers : engine.read(input, loan.take(engine.dtype, sizeOf(input.shape))))),
    )
    if (this.recording)
      this.#entries.push({
        outputs: [],
        pullback: () =>
          derivatives().forEach((derivative, i) => {
            const input = inputs[i]!
            if (this.#active.has(input))
              this.#add(input, engine.write(derivative, 'numbers' in input ? [derivative.length, 1] : input.shape))
          }),
      })
    return value
  }

  /** Gradients of the losses' sum by all parameters, by their names: arrays of the engine. A tape is pulled back once. */
  backward(): Readonly<Record<string, Value>> {
    for (const name in this.parameters) this.#sums[name] = zeroValue(this.engine, this.parameters[name]!.shape)
    for (const entry of this.#entries.splice(0).reverse()) entry.pullback()
    return this.#sums
  }

  /** Has something done when the tape ends, such as giving back what its pieces keep. */
  atEnd(finish: () => void): void {
    this.#finish.push(finish)
  }

  /** Gives back what the tape holds of the host; the scope around it frees what lies in the engine. */
  end(): void {
    for (const finish of this.#finish.splice(0)) finish()
    this.loan.end()
  }

  #push(outputs: readonly Taped[], inputs: readonly Value[], parameters: readonly string[], pullback: Applied['pullback']): void {
    if (!this.recording || (parameters.length === 0 && !inputs.some((input) => this.#active.has(input)))) return
    for (const output of outputs) this.#active.add(output)
    this.#entries.push({
      outputs,
      pullback: () => {
        if (!outputs.some((output) => this.#cotangents.has(output))) return
        const given = outputs.map((output) => this.#cotangents.get(output) ?? this.#zeros(output))
        const { cotangents, sums } = pullback(
          given,
          parameters.map((name) => this.#sums[name]!),
        )
        parameters.forEach((name, i) => (this.#sums[name] = sums[i]!))
        inputs.forEach((input, i) => {
          if (this.#active.has(input)) this.#add(input, cotangents[i]!)
        })
      },
    })
  }

  #zeros(output: Taped): Value {
    return zeroValue(this.engine, 'numbers' in output ? [output.numbers.length, 1] : output.shape)
  }

  /** Adds to the cotangent of what may have been used more than once. */
  #add(to: Taped, cotangent: Value): void {
    const before = this.#cotangents.get(to)
    this.#cotangents.set(to, before ? addValues(this.engine, before, cotangent) : cotangent)
  }
}

/** The sum over all steps of what each row gave, in float64: `[rows, 1]` each step. */
function sumOverSteps(engine: Engine, stacks: readonly Stack[], rows: number): HostNumbers {
  const numbers = new Float64Array(rows)
  for (const stack of stacks) engine.readStack(stack).forEach((value, i) => (numbers[i % rows]! += value))
  return { numbers }
}

function byName<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  const out: Record<string, T> = {}
  for (let i = 0; i < names.length; i++) out[names[i]!] = values[i]!
  return out
}

/** Runs a body with a tape inside a scope of the engine. Arrays of the engine that it gives stay, see `Engine.scope`. */
export function withTape<T>(engine: Engine, upload: () => NamedValues, options: TapeOptions, body: (tape: Tape) => T): T {
  return engine.scope(() => {
    const tape = new Tape(engine, upload(), options)
    try {
      return body(tape)
    } finally {
      tape.end()
    }
  })
}
