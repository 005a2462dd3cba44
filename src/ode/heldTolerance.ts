import type { Engine, Value } from '../engine/engine.js'
import { toleranceNumbers, type Tolerance } from './tolerance.js'

/** A tolerance whose numbers are an array of an engine as long as programs need them. */
export interface HeldTolerance {
  readonly tolerance: Tolerance
  /** Calls `use` with the numbers. Inside of another call they are there already: around a whole solve, they are written once. */
  during<T>(use: (numbers: Value) => T): T
}

/** A tolerance for the programs of an engine. */
export function holdTolerance(engine: Engine, tolerance: Tolerance): HeldTolerance {
  const numbers = Float64Array.from(toleranceNumbers(tolerance))
  const shape = [numbers.length]
  let held: Value | undefined
  return {
    tolerance,
    during(use) {
      if (held) return use(held)
      const written = (held = engine.write(numbers, shape))
      try {
        return use(written)
      } finally {
        held = undefined
        engine.free(written)
      }
    },
  }
}
