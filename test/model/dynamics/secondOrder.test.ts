import { describe, expect, test } from 'vitest'
import { smallDynamics } from './support.js'

describe('second-order dynamics', () => {
  test('without a hidden layer and with the acceleration −4 x swing as the cosine does', () => {
    // In units of the rate, d²x/dt² = −4 x: an angular speed of 2, which is 6 at rate 3; v is the slope in those units.
    const spring = { 'field.w0': Float64Array.of(-4, 0), 'field.b0': Float64Array.of(0) }
    const times = Float64Array.of(0, 0.2, 1.1)
    const [path] = smallDynamics({ dynamics: 'second-order', fieldLayers: 0 }).paths(spring, [[0.5, -1]], [times])
    times.forEach((t, i) => {
      // x = 0.5 cos 6t − 0.5 sin 6t, and v its derivative by 3t. Tolerances of 1e-10 leave about nine digits.
      expect(path![2 * i]).toBeCloseTo(0.5 * Math.cos(6 * t) - 0.5 * Math.sin(6 * t), 8)
      expect(path![2 * i + 1]).toBeCloseTo(-Math.sin(6 * t) - Math.cos(6 * t), 8)
    })
  })

  test('the places move with the velocities, these with the perceptron of both and of time', () => {
    const weights = {
      'field.w0': Float64Array.of(0.1, -0.2, 0.3, 0.4, 0.5),
      'field.b0': Float64Array.of(0.05),
      'field.w1': Float64Array.of(2, -1),
      'field.b1': Float64Array.of(0.5, 0.25),
    }
    const dynamics = smallDynamics({ dynamics: 'second-order', latents: 4, fieldUnits: 1, timeDependent: true })
    const [velocity] = dynamics.velocities(weights, [[1, 2, 3, 4]], 0.6)
    const hidden = Math.tanh(0.1 - 0.4 + 0.9 + 1.6 + 0.3 + 0.05)
    const expected = [9, 12, 3 * (2 * hidden + 0.5), 3 * (-hidden + 0.25)]
    velocity!.forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 12))
  })
})
