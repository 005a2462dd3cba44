import type { RandomStream } from '../random.js'
import type { Kernel, KernelScales } from './kernel.js'

/** Numbers kept of each time: transition to it (4), covariance before its value (3), one over the innovation's variance, or 0. */
const KEPT = 8

/**
 * A process of mean 0 given noisy values of it: mean, variance and joint draws at times asked for. Exact, O(values + times): a Kalman
 * filter forward and a smoother back that inverts nothing (de Jong 1989). Variances and gains are worked out once; means take
 * values, of which there may be many sets at the same times.
 */
export class ConditionedProcess {
  /** Variance at each time asked for, without noise. */
  readonly variances: Float64Array
  /** All times in order: those of values, and those asked for, after a value at the same time. */
  readonly #count: number
  /** At each, the index of its value, or −1; and the index of the time asked for, or −1. */
  readonly #value: Int32Array
  readonly #asked: Int32Array
  readonly #kept: Float64Array
  readonly #initial: readonly [number, number]
  readonly #noise: Float64Array
  readonly #states: number

  /**
   * @param times of the values, ascending
   * @param noise variances of their noise, above 0
   * @param at times asked for, ascending
   */
  constructor(kernel: Kernel, scales: KernelScales, times: ArrayLike<number>, noise: Float64Array, at: ArrayLike<number>) {
    const count = times.length + at.length
    this.#count = count
    this.#noise = noise
    this.#states = kernel.states
    this.#value = new Int32Array(count).fill(-1)
    this.#asked = new Int32Array(count).fill(-1)
    this.#kept = new Float64Array(count * KEPT)
    this.variances = new Float64Array(at.length)
    const { variance } = scales
    const slopes = variance * kernel.rate(scales)
    this.#initial = [variance, slopes]
    const kept = this.#kept
    const before = new Float64Array(3 * count)
    let [p00, p01, p11, last, v, q] = [variance, 0, slopes, NaN, 0, 0]
    for (let i = 0; i < count; i++) {
      const isValue = q === at.length || (v < times.length && times[v]! <= at[q]!)
      const time = isValue ? times[v]! : at[q]!
      const base = i * KEPT
      if (i > 0) kernel.transition(time - last, scales, kept, base)
      last = time
      const [a, b, c, d] = [kept[base]!, kept[base + 1]!, kept[base + 2]!, kept[base + 3]!]
      const [d00, d01, d11] = [p00 - variance, p01, p11 - slopes]
      p00 = a * a * d00 + 2 * a * b * d01 + b * b * d11 + variance
      p01 = a * c * d00 + (a * d + b * c) * d01 + b * d * d11
      p11 = c * c * d00 + 2 * c * d * d01 + d * d * d11 + slopes
      kept[base + 4] = p00
      kept[base + 5] = p01
      kept[base + 6] = p11
      before.set([p00, p01, p11], 3 * i)
      if (isValue) {
        const precision = 1 / (p00 + noise[v]!)
        kept[base + 7] = precision
        this.#value[i] = v++
        const [k0, k1] = [p00 * precision, p01 * precision]
        p11 -= k1 * p01
        p01 -= k0 * p01
        p00 -= k0 * p00
      } else this.#asked[i] = q++
    }
    this.#smoothVariances(before)
  }

