import type { Engine } from '../../../src/engine/engine.js'
import { solverEngines } from '../engines.js'

/** One compiled engine in float64 for problems that take many steps; the reference interpreter where there is none. */
export async function fastEngine(): Promise<Engine> {
  const engines = await solverEngines()
  return (engines.find(({ name }) => name === 'native') ?? engines.at(-1)!).engine
}
