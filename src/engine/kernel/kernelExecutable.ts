import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import type { Executable } from '../engine.js'
import type { RawExecutable } from '../rawEngine.js'
import { BLOCK } from './kernel.js'
import type { KernelMemory, KernelValue } from './kernelMemory.js'
import { KernelProgram } from './kernelProgram.js'
import type { Program } from '../lowering/program.js'

/** A Graph made ready to run on the kernel. */
export interface KernelExecutable extends Executable {
  /** What the kernel runs; undefined if the Graph runs on the fallback. */
  readonly program: Program | undefined
}

/** The same for inputs that were checked. */
export interface RawKernelExecutable extends RawExecutable<KernelValue>, Pick<KernelExecutable, 'program'> {}

/** @throws EngineError `NoKernel` for a Graph that the kernel has no instructions for */
export function kernelExecutable(memory: KernelMemory, graph: Graph, consumes: readonly string[], debugNaN: boolean): RawKernelExecutable {
  const { heap } = memory
  const consumed = graphInputs(graph).map(({ name }) => consumes.includes(name))
  const outputCount = graphOutputs(graph).length
  const program = new KernelProgram(memory, graph, { consumed: new Set(consumed.flatMap((yes, i) => (yes ? [i] : []))) }, debugNaN)
  const { names, donor, packs } = program
  const donates = names.map((_, i) => donor.includes(i))

  /** Frees what the run has used up; what a result took over is its own now. */
  function useUp(given: readonly KernelValue[]): void {
    for (let i = 0; i < given.length; i++) {
      const value = given[i]!
      if (!consumed[i] || value.at < 0) continue
      if (donates[i]) {
        memory.dropPacks(value)
        memory.forget(value)
      } else memory.release(value)
    }
  }

  /** Makes the results; what one takes over from an input lies where that does. */
  function makeResults(given: readonly KernelValue[]): KernelValue[] {
    const { outputShapes, outputSizes } = program
    const results = new Array<KernelValue>(outputCount)
    let made = 0
    try {
      for (; made < outputCount; made++) {
        const input = donor[made]! < 0 ? undefined : given[donor[made]!]
        results[made] = input
          ? memory.make(outputShapes[made]!, input.at, input.size)
          : memory.make(outputShapes[made]!, heap.take(outputSizes[made]!), outputSizes[made]!)
      }
      return results
    } catch (error) {
      // No memory for this one: those before it go, except what is an input's.
      for (const [i, value] of results.slice(0, made).entries()) {
        if (donor[i]! < 0) memory.release(value)
        else memory.forget(value)
      }
      throw error
    }
  }

  return {
    graph,
    program: program.program,
    run(given, rows) {
      program.prepare(rows)
      program.reserve()
      // Memory may move until all of it is taken; then the places are written down.
      program.pack(given)
      const results = makeResults(given)
      const list = heap.i32
      let next = memory.args.at * (BLOCK / 4)
      for (let i = 0; i < given.length; i++) list[next++] = given[i]!.at
      for (let i = 0; i < results.length; i++) list[next++] = results[i]!.at
      for (let i = 0; i < packs.length; i++) list[next++] = packs[i]!
      let done = false
      try {
        program.run()
        done = true
      } finally {
        if (consumes.length > 0) useUp(given)
        if (!done) for (const value of results) memory.release(value)
      }
      return results
    },
  }
}
