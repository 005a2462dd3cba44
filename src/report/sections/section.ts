import { html, type Html } from '../html.js'
import type { Figure } from '../figure.js'

/** A part of the page: what it says, and the figures whose places it holds. */
export interface Section {
  /** Fit for an `id` attribute. */
  readonly name: string
  readonly title: string
  readonly body: Html
  readonly figures: readonly Figure[]
}

/** The place where a figure is drawn. The caption is read with it; names of the data are escaped like any text. */
export function place(figure: Figure, caption: { title?: string; note?: string } = {}): Html {
  return html`<figure class="figure" ${figure.series !== undefined && html`data-series="${figure.series}"`}>${caption.title !== undefined && html`<figcaption><strong>${caption.title}</strong>${caption.note !== undefined && html` <span>${caption.note}</span>`}</figcaption>`}
<div class="plot" id="${figure.name}" role="img" aria-label="${figure.description}"></div></figure>`
}

/** A legend entry: a drawn sample and its name. */
export function key(entries: readonly (readonly [sample: Html, label: string])[]): Html {
  return html`<ul class="key">${entries.map(([sample, label]) => html`<li><svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">${sample}</svg>${label}</li>`)}</ul>`
}

/** A number with its exact value beside what is shown of it. */
export function exact(value: number, shown: string): Html {
  return Number.isFinite(value) ? html`<data value="${String(value)}">${shown}</data>` : html`${shown}`
}
