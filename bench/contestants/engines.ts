import { nativeInstructionSets } from '../../src/engine/nativeKernel.js'
import type { InstructionSet } from '../../src/engine/kernel.js'
import { kernelEngine } from '../../src/engine/kernelEngine.js'
import { nativeEngine, selectEngine } from '../../src/engine/select.js'
import { supportsRelaxedSimd } from '../../src/engine/wasmKernel.js'
import { openWasmKernel } from '../../src/engine/wasmKernelFile.js'
import type { Engine } from '../../src/engine/engine.js'
import type { Absent, Contestant } from '../contest.js'
import { engineContestant } from './engine.js'

export const engineNames = ['native', 'wasm', 'tfjs'] as const
export type EngineName = (typeof engineNames)[number]

/**
 * The engine of that name, and beside it, under names like `native sse4`, on each slower instruction set that this
 * machine has. The first of them is the one that users get.
 */
export async function engineContestants(name: EngineName): Promise<(Contestant | Absent)[]> {
  switch (name) {
    case 'native': return variants(name, nativeInstructionSets, (instructionSet) => nativeEngine({ instructionSet }))
    case 'wasm': return variants(name, () => (supportsRelaxedSimd() ? ['relaxed-simd', 'simd128'] : ['simd128']),
      async (instructionSet) => kernelEngine(await openWasmKernel({ instructionSet: instructionSet as 'simd128' | 'relaxed-simd' })))
    case 'tfjs': return [await available(name, async () => {
      const engine = await selectEngine(name)
      return engineContestant(name, engine, 1, 'detail' in engine ? String(engine.detail) : 'TensorFlow.js')
    })]
  }
}

async function variants(name: EngineName, sets: () => readonly InstructionSet[], open: (set: InstructionSet) => Promise<Engine>): Promise<(Contestant | Absent)[]> {
  let found: readonly InstructionSet[]
  try {
    found = sets()
  } catch (error) {
    return [{ name, reason: reasonOf(error) }]
  }
  return Promise.all(found.map((set, i) => available(i === 0 ? name : `${name} ${set}`, async () => engineContestant(i === 0 ? name : `${name} ${set}`, await open(set), 1, set))))
}

async function available(name: string, open: () => Promise<Contestant>): Promise<Contestant | Absent> {
  try {
    return await open()
  } catch (error) {
    return { name, reason: reasonOf(error) }
  }
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
