import type { Both, ComparedScores, ComparedTask } from '../../report/comparison/contents.js'
import type { EvaluationComparison } from '../../report/comparison/evaluations.js'
import { certainty, formatDifference, formatWins } from '../../report/comparison/headline.js'
import { formatPercent, formatScore } from '../../report/format.js'
import { counted } from '../../report/headline.js'
import { html } from '../../report/html.js'
import { comparisonFiguresOf } from '../figures.js'
import type { Parts } from '../parts.js'
import { htmlTable } from './table.js'

/** Two models on the same values: the errors of both, their difference, and how sure it is. */
export function comparisonParts({ labels, task, compared }: EvaluationComparison): Parts {
  const { channels, mse, points, series } = compared
  const row = (name: string, { scores: [first, second], mse: errors, nll }: Pick<ComparedTask, 'scores' | 'mse' | 'nll'>): string[] => [
    name,
    formatScore(first.mse),
    formatScore(second.mse),
    formatDifference(errors),
    formatScore(first.nll),
    formatScore(second.nll),
    formatDifference(nll),
  ]
  return {
    body: html`<p><strong>${labels[0]} and ${labels[1]}</strong> at ${task === 'interpolation' ? 'filling gaps' : 'looking ahead'}, on the same ${counted(points, 'value', 'values')} of ${counted(series, 'series', 'series')}: ${verdict(compared.scores, labels)}, ${certainty(mse)}. ${formatWins(mse, labels)}</p>
${htmlTable(
  ['', `MSE, ${labels[0]}`, `MSE, ${labels[1]}`, 'difference', `NLL, ${labels[0]}`, `NLL, ${labels[1]}`, 'difference'],
  [...(channels.length > 1 ? [row('all channels', compared)] : []), ...channels.map((channel) => row(channel.channel, channel))],
)}
<p>Differences are ${labels[1]} less ${labels[0]}, value by value; the interval takes series to be independent. Below zero, ${labels[1]} is better.</p>`,
    figures: comparisonFiguresOf({ labels, [task]: compared }).filter(({ name }) => name !== 'calibration'),
  }
}

/** `large has an error 12 % lower`. */
function verdict([first, second]: Both<ComparedScores>, labels: Both<string>): string {
  const [less, more] = second.mse < first.mse ? [second.mse, first.mse] : [first.mse, second.mse]
  return `the error of ${second.mse < first.mse ? labels[1] : labels[0]} is ${formatPercent(1 - less / more)} lower`
}
