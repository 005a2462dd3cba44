import { z } from 'zod'
import type { Engine } from '../../engine/engine.js'
import type { Teller } from '../command.js'

export const engineOption = {
  engine: z
    .enum(['auto', 'native', 'wasm', 'tfjs'])
    .describe('What computes. Default: LATENT_ODE_ENGINE, else auto, the fastest there is')
    .optional(),
  dtype: z
    .enum(['float32', 'float64'])
    .default('float32')
    .describe('Numbers to compute with; float64 takes twice the time and memory, and the engine native or wasm'),
}

export interface EngineChoice {
  readonly engine?: string | undefined
  readonly dtype: 'float32' | 'float64'
  readonly debugNan?: boolean
}

/** Runs a body with an engine and frees it afterwards. */
export async function withEngine<T>(
  { engine: name, dtype, debugNan = false }: EngineChoice,
  { note, detail, timed }: Teller,
  body: (engine: Engine) => T | Promise<T>,
): Promise<T> {
  const engine = await timed('starting the engine', async () => {
    const { selectEngine } = await import('../../engine/select.js')
    return selectEngine(name, { dtype, debugNaN: debugNan, onNotice: note })
  })
  detail(`Engine: ${engine.name}.`)
  try {
    return await timed('computing', async () => body(engine))
  } finally {
    engine.dispose()
  }
}
