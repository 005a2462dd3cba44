import { formatCount, formatNumber, formatPercent, formatScore } from '../format.js'
import type { ComparedTask, ComparisonContents } from './contents.js'
import type { PairedDifference } from './paired.js'

/** The tasks there are, in the order in which they are shown. */
export function comparedTasks(
  contents: ComparisonContents,
): { task: 'interpolation' | 'extrapolation'; title: string; compared: ComparedTask }[] {
  return (
    [
      ['interpolation', 'Filling gaps'],
      ['extrapolation', 'Looking ahead'],
    ] as const
  ).flatMap(([task, title]) => {
    const compared = contents[task]
    return compared ? [{ task, title, compared }] : []
  })
}

/** The comparison in a sentence for each task. */
export function comparisonHeadline(contents: ComparisonContents): string[] {
  const tasks = comparedTasks(contents)
  if (tasks.length === 0) return [`${contents.labels[0]} and ${contents.labels[1]} have not been scored: no series has enough rows.`]
  return tasks.map(({ task, compared }, i) => {
    const doing = task === 'interpolation' ? 'filling gaps' : 'looking ahead'
    const sentence = `${verdict(compared, contents.labels, doing)}.`
    return i === 0 ? `On ${contents.scoredOn}, ${sentence}` : sentence[0]!.toUpperCase() + sentence.slice(1)
  })
}

/** `the error of large in looking ahead is 12 % lower than that of small (0.21 against 0.24), more than chance explains`. */
function verdict({ scores: [first, second], mse }: ComparedTask, [one, other]: ComparisonContents['labels'], doing: string): string {
  const better = second.mse < first.mse
  const [winner, loser] = better ? [other, one] : [one, other]
  const [less, more] = better ? [second.mse, first.mse] : [first.mse, second.mse]
  const numbers = `${formatScore(less)} against ${formatScore(more)}`
  if (!(more > 0) || 1 - less / more < 0.005) return `the errors of ${one} and ${other} in ${doing} are level (${numbers})`
  return (
    `the error of ${winner} in ${doing} is ${formatPercent(1 - less / more)} lower than that of ${loser} (${numbers}), ` +
    `${certainty(mse)}`
  )
}

/** Whether a difference can be told from none. */
export function certainty(difference: PairedDifference): string {
  if (!Number.isFinite(difference.standardError)) return 'on a single series, which says nothing of others'
  return difference.low <= 0 && difference.high >= 0 ? 'which may be chance' : 'more than chance explains'
}

/** `−0.031 (95 %: −0.05 to −0.012)`; without a standard error, only the difference. */
export function formatDifference(difference: PairedDifference): string {
  return Number.isFinite(difference.standardError)
    ? `${signed(difference.difference)} (95\u202f%: ${formatInterval(difference)})`
    : signed(difference.difference)
}

/** `−0.05 to −0.012`. */
export const formatInterval = ({ low, high }: PairedDifference): string => `${signed(low)} to ${signed(high)}`

/** A difference with its sign, two significant digits. */
export function signed(value: number): string {
  const text = formatNumber(value, 2)
  return value > 0 && text !== '0' ? `+${text}` : text
}

/** On how many series each model was the better. */
export function formatWins({ lower, higher, series }: PairedDifference, [one, other]: ComparisonContents['labels']): string {
  return `Of ${formatCount(series)} series, ${other} has the smaller error on ${formatCount(lower)}, ${one} on ${formatCount(higher)}.`
}
