import type { SeriesSet } from '../series.js'
import { completeOptions, simulate, type SimulationOptions } from './common.js'

/**
 * Two-dimensional spirals as in Chen et al. (NeurIPS 2018, section 5.1): half of the series turn clockwise, half
 * counter-clockwise, along Archimedean spirals `r(φ) = a + b φ` (a = 0, b = 0.3) from a random angle on, at constant
 * angular speed: `φ(t) = φ₀ + ω t` with `φ₀` uniform in [π/2, 5π/2] and `ω = 2π`; the clockwise ones run
 * the same way backward, and so inward: `φ(t) = φ₀ + ω (span − t)`. Position is `(r cos φ, r sin φ)`. Default 200 series of 100 points on
 * [0, 1.5] with noise 0.1.
 */
export function simulateSpirals(options: SimulationOptions = {}): SeriesSet {
  const all = completeOptions(options, { count: 200, points: 100, span: 1.5, noise: 0.1 })
  return simulate('spirals', ['x', 'y'], all, (times, draw, index) => {
    const first = Math.PI * (0.5 + 2 * draw.uniform())
    const out = new Float64Array(times.length * 2)
    times.forEach((t, i) => {
      const angle = first + SPEED * (index % 2 === 0 ? t : all.span - t)
      out[2 * i] = GROWTH * angle * Math.cos(angle)
      out[2 * i + 1] = GROWTH * angle * Math.sin(angle)
    })
    return out
  })
}

const SPEED = 2 * Math.PI
const GROWTH = 0.3
