import { EngineError } from '../../errors.js'
import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { formatShape, sameShape } from '../../graph/shape.js'
import type { Scan, ScanOptions, ScanRequest, ScanResult, Stack, Value } from '../engine.js'
import { BLOCK } from './kernel.js'
import type { KernelMemory, KernelStack, KernelValue } from './kernelMemory.js'
import { KernelProgram } from './kernelProgram.js'
import { requireScan } from '../tfjs/scanByRuns.js'

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

/**
 * A Graph that is repeated on the kernel: from one step to the next only the list of its arguments changes. What is
 * carried along and only added to stays in its place; what has a history is written into that; the rest moves between
 * two places.
 *
 * @throws EngineError `NoKernel` for a Graph that the kernel has no instructions for
 */
export function kernelScan(memory: KernelMemory, graph: Graph, options: ScanOptions, debugNaN: boolean): Scan {
  requireScan(graph, options)
  const { carried, stepped = [], history = [], consumes = [] } = options
  const inputNames = graphInputs(graph).map(({ name }) => name)
  const outputNames = graphOutputs(graph).map(({ name }) => name)
  const { program, staying } = programInPlace(memory, graph, options, debugNaN)
  const carriedOnes = Object.entries(carried).map(([name, output]): Carried => ({
    name,
    input: inputNames.indexOf(name),
    output: outputNames.indexOf(output),
    stays: staying.has(name),
    consumed: consumes.includes(name),
    remembered: history.includes(name),
  }))
  const isStepped = inputNames.map((name) => stepped.includes(name))
  const isCarried = outputNames.map((_, i) => carriedOnes.some(({ output }) => output === i))
  // The list of a run's arguments: what stands there in the first step, and what is added after each.
  const places = new Int32Array(inputNames.length + outputNames.length)
  const advances = new Int32Array(places.length)

  /** Makes and fills what a run needs, runs the steps; `keep` is told of all that is made. */
  function steps(
    { inputs, stacks, steps: count, backward = false }: ScanRequest,
    keep: <T extends KernelValue | KernelStack>(held: T) => T,
  ): ScanResult {
    const given = inputNames.map((name, i) => {
      const held = isStepped[i] ? memory.openStack(stacks[name]!, `Stack "${name}"`) : memory.open(inputs[name]!, `Input "${name}"`)
      program.requireShape(held.shape, i)
      if ('steps' in held && held.steps !== count)
        throw new EngineError('Shape', `Stack "${name}" has ${held.steps} steps, and the scan ${count}.`)
      return held
    })
    // Memory may move until all of it is taken; then places are written down.
    const last: KernelValue[] = []
    const spare: (KernelValue | undefined)[] = []
    const past: (KernelStack | undefined)[] = []
    const starts = carriedOnes.map(({ name, output, stays, consumed, remembered }, i) => {
      const shape = program.outputShapes[output]!
      const start = memory.open(inputs[name]!, `Input "${name}"`)
      if (!sameShape(start.shape, shape))
        throw new EngineError(
          'Shape',
          `"${name}" has shape ${formatShape(start.shape)}, and "${outputNames[output]!}", which takes its place, ${formatShape(shape)}.`,
        )
      // What is used up and only added to stays where it is.
      last[i] = consumed && stays ? start : keep(memory.create(shape))
      past[i] = remembered ? keep(memory.createStack(count, shape, 1)) : undefined
      spare[i] = remembered || stays ? undefined : keep(memory.create(shape))
      return start
    })
    const others = outputNames.map((_, i) => (isCarried[i] ? undefined : keep(memory.createStack(count, program.outputShapes[i]!))))
    program.reserve()
    program.pack(given as KernelValue[])

    const stands = (argument: number, at: number, advance: number): void => {
      places[argument] = at
      advances[argument] = advance
    }
    const walks = (argument: number, { at, pitch }: KernelStack): void =>
      backward ? stands(argument, at + (count - 1) * pitch, -pitch) : stands(argument, at, pitch)
    given.forEach((held, i) => ('pitch' in held ? walks(i, held) : stands(i, held.at, 0)))
    others.forEach((stack, i) => {
      if (stack) walks(inputNames.length + i, stack)
    })
    const swapped: [number, number][] = []
    carriedOnes.forEach(({ input, output }, i) => {
      const [stack, value, other] = [past[i], last[i]!, spare[i]]
      const to = inputNames.length + output
      const from = stack ? stack.at : value.at
      if (starts[i]!.at !== from) memory.copy(starts[i]!.at, from, value.shape)
      if (stack) stands(to, stack.at + stack.pitch, stack.pitch)
      else stands(to, (other ?? value).at, 0)
      if (input < 0) return
      if (stack) walks(input, stack)
      else stands(input, value.at, 0)
      if (other) swapped.push([input, to])
    })
    repeat(swapped, count)

    const [ends, outputs, memories]: [Record<string, Value>, Record<string, Stack>, Record<string, Stack>] = [{}, {}, {}]
    carriedOnes.forEach(({ name, input, consumed }, i) => {
      const [stack, value, other, start] = [past[i], last[i]!, spare[i], starts[i]!]
      if (stack) memory.copy(stack.at + count * stack.pitch, value.at, value.shape)
      if (other) {
        // After an odd number of steps the last one wrote to the spare place, or after any if the Graph does not read it.
        if (count % 2 === 1 || (count > 0 && input < 0)) [other.at, value.at] = [value.at, other.at]
        memory.release(other)
      }
      ends[name] = value
      if (stack) memories[name] = stack
      if (!consumed) return
      if (value !== start) memory.release(start)
      else {
        memory.dropPacks(start)
        ends[name] = memory.make(start.shape, start.at, start.size)
        memory.forget(start)
      }
    })
    others.forEach((stack, i) => {
      if (stack) outputs[outputNames[i]!] = stack
    })
    return { carried: ends, outputs, history: memories }
  }

  function repeat(swapped: readonly [number, number][], count: number): void {
    const words = memory.heap.i32
    const start = memory.args.at * (BLOCK / 4)
    words.set(places, start)
    words.set(program.packs, start + places.length)
    const moving: number[] = []
    for (let i = 0; i < advances.length; i++) if (advances[i] !== 0) moving.push(i)
    for (let step = 0; step < count; step++) {
      if (step > 0) {
        for (let i = 0; i < moving.length; i++) words[start + moving[i]!]! += advances[moving[i]!]!
        for (const [input, output] of swapped)
          [words[start + input], words[start + output]] = [words[start + output]!, words[start + input]!]
      }
      program.run()
    }
  }

  return {
    graph,
    run(request) {
      memory.requireUsable()
      if (request.backward && history.length > 0) throw new EngineError('Input', 'A scan that begins with the last step keeps no history.')
      program.prepare(request.rows)
      const made: (KernelValue | KernelStack)[] = []
      try {
        return steps(request, (held) => {
          made.push(held)
          return held
        })
      } catch (error) {
        for (const held of made) memory.release(held)
        throw error
      }
    },
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
