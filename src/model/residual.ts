import type * as tf from '@tensorflow/tfjs-core'
import type { Tape } from '../engine/autodiff/tape.js'
import type { FloatArray } from '../engine/engine.js'
import { ROWS } from '../graph/shape.js'
import { constant, parameterShapes, type ParameterSpecs } from '../nn/parameters.js'
import type { Parameters } from '../nn/mlp.js'
import { kernels, type KernelName } from '../statespace/kernel.js'
import { SequenceLikelihood, type LikelihoodGradient } from '../statespace/logLikelihood.js'
import type { EvaluatedLikelihood } from './bound.js'
import { rowTimes, type Observations } from './observations.js'
import type { Tracing } from './tracing.js'

/** Where training begins: a residual about as large as the noise, that remembers a twentieth of a series. */
const [START_SPREAD, START_LENGTH] = [0.3, 0.05]
/** Least standard deviation of a residual and least length scale, so that no density is infinite. */
const [SPREAD_FLOOR, LENGTH_FLOOR] = [1e-3, 1e-4]

/** A residual's standard deviation and length scale in the model's time, as learned: before softplus, and as a logarithm. */
export const residualParameters = (channels: number): ParameterSpecs => ({
  'residual.spread': { shape: [channels], initialise: constant(Math.log(Math.expm1(START_SPREAD))) },
  'residual.length': { shape: [channels], initialise: constant(Math.log(START_LENGTH)) },
})

/** From `one`, which is 1, to the residual's `spread` and `length`, `[rows, channels]`, and whatever else `also` gives. */
export const traceResidual = (
  { tf, trace }: Tracing,
  channels: number,
  own: ParameterSpecs,
  also: (one: tf.Tensor, weights: Parameters) => Record<string, tf.Tensor>,
) =>
  trace(
    ({ one, ...weights }) => ({
      spread: tf.mul(one!, tf.add(tf.softplus(weights['residual.spread']!), SPREAD_FLOOR)),
      length: tf.mul(one!, tf.add(tf.exp(weights['residual.length']!), LENGTH_FLOOR)),
      ...also(one!, weights),
    }),
    { one: [ROWS, 1], ...parameterShapes({ ...residualParameters(channels), ...own }) },
  )

/** The numbers that a residual's likelihood is of: means and standard deviations of the noise by point or, of the latter, by channel. */
export interface ResidualNumbers {
  /** `[points, channels]` */
  readonly mean: FloatArray
  /** `[points, channels]` or `[1, channels]` */
  readonly sd: FloatArray
  /** `[1, channels]` each. */
  readonly spread: FloatArray
  readonly length: FloatArray
}

/** The observed values of some channels: which, and of what. */
export interface ResidualTargets {
  readonly targets: Observations
  /** Of each series the point of every sample at every time of the targets, `[samples, times]`: rows of the numbers, each of one time. */
  readonly points: readonly Int32Array[]
  readonly samples: number
  /** 1 for series that are left out. */
  readonly failed: Uint8Array
  /** Of the data, in the order of the columns of the numbers. */
  readonly channels: readonly number[]
  /** Of each series the time after which values are scored given earlier ones alone, not given each other; default none. */
  readonly knownUntil?: ArrayLike<number>
  /** Weight of each of the data's channels in the log density; default 1 each. */
  readonly weights?: readonly number[] | undefined
}

/**
 * Log density of the observed values given each sample of z0 where a Gaussian process lies around the model's mean: of each
 * series and channel by a Kalman filter over the values that are there, so that it is exact and costs nothing for those that are not.
 */
