import { describe, expect, test } from 'vitest'
import { latentOdeParameters } from '../../../src/model/latentOdeConfig.js'
import { initialise } from '../../../src/nn/parameters.js'
import { random } from '../../../src/random.js'
import { smallConfig, smallDynamics } from './support.js'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

describe('gated dynamics', () => {
  test('with a gate and a candidate that stand still decay to the candidate', () => {
    const still = {
      'field.gate.w0': new Float64Array(4),
      'field.gate.b0': Float64Array.of(0.7, -1),
      'field.candidate.w0': new Float64Array(4),
      'field.candidate.b0': Float64Array.of(0.4, -2),
    }
    const times = Float64Array.of(0, 0.3, 2)
    const [path] = smallDynamics({ dynamics: 'gated', fieldLayers: 0 }).paths(still, [[2, 0.1]], [times])
    times.forEach((t, i) =>
      [0, 1].forEach((k) => {
        const to = Math.tanh([0.4, -2][k]!)
        const expected = to + ([2, 0.1][k]! - to) * Math.exp(-3 * (1 - sigmoid([0.7, -1][k]!)) * t)
        // Tolerances of 1e-10 leave about nine digits.
        expect(path![2 * i + k]).toBeCloseTo(expected, 8)
      }),
    )
  })

  test('have the velocity rate (1 − g) (c − z), with g and c perceptrons of z and time', () => {
    const weights = {
      'field.gate.w0': Float64Array.of(0.5, -1, 2),
      'field.gate.b0': Float64Array.of(0.1),
      'field.gate.w1': Float64Array.of(1, -2),
      'field.gate.b1': Float64Array.of(0.3, 0),
      'field.candidate.w0': Float64Array.of(-0.5, 0.25, 1),
      'field.candidate.b0': Float64Array.of(0.2),
      'field.candidate.w1': Float64Array.of(3, 1),
      'field.candidate.b1': Float64Array.of(0, -0.5),
    }
    const z = [0.8, -0.3]
    const [velocity] = smallDynamics({ dynamics: 'gated', fieldUnits: 1, timeDependent: true }).velocities(weights, [z], 0.5)
    const gate = Math.tanh(0.4 + 0.3 + 1 + 0.1)
    const candidate = Math.tanh(-0.4 - 0.075 + 0.5 + 0.2)
    expect(velocity![0]).toBeCloseTo(3 * (1 - sigmoid(gate + 0.3)) * (Math.tanh(3 * candidate) - 0.8), 12)
    expect(velocity![1]).toBeCloseTo(3 * (1 - sigmoid(-2 * gate)) * (Math.tanh(candidate - 0.5) + 0.3), 12)
  })

  test('keep z within (−1, 1) for ever, whatever the weights', () => {
    const changes = { dynamics: 'gated', latents: 4, fieldUnits: 5, rtol: 1e-6, atol: 1e-8, maxSteps: 100_000 } as const
    const stream = random(3, 'starts')
    for (const seed of [1, 2, 3]) {
      const drawn = initialise(latentOdeParameters(smallConfig(changes)), seed)
      const wild = Object.fromEntries(Object.entries(drawn).map(([name, numbers]) => [name, numbers.map((x) => 5 * x)]))
      const starts = Array.from({ length: 8 }, () => Array.from({ length: 4 }, () => 2 * stream.uniform() - 1))
      const times = Float64Array.from({ length: 50 }, (_, i) => i)
      const paths = smallDynamics(changes).paths(
        wild,
        starts,
        starts.map(() => times),
      )
      // The solver's errors are of the size of its tolerances.
      for (const path of paths) expect(Math.max(...path!.map(Math.abs))).toBeLessThan(1 + 1e-5)
    }
  })
})
