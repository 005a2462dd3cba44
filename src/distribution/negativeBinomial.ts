import type { RandomStream } from '../random.js'
import { NEAR } from './bernoulli.js'
import { checkProbability, type Distribution } from './distribution.js'
import { logGamma, stirlingRest } from './logGamma.js'

/**
 * Counts of a mean, with variance `mean + dispersion · mean²`: a Poisson distribution whose rate is itself gamma-distributed about the
 * mean, with variance `dispersion · mean²` (Hilbe 2011, NB2). Dispersion 0 is the Poisson distribution.
 */
export class NegativeBinomial implements Distribution {
  readonly whole = true

  constructor(
    readonly mean: number,
    readonly dispersion: number,
  ) {}

  get sd(): number {
    return Math.sqrt(this.mean + this.dispersion * this.mean ** 2)
  }

  /** Sums the tail that does not hold the mean: its terms fall off. */
  cdf(x: number): number {
    const k = Math.floor(x + NEAR)
    if (k < 0) return 0
    if (k === Infinity) return 1
    return k < this.mean ? this.#sum(k, (j) => 1 / this.#growth(j - 1), -1) : 1 - this.#sum(k + 1, (j) => this.#growth(j), 1)
  }

  mass(x: number): number {
    return Math.exp(this.logDensity(x))
  }

  /** Brackets are doubled, then halved. */
  quantile(probability: number): number {
    checkProbability(probability)
    let [low, high] = [-1, Math.ceil(this.mean)]
    while (this.cdf(high) < probability) [low, high] = [high, 2 * high + 1]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.cdf(middle) < probability) low = middle
      else high = middle
    }
    return high
  }

  logDensity(x: number): number {
    const n = Math.round(x)
    if (n < 0 || Math.abs(x - n) > NEAR * Math.max(1, n)) return -Infinity
    const { mean, dispersion } = this
    if (mean === 0) return n === 0 ? 0 : -Infinity
    if (dispersion === 0) return n * Math.log(mean) - mean - logGamma(n + 1)
    const r = 1 / dispersion
    return risingLog(n, r) + n * Math.log(mean) - (r + n) * Math.log1p(mean / r) - logGamma(n + 1)
  }

  sample(stream: RandomStream): number {
    return this.quantile(Math.max(stream.uniform(), Number.MIN_VALUE))
  }

  /** P(X = j + 1) / P(X = j). */
  #growth(j: number): number {
    const { mean, dispersion } = this
    return (mean * (1 + dispersion * j)) / ((1 + dispersion * mean) * (j + 1))
  }

  /** Of the probabilities from `k` on in a direction, until they add nothing. */
  #sum(k: number, ratio: (j: number) => number, step: 1 | -1): number {
    let [term, sum] = [this.mass(k), 0]
    for (let j = k; j >= 0 && term > sum * 1e-17; j += step) {
      sum += term
      term *= ratio(j)
    }
    return Math.min(1, sum)
  }
}

/** log( Γ(n + r) / (Γ(r) rⁿ) ), without the cancellation of the two where r is large. */
function risingLog(n: number, r: number): number {
  const start = r + SHIFT
  let log = (start + n - 0.5) * Math.log1p(n / start) - n + n * Math.log1p(SHIFT / r) + stirlingRest(start + n) - stirlingRest(start)
  for (let k = 0; k < SHIFT; k++) log -= Math.log1p(n / (r + k))
  return log
}

/** Where Stirling's series begins. */
const SHIFT = 8
