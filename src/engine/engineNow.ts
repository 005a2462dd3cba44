import { EngineError } from '../errors.js'
import type { Engine } from './engine.js'
import { kernelEngine } from './kernel/kernelEngine.js'
import { lazily } from './lazily.js'
import { openNativeKernel } from './kernel/nativeKernel.js'
import { plainEngine } from './tfjs/plainEngine.js'

/** The fastest engine of float32 that can be had without waiting, one for all who ask: native, else TensorFlow.js's plain backend. */
export const engineNow = lazily((): Engine => {
  try {
    return kernelEngine(openNativeKernel(), { fallback: plainEngine })
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return plainEngine()
  }
})
