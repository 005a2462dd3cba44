import { describe, expect, it } from 'vitest'
import { runProblem } from '../../../bench/ode/run.js'
import { others } from '../../../bench/ode/problems.js'
import { fastEngine } from './engines.js'

// odex: Airy's and Bessel's functions. dopri-js: Lorenz's equations, against a reference made beforehand (DOP853 at 1e-13).
const engine = await fastEngine()
const problem = (name: string) => others.find((one) => one.name === name)!

describe.each(['dopri5', 'tsit5', 'dopri8', 'rodas5p', 'kvaerno5'] as const)('%s', (method) => {
  it.each(['Airy', 'Bessel'])('%s', (name) => {
    expect(runProblem(engine, problem(name), method, 1e-8).error).toBeLessThan(1e-6)
  })
  it('Lorenz', () => {
    // Errors grow by e^0.9 in a unit of time: 90 times in 5, and less than 1e3 with those at the start.
    expect(runProblem(engine, problem('Lorenz'), method, 1e-8).error).toBeLessThan(1e-5)
  })
})
