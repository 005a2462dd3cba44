import type { ReportContents, SeriesView } from '../contents.js'
import { drawnSeries, isSideBySide } from '../figures/forecasts.js'
import { counted } from '../headline.js'
import { html, type Html } from '../html.js'
import { figureBlocks, keyList, ledeOf, placesOf, type SectionKind } from './section.js'

/** So many series are open at first where they stand side by side. */
const openSeries = 12

/** Observations and predictions of single series. */
export const forecasts: SectionKind<ReportContents> = {
  name: 'forecasts',
  title: 'What the model makes of single series',
  short: 'Series',
  body(contents, figures) {
    const figure = figures.find(({ name }) => name === 'forecasts')
    const others = figureBlocks(figures.filter((one) => one !== figure))
    if (figure === undefined) return others
    const shown = drawnSeries(contents)
    const places = placesOf(figure)
    const bySeries = shown.map(({ channels }) => places.splice(0, channels.length))
    return html`${ledeOf(figure)}
${keyList(figure.key)}
${isSideBySide(shown) ? grid(bySeries) : chooser(contents, shown, bySeries)}${others}`
  },
}

function grid(bySeries: readonly (readonly Html[])[]): Html {
  const [first, rest] = [bySeries.slice(0, openSeries).flat(), bySeries.slice(openSeries).flat()]
  const drawn = (some: readonly Html[]): Html => html`<div class="panels ${some.length === 1 && 'single'}">${some}</div>`
  return html`${drawn(first)}${rest.length > 0 && html`<details class="more"><summary>${counted(bySeries.length - openSeries, 'more series', 'more series')}</summary>${drawn(rest)}</details>`}`
}

function chooser({ idColumn }: ReportContents, shown: readonly SeriesView[], bySeries: readonly (readonly Html[])[]): Html {
  return html`${shown.length > 1 && html`<fieldset class="chooser"><legend>${idColumn}</legend>${shown.map(({ id }, i) => html`<label><input type="radio" name="series" value="chosen-${i}" autocomplete="off" ${i === 0 && 'checked'}><span>${id}</span></label>`)}</fieldset>`}
${bySeries.map(
  (places, i) => html`<div class="chosen" id="chosen-${i}" data-series="${shown[i]!.id}" ${i > 0 && 'hidden'}>
<h3 class="series-title ${shown.length > 1 && 'print-only'}"><span>${idColumn} </span>${shown[i]!.id}</h3>
<div class="panels">${places}</div></div>`,
)}`
}
