import type { ModelComparison } from '../../train/compareModels.js'
import { meanSeconds } from '../../train/comparisonTable.js'
import type { Ranked, Ranking } from '../../train/contest.js'
import type { Notice } from '../../train/notice.js'
import { formatNumber, formatPercent, formatScore } from '../format.js'
import { counted } from '../headline.js'
import { html, type Html } from '../html.js'
import { insideHere, renderPage, shortDate } from '../renderReport.js'
import { drawSections, exact, figureBlocks, type SectionKind } from '../sections/section.js'
import { variables } from '../theme.js'
import { rankings, type ModelComparisonContents } from './contents.js'
import { modelFigures } from './figures.js'
import { formatAgainst, verdicts } from './words.js'

/** The sections of the page, in the order they are shown. */
const sections: readonly SectionKind<ModelComparisonContents>[] = [
  {
    name: 'scores',
    title: 'How far each model is from the best',
    short: 'Scores',
    body({ comparison }, figures) {
      if (figures.length === 0) return undefined
      return html`${figureBlocks(figures, 'How far each model is from the best')}${rankings(comparison).map(
        ({ title, shown, ranking }) => html`<h3>${title}</h3>
<p class="lede">Each model is shown ${shown}; ${counted(ranking.values, 'value', 'values')} of ${counted(ranking.series, 'series', 'series')}, errors on the normalised scale. ${verdicts(ranking).join(' ')}</p>
${rankingTable(ranking, comparison)}`,
      )}`
    },
  },
]

/**
 * Several models, fitted and scored alike, in one self-contained HTML page, made as a report's is.
 *
 * @throws LatentOdeError `ReportLibrary` if the drawing libraries are not installed
 */
export const renderModelComparison = (contents: ModelComparisonContents): Promise<string> =>
  renderPage({
    title: contents.title,
    version: contents.version,
    header: top(contents),
    parts: drawSections(sections, contents, modelFigures(contents, variables, 'page')),
  })

function top({ title, data, generated, comparison, notices }: ModelComparisonContents): Html {
  const { seeds, failures, finished } = comparison
  const warnings = [
    ...failures.map(({ model, seed, message }) => `${model} is left out, seed ${seed}: ${message}`),
    ...(finished ? [] : ['The comparison was interrupted: seeds that were not done are left out.']),
  ]
  const told: readonly Notice[] = [
    ...warnings.map((text) => ({ kind: 'warning' as const, text })),
    ...notices.filter(({ text }) => !warnings.includes(text)),
  ]
  return html`<header>
<p class="kicker"><span>Comparison of models</span><span>${data}</span><time datetime="${generated}">${shortDate(generated)}</time></p>
<h1>${title}</h1>
${rankings(comparison).map(({ title: task, ranking }) => html`<p class="headline">${task}: ${verdicts(ranking)[0]}</p>`)}
<ul class="notices">${told.map(({ kind, text }) => html`<li>${kind === 'warning' && html`<b>Warning.</b>`}${text}</li>`)}
<li>Fitted and scored with ${seeds.length === 1 ? `the seed ${seeds[0]!}` : `the seeds ${seeds[0]!} to ${seeds.at(-1)!}, each with a split of its own`}.</li>
<li><b>Data inside.</b>${insideHere}</li></ul>
</header>`
}

function rankingTable(ranking: Ranking, comparison: ModelComparison): Html {
  const number = (value: number, shown: string): Html => html`<td>${exact(value, shown)}</td>`
  const star = (measure: 'mse' | 'nll', { model }: Ranked): string => (ranking.winner[measure] === model ? '*' : '')
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Scores by model"><table><thead><tr><th scope="col">model</th><th scope="col">error</th><th scope="col">from the best</th><th scope="col">neg. log-likelihood</th><th scope="col">from the best</th><th scope="col">in 50\u202f%</th><th scope="col">in 90\u202f%</th><th scope="col">seconds</th></tr></thead>
<tbody>${ranking.models.map((one) => {
    const { seconds } = meanSeconds(comparison, one.model)
    return html`<tr><th scope="row">${one.model}</th>${number(one.mse, `${formatScore(one.mse)}${star('mse', one)}`)}<td>${formatAgainst(ranking, one, 'mse')}</td>${number(one.nll, `${formatScore(one.nll)}${star('nll', one)}`)}<td>${formatAgainst(ranking, one, 'nll')}</td>${number(one.coverage['50'], formatPercent(one.coverage['50']))}${number(one.coverage['90'], formatPercent(one.coverage['90']))}${number(seconds, formatNumber(seconds, 2))}</tr>`
  })}</tbody></table></div>`
}
