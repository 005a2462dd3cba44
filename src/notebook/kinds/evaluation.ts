import { baselinesOf } from '../../train/baselines.js'
import { formatCount, formatPercent, formatScore } from '../../report/format.js'
import { compare, sentencePart, shortNames } from '../../report/headline.js'
import { html } from '../../report/html.js'
import type { EvaluationView } from '../../report/contents.js'
import type { EvaluationResult } from '../../train/evaluate.js'
import type { Scores } from '../../train/records.js'
import { figuresOf } from '../figures.js'
import type { Parts } from '../parts.js'
import { htmlTable } from './table.js'

/** Scores next to the baselines', and whether the intervals hold what they promise. */
export function evaluationParts({ evaluation, points }: EvaluationResult): Parts {
  const view: EvaluationView = { scores: evaluation, points, conditioning: '' }
  const shown = baselinesOf(evaluation.task)
  const row = (name: string, { points: count, mse, baselines, nll, coverage }: Scores): string[] => [
    name,
    formatCount(count),
    formatScore(mse),
    ...shown.map((baseline) => formatScore(baselines[baseline]?.mse)),
    formatScore(nll),
    formatPercent(coverage['50']),
    formatPercent(coverage['90']),
  ]
  const channels = Object.entries(evaluation.channels)
  const compared = compare(view)
  return {
    body: html`<p><strong>${evaluation.task === 'interpolation' ? 'Filling gaps' : 'Looking ahead'}</strong> in ${formatCount(evaluation.series)} ${evaluation.split === 'test' ? 'test series' : 'series'}, ${formatCount(evaluation.points)} values ${evaluation.scoring === 'held-out' || evaluation.task === 'extrapolation' ? 'that the model was not shown' : 'in all'}${compared !== undefined && `: its mean squared error ${sentencePart(compared)}`}.</p>
${htmlTable(['', 'values', 'model', ...shown.map((baseline) => shortNames[baseline]), 'NLL', 'in 50\u202f%', 'in 90\u202f%'], [...(channels.length > 1 ? [row('all channels', evaluation)] : []), ...channels.map(([name, scores]) => row(name, scores))])}
<p>Mean squared errors of the model and plain baselines ${evaluation.scoring === 'held-out' ? 'on the normalised scale' : 'as the code released with the paper has them, on its scale, (x − min) / max'}; negative log-likelihood; share of the values within the 50\u202f% and 90\u202f% intervals.</p>`,
    figures: figuresOf(['errors', 'calibration'], { evaluations: { [evaluation.task]: view } }),
  }
}
