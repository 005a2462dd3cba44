import { excludes, type Estimate } from '../../train/bootstrap.js'
import type { Ranked, Ranking } from '../../train/contest.js'
import { counted } from '../headline.js'
import { formatNumber, formatPercent } from '../format.js'

type Measure = 'mse' | 'nll'

const measured = {
  mse: { against: 'mseAgainstBest', has: 'the least error', by: 'error' },
  nll: { against: 'nllAgainstBest', has: 'the best likelihood', by: 'likelihood' },
} as const

/** How a model differs from the best: `best`, `+12 % (4 to 21 %)`, `+0.21 (0.02 to 0.4)`; without an interval, only the difference. */
export function formatAgainst(ranking: Ranking, { model, mseAgainstBest, nllAgainstBest }: Ranked, measure: Measure): string {
  if (ranking.best[measure] === model) return 'best'
  const { value, low, high } = measure === 'mse' ? mseAgainstBest : nllAgainstBest
  const number = measure === 'mse' ? formatPercent : (difference: number): string => formatNumber(difference, 2)
  const from = measure === 'mse' ? formatPercent(low).replace(/\s*%$/u, '') : number(low)
  const sign = value > 0 ? '+' : ''
  return Number.isFinite(low + high) ? `${sign}${number(value)} (${from} to ${number(high)})` : `${sign}${number(value)}`
}

/** What a ranking says, in sentences: who is best at each measure, and whether that may be chance. */
export const verdicts = (ranking: Ranking): string[] => (['mse', 'nll'] as const).map((measure) => verdict(ranking, measure))

function verdict(ranking: Ranking, measure: Measure): string {
  const { against, has, by } = measured[measure]
  const best = ranking.best[measure]
  const others = ranking.models.filter(({ model }) => model !== best)
  if (others.length === 0) return `${best} was alone.`
  if (ranking.winner[measure] === best) return `${best} has ${has}, by more than chance explains.`
  const estimate = (one: Ranked): Estimate => one[against]
  if (others.some((one) => !Number.isFinite(estimate(one).low)))
    return `${best} has ${has}; ${counted(ranking.series, 'series is', 'series are')} too few to say whether that is chance.`
  const level = others.filter((one) => !excludes(estimate(one), 0)).map(({ model }) => model)
  return `${best} has ${has}; by ${by}, ${listed(level)} ${level.length === 1 ? 'is' : 'are'} not clearly worse.`
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`

/** What each task is called, and what models are shown in it. */
export const taskWords = {
  interpolation: { title: 'Filling gaps', shown: "a random half of each series' rows" },
  extrapolation: { title: 'Looking ahead', shown: "the first half of each series' span of time" },
} as const
