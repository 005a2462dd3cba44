import type { RandomStream } from '../random.js'
import { checkProbability, type Distribution } from './distribution.js'

/** 1 with this probability, else 0. Its mean is the probability, its density the probability of what was observed. */
export class Bernoulli implements Distribution {
  readonly whole = true

  constructor(readonly mean: number) {}

  get sd(): number {
    return Math.sqrt(this.mean * (1 - this.mean))
  }

  cdf(x: number): number {
    return x < -NEAR ? 0 : x < 1 - NEAR ? 1 - this.mean : 1
  }

  mass(x: number): number {
    return Math.abs(x) <= NEAR ? 1 - this.mean : Math.abs(x - 1) <= NEAR ? this.mean : 0
  }

  quantile(probability: number): number {
    checkProbability(probability)
    return probability <= 1 - this.mean ? 0 : 1
  }

  logDensity(x: number): number {
    return Math.abs(x) <= NEAR ? Math.log1p(-this.mean) : Math.abs(x - 1) <= NEAR ? Math.log(this.mean) : -Infinity
  }

  sample(stream: RandomStream): number {
    return stream.uniform() < this.mean ? 1 : 0
  }
}

/** How far from a whole number one is still taken for it: values come back from the normalised scale with rounding. */
export const NEAR = 1e-6
