import type { Distribution } from '../distribution/distribution.js'
import type { RandomStream } from '../random.js'
import type { ParameterSpecs } from '../nn/parameters.js'
import type { Observations } from './observations.js'
import type { Objective } from './objective.js'

/** Parameter arrays by name, row-major. */
export type ParameterArrays = Readonly<Record<string, Float32Array | Float64Array>>

/** The stream of standard normals for one row of a batch. */
export type NoiseSource = (row: number) => RandomStream

/** How a loss is computed. */
export interface LossOptions {
  readonly objective: Objective
  /** Weight of the KL term. */
  readonly beta: number
  /** Samples of z0 per series. */
  readonly samples: number
  readonly noise: NoiseSource
}

/** How a gradient is computed. */
export interface GradientOptions extends LossOptions {
  /** Arrays to write it to, by parameter name; default new ones. */
  readonly into?: ParameterArrays | undefined
}

/** What the solves of a batch cost, and how many failed. */
export interface SolverTotals {
  /** Evaluations of the vector field by one row, mean over rows. */
  readonly evaluations: number
  readonly accepted: number
  readonly rejected: number
  /** Rows that were solved, and those that failed and were left out. */
  readonly rows: number
  readonly failed: number
  readonly smallestStep: number
  /** What went wrong first, if anything did. */
  readonly error?: Error
}

/** A loss and what it is made of. */
export interface LossResult {
  /** The objective per observed value. */
  readonly loss: number
  /** Log likelihood summed over observed values, mean over samples, summed over series. */
  readonly logLikelihood: number
  /** KL divergence summed over series. */
  readonly kl: number
  /** Observed values and series that entered the loss. */
  readonly observed: number
  readonly series: number
  readonly solver: SolverTotals
}

/** A loss and its gradient, by parameter name, row-major. */
export interface GradientResult extends LossResult {
  readonly gradient: ParameterArrays
}

/** What a model says of one series at the times asked for. */
export interface SamplePaths {
  /** How many samples there are; of a model without z0, one. */
  readonly samples: number
  /** The distribution of an observed value given a sample, on the normalised scale. */
  component(sample: number, time: number, channel: number): Distribution
  /** Weights of the samples, `[samples]`, summing to 1; default all the same. */
  readonly weights?: Float64Array
  /**
   * A course that the series may take given a sample, `[times, channels]` on the normalised scale: joint over times. Without it,
   * values are independent given the sample.
   *
   * @param noise whether with the noise of measurement
   */
  draw?(sample: number, stream: RandomStream, noise: boolean): Float64Array
  /** Whether all numbers that distributions are made of are finite; if not, some of this series or of one beside it are not. */
  readonly finite: boolean
  /**
   * q(z0 | what was observed), `[latents]` each: the standard normal prior where nothing was. Of a model without z0, the state after
   * the last observation, and 0; of a baseline nothing.
   */
  readonly posterior: { readonly mean: Float64Array; readonly sd: Float64Array }
  readonly solver: SolverTotals
  /** True if the solver failed for this series; there is no distribution then. */
  readonly failed: boolean
}

/** A model of irregularly sampled series that can be asked. */
export interface Forecaster {
  readonly name: string
  readonly specs: ParameterSpecs
  /** Predicts every row at its own times (ascending, relative to the row's origin); one of which nothing was observed from the prior. */
  predict(
    parameters: ParameterArrays,
    conditioning: Observations,
    times: readonly Float64Array[],
    options: { samples: number; noise: NoiseSource },
  ): SamplePaths[]
}

/** A model that is trained by gradient descent. */
export interface SequenceModel extends Forecaster {
  /** The objective of `targets` given `conditioning` (the same rows). */
  loss(parameters: ParameterArrays, conditioning: Observations, targets: Observations, options: LossOptions): LossResult
  /** The loss and its gradient. */
  gradient(parameters: ParameterArrays, conditioning: Observations, targets: Observations, options: GradientOptions): GradientResult
}
