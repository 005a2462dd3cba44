import type { FittedModel } from '../../train/modelFile.js'
import { formatDuration, formatNumber } from './layout.js'

/** Channels of which it is told what was found. */
const MOST = 12

/** What a model that is estimated in one go says of its estimate, as lines of a summary; none of one that is trained. */
export function describeEstimation({ estimation, channels }: FittedModel, seconds?: number): [name: string, text: string][] {
  if (estimation === undefined) return []
  const { logLikelihood, gaps, ahead, found } = estimation
  const more = channels.length - MOST
  return [
    ['Estimated', `in one go, in ${formatDuration(seconds ?? estimation.seconds)}`],
    ...(Number.isFinite(logLikelihood)
      ? [['Likelihood', `log density ${formatNumber(logLikelihood)} a training value`] as [string, string]]
      : []),
    [
      'Validation',
      [['between', gaps] as const, ['after', ahead] as const]
        .filter(([, score]) => Number.isFinite(score))
        .map(([where, score]) => `${formatNumber(score)} ${where} values shown`)
        .join(', ')
        .replace(/^(?=.)/, 'negative log density ') || 'no series of two values',
    ],
    ...channels.slice(0, MOST).map((channel, i): [string, string] => [i === 0 ? 'Found' : '', `${channel}: ${found[i]!}`]),
    ...(more > 0 ? [['', `and ${more} more channels`] as [string, string]] : []),
  ]
}
