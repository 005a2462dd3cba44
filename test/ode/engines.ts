import type { Engine } from '../../src/engine/engine.js'
import { selectEngine } from '../../src/engine/select.js'
import { EngineError } from '../../src/errors.js'
import { referenceEngine } from '../reference/engine.js'

/** An engine in float64 to check solvers on. */
export interface SolverEngine {
  readonly name: string
  readonly engine: Engine
}

/**
 * The engines that compute in float64: the reference interpreter always, the compiled ones where they have been built
 * (that they are is for the tests of engines to say).
 */
export async function solverEngines(): Promise<SolverEngine[]> {
  const engines: SolverEngine[] = [{ name: 'reference', engine: referenceEngine() }]
  for (const name of ['native', 'wasm']) {
    try {
      engines.push({ name, engine: await selectEngine(name, { dtype: 'float64' }) })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
    }
  }
  return engines
}
