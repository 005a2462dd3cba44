import { graphInputs, type Graph } from '../../graph/graph.js'
import type { ScanOptions, ScanRequest, ScanResult } from '../engine.js'
import type { RawScan } from '../rawEngine.js'
import { BLOCK } from './kernel.js'
import type { KernelMemory, KernelStack, KernelValue } from './kernelMemory.js'
import { KernelProgram } from './kernelProgram.js'

/** What is carried: numbers of the input and of the output that it is taken from (an input may be missing), and how. */
interface Carried {
  readonly name: string
  readonly input: number
  readonly output: number
  /** Whether the output takes the input's place. */
  readonly stays: boolean
  readonly consumed: boolean
  readonly remembered: boolean
}

/** Where what is carried lies in one run. */
interface Places {
  readonly start: KernelValue
  /** What it is after the last step. */
  readonly last: KernelValue
  /** The place that every other step writes to. */
  readonly spare: KernelValue | undefined
  readonly history: KernelStack | undefined
}

/** The arrays of one run. */
interface Arrays {
  /** By the number of the input. */
  readonly given: readonly (KernelValue | KernelStack)[]
  /** In the order of what is carried. */
  readonly carried: readonly Places[]
  /** By the number of the output; of what is carried there is none. */
  readonly outputs: readonly (KernelStack | undefined)[]
}

type Request = ScanRequest<KernelValue, KernelStack>

/**
 * A Graph that is repeated on the kernel: from one step to the next only the list of its arguments changes. What is
 * carried along and only added to stays in its place; what has a history is written into that; the rest moves between
 * two places.
 *
 * @throws EngineError `NoKernel` for a Graph that the kernel has no instructions for
 */
export function kernelScan(memory: KernelMemory, graph: Graph, options: ScanOptions, debugNaN: boolean): RawScan<KernelValue, KernelStack> {
  const scan = new KernelScan(memory, graph, options, debugNaN)
  return { graph, run: (request) => scan.run(request) }
}

class KernelScan {
  readonly #program: KernelProgram
  readonly #inputs: readonly string[]
  readonly #outputs: readonly string[]
  readonly #carried: readonly Carried[]
  readonly #isStepped: readonly boolean[]
  readonly #isCarried: readonly boolean[]
  /** The list of a run's arguments: what stands there in the first step, and what is added after each. */
  readonly #places: Int32Array
  readonly #advances: Int32Array

