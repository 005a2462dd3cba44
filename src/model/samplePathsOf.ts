import type { Distribution } from '../distribution/distribution.js'
import { Normal } from '../distribution/normal.js'
import { lazily } from '../engine/lazily.js'
import type { RandomStream } from '../random.js'
import { ConditionedProcess } from '../statespace/condition.js'
import { SequenceLikelihood } from '../statespace/logLikelihood.js'
import { normalOf, type Decoded } from './emissionOnEngine.js'
import type { Observations } from './observations.js'
import type { ResidualProcess } from './residual.js'
import type { SamplePaths } from './sequenceModel.js'

/** Times at which a series is decoded: those asked for and, for its residual, those of what was shown. */
export interface DecodedTimes {
  /** All of them, ascending, each once. */
  readonly times: Float64Array
  /** The index there of each time asked for, and of each that was shown. */
  readonly asked: Int32Array
  readonly shown: Int32Array
}

/** The union of two ascending lists of times. */
export function unionOf(asked: Float64Array, shown: Float64Array): DecodedTimes {
  const times = Float64Array.from(new Set([...asked, ...shown])).sort()
  const places = new Map(Array.from(times, (time, i) => [time, i]))
  const indexOf = (list: Float64Array): Int32Array => Int32Array.from(list, (time) => places.get(time)!)
  return { times, asked: indexOf(asked), shown: indexOf(shown) }
}

/** One series, decoded. */
export interface DecodedSeries {
  readonly decoded: Decoded
  readonly at: DecodedTimes
  /** Rows of what was decoded, `[samples, times]`. */
  readonly points: Int32Array
  readonly samples: number
  readonly channels: number
  /** What was shown, and which row of it is this series. */
  readonly shown: Observations
  readonly row: number
  /** log p(z0) − log q(z0) of each sample. */
  readonly logRatio: ArrayLike<number>
}

type Said = Pick<SamplePaths, 'samples' | 'component' | 'finite' | 'weights' | 'draw'>

/**
 * What is said of a series at the times asked for. A residual process is conditioned on what was shown, for each sample of z0 on what
 * that sample's path leaves of it.
 */
export function samplePathsOf(series: DecodedSeries): Said {
  const { decoded, at, points, samples, channels } = series
  const stride = at.times.length
  const base = (sample: number, place: number, channel: number): Distribution => decoded.at(points[sample * stride + place]!, channel)
  const residuals = Array.from({ length: channels }, (_, channel) => {
    const process = decoded.residual(channel)
    return process && lazily(() => conditionedResidual(series, channel, process, base))
  })
  const component = (sample: number, time: number, channel: number): Distribution => {
    const around = base(sample, at.asked[time]!, channel)
    const residual = residuals[channel]?.()
    if (!residual) return around
    const { mean, sd } = normalOf(around)
    const process = residual.of(sample)
    return new Normal(mean + process.means[time]!, Math.sqrt(process.given.variances[time]! + sd * sd))
  }
  return {
    samples,
    finite: decoded.finite,
    component,
    ...(samples > 1 && residuals.some((residual) => residual !== undefined) && { weights: weightsOf(series) }),
    draw(sample, stream, noise) {
      const path = new Float64Array(at.asked.length * channels)
      for (let channel = 0; channel < channels; channel++) {
        const residual = residuals[channel]?.()
        const drawn = residual?.draw(sample, stream)
        at.asked.forEach((place, time) => {
          const around = base(sample, place, channel)
          const said = noise ? around.sample(stream) : around.quantile(0.5)
          path[time * channels + channel] = said + (drawn ? drawn[time]! : 0)
        })
      }
      return path
    },
  }
}

/** A residual process given what was shown, for each sample of z0. */
interface ConditionedResidual {
  of(sample: number): { readonly given: ConditionedProcess; readonly means: Float64Array }
  draw(sample: number, stream: RandomStream): Float64Array
}

