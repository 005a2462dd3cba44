import type { Dtype } from '../../src/engine/engine.js'
import { kernelEngine } from '../../src/engine/kernel/kernelEngine.js'
import { nativeInstructionSets } from '../../src/engine/kernel/nativeKernel.js'
import { nativeEngine, wasmEngine } from '../../src/engine/select.js'
import { supportsRelaxedSimd } from '../../src/engine/kernel/wasmKernel.js'
import { openWasmKernel } from '../../src/engine/kernel/wasmKernelFile.js'
import type { CountingEngine } from './conformance.js'

/** The native engine on each instruction set of this processor and the WebAssembly builds that run here, in one type. */
export function kernelEngines(dtype: Dtype): Record<string, () => Promise<CountingEngine>> {
  return {
    ...Object.fromEntries(
      nativeInstructionSets().map((instructionSet) => [
        `native, ${instructionSet}, ${dtype}`,
        () => nativeEngine({ dtype, instructionSet }),
      ]),
    ),
    [`wasm, ${dtype}`]: () => wasmEngine({ dtype }),
    ...(supportsRelaxedSimd() && {
      [`wasm without relaxed SIMD, ${dtype}`]: async () => kernelEngine(await openWasmKernel({ instructionSet: 'simd128' }), { dtype }),
    }),
  }
}
