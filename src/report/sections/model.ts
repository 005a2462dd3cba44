import type { ReportContents, Setting, SolverSummary } from '../contents.js'
import { formatCount, formatNumber, formatShare } from '../format.js'
import { html, type Html } from '../html.js'
import { exact, type SectionKind } from './section.js'

/** What the model is made of, and what the solver did. */
export const model: SectionKind<ReportContents> = {
  name: 'model',
  title: 'Model and solver',
  short: 'Model',
  body({ model: { settings, parameters }, solver }) {
    const groups = new Map<string, Setting[]>()
    for (const setting of settings) groups.set(setting.group ?? '', [...(groups.get(setting.group ?? '') ?? []), setting])
    return html`<div class="settings">
<div><h3>Size</h3><dl class="facts"><div><dt>trained parameters</dt><dd>${exact(parameters, formatCount(parameters))}</dd></div></dl></div>
${[...groups].map(([group, members]) => html`<div><h3>${group || 'Settings'}</h3><dl class="facts">${members.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl></div>`)}
${solver && solved(solver, groups.has('Solver'))}
</div>`
  },
}

function solved(summary: SolverSummary, told: boolean): Html {
  const steps = summary.accepted + summary.rejected
  const count = (label: string, value: number): Html => html`<div><dt>${label}</dt><dd>${exact(value, formatCount(value))}</dd></div>`
  return html`<div><h3>What the solver did</h3><p class="note">Over ${summary.scope}.</p><dl class="facts">
${
  !told &&
  summary.method !== undefined &&
  html`<div><dt>method</dt><dd>${summary.method}</dd></div>
<div><dt>tolerances</dt><dd>relative ${formatNumber(summary.rtol)}, absolute ${formatNumber(summary.atol)}</dd></div>`
}
${count('solves', summary.solves)}${count('field evaluations', summary.evaluations)}
${summary.solves > 0 && html`<div><dt>evaluations per solve</dt><dd>${formatNumber(summary.evaluations / summary.solves)}</dd></div>`}
${count('steps accepted', summary.accepted)}
<div><dt>steps rejected</dt><dd>${exact(summary.rejected, formatCount(summary.rejected))}${steps > 0 && ` (${formatShare(summary.rejected / steps)})`}</dd></div>
<div><dt>smallest step</dt><dd>${exact(summary.smallestStep, formatNumber(summary.smallestStep))}</dd></div>
${count('failed solves', summary.failed)}</dl></div>`
}
