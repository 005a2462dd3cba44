import type { SeriesSet } from '../series.js'
import { completeOptions, simulate, type SimulationOptions } from './common.js'

export interface OscillatorOptions extends SimulationOptions {
  /** Angular frequencies without damping, in radians per unit of time, uniform in this range. Default [1, 2]. */
  readonly frequency?: readonly [low: number, high: number]
  /** Damping ratios, uniform in this range; below 1. Default [0.05, 0.2]. */
  readonly damping?: readonly [low: number, high: number]
}

/**
 * Damped harmonic oscillators, `x″ + 2ζω x′ + ω² x = 0`, each with its own ω, ζ, and x(0), x′(0) standard normal. Values
 * are the exact solution `x(t) = e^(−ζωt) (x₀ cos ω_d t + (v₀ + ζω x₀)/ω_d sin ω_d t)`, `ω_d = ω √(1 − ζ²)`, and its
 * derivative. Default 200 series of 50 points on [0, 10] with noise 0.05.
 */
export function simulateOscillators(options: OscillatorOptions = {}): SeriesSet {
  const { frequency: [slow, fast] = [1, 2], damping: [weak, strong] = [0.05, 0.2], ...common } = options
  const all = completeOptions(common, { count: 200, points: 50, span: 10, noise: 0.05 })
  return simulate('oscillators', ['position', 'velocity'], all, (times, draw) => {
    const omega = slow + (fast - slow) * draw.uniform()
    const ratio = weak + (strong - weak) * draw.uniform()
    return oscillate(times, omega, ratio, draw.normal(), draw.normal())
  })
}

/** Position and velocity of one oscillator at some times, `[length, 2]`; damping ratio below 1. */
export function oscillate(times: Float64Array, omega: number, ratio: number, position: number, velocity: number): Float64Array {
  const decay = ratio * omega
  const damped = omega * Math.sqrt(1 - ratio * ratio)
  const sine = (velocity + decay * position) / damped
  const out = new Float64Array(times.length * 2)
  times.forEach((t, i) => {
    const [c, s, envelope] = [Math.cos(damped * t), Math.sin(damped * t), Math.exp(-decay * t)]
    out[2 * i] = envelope * (position * c + sine * s)
    out[2 * i + 1] = envelope * ((sine * damped - decay * position) * c - (position * damped + decay * sine) * s)
  })
  return out
}
