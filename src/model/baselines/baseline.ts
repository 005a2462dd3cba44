import type { RandomStream } from '../../random.js'
import type { Course } from './course.js'

/** Numbers that are estimated of one channel, by name, row-major. */
export type Estimates = Readonly<Record<string, Float64Array>>

/** Means and standard deviations of what would be observed, one for each time. */
export interface Marginals {
  readonly means: Float64Array
  readonly sds: Float64Array
}

/** What is said of one channel of a series, given some of its values. */
export interface Conditioned {
  /** @param times ascending */
  at(times: Float64Array): Marginals
  /** One joint course at ascending times, with the noise of measurement or without. Absent where only margins are known. */
  draw?(times: Float64Array, stream: RandomStream, noise: boolean): Float64Array
}

/** What is estimated, and how well it fits. */
export interface Estimated {
  readonly parameters: Estimates
  /** Log density of a training value, mean, where the estimate maximises one. */
  readonly logLikelihood?: number
  /** What was chosen and found, in a few words. */
  readonly found: string
}

/**
 * A plain model of one channel of a series, which is estimated in one go and without an engine: every channel by itself, predictions
 * are normal distributions. Times are in the model's unit, values normalised.
 */
export interface Baseline {
  /** What it is called at the beginning of a sentence. */
  readonly label: string
  /** What it does, in half a sentence. */
  readonly describe: string
  /** Shapes of the numbers that are estimated of a channel. */
  readonly shapes: Readonly<Record<string, readonly number[]>>
  /**
   * @param train courses of the channel, some of which may be empty
   * @param valid courses by which choices are made
   * @param seed of everything random
   */
  estimate(train: readonly Course[], valid: readonly Course[], seed: number): Estimated
  /** @param parameters those of the channel */
  condition(parameters: Estimates, shown: Course): Conditioned
}
