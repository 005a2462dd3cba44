import type { Figure } from '../figure.js'
import { formatCount, formatPercent, formatScore } from '../format.js'
import { bestBaselineOf, counted } from '../headline.js'
import { html, trusted, type Html } from '../html.js'
import { insideHere, renderPage, shortDate } from '../renderReport.js'
import { exact, key, place, type Section } from '../sections/section.js'
import { sample } from '../still/sheet.js'
import type { Still } from '../still/still.js'
import { variables } from '../theme.js'
import type { ComparedScores, ComparedTask, ComparisonContents } from './contents.js'
import { certainty, comparedTasks, comparisonHeadline, formatDifference, formatInterval, formatWins, signed } from './headline.js'
import { comparisonNotices } from './notices.js'
import { comparisonStills } from './stills.js'

/**
 * Two models side by side in one self-contained HTML page, made as a report's is.
 *
 * @throws LatentOdeError `ReportLibrary` if the drawing libraries are not installed
 */
export async function renderComparison(contents: ComparisonContents): Promise<string> {
  const stills = comparisonStills(contents, variables)
  const parts = [
    section(
      'scores',
      'How far apart the models are',
      stills.scores,
      html`${comparedTasks(contents).map(({ title, compared }) => html`<details class="more"><summary>${title}: all numbers</summary>${scoresTable(contents, compared)}</details>`)}`,
    ),
    section('forecasts', 'The same series, both forecasts', stills.forecasts ? [stills.forecasts] : []),
    section('calibration', 'Is the stated uncertainty right?', stills.calibration),
    section('training', 'How training went', stills.training),
    settings(contents),
  ]
  return renderPage({
    title: contents.title,
    version: contents.version,
    header: top(contents),
    parts: parts.flatMap((part) => (part ? [part] : [])),
    shortTitles: { scores: 'Scores', forecasts: 'Series', calibration: 'Uncertainty', training: 'Training', settings: 'Settings' },
  })
}

/** So many figures of a kind are open at first. */
const openPanels = 24

/** A section of figures; absent without any. Where there are several, each has a heading. */
function section(name: string, title: string, stills: readonly Still[], after?: Html): Section | undefined {
  if (stills.length === 0) return undefined
  const drawn = stills.map((still) => ({
    still,
    figures: still.panels.map((panel, i): Figure => ({
      name: `${still.name}-${i}`,
      ...(panel.series !== undefined && { series: panel.series }),
      spec: panel.spec,
      description: panel.title === undefined ? still.description : `${panel.title}. ${still.description}`,
    })),
  }))
  const layout = name === 'calibration' ? 'quarter' : name === 'forecasts' ? 'panels' : 'pair'
  const grid = (figures: readonly Figure[], panels: Still['panels']): Html =>
    html`<div class="${layout}">${figures.map((figure, i) => place(figure, panels[i]!.title === undefined ? {} : { title: panels[i]!.title! }))}</div>`
  return {
    name,
    title,
    figures: drawn.flatMap(({ figures }) => figures),
    body: html`${drawn.map(
      ({ still, figures }) => html`${stills.length > 1 && still.title !== title && html`<h3 class="series-title">${still.title}</h3>`}
${still.note !== undefined && html`<p class="lede">${still.note}</p>`}
${still.key.length > 0 && key(still.key.map((entry) => [trusted(sample(entry, variables)), entry.label] as const))}
${grid(figures.slice(0, openPanels), still.panels)}
${figures.length > openPanels && html`<details class="more"><summary>${counted(figures.length - openPanels, 'more figure', 'more figures')}</summary>${grid(figures.slice(openPanels), still.panels.slice(openPanels))}</details>`}`,
    )}
${after}`,
  }
}

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
  const baseline = bestBaselineOf(task.baselines)
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

function settings({ labels, settings: rows }: ComparisonContents): Section {
  return {
    name: 'settings',
    title: 'Settings that differ',
    figures: [],
    body:
      rows.length === 0
        ? html`<p class="lede">None: the models differ in their weights alone.</p>`
        : html`<p class="lede">All others are the same.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Settings that differ"><table><thead><tr><th scope="col">setting</th><th scope="col">part</th>${labels.map((label) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${rows.map(({ group, label, values }) => html`<tr><th scope="row">${label}</th><td class="word">${group}</td>${values.map((value) => html`<td class="word">${value}</td>`)}</tr>`)}</tbody></table></div>`,
  }
}
