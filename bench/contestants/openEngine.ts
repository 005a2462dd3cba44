import type { Engine } from '../../src/engine/engine.js'
import type { InstructionSet } from '../../src/engine/kernel/kernel.js'
import { kernelEngine } from '../../src/engine/kernel/kernelEngine.js'
import { nativeEngine } from '../../src/engine/select.js'
import { openWasmKernel } from '../../src/engine/kernel/wasmKernelFile.js'

/** An engine on the kernel. */
export interface OpenEngine {
  readonly name: 'native' | 'wasm'
  readonly instructionSet: InstructionSet
}

/** Opens it in this thread. @throws EngineError if it cannot be had */
export async function openEngine({ name, instructionSet }: OpenEngine): Promise<Engine> {
  switch (name) {
    case 'native':
      return nativeEngine({ instructionSet })
    case 'wasm':
      return kernelEngine(await openWasmKernel({ instructionSet: instructionSet as 'simd128' | 'relaxed-simd' }))
  }
}
