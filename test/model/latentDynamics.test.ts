import { describe, expect, test } from 'vitest'
import { latentOdeParameters, type LatentOdeConfig } from '../../src/model/latentOdeConfig.js'
import { createLatentDynamics } from '../../src/model/latentDynamics.js'
import { traceLatentOde } from '../../src/model/traceLatentOde.js'
import { initialise } from '../../src/nn/parameters.js'
import { referenceEngine } from '../reference/engine.js'
import { smallConfig } from './dynamics/support.js'

const config = smallConfig({ fieldLayers: 0 })

describe('latent dynamics', () => {
  // Without a hidden layer the field is rate (z W + b); this W turns by a right angle: z(t) turns by the angle rate · t.
  const turning = { 'field.w0': Float64Array.of(0, 1, -1, 0), 'field.b0': Float64Array.of(0, 0) }
  const dynamics = createLatentDynamics(referenceEngine(), config, traceLatentOde(config))

  test('follow the exact solution, each series at its own times, forward and back', () => {
    const times = [Float64Array.of(0, 0.1, 0.9), Float64Array.of(0, -0.4), Float64Array.of(0)]
    const paths = dynamics.paths(
      turning,
      [
        [1, 0],
        [0, 2],
        [5, 6],
      ],
      times,
    )
    times.forEach((asked, row) =>
      asked.forEach((t, i) => {
        const [x, y] = [
          [1, 0],
          [0, 2],
          [5, 6],
        ][row] as [number, number]
        expect(paths[row]![2 * i]).toBeCloseTo(x * Math.cos(3 * t) - y * Math.sin(3 * t), 8)
        expect(paths[row]![2 * i + 1]).toBeCloseTo(x * Math.sin(3 * t) + y * Math.cos(3 * t), 8)
      }),
    )
  })

  test('have the velocity of the field', () => {
    expect(
      dynamics
        .velocities(
          turning,
          [
            [1, 0],
            [0.5, -2],
          ],
          0,
        )
        .map((velocity) => [...velocity]),
    ).toEqual([[0, 3].map((v) => v + 0), [6, 1.5]])
  })

  test('say so where the solver fails, and answer nothing of nothing', () => {
    const wild = { 'field.w0': Float64Array.of(1e6, 0, 0, 1e6), 'field.b0': Float64Array.of(1, 1) }
    const [failed] = createLatentDynamics(referenceEngine(), { ...config, maxSteps: 3 }, traceLatentOde(config)).paths(
      wild,
      [[1, 1]],
      [Float64Array.of(0, 1)],
    )
    expect(failed).toBeUndefined()
    expect(dynamics.paths(turning, [], [])).toEqual([])
    expect(dynamics.velocities(turning, [], 0)).toEqual([])
  })
})

describe('semilinear dynamics', () => {
  const semilinear: LatentOdeConfig = { ...config, dynamics: 'semilinear', fieldUnits: 1, fieldLayers: 1 }
  const dynamicsOf = (of: LatentOdeConfig) => createLatentDynamics(referenceEngine(), of, traceLatentOde(of))

  test('have the velocity rate (z A + f(z))', () => {
    const weights = {
      'field.linear': Float64Array.of(0, 1, -1, 0),
      'field.w0': Float64Array.of(0.5, -1),
      'field.b0': Float64Array.of(0.1),
      'field.w1': Float64Array.of(2, -3),
      'field.b1': Float64Array.of(0.01, 0.02),
    }
    const [velocity] = dynamicsOf(semilinear).velocities(weights, [[1, 2]], 0)
    // z A = (−2, 1); the hidden unit is tanh(0.5 − 2 + 0.1).
    const hidden = Math.tanh(-1.4)
    expect(velocity![0]).toBeCloseTo(3 * (-2 + 2 * hidden + 0.01), 12)
    expect(velocity![1]).toBeCloseTo(3 * (1 - 3 * hidden + 0.02), 12)
  })

  test('may depend on time, but in the perceptron only', () => {
    const timeDependent = dynamicsOf({ ...semilinear, timeDependent: true })
    const weights = {
      'field.linear': Float64Array.of(0, 1, -1, 0),
      'field.w0': Float64Array.of(0, 0, 1),
      'field.b0': Float64Array.of(0),
      'field.w1': Float64Array.of(1, 0),
      'field.b1': Float64Array.of(0, 0),
    }
    const [velocity] = timeDependent.velocities(weights, [[1, 2]], 0.5)
    expect(velocity![0]).toBeCloseTo(3 * (-2 + Math.tanh(0.5)), 12)
    expect(velocity![1]).toBeCloseTo(3, 12)
  })

  test('begin nearly linear: a state of twice the size moves about twice as fast', () => {
    const of: LatentOdeConfig = { ...semilinear, latents: 8, fieldUnits: 32 }
    const z = Array.from({ length: 8 }, (_, i) => Math.sin(i + 1))
    const [once, twice] = dynamicsOf(of).velocities(initialise(latentOdeParameters(of), 1), [z, z.map((x) => 2 * x)], 0)
    const bend = Math.hypot(...once!.map((v, i) => twice![i]! - 2 * v))
    // The perceptron starts with a tenth of the linear map's gain, and only a part of it bends.
    expect(bend).toBeGreaterThan(0)
    expect(bend).toBeLessThan(0.1 * Math.hypot(...twice!))
  })
})
