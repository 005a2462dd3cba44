import type { Dtype, Engine } from '../engine/engine.js'
import { selectEngine } from '../engine/select.js'
import { UserError } from '../errors.js'

/** What computes. Engines that are named are opened once, shared by all calls and end with the process. */
export interface EngineOptions {
  /**
   * `auto` is the fastest that works here: `native`, else `wasm`, else `tfjs`. An engine of your own, from `latent-ode/graph`, is
   * used as it is. Default: what LATENT_ODE_ENGINE says, else `auto`.
   */
  readonly engine?: 'auto' | 'native' | 'wasm' | 'tfjs' | Engine
  /** The scalars to compute with; float64 takes twice the time and memory. Default float32. */
  readonly dtype?: Dtype
}

const opened = new Map<string, Promise<Engine>>()

/**
 * The engine that is asked for.
 *
 * @throws UserError `Engine` for a name that is none, `Option` for scalars that an engine of your own does not have; EngineError
 *   if the engine cannot be had
 */
export async function engineOf({ engine, dtype }: EngineOptions): Promise<Engine> {
  if (typeof engine === 'object') {
    if (dtype !== undefined && dtype !== engine.dtype)
      throw new UserError(
        'Option',
        `The option "dtype" is ${dtype}, but the engine that is given computes with ${engine.dtype}. Leave one out.`,
      )
    return engine
  }
  const key = `${engine ?? ''} ${dtype ?? 'float32'}`
  let found = opened.get(key)
  if (found === undefined) {
    found = selectEngine(engine, { ...(dtype && { dtype }), onNotice: (message) => process.emitWarning(message) })
    opened.set(key, found)
    // What could not be opened may be another time.
    found.catch(() => opened.delete(key))
  }
  return found
}