function conditionedResidual(
  { at, samples, ...series }: DecodedSeries,
  channel: number,
  { kernel, ...scales }: ResidualProcess,
  base: (sample: number, place: number, channel: number) => Distribution,
): ConditionedResidual {
  const { entries, values } = shownOf(series, channel)
  const places = entries.map((entry) => at.shown[entry]!)
  const times = Float64Array.from(places, (place) => at.times[place]!)
  const asked = Float64Array.from(at.asked, (place) => at.times[place]!)
  const noiseOf = (sample: number): Float64Array => Float64Array.from(places, (place) => normalOf(base(sample, place, channel)).sd ** 2)
  const conditioned = (noise: Float64Array): ConditionedProcess => new ConditionedProcess(kernel, scales, times, noise, asked)
  const leftBy = (sample: number): Float64Array => values.map((value, i) => value - base(sample, places[i]!, channel).mean)
  // Gains follow from the noise alone: they are worked out once where that is the same for all samples.
  let last: { readonly noise: Float64Array; readonly given: ConditionedProcess } | undefined
  const made = Array.from({ length: samples }, (_, sample) => {
    const noise = noiseOf(sample)
    if (!last || noise.some((one, i) => one !== last!.noise[i])) last = { noise, given: conditioned(noise) }
    return { given: last.given, means: last.given.means(leftBy(sample)) }
  })
  return {
    of: (sample) => made[sample]!,
    draw: (sample, stream) => made[sample]!.given.draw(leftBy(sample), stream),
  }
}

/** The values of a channel that were shown. */
function shownOf({ shown, row }: Pick<DecodedSeries, 'shown' | 'row'>, channel: number): { entries: number[]; values: Float64Array } {
  const { length, channels, lengths, values, mask } = shown
  const cell = (entry: number): number => (row * length + entry) * channels + channel
  const entries = Array.from({ length: lengths[row]! }, (_, entry) => entry).filter((entry) => mask[cell(entry)] !== 0)
  return { entries, values: Float64Array.from(entries, (entry) => values[cell(entry)]!) }
}

/** Log density of a value that none of the samples allows, such as a 2 among zeros and ones: it tells them no more apart. */
const LEAST_LOG = -1e6

/**
 * How well each sample of z0 explains what was shown, `[samples]`, summing to 1: its importance weight
 * p(shown | z0) p(z0) / q(z0), as in a bound of several samples (Burda, Grosse and Salakhutdinov 2016).
 *
 * The likelihood is the model's own, also where channels had weights in training. Those are of the objective: they make up for what is
 * recorded seldom. A forecast is of one series given its values, and the noise that was learned of a channel, which its weight does not
 * change, says what one of them is worth. q was trained to be a tempered posterior; the weights take it out again.
 */
function weightsOf(series: DecodedSeries): Float64Array {
  const { decoded, at, points, samples, channels, logRatio } = series
  const logs = Float64Array.from(logRatio)
  for (let channel = 0; channel < channels; channel++) {
    const { entries, values } = shownOf(series, channel)
    const process = decoded.residual(channel)
    const filter = process && new SequenceLikelihood(process.kernel)
    const times = Float64Array.from(entries, (entry) => at.times[at.shown[entry]!]!)
    for (let sample = 0; sample < samples; sample++) {
      const around = entries.map((entry) => decoded.at(points[sample * at.times.length + at.shown[entry]!]!, channel))
      if (!filter) around.forEach((distribution, i) => (logs[sample]! += Math.max(LEAST_LOG, distribution.logDensity(values[i]!))))
      else {
        const left = { count: values.length, times, values: values.map((value, i) => value - around[i]!.mean) }
        logs[sample]! += filter.forward({ ...left, noise: Float64Array.from(around, ({ sd }) => sd * sd) }, process)
      }
    }
  }
  const top = Math.max(...logs)
  const weights = logs.map((log) => Math.exp(log - top))
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / sum)
}
