import type { RandomStream } from '../random.js'
import { Bernoulli } from './bernoulli.js'
import type { Distribution, Moments, Units } from './distribution.js'
import { OnScale } from './onScale.js'

/**
 * A distribution of the normalised value as one of the value in the data's own units: quantiles are mapped, densities change
 * by the Jacobian. Mean and standard deviation are exact where the distribution has formulas for them, else integrated.
 */
export class Transformed implements Distribution {
  readonly mass?: (x: number) => number
  #moments: Moments | undefined
  /** What is given in the data's own units already. */
  readonly #own: Distribution | undefined

  constructor(
    readonly normalised: Distribution,
    readonly units: Units,
  ) {
    this.#own = normalised instanceof OnScale ? normalised.base : undefined
    const given = this.#own
    if (given?.mass) this.mass = (x) => given.mass!(x)
    else if (normalised.mass) this.mass = (x) => normalised.mass!(units.normalise(x))
  }

  /** Whether only 0 and 1 are possible: then the mean is a probability, and all there is to say. */
  get binary(): boolean {
    return this.#own instanceof Bernoulli
  }

  /** Whether only whole numbers are possible. */
  get whole(): boolean {
    return this.#own?.whole === true
  }

  get mean(): number {
    return this.#momentsNow().mean
  }

  get sd(): number {
    return this.#momentsNow().sd
  }

  cdf(x: number): number {
    return this.#own ? this.#own.cdf(x) : this.normalised.cdf(this.units.normalise(x))
  }

  quantile(probability: number, near?: number): number {
    if (this.#own) return this.#own.quantile(probability, near)
    return this.units.denormalise(this.normalised.quantile(probability, near === undefined ? undefined : this.units.normalise(near)))
  }

  logDensity(x: number): number {
    if (this.#own) return this.#own.logDensity(x)
    const jacobian = (this.mass?.(x) ?? 0) > 0 ? 0 : this.units.logJacobian(x)
    return this.normalised.logDensity(this.units.normalise(x)) + jacobian
  }

  sample(stream: RandomStream): number {
    return this.#own ? this.#own.sample(stream) : this.units.denormalise(this.normalised.sample(stream))
  }

  #momentsNow(): Moments {
    return (this.#moments ??= this.#own ? { mean: this.#own.mean, sd: this.#own.sd } : momentsIn(this.normalised, this.units))
  }
}

/** Mean and standard deviation of a distribution in other units. */
export function momentsIn(distribution: Distribution, units: Units): Moments {
  const known = distribution.momentsIn?.(units)
  if (known !== undefined) return known
  if (units.log === undefined) return { mean: units.shift + units.scale * distribution.mean, sd: units.scale * distribution.sd }
  return integrated(distribution, units)
}

/**
 * By the trapezoidal rule over the quantiles, `E[f(X)] = ∫ f(q(p)) dp` with `p = 1 / (1 + e^−s)`: where the moments are finite,
 * the integrand falls off to both sides. Probabilities within 1e-15 of 1 are not told from it, so the last thing that can be seen
 * of a tail is there: if the integrand does not fall off by then, the moment is taken to be infinite.
 */
function integrated(distribution: Distribution, units: Units): Moments {
  const first = integrateQuantiles(distribution, (z) => units.denormalise(z))
  if (!Number.isFinite(first)) return { mean: first, sd: Infinity }
  const second = integrateQuantiles(distribution, (z) => (units.denormalise(z) - first) ** 2)
  return { mean: first, sd: Math.sqrt(second) }
}

/** In s: reach to both sides, and the step. */
const [REACH, STEP] = [34, 1 / 16]
/** What of the whole the integrand may still be at the end. */
const FALLEN = 1e-6

function integrateQuantiles(distribution: Distribution, of: (z: number) => number): number {
  let [sum, last] = [0, 0]
  for (let s = -REACH; s <= REACH; s += STEP) {
    const [p, rest] = [1 / (1 + Math.exp(-s)), 1 / (1 + Math.exp(s))]
    last = of(distribution.quantile(p)) * p * rest * STEP
    sum += last
  }
  return Math.abs(last) > FALLEN * Math.abs(sum) ? Math.sign(last) * Infinity : sum
}

/** The same quantile of similar distributions one after the other, as over time: each is looked for where the last one was. */
export function quantilesAlong(distributions: readonly Transformed[], probability: number): number[] {
  let last: number | undefined
  return distributions.map((distribution) => {
    const { normalised, units } = distribution
    return normalised instanceof OnScale
      ? distribution.quantile(probability)
      : units.denormalise((last = normalised.quantile(probability, last)))
  })
}
