import type { Units } from '../distribution/distribution.js'
import { UserError } from '../errors.js'
import { plural } from './place.js'
import type { Series, SeriesSet } from './series.js'
import { robustSpan } from './spans.js'
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
  /** The largest span of a training series that is no outlier (`robustSpan`); 1 where all have a single row. Times are divided by it. */
  readonly timeScale: number
}

/** Options of {@link fitNormalisation}. */
export interface NormalisationOptions {
  /** `auto` decides per channel; see `chooseTransform`. `log` takes the logarithm wherever there is one. Default `auto`. */
  readonly transform?: 'none' | 'log' | 'auto'
  /** Channels, by index, that are left as they are. Default none. */
  readonly untransformed?: readonly boolean[]
}

/**
 * Fits a normalisation to observed training values only; what stands in unobserved cells has no influence.
 *
 * @throws UserError `NoTrainingValues` where a channel was never observed in these series, `NoLogarithm` where
 *   `transform` is `log` and a channel has values below zero
 */
export function fitNormalisation(set: Pick<SeriesSet, 'channels' | 'series'>, options: NormalisationOptions = {}): Normalisation {
  const observed = observedByChannel(set.series, set.channels.length)
  const { transform = 'auto', untransformed } = options
  const channels = set.channels.map((channel, c) => fitChannel(channel, observed[c]!, untransformed?.[c] ? 'none' : transform))
  const span = robustSpan(set.series)
  return { channels, timeScale: span > 0 ? span : 1 }
}

/** All observed values of each channel, series after series. */
export function observedByChannel(series: readonly Series[], width: number): Float64Array[] {
  const counts = new Int32Array(width)
  forObserved(series, width, (c) => counts[c]!++)
  const out = Array.from(counts, (count) => new Float64Array(count))
  const next = new Int32Array(width)
  forObserved(series, width, (c, value) => (out[c]![next[c]!++] = value))
  return out
}

/** Visits every observed value once, in the order they lie in memory. */
function forObserved(series: readonly Series[], width: number, visit: (channel: number, value: number) => void): void {
  for (const { values, mask } of series) {
    for (let row = 0; row < mask.length; row += width) {
      for (let c = 0; c < width; c++) if (mask[row + c] === 1) visit(c, values[row + c]!)
    }
  }
}

function fitChannel(channel: string, values: Float64Array, wanted: 'none' | 'log' | 'auto'): ChannelNormalisation {
  if (values.length === 0)
    throw new UserError(
      'NoTrainingValues',
      `The channel "${channel}" has no observed value in the training series. Leave it out with --values, give more series, or ` +
        'choose another --seed.',
    )
  const transform =
    wanted === 'none' ? { kind: 'none' as const } : wanted === 'auto' ? chooseTransform(values) : requiredLog(channel, values)
  const { mean, sd } = moments(values.map((value) => forward(transform, value)))
  // A channel that is constant in training (its other values are in validation or test) keeps its own size as unit.
  return {
    channel,
    transform,
    mean,
    sd: sd > Math.abs(mean) * 1e-12 ? sd : Math.abs(mean) > 0 ? Math.abs(mean) : 1,
    rawMean: moments(values).mean,
  }
}

function requiredLog(channel: string, values: Float64Array): Transform {
  const transform = logTransform(values)
  if (transform === undefined)
    throw new UserError(
      'NoLogarithm',
      `The channel "${channel}" has values below zero or nothing above it, so it has no logarithm. Use --transform auto or ` +
        '--transform none.',
    )
  return transform
}

/** How many observed values of each channel a fitted logarithm cannot take, as notices; none where all is well. */
export function domainNotices(set: SeriesSet, { channels }: Normalisation): string[] {
  const observed = observedByChannel(set.series, set.channels.length)
  return channels.flatMap(({ channel, transform }, c) => {
    const outside = observed[c]!.filter((value) => !inDomain(transform, value)).length
    return outside === 0 || transform.kind === 'none'
      ? []
      : [
          `${plural(outside, 'value')} of the channel "${channel}" ${outside === 1 ? 'is' : 'are'} not above ` +
            `${transform.offset === 0 ? 0 : -transform.offset}, unlike all it was fitted to; the model reads ` +
            `${transform.floor - transform.offset} there.`,
        ]
  })
}

/**
 * The normalised value.
 *
 * @param channel the channel's normalisation
 * @param value in the data's own units
 */
export function normaliseValue({ transform, mean, sd }: ChannelNormalisation, value: number): number {
  return (forward(transform, value) - mean) / sd
}

/**
 * The value in the data's own units. Monotone, so it maps quantiles to quantiles.
 *
 * @param channel the channel's normalisation
 * @param normalised the normalised value
 */
export function denormaliseValue({ transform, mean, sd }: ChannelNormalisation, normalised: number): number {
  return inverse(transform, mean + sd * normalised)
}

/** `log |d normalised / d value|`: added to a log density of the normalised value it gives the one of the value itself. */
export function logDensityShift({ transform, sd }: ChannelNormalisation, value: number): number {
  return logJacobian(transform, value) - Math.log(sd)
}

/** How distributions of a channel's normalised value are told in the data's own units. */
export function unitsOf(channel: ChannelNormalisation): Units {
  const { transform, mean, sd } = channel
  return {
    shift: mean,
    scale: sd,
    ...(transform.kind === 'log' && { log: { offset: transform.offset } }),
    normalise: (value) => normaliseValue(channel, value),
    denormalise: (normalised) => denormaliseValue(channel, normalised),
    logJacobian: (value) => logDensityShift(channel, value),
  }
}

/**
 * A series with its values normalised; unobserved cells become 0 whatever stood there. Times are left alone: their
 * origin is the model's business, their scale is `timeScale`.
 *
 * @param series of the channels of the normalisation, in their order
 */
export function normaliseSeries(series: Series, normalisation: Normalisation): Series {
  const values = series.values.map((value, cell) => (series.mask[cell] === 1 ? value : 0))
  normaliseCells(values, series.mask, normalisation)
  return { ...series, values }
}

/** Normalises the observed ones of `values` `[…, channels]` in place. */
export function normaliseCells(values: Float64Array, mask: Uint8Array, { channels }: Normalisation): void {
  const width = channels.length
  for (let start = 0; start < values.length; start += width) {
    for (let c = 0; c < width; c++) if (mask[start + c] === 1) values[start + c] = normaliseValue(channels[c]!, values[start + c]!)
  }
}
