import type * as tf from '@tensorflow/tfjs-core'
import type { Tape } from '../engine/autodiff/tape.js'
import type { FloatArray } from '../engine/engine.js'
import { ROWS } from '../graph/shape.js'
import { constant, parameterShapes, type ParameterSpecs } from '../nn/parameters.js'
import type { Parameters } from '../nn/mlp.js'
import { kernels, type Kernel, type KernelName, type KernelScales } from '../statespace/kernel.js'
import { SequenceLikelihood, type LikelihoodGradient } from '../statespace/logLikelihood.js'
import type { EvaluatedLikelihood } from './bound.js'
import type { ParameterArrays } from './sequenceModel.js'
import { rowTimes, type Observations } from './observations.js'
import type { Tracing } from './tracing.js'

/** Where training begins: a residual about as large as the noise, that remembers a twentieth of a series, rather rough. */
const [START_SPREAD, START_LENGTH, START_SMOOTHNESS] = [0.3, 0.05, 0.05]
/** Least standard deviation of a residual, least length scale and least smoothness, so that no density is infinite. */
const [SPREAD_FLOOR, LENGTH_FLOOR, SMOOTHNESS_FLOOR] = [1e-3, 1e-4, 1e-3]

const logit = (p: number): number => Math.log(p / (1 - p))

/** What is learned of a residual process, as the outputs of `traceResidual` are called. */
export type ScaleName = 'spread' | 'length' | 'smoothness'
export const scaleNames = (kernel: KernelName): readonly ScaleName[] =>
  kernel === 'car2' ? ['spread', 'length', 'smoothness'] : ['spread', 'length']

/**
 * A residual's standard deviation and length scale in the model's time, and its smoothness where the kernel has one, as learned: before
 * softplus, as a logarithm, and before the logistic function. `car2` strays no further than the data, so its deviation is before the
 * logistic function, too: else it becomes a course without an end, which dynamics should be.
 */
export const residualParameters = (channels: number, kernel: KernelName): ParameterSpecs => {
  const starts = {
    spread: kernel === 'car2' ? logit(START_SPREAD) : Math.log(Math.expm1(START_SPREAD)),
    length: Math.log(START_LENGTH),
    smoothness: logit(START_SMOOTHNESS),
  }
  return Object.fromEntries(
    scaleNames(kernel).map((name) => [`residual.${name}`, { shape: [channels], initialise: constant(starts[name]) }]),
  )
}

/** Weights of a model whose residual is `ou` as those of one whose residual is `car2`, a rough one of the same deviation and length. */
export function smoothed<Arrays extends ParameterArrays>(weights: Arrays): ParameterArrays {
  const { 'residual.spread': spread } = weights
  if (spread === undefined) return weights
  return {
    ...weights,
    'residual.spread': spread.map((raw) => logit(Math.min(0.95, Math.max(SPREAD_FLOOR, Math.log1p(Math.exp(raw)))))),
    'residual.smoothness': spread.map(() => logit(START_SMOOTHNESS)),
  }
}

/** From `one`, which is 1, to the residual's scales, `[rows, channels]`, and whatever else `also` gives. */
export const traceResidual = (
  { tf, trace }: Tracing,
  channels: number,
  kernel: KernelName,
  own: ParameterSpecs,
  also: (one: tf.Tensor, weights: Parameters) => Record<string, tf.Tensor>,
) =>
  trace(
    ({ one, ...weights }) => ({
      spread: tf.mul(
        one!,
        tf.add(kernel === 'car2' ? tf.sigmoid(weights['residual.spread']!) : tf.softplus(weights['residual.spread']!), SPREAD_FLOOR),
      ),
      length: tf.mul(one!, tf.add(tf.exp(weights['residual.length']!), LENGTH_FLOOR)),
      ...(kernel === 'car2' && {
        smoothness: tf.mul(one!, tf.add(tf.mul(tf.sigmoid(weights['residual.smoothness']!), 1 - 2 * SMOOTHNESS_FLOOR), SMOOTHNESS_FLOOR)),
      }),
      ...also(one!, weights),
    }),
    { one: [ROWS, 1], ...parameterShapes({ ...residualParameters(channels, kernel), ...own }) },
  )

