import { z } from 'zod'
import { UserError } from '../errors.js'
import { nearestName } from '../nearest.js'
import { likelihoods as table, type LikelihoodName } from './likelihoods/index.js'
import type { Likelihood, Support } from './likelihoods/likelihood.js'

const likelihoods: Readonly<Record<LikelihoodName, Likelihood>> = table

const names = Object.keys(likelihoods) as [LikelihoodName, ...LikelihoodName[]]
const DEFAULT = names[0]
const EXAMPLE: LikelihoodName = 'student-t'
const EXPECTED = `it must be one of ${names.join(', ')}, auto, or a text of channels with their own, like weight=${EXAMPLE}`
const entry = `[^=,]+=(${names.join('|')})`

/** A likelihood for all channels, `channel=likelihood,…` for some of them, or `auto`: by what the values of each are. */
export const likelihoodOption = z
  .union(
    [
      z.enum([...names, 'auto']),
      z
        .string()
        .regex(new RegExp(`^${entry}(,${entry})*$`), EXPECTED)
        .describe(`channels with their own, like weight=${EXAMPLE}`),
    ],
    EXPECTED,
  )
  .default(DEFAULT)
  .describe(
    `Distribution of what is observed around the model's mean, for all channels or like weight=${EXAMPLE},pulse=${DEFAULT}. ` +
      names.map((name) => `${name}: ${likelihoods[name].describe}`).join('; ') +
      '; auto: by the values of each channel, which fit says',
  )

/** The channels that are named with a likelihood of their own. */
const pairsOf = (option: string): (readonly [channel: string, name: LikelihoodName])[] =>
  option.includes('=') ? option.split(',').map((pair) => [pair.split('=')[0]!.trim(), pair.split('=')[1] as LikelihoodName]) : []

/** Why an option cannot be for these channels; undefined if it can. */
export function unfitLikelihood(option: string, channels: readonly string[]): string | undefined {
  const strange = pairsOf(option).find(([channel]) => !channels.includes(channel))
  if (strange === undefined) return undefined
  const [channel, name] = strange
  const nearest = nearestName(channel, channels)
  return (
    `the likelihood ${name} was asked for the channel "${channel}", which the data do not have: they have ` +
    `${channels.join(', ')}.${nearest === undefined ? '' : ` Did you mean ${nearest}=${name}?`}`
  )
}

/**
 * The likelihood of each channel; of `auto`, which `fit` replaces by what it chose, the normal one.
 *
 * @param channels how many there are
 * @param known their names
 * @throws UserError `NoChannel` for a channel that there is none of, `Option` for one that is named twice
 */
export function likelihoodOf(option: string, channels: number, known: readonly string[] = []): LikelihoodName[] {
  const unfit = unfitLikelihood(option, known)
  if (unfit !== undefined) throw new UserError('NoChannel', unfit[0]!.toUpperCase() + unfit.slice(1))
  const chosen = new Array<LikelihoodName>(channels).fill(option.includes('=') || option === 'auto' ? DEFAULT : (option as LikelihoodName))
  const pairs = pairsOf(option)
  const twice = pairs.find(([channel], i) => pairs.findIndex(([other]) => other === channel) < i)
  if (twice !== undefined) throw new UserError('Option', `The likelihood of the channel "${twice[0]}" is given twice. Name it once.`)
  for (const [channel, name] of pairs) chosen[known.indexOf(channel)] = name
  return chosen
}

/** The option for these likelihoods of channels with these names. */
export function likelihoodText(likelihood: readonly LikelihoodName[], known: readonly string[]): string {
  const own = likelihood.flatMap((name, c) => (name === DEFAULT ? [] : [`${known[c]!}=${name}`]))
  return own.length === 0 ? DEFAULT : own.join(',')
}

/** Whether a channel can be named in the option. */
export const isNameable = (channel: string): boolean => !/[=,]/.test(channel) && channel.trim() === channel && channel !== ''

/** The values that each channel may have, where its likelihood says so. */
export const supportsOf = (likelihood: readonly LikelihoodName[]): (Support | undefined)[] =>
  likelihood.map((name) => likelihoods[name].support)

/** Whether each channel may have a residual process. */
export const correlatable = (likelihood: readonly LikelihoodName[]): boolean[] =>
  likelihood.map((name) => likelihoods[name].normal === true)

/** Whether the likelihood of each channel is too heavy-tailed for a logarithm: see `Likelihood.heavyTailed`. */
export const heavyTailed = (likelihood: readonly LikelihoodName[]): boolean[] =>
  likelihood.map((name) => likelihoods[name].heavyTailed === true)
