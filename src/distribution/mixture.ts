import type { RandomStream } from '../random.js'
import { checkProbability, type Distribution, type Moments, type Units } from './distribution.js'
import { Normal } from './normal.js'
import { NormalMixture } from './normalMixture.js'
import { momentsIn } from './transformed.js'

/** A mixture of distributions with equal weights, one at least. */
export const mixture = (components: readonly Distribution[]): Distribution =>
  components.every((component) => component instanceof Normal) ? NormalMixture.of(components) : new Mixture(components)

/** Of any distributions: what is known of them is all that is used. */
class Mixture implements Distribution {
  constructor(readonly components: readonly Distribution[]) {}

  get mean(): number {
    return momentsOf(this.components).mean
  }

  get sd(): number {
    return momentsOf(this.components).sd
  }

  cdf(x: number): number {
    return average(this.components, (component) => component.cdf(x))
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
    const tolerance = 1e-12 * (high - low)
    while (high - low > tolerance) {
      const middle = (low + high) / 2
      if (middle <= low || middle >= high) break
      if (this.cdf(middle) < probability) low = middle
      else high = middle
    }
    return high
  }

  logDensity(x: number): number {
    const logs = this.components.map((component) => component.logDensity(x))
    const top = Math.max(...logs)
    return top === -Infinity ? top : top + Math.log(average(logs, (log) => Math.exp(log - top)))
  }

  sample(stream: RandomStream): number {
    return this.components[stream.integer(this.components.length)]!.sample(stream)
  }

  momentsIn(units: Units): Moments {
    return momentsOf(this.components.map((component) => momentsIn(component, units)))
  }
}

/** The law of total variance. */
function momentsOf(components: readonly Moments[]): Moments {
  const mean = average(components, (component) => component.mean)
  if (!Number.isFinite(mean)) return { mean, sd: Infinity }
  return { mean, sd: Math.sqrt(average(components, (component) => component.sd ** 2 + (component.mean - mean) ** 2)) }
}

const average = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((sum, item) => sum + of(item), 0) / items.length
