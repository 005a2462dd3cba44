import { z } from 'zod'
import { UserError } from '../errors.js'
import { nearestName } from '../nearest.js'
import { likelihoods, type LikelihoodName } from './likelihoods/index.js'

const names = Object.keys(likelihoods) as [LikelihoodName, ...LikelihoodName[]]
const DEFAULT = names[0]
const entry = `[^=,]+=(${names.join('|')})`

/** A likelihood for all channels, or `channel=likelihood,…` for some of them. */
export const likelihoodOption = z
  .union([
    z.enum(names),
    z
      .string()
      .regex(new RegExp(`^${entry}(,${entry})*$`))
      .describe(`channels with their own, like weight=${names.at(-1)!}`),
  ])
  .default(DEFAULT)
  .describe(
    `Distribution of what is observed around the model's mean, for all channels or like weight=${names.at(-1)!},pulse=${DEFAULT}. ` +
      names.map((name) => `${name}: ${likelihoods[name].describe}`).join('; '),
  )

/**
 * The likelihood of each channel.
 *
 * @param channels how many there are; `known` are their names
 * @throws UserError `NoChannel` for a channel that there is none of
 */
export function likelihoodOf(option: string, channels: number, known: readonly string[] = []): LikelihoodName[] {
  if (!option.includes('=')) return new Array<LikelihoodName>(channels).fill(option as LikelihoodName)
  const chosen = new Array<LikelihoodName>(channels).fill(DEFAULT)
  for (const pair of option.split(',')) {
    const [channel, name] = pair.split('=') as [string, LikelihoodName]
    const at = known.indexOf(channel.trim())
    if (at < 0) {
      const nearest = nearestName(channel.trim(), known)
      throw new UserError(
        'NoChannel',
        `The likelihood ${name} was asked for the channel "${channel.trim()}", which the data do not have: they have ` +
          `${known.join(', ')}.${nearest === undefined ? '' : ` Did you mean ${nearest}=${name}?`}`,
      )
    }
    chosen[at] = name
  }
  return chosen
}
