import type { RandomStream } from '../random.js'
import { checkProbability, type Distribution } from './distribution.js'

/** A Student-t with four degrees of freedom, shifted and scaled; all in closed form (Shaw 2006, section 4.2). */
export class StudentT4 implements Distribution {
  constructor(
    readonly mean: number,
    readonly scale: number,
  ) {}

  /** Of the unscaled one √(ν / (ν − 2)) = √2. */
  get sd(): number {
    return Math.SQRT2 * this.scale
  }

  cdf(x: number): number {
    const t = (x - this.mean) / this.scale
    if (!Number.isFinite(t)) return t > 0 ? 1 : t < 0 ? 0 : NaN
    const s = t / Math.sqrt(4 + t * t)
    return 0.5 + (3 * s - s ** 3) / 4
  }

  /** With s = t / √(4 + t²), F is ½ + (3s − s³)/4: the middle root of a cubic, s = 2 sin(asin(2F − 1) / 3). */
  quantile(probability: number): number {
    checkProbability(probability)
    const s = 2 * Math.sin(Math.asin(2 * probability - 1) / 3)
    return this.mean + (this.scale * 2 * s) / Math.sqrt(1 - s * s)
  }

  logDensity(x: number): number {
    const t = (x - this.mean) / this.scale
    return Math.log(3 / 8) - Math.log(this.scale) - 2.5 * Math.log1p((t * t) / 4)
  }

  sample(stream: RandomStream): number {
    // Inversion; 0 itself has no quantile.
    return this.quantile(Math.max(stream.uniform(), Number.MIN_VALUE))
  }

  /** Under a logarithm it has no mean: its tails are too heavy for an exponential. */
  momentsIn({ shift, scale, log }: { readonly shift: number; readonly scale: number; readonly log?: unknown }) {
    return log === undefined ? { mean: shift + scale * this.mean, sd: scale * this.sd } : { mean: Infinity, sd: Infinity }
  }
}
