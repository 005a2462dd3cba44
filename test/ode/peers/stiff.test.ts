import { describe, expect, it } from 'vitest'
import { stiff, stiffTolerances } from '../../../bench/ode/problems.js'
import { geometricMean, peers } from '../../../bench/ode/peers.js'
import { runProblem } from '../../../bench/ode/run.js'
import { methods } from '../../../src/ode/methods/index.js'
import type { MethodName } from '../../../src/ode/types.js'
import { fastEngine } from './engines.js'

const engine = await fastEngine()

// Published ends: Mazzia and Magherini; Hairer and Wanner. Errors are over |y| + atol/rtol, so that 1 is the tolerance of a step; the bound
// is this many. The Rosenbrock methods of order 4 and 5 stay within a few. kvaerno5 stops its Newton iterations at a hundredth of the
// tolerance, which adds up over the 4000 steps of Van der Pol at 1e-10; methods of order 2 and 3 take as many steps at 1e-7, whose errors
// add up, and more in the Oregonator, which is a pulse of 1e5.
const multiples: Partial<Record<MethodName, readonly [most: number, tightest: number]>> = {
  rodas5p: [5, 1e-10],
  rodas4: [10, 1e-10],
  kvaerno5: [500, 1e-10],
  kvaerno3: [50, 1e-7],
  trbdf2: [5000, 1e-7],
  rosenbrock23: [1000, 1e-7],
}

describe.each(Object.entries(multiples) as [MethodName, readonly [number, number]][])('%s', (method, [most, tightest]) => {
  it.each(stiff)('$name', (problem) => {
    for (const tolerance of stiffTolerances.filter((one) => one >= tightest))
      expect(runProblem(engine, problem, method, tolerance).error / tolerance).toBeLessThan(most)
  })
})

it('the table has every method that is stable for stiff problems and chooses its steps', () => {
  const names = (Object.keys(methods) as MethodName[]).filter(
    (name) => methods[name].stabilityLimit === Infinity && methods[name].errorOrder !== undefined,
  )
  expect(names.sort()).toEqual(Object.keys(multiples).sort())
})

// At most Radau's evaluations, but for HIRES at 1e-10, where its order is worth more.
it('rodas5p evaluates the field less often than Radau', () => {
  const ratios = stiff.flatMap((problem) =>
    stiffTolerances.map((tolerance, i) => {
      const ratio = runProblem(engine, problem, 'rodas5p', tolerance).evaluations / peers.stiff[problem.name]!.Radau[i]!.evaluations
      if (problem.name !== 'HIRES' || tolerance > 1e-9) expect(ratio).toBeLessThan(1)
      return ratio
    }),
  )
  expect(geometricMean(ratios)).toBeLessThan(0.8)
})
