import { z } from 'zod'
import type { Engine } from '../engine/engine.js'

export const engineOption = {
  engine: z.enum(['auto', 'native', 'wasm', 'tfjs']).describe('What computes. Default: LATENT_ODE_ENGINE, else auto, the fastest there is').optional(),
}

/** Runs a body with an engine and frees it afterwards. */
export async function withEngine<T>(name: string | undefined, body: (engine: Engine) => T | Promise<T>): Promise<T> {
  const { selectEngine } = await import('../engine/select.js')
  const engine = await selectEngine(name)
  try {
    return await body(engine)
  } finally {
    engine.dispose()
  }
}
