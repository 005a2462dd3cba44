import type { ReportContents } from '../contents.js'
import { html, type Html } from '../html.js'
import { mayBeNamed } from '../named.js'
import { rasterRows } from '../figures/observedWhen.js'

/**
 * The list from which a series is chosen for the whole page. It holds every series that some figure names, those that
 * are drawn one by one first: whatever can be chosen by a click in a figure can be chosen here by the keyboard.
 */
export function picker(contents: ReportContents): Html | undefined {
  const drawn = contents.series.map(({ id }) => id)
  const mayBe = mayBeNamed(contents)
  const shown = [
    ...(contents.latent?.points.flatMap(({ series }) => series ?? []) ?? []),
    ...rasterRows(contents.data).map(({ series }) => series),
    ...Object.values(contents.evaluations).flatMap((view) => view?.points.map(({ series }) => series) ?? []),
  ]
  const others = [...new Set(shown)].filter((id) => mayBe(id) && !drawn.includes(id)).sort(byName)
  if (drawn.length + others.length < 2) return undefined
  const options = (ids: readonly string[]): Html[] =>
    ids.map((id) => html`<option data-id="${id}">${id === '' ? '(no name)' : id}</option>`)
  return html`<div class="picker"><label><span>${contents.idColumn}</span> <select id="picker" autocomplete="off"><option>none chosen</option>
${drawn.length > 0 && html`<optgroup label="Drawn with forecasts">${options(drawn)}</optgroup>`}
${others.length > 0 && html`<optgroup label="In the other figures">${options(others)}</optgroup>`}</select></label><output id="chosen-said" for="picker"></output></div>`
}

/** Numbers in names by their size. */
const byName = new Intl.Collator('en', { numeric: true }).compare
