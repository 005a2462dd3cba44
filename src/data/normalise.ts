import { UserError } from '../errors.js'
import { listNames, plural } from './place.js'
import type { Series, SeriesSet } from './series.js'
import { chooseTransform, forward, inDomain, inverse, logJacobian, logTransform, moments, type Transform } from './transform.js'

/** One channel: `normalised = (transform(value) − mean) / sd`. */
export interface ChannelNormalisation {
  readonly channel: string
  readonly transform: Transform
  /** Mean and standard deviation of the transformed values that were observed in training. */
  readonly mean: number
  readonly sd: number
  /** Mean of those values in the data's own units: what the baseline "channel mean" predicts. */
  readonly rawMean: number
}

/** What turns data into numbers of order one and back. Plain data: it goes into the model file as JSON. */
export interface Normalisation {
  readonly channels: readonly ChannelNormalisation[]
  /** The largest span (last minus first time) of a training series; 1 where all series have a single row. Times are divided by it. */
  readonly timeScale: number
}

export interface NormalisationOptions {
  /** `auto` decides per channel; see `chooseTransform`. `log` takes the logarithm wherever there is one. Default `auto`. */
  readonly transform?: 'none' | 'log' | 'auto'
}

/**
 * Fits a normalisation to observed training values only; what stands in unobserved cells has no influence.
 *
 * @throws UserError `NoTrainingValues` where a channel was never observed in these series, `NoLogarithm` where
 *   `transform` is `log` and a channel has values below zero
 */
export function fitNormalisation(set: Pick<SeriesSet, 'channels' | 'series'>, options: NormalisationOptions = {}): Normalisation {
  const channels = set.channels.map((channel, c) => fitChannel(channel, observedValues(set.series, set.channels.length, c), options.transform ?? 'auto'))
  const span = set.series.reduce((largest, { times }) => Math.max(largest, times.length === 0 ? 0 : times[times.length - 1]! - times[0]!), 0)
  return { channels, timeScale: span > 0 ? span : 1 }
}

/** All observed values of a channel, series after series. */
export function observedValues(series: readonly Series[], width: number, channel: number): Float64Array {
  let count = 0
  for (const { mask } of series) for (let cell = channel; cell < mask.length; cell += width) count += mask[cell]!
  const out = new Float64Array(count)
  let at = 0
  for (const { values, mask } of series) for (let cell = channel; cell < mask.length; cell += width) if (mask[cell] === 1) out[at++] = values[cell]!
  return out
}

function fitChannel(channel: string, values: Float64Array, wanted: 'none' | 'log' | 'auto'): ChannelNormalisation {
  if (values.length === 0) throw new UserError('NoTrainingValues', `The channel "${channel}" has no observed value in the training series. Leave it out with --values, give more series, or choose another --seed.`)
  const transform = wanted === 'none' ? { kind: 'none' as const } : wanted === 'auto' ? chooseTransform(values) : requiredLog(channel, values)
  const { mean, sd } = moments(values.map((value) => forward(transform, value)))
  // A channel that is constant in training (its other values are in validation or test) keeps its own size as unit.
  return { channel, transform, mean, sd: sd > Math.abs(mean) * 1e-12 ? sd : Math.abs(mean) > 0 ? Math.abs(mean) : 1, rawMean: moments(values).mean }
}

function requiredLog(channel: string, values: Float64Array): Transform {
  const transform = logTransform(values)
  if (transform === undefined) throw new UserError('NoLogarithm', `The channel "${channel}" has values below zero or nothing above it, so it has no logarithm. Use --transform auto or --transform none.`)
  return transform
}

/** How many observed values of each channel a fitted logarithm cannot take, as notices; none where all is well. */
export function domainNotices(set: SeriesSet, { channels }: Normalisation): string[] {
  return channels.flatMap(({ channel, transform }, c) => {
    const outside = observedValues(set.series, set.channels.length, c).filter((value) => !inDomain(transform, value)).length
    return outside === 0 || transform.kind === 'none' ? [] : [`${plural(outside, 'value')} of the channel "${channel}" ${outside === 1 ? 'is' : 'are'} not above ${transform.offset === 0 ? 0 : -transform.offset}, unlike all it was fitted to; the model reads ${transform.floor - transform.offset} there.`]
  })
}

/** The normalised value. */
export function normaliseValue({ transform, mean, sd }: ChannelNormalisation, value: number): number {
  return (forward(transform, value) - mean) / sd
}

/** The value in the data's own units. Monotone, so it maps quantiles to quantiles. */
export function denormaliseValue({ transform, mean, sd }: ChannelNormalisation, normalised: number): number {
  return inverse(transform, mean + sd * normalised)
}

/** `log |d normalised / d value|`: added to a log density of the normalised value it gives the one of the value itself. */
export function logDensityShift({ transform, sd }: ChannelNormalisation, value: number): number {
  return logJacobian(transform, value) - Math.log(sd)
}

/**
 * Mean and standard deviation, in the data's own units, of a mixture of normal distributions of the normalised value.
 * Exact: under a logarithm each component is log-normal, with mean `exp(m + s²/2)` and variance `(exp(s²) − 1) exp(2m + s²)`.
 *
 * @param means, sds of the components, on the normalised scale
 * @param weights of the components; default equal
 */
export function mixtureMoments(channel: ChannelNormalisation, means: ArrayLike<number>, sds: ArrayLike<number>, weights?: ArrayLike<number>): { mean: number; sd: number } {
  const { transform } = channel
  const components = Array.from({ length: means.length }, (_, k) => {
    const m = channel.mean + channel.sd * means[k]!
    const variance = (channel.sd * sds[k]!) ** 2
    if (transform.kind === 'none') return { mean: m, variance }
    const mean = Math.exp(m + variance / 2)
    return { mean: mean - transform.offset, variance: Math.expm1(variance) * mean * mean }
  })
  const weight = (k: number): number => (weights === undefined ? 1 : weights[k]!)
  const total = components.reduce((sum, _, k) => sum + weight(k), 0)
  const mean = components.reduce((sum, component, k) => sum + weight(k) * component.mean, 0) / total
  const variance = components.reduce((sum, component, k) => sum + weight(k) * (component.variance + (component.mean - mean) ** 2), 0) / total
  return { mean, sd: Math.sqrt(variance) }
}

/**
 * Values of a set, normalised; unobserved cells become 0 whatever stood there. Times are left alone: their origin
 * is the model's business, their scale is `timeScale`.
 *
 * @throws UserError `ChannelMismatch` where the set's channels are not those of the normalisation, in their order
 */
export function normaliseSet(set: SeriesSet, normalisation: Normalisation): SeriesSet {
  const expected = normalisation.channels.map(({ channel }) => channel)
  if (expected.length !== set.channels.length || expected.some((name, c) => name !== set.channels[c])) {
    throw new UserError('ChannelMismatch', `The data has the channels ${listNames(set.channels)}, the normalisation was fitted to ${listNames(expected)}. Read the data with the model's channels.`)
  }
  return { ...set, series: set.series.map((series) => normaliseSeries(series, normalisation)) }
}

/** One series, normalised; see `normaliseSet`. */
export function normaliseSeries(series: Series, normalisation: Normalisation): Series {
  const width = normalisation.channels.length
  const values = new Float64Array(series.values.length)
  for (let cell = 0; cell < values.length; cell++) {
    if (series.mask[cell] === 1) values[cell] = normaliseValue(normalisation.channels[cell % width]!, series.values[cell]!)
  }
  return { ...series, values }
}
