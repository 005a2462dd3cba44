import { describe, expect, test } from 'vitest'
import { createLatentDynamics } from '../../../src/model/latentDynamics.js'
import { latentOdeParameters } from '../../../src/model/latentOdeConfig.js'
import { traceLatentOde } from '../../../src/model/traceLatentOde.js'
import { initialise } from '../../../src/nn/parameters.js'
import { referenceEngine } from '../../reference/engine.js'
import { smallConfig, smallDynamics } from './support.js'

const softplus = (x: number): number => Math.log1p(Math.exp(x))

describe('linear dynamics', () => {
  const config = smallConfig({ dynamics: 'linear', latents: 4 })
  const weights = { 'field.decay': Float64Array.of(-1.5, 0.3), 'field.speed': Float64Array.of(0.7, -2) }
  const starts = [
    [1, 0, 0.5, -1],
    [0, -2, 3, 0],
  ]
  const times = [Float64Array.of(0, 0.3, 0.3, 2.5), Float64Array.of(0, -0.4)]

  test('turn each pair by its speed and let it decay, each series at its own times, forward and back', () => {
    const paths = smallDynamics(config).paths(weights, starts, times)
    times.forEach((own, row) =>
      own.forEach((t, i) =>
        [0, 1].forEach((pair) => {
          const size = Math.exp((0.25 - 3 * softplus(weights['field.decay'][pair]!)) * t)
          const angle = 3 * weights['field.speed'][pair]! * t
          const [x, y] = [starts[row]![pair]!, starts[row]![2 + pair]!]
          expect(paths[row]![4 * i + pair]).toBeCloseTo(size * (x * Math.cos(angle) - y * Math.sin(angle)), 12)
          expect(paths[row]![4 * i + 2 + pair]).toBeCloseTo(size * (x * Math.sin(angle) + y * Math.cos(angle)), 12)
        }),
      ),
    )
  })

  test('are what an ODE solver makes of their field', () => {
    const { field } = traceLatentOde(config)
    const solved = createLatentDynamics(referenceEngine(), config, { field: field! }).paths(weights, starts, times)
    // The solver's tolerances of 1e-10 leave eight digits.
    smallDynamics(config)
      .paths(weights, starts, times)
      .forEach((path, row) => path!.forEach((z, i) => expect(z).toBeCloseTo(solved[row]![i]!, 8)))
  })

  test('count times from the first, which is that of z0', () => {
    const dynamics = smallDynamics(config)
    const [moved] = dynamics.paths(weights, starts.slice(0, 1), [Float64Array.of(0.5, 0.75)])
    const [own] = dynamics.paths(weights, starts.slice(0, 1), [Float64Array.of(0, 0.25)])
    expect(moved).toEqual(own)
  })

  test('begin with little decay, from a quarter turn in the longest series to eight times the rate', () => {
    for (const rate of [1, 30]) {
      const of = smallConfig({ dynamics: 'linear', latents: 8, rate })
      const drawn = initialise(latentOdeParameters(of), 1)
      const speeds = [...drawn['field.speed']!].map((speed) => rate * speed)
      expect(speeds[0]).toBeCloseTo(Math.PI / 2, 12)
      expect(speeds[3]).toBeCloseTo(8 * rate, 10)
      const ratios = speeds.slice(1).map((speed, i) => speed / speeds[i]!)
      ratios.forEach((ratio) => expect(ratio).toBeCloseTo(ratios[0]!, 10))
      for (const decay of drawn['field.decay']!) expect(0.25 - rate * softplus(decay)).toBeCloseTo(-0.2, 12)
    }
  })

  test('grow slowly at most, whatever the weights, and stay finite long before the origin', () => {
    const free = { 'field.decay': Float64Array.of(-1e3, 50), 'field.speed': Float64Array.of(1, 100) }
    const [path] = smallDynamics(config).paths(free, starts.slice(0, 1), [Float64Array.of(0, 10, -1000)])
    const sizeAt = (i: number, pair: number): number => Math.hypot(path![4 * i + pair]!, path![4 * i + 2 + pair]!)
    // The first pair does not decay at all: it grows by e^(t/4).
    expect(sizeAt(1, 0) / sizeAt(0, 0)).toBeCloseTo(Math.exp(2.5), 9)
    expect(sizeAt(1, 1)).toBeLessThan(1e-300)
    expect(sizeAt(2, 1) / sizeAt(0, 1)).toBeCloseTo(Math.exp(10), 5)
  })
})