  /** N, the precision that later values add: variance = P⁻ − P⁻ N P⁻. */
  #smoothVariances(before: Float64Array): void {
    const kept = this.#kept
    let [n00, n01, n11] = [0, 0, 0]
    for (let i = this.#count - 1; i >= 0; i--) {
      const base = i * KEPT
      const [q00, q01, precision] = [before[3 * i]!, before[3 * i + 1]!, kept[base + 7]!]
      if (precision > 0) {
        // (I − K H)ᵀ N (I − K H) + H Hᵀ / S, where K is the gain and H takes the first state.
        const [k0, k1] = [q00 * precision, q01 * precision]
        const [l0, l1] = [1 - k0, -k1]
        n00 = l0 * l0 * n00 + 2 * l0 * l1 * n01 + l1 * l1 * n11 + precision
        n01 = l0 * n01 + l1 * n11
      } else {
        const variance = q00 - (q00 * q00 * n00 + 2 * q00 * q01 * n01 + q01 * q01 * n11)
        this.variances[this.#asked[i]!] = Math.max(0, variance)
      }
      const [a, b, c, d] = [kept[base]!, kept[base + 1]!, kept[base + 2]!, kept[base + 3]!]
      const [m00, m01, m11] = [n00, n01, n11]
      n00 = a * a * m00 + 2 * a * c * m01 + c * c * m11
      n01 = a * b * m00 + (a * d + b * c) * m01 + c * d * m11
      n11 = b * b * m00 + 2 * b * d * m01 + d * d * m11
    }
  }

  /** The mean at each time asked for, given these values. */
  means(values: ArrayLike<number>, into = new Float64Array(this.variances.length)): Float64Array {
    const kept = this.#kept
    const count = this.#count
    const [innovations, first, second] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
    let [m0, m1] = [0, 0]
    for (let i = 0; i < count; i++) {
      const base = i * KEPT
      const [last0, last1] = [m0, m1]
      m0 = kept[base]! * last0 + kept[base + 1]! * last1
      m1 = kept[base + 2]! * last0 + kept[base + 3]! * last1
      first[i] = m0
      second[i] = m1
      const precision = kept[base + 7]!
      if (precision === 0) continue
      const innovation = (values[this.#value[i]!]! - m0) * precision
      innovations[i] = innovation
      m0 += kept[base + 4]! * innovation
      m1 += kept[base + 5]! * innovation
    }
    let [r0, r1] = [0, 0]
    for (let i = count - 1; i >= 0; i--) {
      const base = i * KEPT
      const [q00, q01] = [kept[base + 4]!, kept[base + 5]!]
      if (kept[base + 7]! > 0) r0 += innovations[i]! - kept[base + 7]! * (q00 * r0 + q01 * r1)
      else into[this.#asked[i]!] = first[i]! + q00 * r0 + q01 * r1
      const [later0, later1] = [r0, r1]
      r0 = kept[base]! * later0 + kept[base + 2]! * later1
      r1 = kept[base + 1]! * later0 + kept[base + 3]! * later1
    }
    return into
  }

  /**
   * A joint draw at the times asked for, without noise: a draw of the process as it is before anything is known, moved by what its
   * own noisy values would have said and those given do (Durbin and Koopman 2002).
   */
  draw(values: ArrayLike<number>, stream: RandomStream): Float64Array {
    const kept = this.#kept
    const [variance, slopes] = this.#initial
    const made = new Float64Array(this.variances.length)
    const differences = Float64Array.from(values)
    let [x0, x1] = [0, 0]
    for (let i = 0; i < this.#count; i++) {
      const base = i * KEPT
      const [a, b, c, d] = [kept[base]!, kept[base + 1]!, kept[base + 2]!, kept[base + 3]!]
      // Covariance of what is new since the last time.
      const s00 = Math.max(0, variance * (1 - a * a) - slopes * b * b)
      const s01 = -variance * a * c - slopes * b * d
      const s11 = slopes * (1 - d * d) - variance * c * c
      const e0 = stream.normal()
      const root = Math.sqrt(s00)
      const cross = root > 0 ? s01 / root : 0
      const [last0, last1] = [x0, x1]
      x0 = a * last0 + b * last1 + root * e0
      if (this.#states === 2) x1 = c * last0 + d * last1 + cross * e0 + Math.sqrt(Math.max(0, s11 - cross * cross)) * stream.normal()
      const value = this.#value[i]!
      if (value >= 0) differences[value]! -= x0 + Math.sqrt(this.#noise[value]!) * stream.normal()
      else made[this.#asked[i]!] = x0
    }
    const moved = this.means(differences)
    return made.map((one, i) => one + moved[i]!)
  }
}
