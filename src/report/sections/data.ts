import type { ReportContents } from '../contents.js'
import type { Figure } from '../figure.js'
import { alongBottom, formatCount, formatRough, formatShare } from '../format.js'
import { gapsBetween } from '../gaps.js'
import { counted } from '../headline.js'
import { html, type Html } from '../html.js'
import { variables } from '../theme.js'
import { gapsView, missingView, rasterRows, rasterView } from '../views/data.js'
import { exact, key, place, type Section } from './section.js'

/** What the data are like: when they were observed, how much is missing, and what the channels hold. */
export function data(contents: ReportContents): Section {
  const { data: summary, time } = contents
  const rows = rasterRows(summary)
  const raster: Figure | undefined =
    rows.length === 0
      ? undefined
      : {
          name: 'raster',
          spec: rasterView(rows, time, variables),
          description: `Observation times of ${counted(rows.length, 'series', 'series')}: each line is a series, each tick an observation.`,
        }
  const missing: Figure | undefined =
    summary.channels.length === 0
      ? undefined
      : {
          name: 'missing',
          spec: missingView(summary, variables),
          description: `Share of rows in which each channel was observed: ${summary.channels
            .slice(0, 40)
            .map((channel) => `${channel.name} ${formatShare(1 - channel.missing)}`)
            .join(', ')}.`,
        }
  const spacing = summary.gaps ?? gapsBetween(summary.raster)
  const gapsSpec = gapsView(spacing, time, contents.timeColumn, variables)
  const gaps: Figure | undefined = gapsSpec && {
    name: 'gaps',
    spec: gapsSpec,
    description: 'Histogram of the time between one observation of a series and the next, on a logarithmic axis.',
  }
  const split = summary.split
  const gapsPlace =
    gaps &&
    place(gaps, {
      title: 'Time between observations',
      note: spacing.series < summary.series ? `in ${formatCount(spacing.series)} series` : 'in all series',
    })
  // Many channels make a tall figure; the gaps then stand under the raster, where there is room.
  const tall = raster !== undefined && summary.channels.length > 12
  const told = rows.some((row) => row.split !== undefined)
  return {
    name: 'data',
    title: 'The data',
    figures: [raster, missing, gaps].flatMap((figure) => (figure ? [figure] : [])),
    body: html`<p class="lede">${counted(summary.series, 'series', 'series')} with ${counted(summary.rows, 'row', 'rows')} and ${counted(summary.values, 'observed value', 'observed values')} in ${counted(summary.channels.length, 'channel', 'channels')}.${split && html` ${formatCount(split.train)} series were for training, ${formatCount(split.validation)} for validation and ${formatCount(split.test)} for testing.`}</p>
<div class="raster-pair">
${
  raster &&
  html`<div class="stack">${place(raster, { title: 'When series were observed', note: `${rows.length < summary.series ? `${formatCount(rows.length)} of ${formatCount(summary.series)} series` : 'a line for each series'}; ` + `${alongBottom(time, contents.timeColumn)} along the bottom` })}
${
  told &&
  key([
    [tick('muted'), 'training'],
    [tick('model'), 'validation'],
    [tick('heldout'), 'test'],
  ])
}${tall && gapsPlace}</div>`
}
<div class="stack">${missing && place(missing, { title: 'How much was observed', note: 'share of rows' })}${!tall && gapsPlace}</div>
</div>
${summary.channels.length > 0 && html`<details class="more"><summary>Channels in numbers</summary>${channelsTable(contents)}</details>`}`,
  }
}

function tick(name: string): Html {
  return html`<g class="${name}"><rect x="6" y="1" width="2" height="12"/><rect x="11" y="1" width="2" height="12"/><rect x="15" y="1" width="2" height="12"/></g>`
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