  constructor(
    readonly memory: KernelMemory,
    graph: Graph,
    options: ScanOptions,
    debugNaN: boolean,
  ) {
    const { carried, stepped = [], history = [], consumes = [] } = options
    const { program, staying } = programInPlace(memory, graph, options, debugNaN)
    const [inputs, outputs] = [program.names, program.outputNames]
    this.#program = program
    this.#inputs = inputs
    this.#outputs = outputs
    this.#carried = Object.entries(carried).map(([name, output]) => ({
      name,
      input: inputs.indexOf(name),
      output: outputs.indexOf(output),
      stays: staying.has(name),
      consumed: consumes.includes(name),
      remembered: history.includes(name),
    }))
    this.#isStepped = inputs.map((name) => stepped.includes(name))
    this.#isCarried = outputs.map((_, i) => this.#carried.some(({ output }) => output === i))
    this.#places = new Int32Array(inputs.length + outputs.length)
    this.#advances = new Int32Array(this.#places.length)
  }

  run(request: Request): ScanResult<KernelValue, KernelStack> {
    const { memory } = this
    const program = this.#program
    program.prepare(request.rows)
    const made: (KernelValue | KernelStack)[] = []
    try {
      // Memory may move until all of it is taken; then places are written down.
      const arrays = this.#take(request, (held) => {
        made.push(held)
        return held
      })
      program.reserve()
      program.pack(arrays.given as readonly KernelValue[])
      this.#repeat(this.#place(arrays, request), request.steps)
      return this.#results(arrays, request.steps)
    } catch (error) {
      for (const held of made) memory.release(held)
      throw error
    }
  }

  /** Makes what a run needs; `keep` is told of all of it. */
  #take({ inputs, stacks, steps }: Request, keep: <T extends KernelValue | KernelStack>(held: T) => T): Arrays {
    const { memory } = this
    const { outputShapes } = this.#program
    return {
      given: this.#inputs.map((name, i) => (this.#isStepped[i] ? stacks[name]! : inputs[name]!)),
      carried: this.#carried.map(({ name, output, stays, consumed, remembered }) => {
        const start = inputs[name]!
        const shape = outputShapes[output]!
        return {
          start,
          // What is used up and only added to stays where it is.
          last: consumed && stays ? start : keep(memory.create(shape)),
          history: remembered ? keep(memory.createStack(steps, shape, 1)) : undefined,
          spare: remembered || stays ? undefined : keep(memory.create(shape)),
        }
      }),
      outputs: this.#outputs.map((_, i) => (this.#isCarried[i] ? undefined : keep(memory.createStack(steps, outputShapes[i]!)))),
    }
  }

  /** Lists the arguments of the first step; returns those that change places after each. */
  #place({ given, carried, outputs }: Arrays, { steps, backward = false }: Request): [input: number, output: number][] {
    const { memory } = this
    const stands = (argument: number, at: number, advance = 0): void => {
      this.#places[argument] = at
      this.#advances[argument] = advance
    }
    const walks = (argument: number, { at, pitch }: KernelStack): void =>
      backward ? stands(argument, at + (steps - 1) * pitch, -pitch) : stands(argument, at, pitch)
    given.forEach((held, i) => ('pitch' in held ? walks(i, held) : stands(i, held.at)))
    outputs.forEach((stack, i) => {
      if (stack) walks(given.length + i, stack)
    })
    const swapped: [number, number][] = []
    carried.forEach(({ start, last, spare, history }, i) => {
      const { input, output } = this.#carried[i]!
      const to = given.length + output
      const from = history ? history.at : last.at
      if (start.at !== from) memory.copy(start.at, from, last.shape)
      if (history) stands(to, history.at + history.pitch, history.pitch)
      else stands(to, (spare ?? last).at)
      if (input < 0) return
      if (history) walks(input, history)
      else stands(input, last.at)
      if (spare) swapped.push([input, to])
    })
    return swapped
  }

  #repeat(swapped: readonly [number, number][], steps: number): void {
    const { memory } = this
    const [program, places, advances] = [this.#program, this.#places, this.#advances]
    const words = memory.heap.i32
    const start = memory.args.at * (BLOCK / 4)
    words.set(places, start)
    words.set(program.packs, start + places.length)
    const moving: number[] = []
    for (let i = 0; i < advances.length; i++) if (advances[i] !== 0) moving.push(i)
    for (let step = 0; step < steps; step++) {
      if (step > 0) {
        for (let i = 0; i < moving.length; i++) words[start + moving[i]!]! += advances[moving[i]!]!
        for (const [input, output] of swapped)
          [words[start + input], words[start + output]] = [words[start + output]!, words[start + input]!]
      }
      program.run()
    }
  }

  #results({ carried, outputs }: Arrays, steps: number): ScanResult<KernelValue, KernelStack> {
    const result: ScanResult<KernelValue, KernelStack> = { carried: {}, outputs: {}, history: {} }
    carried.forEach((places, i) => {
      const { name } = this.#carried[i]!
      result.carried[name] = this.#end(places, this.#carried[i]!, steps)
      if (places.history) result.history[name] = places.history
    })
    outputs.forEach((stack, i) => {
      if (stack) result.outputs[this.#outputs[i]!] = stack
    })
    return result
  }

  /** What is carried as it is after the last step. */
  #end({ start, last, spare, history }: Places, { input, consumed }: Carried, steps: number): KernelValue {
    const { memory } = this
    if (history) memory.copy(history.at + steps * history.pitch, last.at, last.shape)
    if (spare) {
      // After an odd number of steps the last one wrote to the spare place, or after any if the Graph does not read it.
      if (steps % 2 === 1 || (steps > 0 && input < 0)) [spare.at, last.at] = [last.at, spare.at]
      memory.release(spare)
    }
    if (!consumed) return last
    if (last !== start) {
      memory.release(start)
      return last
    }
    memory.dropPacks(start)
    const end = memory.make(start.shape, start.at, start.size)
    memory.forget(start)
    return end
  }
}

/** The program, and the carried inputs whose place the output that replaces them has. */
function programInPlace(
  memory: KernelMemory,
  graph: Graph,
  { carried, stepped = [], history = [] }: ScanOptions,
  debugNaN: boolean,
): { program: KernelProgram; staying: Set<string> } {
  const inputs = graphInputs(graph)
  let consumed = new Set(inputs.flatMap(({ name }, i) => (name in carried && !history.includes(name) ? [i] : [])))
  const varying = new Set(inputs.flatMap(({ name }, i) => (name in carried || stepped.includes(name) ? [i] : [])))
  for (;;) {
    const program = new KernelProgram(memory, graph, { consumed, varying }, debugNaN)
    const { names, outputNames, donor } = program
    const own = (input: number, output: number): boolean => carried[names[input]!] === outputNames[output]
    const wrong = new Set(donor.filter((input, output) => input >= 0 && !own(input, output)))
    if (wrong.size === 0) return { program, staying: new Set(donor.flatMap((input) => (input >= 0 ? [names[input]!] : []))) }
    // Another output would take the place: then none may.
    consumed = new Set([...consumed].filter((input) => !wrong.has(input)))
  }
}
