import type { TimeAxis } from '../../data/series.js'
import type { ReportContents } from '../contents.js'
import type { KeyEntry } from '../figures/figure.js'
import { html, type Html } from '../html.js'
import { channelsAtFirst } from '../live/livePage.js'
import { variables } from '../theme.js'
import { keyList, type SectionKind } from './section.js'

/** The model itself, to be asked: what stands here before the page's script takes over. */
export const live: SectionKind<ReportContents> = {
  name: 'ask',
  title: 'Ask the model',
  short: 'Ask',
  body({ live: embedded, time, timeColumn, idColumn }) {
    if (!embedded) return undefined
    const drawn = new Set(channelsAtFirst(embedded))
    const names = embedded.normalisation.channels.map(({ channel }) => channel)
    return html`<p class="lede">The fitted model is inside this page and runs here. Tell it less of a series or something else, and see what it makes of that. Solid dots are told to it, hollow ones are kept from it.</p>
<p class="live-failure" id="live-failure" role="alert" hidden></p>
${controls(
  embedded.series.map(({ id }) => id),
  idColumn,
)}
<p class="live-status" id="live-status" role="status"></p>
${keyList(key)}
<div class="live-panels" id="live-panels"></div>
<div class="live-below">
${form(names, timeColumn, time.kind)}
<figure class="figure live-posterior"><figcaption><strong>What it believes of z0</strong> <span>the hidden state where the series begins: mean and 90\u202f% of each latent; shaded, what it believes of any series</span></figcaption><div class="live-plot" id="live-posterior" role="img"></div></figure>
</div>
${channelChoice(names, drawn)}
${help}
<p class="note live-notes"><span id="live-cost"></span> <button type="button" class="link" id="live-save-observations" disabled>Save what it is told (CSV)</button> <button type="button" class="link" id="live-save-forecast" disabled>Save what it says (CSV)</button></p>`
  },
}

const controls = (ids: readonly string[], idColumn: string): Html =>
  html`<fieldset class="live-controls" id="live-controls" disabled><legend class="unseen">What the model is asked</legend>
<label class="live-field"><span>${idColumn || 'series'}</span><select id="live-series">${ids.map((id, i) => html`<option value="${i}">${id}</option>`)}<option value="new">a new, empty series</option></select></label>
<label class="live-field wide"><span>known so far <output id="live-known-shown" for="live-known"></output></span><input type="range" id="live-known" min="0" max="1" step="1" value="0"></label>
<label class="live-field wide"><span>look ahead <output id="live-horizon-shown" for="live-horizon"></output></span><input type="range" id="live-horizon" min="0" max="100" step="1" value="25"></label>
<div class="live-buttons">
<button type="button" id="live-futures">Draw 20 more futures</button><button type="button" id="live-no-futures" disabled>Clear futures</button><button type="button" id="live-undo" disabled>Undo</button><button type="button" id="live-reset" disabled>Reset</button>
</div></fieldset>`

const form = (channels: readonly string[], timeColumn: string, time: TimeAxis['kind']): Html =>
  html`<form class="live-form" id="live-form" aria-labelledby="live-form-title"><fieldset id="live-form-fields" disabled><legend id="live-form-title">A value of yours</legend>
<label class="live-field"><span>channel</span><select id="live-channel">${channels.map((name, i) => html`<option value="${i}">${name}</option>`)}</select></label>
<label class="live-field"><span>${timeColumn}</span><input id="live-time" autocomplete="off" ${time === 'number' && html`inputmode="decimal"`}></label>
<label class="live-field"><span>value</span><input id="live-value" autocomplete="off" inputmode="decimal"></label>
<div class="live-buttons"><button type="submit" id="live-add">Add</button><button type="button" id="live-change" disabled>Change the chosen one</button><button type="button" id="live-delete" disabled>Delete the chosen one</button></div>
</fieldset><p class="note" id="live-form-message" role="alert"></p></form>`

function channelChoice(names: readonly string[], drawn: ReadonlySet<number>): Html | false {
  return (
    names.length > 1 &&
    html`<details class="more" id="live-choice"><summary>Channels drawn: <span id="live-drawn-count">${drawn.size}</span> of ${names.length}</summary><fieldset class="live-channels" id="live-channels" disabled><legend class="unseen">Channels drawn</legend>${names.map((name, i) => html`<label><input type="checkbox" value="${i}" ${drawn.has(i) && 'checked'}><span>${name}</span></label>`)}</fieldset></details>`
  )
}

const help = html`<details class="more"><summary>With mouse and keyboard</summary><ul class="live-help">
<li>Double-click in a panel to add a value there; drag a dot to change its time and value; double-click a dot to delete it.</li>
<li>Tab goes from panel to panel, Page Up and Page Down from dot to dot, Home and End to the first and the last.</li>
<li>Arrow keys move a dot, with Shift in steps ten times as long; Delete removes it; A adds one after it, where the model expects it.</li>
<li>Ctrl+Z takes the last change back.</li>
</ul></details>`

const key: readonly KeyEntry[] = [
  { mark: 'dot', colour: variables.ink, label: 'told to the model' },
  { mark: 'ring', colour: variables.heldout, label: 'kept from it' },
  { mark: 'line', colour: variables.model, label: 'mean' },
  { mark: 'band', colour: variables.model, opacity: 0.38, label: '50 % of values expected' },
  { mark: 'band', colour: variables.model, opacity: 0.16, label: '90 %' },
  { mark: 'wave', colour: variables.model, opacity: 0.7, label: 'futures: courses that it holds possible, without noise' },
  { mark: 'band', colour: variables.beyond, label: 'past the training span' },
]
