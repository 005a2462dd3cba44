import type { RandomStream } from '../random.js'
import { checkProbability, type Distribution } from './distribution.js'
import { Normal } from './normal.js'

/** Zero with this probability, else log-normal: what sells on some days only, rain. At 0 the density is the probability of it. */
export class ZeroInflated implements Distribution {
  /** Of the logarithm of what is not zero. */
  readonly #log: Normal

  /**
   * @param zero its probability
   * @param logMean mean and standard deviation of the logarithm of what is not zero
   */
  constructor(
    readonly zero: number,
    readonly logMean: number,
    readonly logSd: number,
  ) {
    this.#log = new Normal(logMean, logSd)
  }

  get mean(): number {
    return (1 - this.zero) * Math.exp(this.logMean + this.logSd ** 2 / 2)
  }

  get sd(): number {
    return this.mean * Math.sqrt(Math.exp(this.logSd ** 2) / (1 - this.zero) - 1)
  }

  cdf(x: number): number {
    return this.#isBelow(x) ? 0 : this.#isZero(x) ? this.zero : this.zero + (1 - this.zero) * this.#log.cdf(Math.log(x))
  }

  mass(x: number): number {
    return this.#isZero(x) ? this.zero : 0
  }

  quantile(probability: number): number {
    checkProbability(probability)
    const rest = (probability - this.zero) / (1 - this.zero)
    return rest > 0 ? Math.exp(this.#log.quantile(Math.min(rest, 1 - Number.EPSILON / 2))) : 0
  }

  logDensity(x: number): number {
    if (this.#isBelow(x)) return -Infinity
    return this.#isZero(x) ? Math.log(this.zero) : Math.log1p(-this.zero) + this.#log.logDensity(Math.log(x)) - Math.log(x)
  }

  sample(stream: RandomStream): number {
    return stream.uniform() < this.zero ? 0 : Math.exp(this.#log.sample(stream))
  }

  /** 0, as it comes back from the normalised scale with rounding. */
  #isZero(x: number): boolean {
    return Math.abs(x) <= 1e-12 * Math.exp(this.logMean)
  }

  #isBelow(x: number): boolean {
    return x < 0 && !this.#isZero(x)
  }
}
