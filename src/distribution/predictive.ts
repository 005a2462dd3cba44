import type { Distribution, Units } from './distribution.js'
import { mixture } from './mixture.js'
import { stretched, type Stretch } from './stretched.js'
import { Transformed } from './transformed.js'

/** What is predicted of one value, in the data's own units: the mixture of its distributions given each sample of z0. */
export class Predictive extends Transformed {
  /** @param given the distribution of the normalised value given each sample */
  constructor(
    readonly given: readonly Distribution[],
    units: Units,
    /** Weights of the samples, summing to 1; default all the same. */
    readonly weights?: Float64Array,
    /** How it is stretched about its mean so that intervals hold what they say; default not at all. */
    stretch?: Stretch,
  ) {
    super(stretch ? stretched(mixture(given, weights), stretch) : mixture(given, weights), units)
  }

  /** The distribution given each sample, in the data's own units. */
  get components(): Transformed[] {
    return this.given.map((one) => new Transformed(one, this.units))
  }
}
