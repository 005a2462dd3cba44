import { describe, expect, it } from 'vitest'
import { classics, detest, tolerances } from '../../../bench/ode/problems.js'
import { geometricMean, peers } from '../../../bench/ode/peers.js'
import { runProblem } from '../../../bench/ode/run.js'
import { adaptiveMethods, methods } from '../../../src/ode/methods/index.js'
import { fastEngine } from './engines.js'

const engine = await fastEngine()

// diffrax, tests/test_detest.py: at tolerance 1e-8 within 4e-5 of DOP853, which is 4000 tolerances, absolute or relative. Here against
// DOP853 at 1e-13; up to 1e-8 that bound, from 1e-8 on a tenth of it.
describe.each(['dopri5', 'dopri8'] as const)('DETEST: %s', (method) => {
  it.each(detest)('$name', (problem) => {
    for (const tolerance of tolerances)
      expect(runProblem(engine, problem, method, tolerance).error / tolerance).toBeLessThan(tolerance > 2e-8 ? 4000 : 400)
  })
})

// And all other methods at its tolerances: 1e-8 and 4e-5 from order 4 on, else 1e-6 and 1e-3 and the equations of class A.
describe.each(adaptiveMethods.filter((name) => name !== 'dopri5' && name !== 'dopri8'))('DETEST: %s', (method) => {
  const high = methods[method].order >= 4
  it.each(high ? detest : detest.filter(({ name }) => name.startsWith('A')))('$name', (problem) => {
    expect(runProblem(engine, problem, method, high ? 1e-8 : 1e-6).error).toBeLessThan(high ? 4e-5 : 1e-3)
  })
})

// Evaluations over DETEST and the classics, in geometric mean: as many as Hairer and Wanner's DOPRI5; dopri8 1.3 % more often
// than SciPy's DOP853, which are the three stages of the dense output in the last step.
it.each([
  ['dopri5', 'DOPRI5', 1.01],
  ['dopri8', 'DOP853', 1.02],
] as const)('%s evaluates the field as often as %s', (method, peer, most) => {
  const ratios = [...detest, ...classics].flatMap((problem) =>
    tolerances.map(
      (tolerance, i) => runProblem(engine, problem, method, tolerance).evaluations / peers.evaluations[problem.name]![peer][i]!,
    ),
  )
  expect(geometricMean(ratios)).toBeLessThan(most)
})
