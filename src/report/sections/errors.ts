import { baselinesOf } from '../../train/baselines.js'
import type { Scores } from '../../train/records.js'
import type { EvaluationView, ReportContents } from '../contents.js'
import { formatCount, formatNumber, formatPercent, formatScore } from '../format.js'
import { shortNames } from '../headline.js'
import { html, type Html } from '../html.js'
import { beatsLast, inCell, lastValueInWords } from '../lastValue.js'
import { scoredTasks, type ScoredTask } from '../tasks.js'
import { exact, figureBlocks, type SectionKind } from './section.js'

/** Errors against the plain baselines, for both tasks: figures, and all numbers. */
export const errors: SectionKind<ReportContents> = {
  name: 'errors',
  title: 'Errors against plain baselines',
  short: 'Errors',
  body(contents, figures) {
    if (figures.length === 0) return undefined
    const inChannels = ({ title, view }: ScoredTask): Html => {
      const words = lastValueInWords(view.scores)
      return html`${words !== undefined && html`<p>${title}: ${words}</p>`}`
    }
    return html`${figureBlocks(figures, errors.title)}${scoredTasks(contents).map((task) => html`${inChannels(task)}<details class="more"><summary>${task.title}: all numbers</summary>${scoresTable(task.view)}</details>`)}`
  },
}

function scoresTable(view: EvaluationView): Html {
  const channels = Object.entries(view.scores.channels)
  const baselines = baselinesOf(view.scores.task)
  const original = channels.some(([, scores]) => Number.isFinite(scores.mseOriginal ?? NaN))
  const line = (
    label: string,
    scores: Scores,
    isTotal: boolean,
  ): Html => html`<tr class="${isTotal && 'total'}"><th scope="row">${label}</th>
<td>${exact(scores.points, formatCount(scores.points))}</td><td class="own">${exact(scores.mse, formatScore(scores.mse))}</td>
${baselines.map((name) => html`<td>${exact(scores.baselines[name]?.mse ?? NaN, formatScore(scores.baselines[name]?.mse))}</td>`)}<td>${inCell(scores)}</td>
<td>${exact(scores.nll, formatScore(scores.nll))}</td><td>${exact(scores.coverage['50'], formatPercent(scores.coverage['50']))}</td><td>${exact(scores.coverage['90'], formatPercent(scores.coverage['90']))}</td>
${original && html`<td>${scores.mseOriginal === undefined ? '' : exact(scores.mseOriginal, formatNumber(scores.mseOriginal))}</td>`}</tr>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Scores by channel"><table><thead><tr><th scope="col">channel</th><th scope="col">values</th><th scope="col">this model</th>${baselines.map((name) => html`<th scope="col">${shortNames[name]}</th>`)}<th scope="col">${beatsLast}</th><th scope="col">neg. log-likelihood</th><th scope="col">in 50\u202f%</th><th scope="col">in 90\u202f%</th>${original && html`<th scope="col">error, own units²</th>`}</tr></thead>
<tbody>${line('all channels', view.scores, true)}${channels.map(([name, scores]) => line(name, scores, false))}</tbody></table></div>`
}
