import { nativeInstructionSets } from '../../src/engine/kernel/nativeKernel.js'
import type { InstructionSet } from '../../src/engine/kernel/kernel.js'
import { selectEngine } from '../../src/engine/select.js'
import { supportsRelaxedSimd } from '../../src/engine/kernel/wasmKernel.js'
import type { Absent, Contestant } from '../contest.js'
import { engineContestant } from './engine.js'
import { openEngine, type OpenEngine } from './openEngine.js'
import { threadedContestant } from './threaded.js'

export const engineNames = ['native', 'wasm', 'tfjs'] as const
export type EngineName = (typeof engineNames)[number]

/**
 * The engine of that name, and beside it, under names like `native sse4`, on each slower instruction set that this
 * machine has. The first of them is the one that users get; it also takes part with each number of threads above 1,
 * as `native 2t`.
 */
export async function engineContestants(name: EngineName, threadCounts: readonly number[]): Promise<(Contestant | Absent)[]> {
  switch (name) {
    case 'native':
      return variants(name, nativeInstructionSets, threadCounts)
    case 'wasm':
      return variants(name, () => (supportsRelaxedSimd() ? ['relaxed-simd', 'simd128'] : ['simd128']), threadCounts)
    case 'tfjs':
      return [
        await available(name, async () => {
          const engine = await selectEngine(name)
          return engineContestant(name, engine, 1, 'detail' in engine ? String(engine.detail) : 'TensorFlow.js')
        }),
      ]
  }
}

async function variants(
  name: OpenEngine['name'],
  sets: () => readonly InstructionSet[],
  threadCounts: readonly number[],
): Promise<(Contestant | Absent)[]> {
  let found: readonly InstructionSet[]
  try {
    found = sets()
  } catch (error) {
    return [{ name, reason: reasonOf(error) }]
  }
  const single = (label: string, instructionSet: InstructionSet) =>
    available(label, async () => engineContestant(label, await openEngine({ name, instructionSet }), 1, instructionSet))
  const [best, ...slower] = found
  return Promise.all(
    best === undefined
      ? []
      : [
          single(name, best),
          ...threadCounts
            .filter((threads) => threads > 1)
            .map((threads) => available(`${name} ${threads}t`, () => threadedContestant({ name, instructionSet: best }, threads))),
          ...slower.map((instructionSet) => single(`${name} ${instructionSet}`, instructionSet)),
        ],
  )
}

async function available(name: string, open: () => Promise<Contestant>): Promise<Contestant | Absent> {
  try {
    return await open()
  } catch (error) {
    return { name, reason: reasonOf(error) }
  }
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
