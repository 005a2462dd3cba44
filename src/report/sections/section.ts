import type { Figure, KeyEntry } from '../figures/figure.js'
import { sample } from '../figures/sample.js'
import { counted } from '../headline.js'
import { html, trusted, type Html } from '../html.js'
import { variables } from '../theme.js'
import { plotsOf, type Plot } from './plots.js'

/** What a table of sections lists. */
export interface SectionKind<Contents> {
  /** Fit for an `id` attribute. */
  readonly name: string
  readonly title: string
  /** What it is called in the navigation. */
  readonly short: string
  /** Default its figures, one after the other. Undefined where there is nothing to show. */
  body?(contents: Contents, figures: readonly Figure[]): Html | undefined
}

/** A part of the page: what it says, and what is drawn in the places that it holds. */
export interface Section {
  readonly name: string
  readonly title: string
  readonly short: string
  readonly body: Html
  readonly plots: readonly Plot[]
}

/** The sections that have something to show, in the order of the table. */
export const drawSections = <Contents>(
  kinds: readonly SectionKind<Contents>[],
  contents: Contents,
  figures: readonly (Figure & { readonly section: string })[],
): Section[] =>
  kinds.flatMap(({ name, title, short, body = (_, some) => figureBlocks(some, title) }) => {
    const own = figures.filter(({ section }) => section === name)
    const drawn = body(contents, own)
    return drawn ? [{ name, title, short, body: drawn, plots: own.flatMap(plotsOf) }] : []
  })

/** So many panels of a figure are open at first. */
const openPanels = 24

/**
 * Figures one after the other: what there is to know, the key, and the panels; undefined without any. Those whose panels
 * have no captions bear their titles, unless it is the section's; others do not repeat the key of the figure before.
 *
 * @param sectionTitle of the section that holds these figures and no others
 */
export function figureBlocks(figures: readonly Figure[], sectionTitle?: string): Html | undefined {
  if (figures.length === 0) return undefined
  return html`${figures.map((figure, i) => {
    const told = sectionTitle !== undefined && (figures.length === 1 || figure.title === sectionTitle)
    const titled = !told && figure.panels.every(({ caption }) => caption === undefined)
    const repeated = !titled && i > 0 && JSON.stringify(figure.key) === JSON.stringify(figures[i - 1]!.key)
    return html`${titled && html`<h3 class="series-title">${figure.title}</h3>`}
${ledeOf(figure)}
${figure.page?.controls ?? (!repeated && keyList(figure.key))}
${panelsOf(figure)}
`
  })}`
}

/** What a reader must know of a figure. */
export function ledeOf({ note, page }: Figure): Html | undefined {
  const said = page?.lede ?? note
  return said === undefined ? undefined : html`<p class="lede">${said}</p>`
}

function panelsOf(figure: Figure): Html {
  const places = placesOf(figure)
  const layout = figure.page?.layout ?? (figure.columns === 1 ? undefined : figure.columns === 2 ? 'pair' : 'panels three')
  const grid = (some: readonly Html[]): Html => (layout === undefined ? html`${some}` : html`<div class="${layout}">${some}</div>`)
  return html`${grid(places.slice(0, openPanels))}${places.length > openPanels && html`<details class="more"><summary>${counted(places.length - openPanels, 'more figure', 'more figures')}</summary>${grid(places.slice(openPanels))}</details>`}`
}

/** The places of a figure's panels. Captions are read with them; names of the data are escaped like any text. */
export function placesOf(figure: Figure): Html[] {
  return plotsOf(figure).map(({ name, series, description }, i) => {
    const { title, caption = title === undefined ? undefined : { title } } = figure.panels[i]!
    return html`<figure class="figure" ${series !== undefined && html`data-series="${series}"`}>${caption && html`<figcaption><strong>${caption.title}</strong>${caption.note !== undefined && html` <span>${caption.note}</span>`}</figcaption>`}
<div class="plot" id="${name}" role="img" aria-label="${description}"></div></figure>`
  })
}

/** What marks stand for. */
export const keyList = (entries: readonly KeyEntry[]): Html | undefined =>
  entries.length === 0
    ? undefined
    : html`<ul class="key">${entries.map((entry) => html`<li><svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">${trusted(sample(entry, variables.surface))}</svg>${entry.label}</li>`)}</ul>`

/** A number with its exact value beside what is shown of it. */
export function exact(value: number, shown: string): Html {
  return Number.isFinite(value) ? html`<data value="${String(value)}">${shown}</data>` : html`${shown}`
}
