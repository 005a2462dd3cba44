import { expect } from 'vitest'
import type { referenceEngine } from '../reference/engine.js'
import type { Solution } from '../../src/ode/types.js'

/** Expects a recorded solve of four numbers, its gradient and a plain solve to leave nothing behind but what the first solve compiled. */
export function expectNoLeaks(engine: ReturnType<typeof referenceEngine>, solve: (record: boolean) => Solution): void {
  solve(false)
  const before = engine.live()
  const solution = solve(true)
  solution.pullback([1, 1, 1, 1])
  solution.dispose()
  solve(false)
  expect(engine.live()).toBe(before)
}
