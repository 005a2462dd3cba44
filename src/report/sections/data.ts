import type { ReportContents } from '../contents.js'
import type { Figure } from '../figures/figure.js'
import { formatCount, formatRough, formatShare } from '../format.js'
import { counted } from '../headline.js'
import { html, type Html } from '../html.js'
import { exact, figureBlocks, keyList, placesOf, type SectionKind } from './section.js'

/** What the data are like: when they were observed, how much is missing, and what the channels hold. */
export const data: SectionKind<ReportContents> = {
  name: 'data',
  title: 'The data',
  short: 'Data',
  body(contents, figures) {
    const { data: summary } = contents
    const { split } = summary
    const when = figures.find(({ name }) => name === 'observed-when')
    const howMuch = figures.find(({ name }) => name === 'observed-how-much')
    const others = figures.filter((figure) => figure !== when && figure !== howMuch)
    return html`<p class="lede">${counted(summary.series, 'series', 'series')} with ${counted(summary.rows, 'row', 'rows')} and ${counted(summary.values, 'observed value', 'observed values')} in ${counted(summary.channels.length, 'channel', 'channels')}.${split && html` ${formatCount(split.train)} series were for training, ${formatCount(split.validation)} for validation and ${formatCount(split.test)} for testing.`}</p>
${observed(when, howMuch, summary.channels.length)}${figureBlocks(others)}
${summary.channels.length > 0 && html`<details class="more"><summary>Channels in numbers</summary>${channelsTable(contents)}</details>`}`
  },
}

/** When series were observed, and beside it how much. Many channels make a tall figure; the gaps then stand where there is room. */
function observed(when: Figure | undefined, howMuch: Figure | undefined, channels: number): Html {
  const beside = howMuch ? placesOf(howMuch) : []
  const below = when !== undefined && channels > 12 ? beside.splice(1) : []
  return html`<div class="raster-pair">
${when && html`<div class="stack">${placesOf(when)}${keyList(when.key)}${below}</div>`}
<div class="stack">${beside}</div>
</div>`
}

function channelsTable({ data: { channels } }: ReportContents): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Channels"><table><thead><tr><th scope="col">channel</th><th scope="col">observed</th><th scope="col">missing</th><th scope="col">transform</th><th scope="col">lower quartile</th><th scope="col">median</th><th scope="col">upper quartile</th></tr></thead>
<tbody>${channels.map(
    (
      channel,
    ) => html`<tr><th scope="row">${channel.name}</th><td>${exact(channel.observed, formatCount(channel.observed))}</td><td>${exact(channel.missing, formatShare(channel.missing))}</td><td class="word">${channel.transform}</td>
${[channel.lowerQuartile, channel.median, channel.upperQuartile].map((value) => html`<td>${formatRough(value)}</td>`)}</tr>`,
  )}</tbody></table></div>`
}
