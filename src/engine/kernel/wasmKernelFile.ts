import type { Kernel } from './kernel.js'
import { wasmBytes } from './kernelFiles.js'
import { supportsRelaxedSimd, wasmKernel } from './wasmKernel.js'

export interface WasmKernelOptions {
  /** Which build; by default `'relaxed-simd'` where it runs, else `'simd128'`. */
  readonly instructionSet?: 'simd128' | 'relaxed-simd'
}

/**
 * The WebAssembly kernel of this package, in Node.
 *
 * @throws EngineError `NoBinary` if it was not built, `Wasm` if it does not run here, `KernelVersion` if it is of another version
 */
export async function openWasmKernel({
  instructionSet = supportsRelaxedSimd() ? 'relaxed-simd' : 'simd128',
}: WasmKernelOptions = {}): Promise<Kernel> {
  return wasmKernel(wasmBytes(instructionSet))
}
