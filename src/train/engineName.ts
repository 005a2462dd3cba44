import type { Engine } from '../engine/engine.js'
import type { InstructionSet } from '../engine/kernel/kernel.js'
import type { KernelEngine } from '../engine/kernel/kernelEngine.js'

/** Which engine computes, on what instructions: models say it, since results agree across them to rounding only. */
export const engineName = (engine: Engine): string => [engine.name, engine.dtype, instructionsOf(engine)].join(' ').trimEnd()

/** The instruction set of an engine that has one. */
export const instructionsOf = (engine: Engine): InstructionSet | undefined =>
  'instructionSet' in engine ? (engine as KernelEngine).instructionSet : undefined
