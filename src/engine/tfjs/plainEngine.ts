import { createRequire } from 'node:module'
import type * as tf from '@tensorflow/tfjs-core'
import type * as cpu from '@tensorflow/tfjs-backend-cpu'
import { tfjsEngineOn, type TfjsEngine } from './tfjs.js'
import { cpuRuntime } from './tfjsBackend.js'

let opened: TfjsEngine | undefined

/** The tfjs engine on the plain JavaScript backend, without waiting: what stands in where nothing faster can. */
export function plainEngine(): TfjsEngine {
  if (!opened) {
    const require = createRequire(import.meta.url)
    const core = require('@tensorflow/tfjs-core') as typeof tf
    opened = tfjsEngineOn(cpuRuntime(core, require('@tensorflow/tfjs-backend-cpu') as typeof cpu))
  }
  return opened
}
