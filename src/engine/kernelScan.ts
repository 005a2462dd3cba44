import { EngineError } from '../errors.js'
import { graphInputs, graphOutputs, type Graph } from '../graph/graph.js'
import { formatShape, sameShape } from '../graph/shape.js'
import type { Scan, ScanOptions, ScanRequest, ScanResult } from './engine.js'
import { BLOCK } from './kernel.js'
import type { KernelMemory, KernelStack, KernelValue } from './kernelMemory.js'
import { KernelProgram } from './kernelProgram.js'
import { requireScan } from './scanByRuns.js'

/** What stands in the list of a run's arguments in the first step, and what is added to it after each. */
interface Argument {
  readonly at: number
  readonly advance: number
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
  const carriedBy = new Map(Object.entries(carried).map(([input, output]) => [output, input]))
  const { program, staying } = programInPlace(memory, graph, options, debugNaN)

  /** Makes and fills what a run needs, runs the steps; `keep` is told of all that is made. */
  function steps({ inputs, stacks, steps: count, backward = false }: ScanRequest, keep: <T extends KernelValue | KernelStack>(held: T) => T): ScanResult {
    const given = inputNames.map((name, i) => {
      const held = stepped.includes(name) ? memory.openStack(stacks[name]!, `Stack "${name}"`) : memory.open(inputs[name]!, `Input "${name}"`)
      program.requireShape(held.shape, i)
      if ('steps' in held && held.steps !== count) throw new EngineError('Shape', `Stack "${name}" has ${held.steps} steps, and the scan ${count}.`)
      return held
    })
    // Memory may move until all of it is taken; then places are written down.
    const last = new Map<string, KernelValue>()
    const spare = new Map<string, KernelValue>()
    const past = new Map<string, KernelStack>()
    for (const [input, output] of Object.entries(carried)) {
      const shape = program.outputShapes[outputNames.indexOf(output)]!
      const start = memory.open(inputs[input]!, `Input "${input}"`)
      if (!sameShape(start.shape, shape)) throw new EngineError('Shape', `"${input}" has shape ${formatShape(start.shape)}, and "${output}", which takes its place, ${formatShape(shape)}.`)
      // What is used up and only added to stays where it is.
      last.set(input, consumes.includes(input) && staying.has(input) ? start : keep(memory.create(shape)))
      if (history.includes(input)) past.set(input, keep(memory.createStack(count, shape, 1)))
      else if (!staying.has(input)) spare.set(input, keep(memory.create(shape)))
    }
    const outputs = new Map(outputNames.flatMap((name, i) => (carriedBy.has(name) ? [] : [[name, keep(memory.createStack(count, program.outputShapes[i]!))]])))
    program.reserve()
    program.pack(given as KernelValue[])

    for (const [input, value] of last) {
      const [from, to] = [(inputs[input] as KernelValue).at, past.get(input)?.at ?? value.at]
      if (from !== to) memory.copy(from, to, value.shape)
    }
    const along = ({ at, pitch }: KernelStack): Argument => (backward ? { at: at + (count - 1) * pitch, advance: -pitch } : { at, advance: pitch })
    const list = [
      ...inputNames.map((name, i): Argument => {
        const stack = past.get(name)
        return stack ? along(stack) : stepped.includes(name) ? along(given[i] as KernelStack) : { at: (last.get(name) ?? given[i]!).at, advance: 0 }
      }),
      ...outputNames.map((name): Argument => {
        const input = carriedBy.get(name)
        if (input === undefined) return along(outputs.get(name)!)
        const stack = past.get(input)
        return stack ? { at: stack.at + stack.pitch, advance: stack.pitch } : { at: (spare.get(input) ?? last.get(input)!).at, advance: 0 }
      }),
    ]
    const swapped = [...spare.keys()].map((input): [number, number] => [inputNames.indexOf(input), inputNames.length + outputNames.indexOf(carried[input]!)]).filter(([input]) => input >= 0)
    repeat(list, swapped, count)

    for (const [input, value] of last) {
      const stack = past.get(input)
      if (stack) memory.copy(stack.at + count * stack.pitch, value.at, value.shape)
    }
    for (const [input, value] of spare) {
      // After an odd number of steps the last one wrote to the spare place, or after any if the Graph does not read it.
      if (count % 2 === 1 || (count > 0 && !inputNames.includes(input))) [value.at, last.get(input)!.at] = [last.get(input)!.at, value.at]
      memory.release(value)
    }
    for (const input of consumes) {
      const start = inputs[input] as KernelValue
      if (last.get(input) !== start) memory.release(start)
      else {
        memory.dropPacks(start)
        last.set(input, memory.make(start.shape, start.at, start.size))
        memory.forget(start)
      }
    }
    return { carried: Object.fromEntries(last), outputs: Object.fromEntries(outputs), history: Object.fromEntries(past) }
  }

  function repeat(list: readonly Argument[], swapped: readonly [number, number][], count: number): void {
    const words = memory.heap.i32
    const start = memory.args.at * (BLOCK / 4)
    list.forEach(({ at }, i) => (words[start + i] = at))
    words.set(program.packs, start + list.length)
    const advancing = Int32Array.from(list.keys()).filter((i) => list[i]!.advance !== 0)
    const advances = advancing.map((i) => list[i]!.advance)
    for (let step = 0; step < count; step++) {
      if (step > 0) {
        for (let i = 0; i < advancing.length; i++) words[start + advancing[i]!]! += advances[i]!
        for (const [input, output] of swapped) [words[start + input], words[start + output]] = [words[start + output]!, words[start + input]!]
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
function programInPlace(memory: KernelMemory, graph: Graph, { carried, stepped = [], history = [] }: ScanOptions, debugNaN: boolean): { program: KernelProgram; staying: Set<string> } {
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
