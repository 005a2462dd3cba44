import { tfjsEngine, tfjsEngineOn } from '../../src/engine/tfjs/tfjs.js'
import { engineRuntime } from '../../src/engine/tfjs/tfjsBackend.js'
import type { Op } from '../../src/graph/ops.js'
import { engineConformance, type CountingEngine } from './conformance.js'
import { kernelEngines } from './engines.js'

const engines: Record<string, () => Promise<CountingEngine>> = {
  ...kernelEngines('float32'),
  ...kernelEngines('float64'),
  'tfjs on wasm': () => tfjsEngine({ backend: 'wasm' }),
  'tfjs on cpu': () => tfjsEngine({ backend: 'cpu' }),
  'tfjs on any backend, through runKernel': async () => {
    const core = await import('@tensorflow/tfjs-core')
    await import('@tensorflow/tfjs-backend-cpu')
    // Silences its greeting.
    ;(core.findBackend('cpu') as unknown as { firstUse: boolean }).firstUse = false
    return tfjsEngineOn(engineRuntime(core, 'cpu', 'cpu through runKernel'))
  },
}

/** TensorFlow.js's own kernels, which take NaN for a number. */
const losesNaN: Record<string, readonly Op[]> = {
  'tfjs on any backend, through runKernel': ['sign'],
}

for (const [name, open] of Object.entries(engines)) engineConformance(name, open, { losesNaN: losesNaN[name] ?? [] })