export function residualLikelihood(
  kernel: KernelName,
  { mean, sd, spread, length }: ResidualNumbers,
  { targets, points, samples, failed, channels, knownUntil, weights }: ResidualTargets,
  tape: Tape,
): EvaluatedLikelihood {
  const filter = new SequenceLikelihood(kernels[kernel])
  const columns = channels.length
  const byPoint = sd.length > columns
  const times = rowTimes(targets)
  const bySample = new Float64Array(targets.rows * samples)
  const ofMean = tape.recording ? tape.loan.take('float64', mean.length).fill(0) : undefined
  const ofSd = tape.recording && byPoint ? tape.loan.take('float64', sd.length).fill(0) : undefined
  /** Derivatives by noise (where it is one a channel), spread and length, `[series · samples, channels, 3]`. */
  const ofScales = new Float64Array(tape.recording ? bySample.length * columns * 3 : 0)
  const room = (): Float64Array => new Float64Array(targets.length)
  const sequence = { count: 0, known: 0, times: room(), values: room(), noise: room() }
  const gradient: LikelihoodGradient = { values: room(), noise: room(), variance: 0, length: 0 }
  const entries = new Int32Array(targets.length)
  for (let series = 0; series < targets.rows; series++) {
    if (failed[series] === 1) continue
    const own = times[series]!
    for (let column = 0; column < columns; column++) {
      const channel = channels[column]!
      const first = series * targets.length * targets.channels + channel
      let [count, known] = [0, 0]
      for (let i = 0; i < own.length; i++) {
        if (targets.mask[first + i * targets.channels] === 0) continue
        entries[count] = i
        if (!knownUntil || own[i]! <= knownUntil[series]!) known++
        sequence.times[count++] = own[i]!
      }
      if (count === 0) continue
      sequence.count = count
      sequence.known = known
      const scales = { variance: spread[column]! ** 2, length: length[column]! }
      const weight = weights?.[channel] ?? 1
      for (let sample = 0; sample < samples; sample++) {
        const at = points[series]!.subarray(sample * own.length, (sample + 1) * own.length)
        for (let n = 0; n < count; n++) {
          const point = at[entries[n]!]!
          sequence.values[n] = targets.values[first + entries[n]! * targets.channels]! - mean[point * columns + column]!
          sequence.noise[n] = sd[byPoint ? point * columns + column : column]! ** 2
        }
        const row = series * samples + sample
        bySample[row]! += weight * filter.forward(sequence, scales)
        if (!ofMean) continue
        gradient.variance = gradient.length = 0
        filter.backward(sequence, scales, gradient)
        let ofNoise = 0
        for (let n = 0; n < count; n++) {
          const cell = at[entries[n]!]! * columns + column
          ofMean[cell] = -weight * gradient.values[n]!
          if (ofSd) ofSd[cell] = weight * gradient.noise[n]! * 2 * sd[cell]!
          else ofNoise += gradient.noise[n]!
        }
        const place = (row * columns + column) * 3
        if (!ofSd) ofScales[place] = weight * ofNoise * 2 * sd[column]!
        ofScales[place + 1] = weight * gradient.variance * 2 * spread[column]!
        ofScales[place + 2] = weight * gradient.length
      }
    }
  }
  return {
    bySample,
    derivatives(bars) {
      scaleByPoint(ofMean!, columns, points, samples, bars)
      if (ofSd) scaleByPoint(ofSd, columns, points, samples, bars)
      const sums = [0, 1, 2].map((part) =>
        Float64Array.from({ length: columns }, (_, column) =>
          bars.reduce((sum, bar, row) => sum + bar * ofScales[(row * columns + column) * 3 + part]!, 0),
        ),
      )
      return [ofMean!, ofSd ?? sums[0]!, sums[1]!, sums[2]!]
    },
  }
}

/** Multiplies what stands at each sample's points by that sample's number. */
function scaleByPoint(numbers: Float64Array, columns: number, points: readonly Int32Array[], samples: number, bars: Float64Array): void {
  points.forEach((own, series) => {
    const times = own.length / samples
    own.forEach((point, i) => {
      const bar = bars[series * samples + Math.floor(i / times)]!
      for (let cell = point * columns; cell < (point + 1) * columns; cell++) numbers[cell]! *= bar
    })
  })
}
