import { formatCount, formatPercent, formatScore } from '../format.js'
import { bestBaselineOf, counted } from '../headline.js'
import { html, type Html } from '../html.js'
import { insideHere, renderPage, shortDate } from '../renderReport.js'
import { drawSections, exact, figureBlocks, type SectionKind } from '../sections/section.js'
import { variables } from '../theme.js'
import { comparisonFigures } from './figures/index.js'
import type { ComparedScores, ComparedTask, ComparisonContents } from './contents.js'
import { certainty, comparedTasks, comparisonHeadline, formatDifference, formatInterval, formatWins, signed } from './headline.js'
import { comparisonNotices } from './notices.js'

/** The sections of a comparison's page, in the order they are shown. */
const sections: readonly SectionKind<ComparisonContents>[] = [
  {
    name: 'scores',
    title: 'How far apart the models are',
    short: 'Scores',
    body(contents, figures) {
      if (figures.length === 0) return undefined
      return html`${figureBlocks(figures, 'How far apart the models are')}${comparedTasks(contents).map(({ title, compared }) => html`<details class="more"><summary>${title}: all numbers</summary>${scoresTable(contents, compared)}</details>`)}`
    },
  },
  { name: 'forecasts', title: 'The same series, both forecasts', short: 'Series' },
  { name: 'calibration', title: 'Is the stated uncertainty right?', short: 'Uncertainty' },
  { name: 'training', title: 'How training went', short: 'Training' },
  { name: 'settings', title: 'Settings that differ', short: 'Settings', body: settingsTable },
]

/**
 * Two models side by side in one self-contained HTML page, made as a report's is.
 *
 * @throws LatentOdeError `ReportLibrary` if the drawing libraries are not installed
 */
export const renderComparison = (contents: ComparisonContents): Promise<string> =>
  renderPage({
    title: contents.title,
    version: contents.version,
    header: top(contents),
    parts: drawSections(sections, contents, comparisonFigures(contents, variables, 'page')),
  })

function top(contents: ComparisonContents): Html {
  const { files, generated } = contents
  const tasks = comparedTasks(contents)
  return html`<header>
<p class="kicker"><span>Latent ODE comparison</span>${[...files.models, files.data].map((file) => html`<span>${file}</span>`)}<time datetime="${generated}">${shortDate(generated)}</time></p>
<h1>${contents.title}</h1>
${comparisonHeadline(contents).map((sentence) => html`<p class="headline">${sentence}</p>`)}
<ul class="notices">${comparisonNotices(contents).map(({ kind, text }) => html`<li>${kind === 'warning' && html`<b>Warning.</b>`}${text}</li>`)}
<li><b>Data inside.</b>${insideHere}</li></ul>
${tasks.length > 0 && html`<div class="cards">${tasks.map(({ title, compared }) => card(title, compared, contents))}</div>`}
</header>`
}

/** The difference in large, and bars of both models and the best baseline to the same scale. */
function card(title: string, task: ComparedTask, { labels }: ComparisonContents): Html {
  const {
    scores: [first, second],
    mse,
  } = task
  const baseline = bestBaselineOf({ linear: NaN, ...task.baselines })
  const bars = [
    { name: 'model', label: labels[0], mse: first.mse },
    { name: 'other', label: labels[1], mse: second.mse },
    ...(baseline ? [{ name: baseline.name, label: baseline.label, mse: baseline.mse }] : []),
  ]
  const most = Math.max(...bars.map((bar) => bar.mse).filter(Number.isFinite))
  const width = (value: number): string => (Number.isFinite(value) && most > 0 ? Math.max(0.5, (100 * value) / most).toFixed(2) : '0')
  return html`<div class="card"><h3>${title}</h3>
<p class="big">${exact(mse.difference, signed(mse.difference))} <small>difference in mean squared error</small></p>
<p class="sub">${Number.isFinite(mse.standardError) && `95\u202f% interval ${formatInterval(mse)}, `}${certainty(mse)}</p>
<table class="bars"><tbody>${bars.map((bar) => html`<tr><th scope="row">${bar.label}</th><td class="bar"><svg width="100%" height="8" aria-hidden="true"><rect class="${bar.name}" width="${width(bar.mse)}%" height="8" rx="2"/></svg></td><td>${exact(bar.mse, formatScore(bar.mse))}</td></tr>`)}</tbody></table>
<p class="note">${counted(task.points, 'value', 'values')} of ${counted(task.series, 'series', 'series')}, normalised; given: ${task.conditioning}. ${formatWins(mse, labels)}</p></div>`
}

function scoresTable({ labels }: ComparisonContents, task: ComparedTask): Html {
  const number = (value: number, shown: string): Html => html`<td>${exact(value, shown)}</td>`
  const line = (
    label: string,
    points: number,
    [first, second]: readonly [ComparedScores, ComparedScores],
    { mse, nll }: Pick<ComparedTask, 'mse' | 'nll'>,
    isTotal: boolean,
  ): Html => html`<tr class="${isTotal && 'total'}"><th scope="row">${label}</th>
${number(points, formatCount(points))}${number(first.mse, formatScore(first.mse))}${number(second.mse, formatScore(second.mse))}${number(mse.difference, formatDifference(mse))}
${number(first.nll, formatScore(first.nll))}${number(second.nll, formatScore(second.nll))}${number(nll.difference, formatDifference(nll))}
${number(first.coverage['90'], formatPercent(first.coverage['90']))}${number(second.coverage['90'], formatPercent(second.coverage['90']))}</tr>`
  const heading = (what: string): Html => html`${labels.map((label) => html`<th scope="col">${what}, ${label}</th>`)}`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Scores by channel"><table><thead><tr><th scope="col">channel</th><th scope="col">values</th>${heading('error')}<th scope="col">difference</th>${heading('neg. log-likelihood')}<th scope="col">difference</th>${heading('in 90\u202f%')}</tr></thead>
<tbody>${line('all channels', task.points, task.scores, task, true)}${task.channels.map((channel) => line(channel.channel, channel.points, channel.scores, channel, false))}</tbody></table></div>`
}

function settingsTable({ labels, settings: rows }: ComparisonContents): Html {
  if (rows.length === 0) return html`<p class="lede">None: the models differ in their weights alone.</p>`
  return html`<p class="lede">All others are the same.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Settings that differ"><table><thead><tr><th scope="col">setting</th><th scope="col">part</th>${labels.map((label) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${rows.map(({ group, label, values }) => html`<tr><th scope="row">${label}</th><td class="word">${group}</td>${values.map((value) => html`<td class="word">${value}</td>`)}</tr>`)}</tbody></table></div>`
}
