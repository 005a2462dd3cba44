import type { RandomStream } from '../random.js'
import type { Distribution, Moments, Units } from './distribution.js'

/**
 * A distribution in the data's own units as one of the normalised value, where this is no more than shifted and scaled. `Transformed`
 * takes it back to the bit: a count stays a whole number.
 */
export class OnScale implements Distribution {
  constructor(
    readonly base: Distribution,
    readonly scale: Scale,
  ) {}

  get mean(): number {
    return (this.base.mean - this.scale.mean) / this.scale.sd
  }

  get sd(): number {
    return this.base.sd / this.scale.sd
  }

  cdf(z: number): number {
    return this.base.cdf(this.#value(z))
  }

  mass(z: number): number {
    return this.base.mass?.(this.#value(z)) ?? 0
  }

  quantile(probability: number): number {
    return (this.base.quantile(probability) - this.scale.mean) / this.scale.sd
  }

  /** Probabilities are those of the values; a density is per unit of the scale. */
  logDensity(z: number): number {
    return this.base.logDensity(this.#value(z)) + (this.mass(z) > 0 ? 0 : Math.log(this.scale.sd))
  }

  sample(stream: RandomStream): number {
    return (this.base.sample(stream) - this.scale.mean) / this.scale.sd
  }

  momentsIn({ shift, scale, log }: Units): Moments | undefined {
    return log === undefined ? { mean: shift + scale * this.mean, sd: scale * this.sd } : undefined
  }

  #value(z: number): number {
    return this.scale.mean + this.scale.sd * z
  }
}

/** `normalised = (value − mean) / sd`, sd above 0. */
export interface Scale {
  readonly mean: number
  readonly sd: number
}