/** The numbers that a residual's likelihood is of: means and standard deviations of the noise by point or, of the latter, by channel. */
export interface ResidualNumbers {
  /** `[points, channels]` */
  readonly mean: FloatArray
  /** `[points, channels]` or `[1, channels]` */
  readonly sd: FloatArray
  /** Scales of the process, `[1, channels]` each, in the order of `scaleNames`. */
  readonly scales: readonly FloatArray[]
}

/** The process of one channel. */
export interface ResidualProcess extends KernelScales {
  readonly kernel: Kernel
}

/** The process of a channel from all channels' scales, in the order of `scaleNames`. */
export function residualProcess(kernel: KernelName, scales: readonly FloatArray[], column: number): ResidualProcess {
  const [spread, length, smoothness] = scales.map((numbers) => numbers[column]!)
  return { kernel: kernels[kernel], variance: spread! ** 2, length: length!, ...(smoothness !== undefined && { smoothness }) }
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
  { mean, sd, scales }: ResidualNumbers,
  { targets, points, samples, failed, channels, knownUntil, weights }: ResidualTargets,
  tape: Tape,
): EvaluatedLikelihood {
  const filter = new SequenceLikelihood(kernels[kernel])
  const columns = channels.length
  const processes = channels.map((_, column) => residualProcess(kernel, scales, column))
  const byPoint = sd.length > columns
  const times = rowTimes(targets)
  const bySample = new Float64Array(targets.rows * samples)
  const ofMean = tape.recording ? tape.loan.take('float64', mean.length).fill(0) : undefined
  const ofSd = tape.recording && byPoint ? tape.loan.take('float64', sd.length).fill(0) : undefined
  /** Derivatives by noise (where it is one a channel) and by each scale, `[series · samples, channels, parts]`. */
  const parts = 1 + scales.length
  const ofScales = new Float64Array(tape.recording ? bySample.length * columns * parts : 0)
  const room = (): Float64Array => new Float64Array(targets.length)
  const sequence = { count: 0, known: 0, times: room(), values: room(), noise: room() }
  const gradient: LikelihoodGradient = { values: room(), noise: room(), variance: 0, length: 0, smoothness: 0 }
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
      const process = processes[column]!
      const weight = weights?.[channel] ?? 1
      for (let sample = 0; sample < samples; sample++) {
        const at = points[series]!.subarray(sample * own.length, (sample + 1) * own.length)
        for (let n = 0; n < count; n++) {
          const point = at[entries[n]!]!
          sequence.values[n] = targets.values[first + entries[n]! * targets.channels]! - mean[point * columns + column]!
          sequence.noise[n] = sd[byPoint ? point * columns + column : column]! ** 2
        }
        const row = series * samples + sample
        bySample[row]! += weight * filter.forward(sequence, process)
        if (!ofMean) continue
        gradient.variance = gradient.length = gradient.smoothness = 0
        filter.backward(sequence, process, gradient)
        let ofNoise = 0
        for (let n = 0; n < count; n++) {
          const cell = at[entries[n]!]! * columns + column
          ofMean[cell] = -weight * gradient.values[n]!
          if (ofSd) ofSd[cell] = weight * gradient.noise[n]! * 2 * sd[cell]!
          else ofNoise += gradient.noise[n]!
        }
        const place = (row * columns + column) * parts
        if (!ofSd) ofScales[place] = weight * ofNoise * 2 * sd[column]!
        ofScales[place + 1] = weight * gradient.variance * 2 * scales[0]![column]!
        ofScales[place + 2] = weight * gradient.length
        if (parts > 3) ofScales[place + 3] = weight * gradient.smoothness
      }
    }
  }
  return {
    bySample,
    derivatives(bars) {
      scaleByPoint(ofMean!, columns, points, samples, bars)
      if (ofSd) scaleByPoint(ofSd, columns, points, samples, bars)
      const [ofNoise, ...others] = Array.from({ length: parts }, (_p, part) =>
        Float64Array.from({ length: columns }, (_c, column) =>
          bars.reduce((sum, bar, row) => sum + bar * ofScales[(row * columns + column) * parts + part]!, 0),
        ),
      )
      return [ofMean!, ofSd ?? ofNoise!, ...others]
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
