import type { RandomStream } from '../random.js'
import type { Distribution, Moments, Units } from './distribution.js'
import { Normal } from './normal.js'

/** The distribution of `shift + scale · X`, scale above 0. */
export function affine(distribution: Distribution, scale: number, shift: number): Distribution {
  if (scale === 1 && shift === 0) return distribution
  return distribution instanceof Normal
    ? new Normal(shift + scale * distribution.mean, scale * distribution.sd)
    : new Affine(distribution, scale, shift)
}

class Affine implements Distribution {
  readonly mass?: (x: number) => number

  constructor(
    readonly base: Distribution,
    readonly scale: number,
    readonly shift: number,
  ) {
    if (base.mass) this.mass = (x) => base.mass!(this.#from(x))
  }

  get mean(): number {
    return this.#to(this.base.mean)
  }

  get sd(): number {
    return this.scale * this.base.sd
  }

  #to = (x: number): number => this.shift + this.scale * x

  #from = (x: number): number => (x - this.shift) / this.scale

  cdf(x: number): number {
    return this.base.cdf(this.#from(x))
  }

  quantile(probability: number): number {
    return this.#to(this.base.quantile(probability))
  }

  logDensity(x: number): number {
    return this.base.logDensity(this.#from(x)) - ((this.mass?.(x) ?? 0) > 0 ? 0 : Math.log(this.scale))
  }

  sample(stream: RandomStream): number {
    return this.#to(this.base.sample(stream))
  }

  momentsIn(units: Units): Moments | undefined {
    return this.base.momentsIn?.({
      ...units,
      shift: units.shift + units.scale * this.shift,
      scale: units.scale * this.scale,
      normalise: (value) => this.#from(units.normalise(value)),
      denormalise: (normalised) => units.denormalise(this.#to(normalised)),
      logJacobian: (value) => units.logJacobian(value) - Math.log(this.scale),
    })
  }
}
