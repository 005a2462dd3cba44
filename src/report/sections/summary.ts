import { compare, comparison, counted, scored } from '../headline.js'
import { exact } from './section.js'
import { formatCount, formatPercent, formatScore } from '../format.js'
import { html, type Html } from '../html.js'
import { methodsOf } from '../views/methods.js'
import type { EvaluationView, ReportContents } from '../contents.js'

/** The cards under the headline: errors of both tasks, coverage, and what was fitted to what. */
export function summaryCards(contents: ReportContents): Html {
  const { interpolation, extrapolation } = contents.evaluations
  const { data, model } = contents
  return html`<div class="cards">
${interpolation && errorCard('Filling gaps', interpolation, contents)}
${extrapolation && errorCard('Looking ahead', extrapolation, contents)}
${(interpolation ?? extrapolation) && coverageCard(contents)}
<div class="card"><h3>Data and model</h3>
<p class="big">${exact(data.series, formatCount(data.series))} <small>series</small></p>
<dl class="facts">
<div><dt>rows</dt><dd>${exact(data.rows, formatCount(data.rows))}</dd></div>
<div><dt>observed values</dt><dd>${exact(data.values, formatCount(data.values))}</dd></div>
<div><dt>channels</dt><dd>${exact(data.channels.length, formatCount(data.channels.length))}</dd></div>
<div><dt>trained parameters</dt><dd>${exact(model.parameters, formatCount(model.parameters))}</dd></div>
${model.trainings !== undefined && html`<div><dt>averaged over</dt><dd>${counted(model.trainings, 'training', 'trainings')}</dd></div>`}
${model.averagedWith && html`<div><dt>averaged with</dt><dd>${model.averagedWith.join(', ')}</dd></div>`}
${contents.training && html`<div><dt>epochs</dt><dd>${exact(contents.training.history.length, formatCount(contents.training.history.length))}</dd></div>`}
</dl></div>
</div>`
}

/** The error in large, and bars of the model and the baselines to the same scale. */
function errorCard(title: string, view: EvaluationView, contents: ReportContents): Html {
  const { scores } = view
  const bars = methodsOf(scores.task).map(({ name, label }) => ({
    name,
    label,
    mse: name === 'model' ? scores.mse : (scores.baselines[name]?.mse ?? NaN),
  }))
  const most = Math.max(...bars.map((bar) => bar.mse).filter(Number.isFinite))
  const compared = compare(view)
  return html`<div class="card"><h3>${title}</h3>
<p class="big">${exact(scores.mse, formatScore(scores.mse))} <small>mean squared error</small></p>
${compared !== undefined && html`<p class="verdict ${{ better: 'good', worse: 'poor', unclear: '' }[compared.verdict]}">${comparison(view)}</p>`}
<table class="bars"><tbody>${bars.map((bar) => html`<tr><th scope="row">${bar.label}</th><td class="bar"><svg width="100%" height="8" aria-hidden="true"><rect class="${bar.name}" width="${share(bar.mse, most)}%" height="8" rx="2"/></svg></td><td>${exact(bar.mse, formatScore(bar.mse))}</td></tr>`)}</tbody></table>
<p class="note">${counted(scores.points, 'value', 'values')} of ${scored(view, contents)}, normalised; given: ${view.conditioning}.</p></div>`
}

function coverageCard(contents: ReportContents): Html {
  const tasks = (
    [
      ['filling gaps', contents.evaluations.interpolation],
      ['looking ahead', contents.evaluations.extrapolation],
    ] as const
  ).flatMap(([label, view]) => (view ? [{ label, coverage: view.scores.coverage }] : []))
  const shown = [...new Set(tasks.map(({ coverage }) => formatPercent(coverage['90'])))]
  return html`<div class="card"><h3>Intervals</h3>
<p class="big">${shown.map((text, i) => html`${i > 0 && html`<i> and </i>`}${text}`)}</p>
<p class="sub">of the values lie in the 90\u202f% interval</p>
${(['90', '50'] as const).map((level) => html`<p class="gauge-title">${level}\u202f% interval</p>${tasks.map(({ label, coverage }) => gauge(label, Number(level) / 100, coverage[level]))}`)}
<p class="note">The mark is where each bar should end.</p></div>`
}

function gauge(label: string, nominal: number, observed: number): Html {
  return html`<div class="gauge"><span>${label}</span><svg width="100%" height="14" aria-hidden="true"><rect class="track" y="3" width="100%" height="8" rx="2"/><rect class="model" y="3" width="${share(observed, 1)}%" height="8" rx="2"/><rect class="target" x="${String(nominal * 100)}%" width="2" height="14"/></svg>${exact(observed, formatPercent(observed))}</div>`
}

/** A percentage of the largest, for a width. */
function share(value: number, most: number): string {
  return Number.isFinite(value) && most > 0 ? Math.max(0.5, Math.min(100, (100 * value) / most)).toFixed(2) : '0'
}
