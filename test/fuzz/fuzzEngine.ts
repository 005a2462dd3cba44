import type { Engine } from '../../src/engine/engine.js'
import { formatGraph } from '../../src/graph/text.js'
import { findFault, type Tally } from './compare.js'
import { randomCase, type FuzzCase } from './randomCase.js'
import { shrink } from './shrink.js'

/** What is wrong with a case on an engine, an exception included. */
function fault(engine: Engine, tried: FuzzCase, tally?: Tally): string | undefined {
  try {
    return findFault(engine, tried, tally)
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

/**
 * Runs the cases of seeds from `first` on. Returns what could be checked on each engine.
 *
 * @throws Error at the first fault, with its seed and the smallest Graph found that shows one
 */
export function fuzzEngine(engines: readonly Engine[], first: number, count: number): Tally[] {
  const tallies = engines.map((): Tally => ({ checked: 0, open: 0 }))
  for (let seed = first; seed < first + count; seed++) {
    const tried = randomCase(seed)
    for (const [i, engine] of engines.entries()) {
      const found = fault(engine, tried, tallies[i])
      if (found !== undefined) throw new Error(report(engine, tried, found))
    }
  }
  return tallies
}

function report(engine: Engine, failing: FuzzCase, found: string): string {
  const small = shrink(failing, (candidate) => fault(engine, candidate) !== undefined)
  const values = small.runs.map(
    ({ rows, inputs }) =>
      `rows ${rows}, inputs ${inputs.map((input) => `[${input.slice(0, 8).join(', ')}${input.length > 8 ? ', …' : ''}]`).join(' ')}`,
  )
  return (
    `Seed ${failing.seed} on ${engine.name} in ${engine.dtype}: ${found}\nSmaller: ` +
    `${fault(engine, small)}\n${values.join('\n')}\n${formatGraph(small.graph)}`
  )
}
