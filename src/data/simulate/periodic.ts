import type { SeriesSet } from '../series.js'
import { completeOptions, simulate, type SimulationOptions } from './common.js'

export interface PeriodicOptions extends SimulationOptions {
  /** Height of the oscillation. Default 1. */
  readonly amplitude?: number
  /** Frequencies are uniform in this range, in cycles per unit of time. Default [0.4, 0.8]. */
  readonly frequency?: readonly [low: number, high: number]
  /** Mean and standard deviation of the phase, in radians, at time 0. Default [1, 0.1]. */
  readonly start?: readonly [mean: number, sd: number]
}

/**
 * The periodic toy set of Rubanova et al. (NeurIPS 2019, section 4.1): `x(t) = amplitude · sin(2π f t + start)`, each
 * series with a frequency and a start of its own. Values are given by the closed form. Defaults are 1,000 series of 100
 * points on [0, 5] with noise 0.01; unlike in the released code, each series has times of its own (`regular: true` gives
 * them shared, evenly spaced times) and noise is normal.
 */
export function simulatePeriodic(options: PeriodicOptions = {}): SeriesSet {
  const { amplitude = 1, frequency: [low, high] = [0.4, 0.8], start: [mean, sd] = [1, 0.1], ...common } = options
  const all = completeOptions(common, { count: 1000, points: 100, span: 5, noise: 0.01 })
  return simulate('periodic', ['value'], all, (times, draw) => {
    const frequency = low + (high - low) * draw.uniform()
    const phase = mean + sd * draw.normal()
    return times.map((t) => amplitude * Math.sin(2 * Math.PI * frequency * t + phase))
  })
}
