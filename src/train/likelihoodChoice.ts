import { observedByChannel } from '../data/normalise.js'
import { plural } from '../data/place.js'
import type { SeriesSet } from '../data/series.js'
import { shellWord } from '../data/shellWord.js'
import { UserError } from '../errors.js'
import { isNameable, likelihoodOf, likelihoodText, supportsOf } from '../model/likelihoodOption.js'
import type { LikelihoodName } from '../model/likelihoods/index.js'
import type { ChosenOptions } from './options.js'

type ModelOptions = ChosenOptions['model']

/** Values that a channel has at least for its likelihood to be chosen by them. */
const FEWEST = 50

/**
 * The options with a likelihood for each channel where it was `auto`, and what was chosen and why. Where all are to be normal, what
 * others could be is said.
 */
export function withLikelihoods(model: ModelOptions, set: SeriesSet): { readonly model: ModelOptions; readonly said: readonly string[] } {
  if (!('likelihood' in model) || !['auto', 'gaussian'].includes(model.likelihood)) return { model, said: [] }
  const found = observedByChannel(set.series, set.channels.length).flatMap((values, c) => {
    const channel = set.channels[c]!
    const likelihood = isNameable(channel) ? likelihoodFor(values) : undefined
    return likelihood ? [{ channel, c, ...likelihood }] : []
  })
  if (model.likelihood === 'gaussian') return { model, said: found.map(proposal) }
  const names = set.channels.map((_, c): LikelihoodName => found.find((one) => one.c === c)?.name ?? 'gaussian')
  return {
    model: { ...model, likelihood: likelihoodText(names, set.channels) },
    said: found.map(({ channel, name, reason }) => `Likelihood: "${channel}" is ${name} (${reason}).`),
  }
}

const proposal = ({ channel, name, reason }: { channel: string; name: LikelihoodName; reason: string }): string =>
  `The channel "${channel}" has ${reason}. Its noise is taken to be normal: that forecasts means well, with the help of baselines. ` +
  `--likelihood ${shellWord(`${channel}=${name}`)} forecasts probabilities of what can happen; evaluate tells which serves you better.`

/**
 * The likelihood that values are plainly of, and why: of a column of zeros and ones, of counts. Undefined where a normal distribution
 * serves, also where it is not sure: whole numbers without a 0 among them are marks, ages or readings as often as counts. What is exactly
 * 0 at times is not said to be `zero-inflated`: on simulated sales its errors in gaps were larger.
 */
export function likelihoodFor(values: Float64Array): { readonly name: LikelihoodName; readonly reason: string } | undefined {
  if (values.length < FEWEST) return undefined
  const zeros = values.filter((value) => value === 0).length / values.length
  if (zeros === 0 || zeros === 1) return undefined
  if (values.every((value) => value === 0 || value === 1)) return { name: 'bernoulli', reason: 'only 0 and 1' }
  if (!values.every((value) => Number.isInteger(value) && value >= 0)) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / mean
  const ordinary = spread > LEAST_SPREAD && spread < MOST_SPREAD && zeros >= LEAST_OF_COUNTS
  const counted = mean < LARGEST_MEAN && ordinary && values.some((value) => value > 2)
  return counted ? { name: 'negative-binomial', reason: `whole numbers from 0 on, ${shown(mean)} on average` } : undefined
}

/** Above this mean counts are nearly normal. */
const LARGEST_MEAN = 20
/** Variance of counts over their mean: marks on a scale vary less, readings in tenths of a unit more. */
const [LEAST_SPREAD, MOST_SPREAD] = [0.7, 20]
/** Share of zeros among counts at least: in readings like a breathing rate they are rare, and faults. */
const LEAST_OF_COUNTS = 0.02

const shown = (value: number): string => String(Number(value.toPrecision(2)))

/**
 * Refuses a likelihood that a channel's values cannot be of.
 *
 * @throws UserError `Support`
 */
export function requireSupport(model: ModelOptions, { channels, series }: Pick<SeriesSet, 'channels' | 'series'>): void {
  if (!('likelihood' in model)) return
  const likelihood = likelihoodOf(model.likelihood, channels.length, channels)
  const supports = supportsOf(likelihood)
  if (supports.every((support) => support === undefined)) return
  observedByChannel(series, channels.length).forEach((values, c) => {
    const support = supports[c]
    const strange = support ? values.filter((value) => !support.holds(value)) : []
    if (strange.length === 0) return
    throw new UserError(
      'Support',
      `The channel "${channels[c]!}" has ${plural(strange.length, 'value')}, such as ${strange[0]}, that the likelihood ${likelihood[c]!} gives ` +
        `no probability: it is of values that are ${support!.described}. Correct the data, or give the channel another: --likelihood ` +
        `${channels[c]!}=gaussian.`,
    )
  })
}
