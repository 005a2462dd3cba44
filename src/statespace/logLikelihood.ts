import type { Kernel, KernelScales, ScaleGradient } from './kernel.js'

/** Values at ascending times, each with independent noise of its own variance. */
export interface NoisySequence {
  /** How many there are: arrays may be longer. */
  readonly count: number
  /** How many of them are known, one after the other: each later one is scored given these alone. Default all. */
  readonly known?: number
  readonly times: Float64Array
  readonly values: Float64Array
  /** Variances of the noise, above 0. */
  readonly noise: Float64Array
}

/** Derivatives of a log likelihood: those by values and noise are written, those by the scales added to. */
export interface LikelihoodGradient extends ScaleGradient {
  readonly values: Float64Array
  readonly noise: Float64Array
  variance: number
}

const LOG_2PI = Math.log(2 * Math.PI)
/**
 * Numbers kept of each step: covariance before its value at 2 and 3, innovation at 5 and its variance at 6, mean after the step
 * before at 7, its covariance less that at any one time at 9, transition at 12.
 */
const KEPT = 16

/**
 * Log density of a noisy sequence of a process of mean 0, by a Kalman filter, and its derivatives by the same recursion run back.
 * O(count); arrays for the way back are used again from call to call. Each step, from the mean `m` and covariance `P` of the states
 * given all earlier values:
 *
 *     m⁻ = A m,  P⁻ = A (P − P∞) Aᵀ + P∞,  v = x − m⁻₀,  S = P⁻₀₀ + noise
 *     m = m⁻ + P⁻₀ v / S,  P = P⁻ − P⁻₀ P⁻₀ᵀ / S,  log p(x | earlier) = −½ (v²/S + log 2πS)
 */
export class SequenceLikelihood {
  #kept = new Float64Array(64 * KEPT)
  readonly #move = new Float64Array(4)

  constructor(readonly kernel: Kernel) {}

  /** @returns the log density, in nats */
  forward({ count, known = count, times, values, noise }: NoisySequence, scales: KernelScales): number {
    if (this.#kept.length < count * KEPT) this.#kept = new Float64Array(2 * count * KEPT)
    const kept = this.#kept
    const move = this.#move
    const { kernel } = this
    const { variance } = scales
    const slopes = variance * kernel.rate(scales)
    let [m0, m1, p00, p01, p11, sum] = [0, 0, variance, 0, slopes, 0]
    for (let i = 0; i < count; i++) {
      const at = i * KEPT
      if (i === 0) move.fill(0)
      else kernel.transition(times[i]! - times[i - 1]!, scales, move, 0)
      const [a, b, c, d] = [move[0]!, move[1]!, move[2]!, move[3]!]
      kept[at + 7] = m0
      kept[at + 8] = m1
      const [d00, d01, d11] = [p00 - variance, p01, p11 - slopes]
      kept[at + 9] = d00
      kept[at + 10] = d01
      kept[at + 11] = d11
      kept[at + 12] = a
      kept[at + 13] = b
      kept[at + 14] = c
      kept[at + 15] = d
      const [before0, before1] = [a * m0 + b * m1, c * m0 + d * m1]
      const q00 = a * a * d00 + 2 * a * b * d01 + b * b * d11 + variance
      const q01 = a * c * d00 + (a * d + b * c) * d01 + b * d * d11
      const q11 = c * c * d00 + 2 * c * d * d01 + d * d * d11 + slopes
      const spread = q00 + noise[i]!
      const innovation = values[i]! - before0
      kept[at + 2] = q00
      kept[at + 3] = q01
      kept[at + 5] = innovation
      kept[at + 6] = spread
      const [k0, k1] = i < known ? [q00 / spread, q01 / spread] : [0, 0]
      m0 = before0 + k0 * innovation
      m1 = before1 + k1 * innovation
      p00 = q00 - k0 * q00
      p01 = q01 - k0 * q01
      p11 = q11 - k1 * q01
      sum -= 0.5 * ((innovation * innovation) / spread + Math.log(spread) + LOG_2PI)
    }
    return sum
  }

  /** Derivatives of what `forward` gave last, for the same sequence. */
  backward({ count, known = count, times }: NoisySequence, scales: KernelScales, out: LikelihoodGradient): void {
    const kept = this.#kept
    const { kernel } = this
    // Cotangents of the means and covariances after a step, and of the variances at any one time.
    let [m0, m1, p00, p01, p11] = [0, 0, 0, 0, 0]
    let [ofVariance, ofSlopes] = [0, 0]
    for (let i = count - 1; i >= 0; i--) {
      const at = i * KEPT
      const [q00, q01, v, spread] = [kept[at + 2]!, kept[at + 3]!, kept[at + 5]!, kept[at + 6]!]
      const isKnown = i < known
      const [k0, k1] = isKnown ? [q00 / spread, q01 / spread] : [0, 0]
      const ofInnovation = -v / spread + k0 * m0 + k1 * m1
      const ofK0 = isKnown ? v * m0 - q00 * p00 - q01 * p01 : 0
      const ofK1 = isKnown ? v * m1 - q01 * p11 : 0
      const ofSpread = 0.5 * ((v * v) / (spread * spread) - 1 / spread) - (ofK0 * k0 + ofK1 * k1) / spread
      const [b00, b01, b11] = [p00 * (1 - k0) + ofK0 / spread + ofSpread, p01 * (1 - k0) - k1 * p11 + ofK1 / spread, p11]
      out.values[i] = ofInnovation
      out.noise[i] = ofSpread
      const before0 = m0 - ofInnovation
      const before1 = m1
      const [last0, last1] = [kept[at + 7]!, kept[at + 8]!]
      const [d00, d01, d11] = [kept[at + 9]!, kept[at + 10]!, kept[at + 11]!]
      const [a, b, c, d] = [kept[at + 12]!, kept[at + 13]!, kept[at + 14]!, kept[at + 15]!]
      p00 = a * a * b00 + a * c * b01 + c * c * b11
      p01 = 2 * a * b * b00 + (a * d + b * c) * b01 + 2 * c * d * b11
      p11 = b * b * b00 + b * d * b01 + d * d * b11
      ofVariance += b00 - p00
      ofSlopes += b11 - p11
      if (i > 0) {
        kernel.transitionBack(
          times[i]! - times[i - 1]!,
          scales,
          last0 * before0 + 2 * (a * d00 + b * d01) * b00 + (c * d00 + d * d01) * b01,
          last1 * before0 + 2 * (a * d01 + b * d11) * b00 + (c * d01 + d * d11) * b01,
          last0 * before1 + (a * d00 + b * d01) * b01 + 2 * (c * d00 + d * d01) * b11,
          last1 * before1 + (a * d01 + b * d11) * b01 + 2 * (c * d01 + d * d11) * b11,
          out,
        )
      }
      m0 = a * before0 + c * before1
      m1 = b * before0 + d * before1
    }
    // Before the first value the states have their variances at any one time: what is left belongs to these.
    out.variance += ofVariance + p00 + kernel.rate(scales) * (ofSlopes + p11)
    kernel.rateBack(scales, scales.variance * (ofSlopes + p11), out)
  }
}
