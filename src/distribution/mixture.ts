import type { RandomStream } from '../random.js'
import { Bernoulli } from './bernoulli.js'
import { checkProbability, type Distribution, type Moments, type Units } from './distribution.js'
import { Normal } from './normal.js'
import { drawIndex, NormalMixture } from './normalMixture.js'
import { OnScale } from './onScale.js'
import { momentsIn } from './transformed.js'

/**
 * A mixture of distributions, one at least. Those on a scale (`OnScale`) are on the same.
 *
 * @param weights of each, summing to 1; default all the same
 */
export function mixture(components: readonly Distribution[], weights?: Float64Array): Distribution {
  if (components.every((component) => component instanceof Normal)) return NormalMixture.of(components, weights)
  if (components.every((component) => component instanceof OnScale)) {
    const bases = components.map(({ base }) => base)
    return new OnScale(mixture(bases, weights), components[0]!.scale)
  }
  const mixed = new Mixture(components, weights)
  return components.every((component) => component instanceof Bernoulli) ? new Bernoulli(mixed.mean) : mixed
}

/** Of any distributions: what is known of them is all that is used. */
class Mixture implements Distribution {
  readonly mass?: (x: number) => number
  readonly whole: boolean

  constructor(
    readonly components: readonly Distribution[],
    readonly weights: Float64Array = new Float64Array(components.length).fill(1 / components.length),
  ) {
    this.whole = components.every((component) => component.whole === true)
    if (components.some((component) => component.mass))
      this.mass = (x) => average(components, (component) => component.mass?.(x) ?? 0, weights)
  }

  get mean(): number {
    return momentsOf(this.components, this.weights).mean
  }

  get sd(): number {
    return momentsOf(this.components, this.weights).sd
  }

  cdf(x: number): number {
    return average(this.components, (component) => component.cdf(x), this.weights)
  }

  /** Lies between the least and the greatest quantile of the components; found by halving that. */
  quantile(probability: number): number {
    checkProbability(probability)
    let [low, high] = [Infinity, -Infinity]
    for (const component of this.components) {
      const quantile = component.quantile(probability)
      low = Math.min(low, quantile)
      high = Math.max(high, quantile)
    }
    if (this.cdf(low) >= probability) return low
    const tolerance = this.whole ? 1 : 1e-12 * (high - low)
    while (high - low > tolerance) {
      const middle = this.whole ? Math.floor((low + high) / 2) : (low + high) / 2
      if (middle <= low || middle >= high) break
      if (this.cdf(middle) < probability) low = middle
      else high = middle
    }
    return high
  }

  logDensity(x: number): number {
    const logs = this.components.map((component) => component.logDensity(x))
    const top = Math.max(...logs)
    return top === -Infinity ? top : top + Math.log(average(logs, (log) => Math.exp(log - top), this.weights))
  }

  sample(stream: RandomStream): number {
    return this.components[drawIndex(stream, this.weights)]!.sample(stream)
  }

  momentsIn(units: Units): Moments {
    return momentsOf(
      this.components.map((component) => momentsIn(component, units)),
      this.weights,
    )
  }
}

/** The law of total variance. */
function momentsOf(components: readonly Moments[], weights: Float64Array): Moments {
  const mean = average(components, (component) => component.mean, weights)
  if (!Number.isFinite(mean)) return { mean, sd: Infinity }
  return { mean, sd: Math.sqrt(average(components, (component) => component.sd ** 2 + (component.mean - mean) ** 2, weights)) }
}

const average = <T>(items: readonly T[], of: (item: T) => number, weights: Float64Array): number =>
  items.reduce((sum, item, k) => sum + weights[k]! * of(item), 0)
