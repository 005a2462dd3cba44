import type { SeriesSet } from '../series.js'
import { completeOptions, simulate, type SimulationOptions } from './common.js'

export interface LotkaVolterraOptions extends SimulationOptions {
  /** Spread of the rates between series: each is its mean times `exp(spread · normal)`. Default 0.1. */
  readonly spread?: number
}

/** Rates of one pair of species: prey grow, are eaten, predators starve, and thrive on prey. */
export interface Rates {
  readonly growth: number
  readonly predation: number
  readonly death: number
  readonly reproduction: number
}

/** About those of the Hudson Bay hares and lynxes per year, in thousands of pelts. */
const MEAN: Rates = { growth: 0.55, predation: 0.028, death: 0.8, reproduction: 0.024 }

/**
 * Predators and prey (Lotka 1925, Volterra 1926): `h′ = (growth − predation · l) h`, `l′ = (reproduction · h − death) l`,
 * rates and starting numbers differ from series to series. Noise multiplies: each number is times `exp(noise · normal)`, so
 * it stays positive. Default 100 series of 40 points on [0, 20] with noise 0.1.
 */
export function simulateLotkaVolterra(options: LotkaVolterraOptions = {}): SeriesSet {
  const { spread = 0.1, ...common } = options
  const all = completeOptions(common, { count: 100, points: 40, span: 20, noise: 0.1 })
  // Noise is added to logarithms, which are then taken back.
  const logs = simulate('lotka-volterra', ['prey', 'predator'], all, (times, draw) => {
    const vary = (mean: number): number => mean * Math.exp(spread * draw.normal())
    const rates = {
      growth: vary(MEAN.growth),
      predation: vary(MEAN.predation),
      death: vary(MEAN.death),
      reproduction: vary(MEAN.reproduction),
    }
    const start: [number, number] = [Math.log(30) + 0.3 * draw.normal(), Math.log(10) + 0.3 * draw.normal()]
    return followLogs(times, rates, start)
  })
  return {
    ...logs,
    series: logs.series.map((one) => ({ ...one, values: one.values.map((value, cell) => (one.mask[cell] === 1 ? Math.exp(value) : 0)) })),
  }
}

const STEP = 0.005

/**
 * Logarithms of prey and predators at ascending times from 0 on, `[length, 2]`: Kutta's classical fourth-order method (1901)
 * in the logarithms, steps of at most 0.005 ending at each time.
 */
export function followLogs(times: Float64Array, rates: Rates, start: readonly [number, number]): Float64Array {
  const slope = (prey: number, predator: number): [number, number] => [
    rates.growth - rates.predation * Math.exp(predator),
    rates.reproduction * Math.exp(prey) - rates.death,
  ]
  let [t, prey, predator] = [0, start[0], start[1]]
  const out = new Float64Array(times.length * 2)
  times.forEach((time, i) => {
    const steps = Math.ceil((time - t) / STEP)
    const h = steps === 0 ? 0 : (time - t) / steps
    for (let step = 0; step < steps; step++) {
      const [a1, b1] = slope(prey, predator)
      const [a2, b2] = slope(prey + (h / 2) * a1, predator + (h / 2) * b1)
      const [a3, b3] = slope(prey + (h / 2) * a2, predator + (h / 2) * b2)
      const [a4, b4] = slope(prey + h * a3, predator + h * b3)
      prey += (h / 6) * (a1 + 2 * a2 + 2 * a3 + a4)
      predator += (h / 6) * (b1 + 2 * b2 + 2 * b3 + b4)
    }
    t = time
    out[2 * i] = prey
    out[2 * i + 1] = predator
  })
  return out
}
