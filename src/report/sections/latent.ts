import { classify, withUnnamed, type Classified } from '../classes.js'
import type { ReportContents } from '../contents.js'
import type { Figure } from '../figure.js'
import { formatCount, formatDuration, formatNumber, formatPercent, formatTime, unitAfter } from '../format.js'
import { counted } from '../headline.js'
import { html, trusted, type Html } from '../html.js'
import type { Attribute, LatentContents } from '../latentContents.js'
import { variables } from '../theme.js'
import { latentView } from '../views/latent.js'
import { key, place, type Section } from './section.js'

/** Where the series lie in the latent space. */
export function latent(contents: ReportContents): Section | undefined {
  const { latent: space, time } = contents
  if (!space || space.points.length === 0) return undefined
  const { attributes, coloured, said, choices, by } = colouring(space, contents)
  const figure: Figure = {
    name: 'latent-space',
    spec: latentView(space, coloured, said, by, time, variables),
    description:
      `Mean of the posterior of z0 of ${counted(space.points.length, 'series', 'series')} in two principal components of the latent ` +
      `space, which hold ${formatPercent(space.shares[0])} and ${formatPercent(space.shares[1])} of the variance. ` +
      (space.field ? 'Arrows show the vector field dz/dt. ' : '') +
      'The chosen series is marked, with the course of its z(t).',
  }
  const shown =
    space.points.length < space.total
      ? `${formatCount(space.points.length)} of ${formatCount(space.total)} series`
      : counted(space.total, 'series', 'series')
  return {
    name: 'latent',
    title: 'The latent space',
    figures: [figure],
    body: html`<p class="lede">${ledeOf(space)}</p>
${choices.length > 1 && html`<div class="controls"><label>Coloured by <select id="coloured-by" autocomplete="off">${options(attributes, choices)}</select></label></div>`}
<div id="latent-keys">${coloured.map((one, i) => html`<div ${i !== by && 'hidden'}>${legend(one)}</div>`)}</div>
${place(figure, { title: 'z₀ of each series', note: shown })}`,
  }
}

/**
 * How series may be coloured: the attributes and their classes, what is said of each
 * series, which of them to choose from, the first of these.
 */
export function colouring(
  space: LatentContents,
  contents: ReportContents,
): { attributes: Attribute[]; coloured: Classified[]; said: string[]; choices: number[]; by: number } {
  const attributes = space.attributes.map((attribute): Attribute =>
    attribute.unit === 'duration' ? { ...attribute, name: attribute.name + unitAfter(contents.time, contents.timeColumn) } : attribute,
  )
  const named = attributes.map((attribute) => classify(attribute, formatOf(attribute, contents)))
  // What is the same for all series is no choice of colour.
  const choices = named.flatMap(({ legend: entries }, i) => (entries.length > 1 ? [i] : []))
  const coloured = named.map((one) => withUnnamed(one, space.points.length - one.classes.length))
  return {
    attributes,
    coloured,
    said: space.points.map(({ series }, i) => (series === undefined ? '–' : describe(attributes, coloured, i))),
    choices,
    by: choices[0] ?? 0,
  }
}

function ledeOf(space: LatentContents): string {
  return (
    'Each mark is a series: the mean of its z₀, given all of its ' +
    `observations${space.latents > 2 ? `, in the two of ${space.latents} dimensions along which these differ most` : ''}. ` +
    (`Choose one${space.points.some(({ series }) => series === undefined) ? ' that has a name' : ''} to follow its z(t) to the end of ` +
      'its forecast, as far as that is in view: the large mark is z₀, the last dot the end.') +
    (space.field
      ? ` Arrows show which way the model moves z, the larger the faster${space.fieldChanges ? ', at time 0 of the series' : ''}.`
      : '')
  )
}

/** `rows 9, length 4.2 years, part test`. */
function describe(attributes: readonly Attribute[], coloured: readonly Classified[], i: number): string {
  return attributes.flatMap(({ name, told }, a) => (told ? [`${name} ${coloured[a]!.shown[i]!}`] : [])).join(', ')
}

function formatOf({ unit }: Attribute, { time }: ReportContents): (value: number) => string {
  return unit === 'duration'
    ? (value) => formatDuration(value, time)
    : unit === 'time'
      ? (value) => formatTime(value, time)
      : (value) => formatNumber(value)
}

function options(attributes: readonly Attribute[], choices: readonly number[]): Html {
  const groups = new Map<string, Html[]>()
  for (const i of choices) {
    const { name, group = '' } = attributes[i]!
    groups.set(group, [
      ...(groups.get(group) ?? []),
      html`<option value="${String(i)}" ${i === choices[0] && 'selected'}>${group && `${group.toLowerCase()} `}${name}</option>`,
    ])
  }
  return html`${[...groups].map(([group, members]) => (group ? html`<optgroup label="${group}">${members}</optgroup>` : html`${members}`))}`
}

const shapes: Readonly<Record<string, string>> = {
  c1: '<rect x="7" y="3" width="8" height="8"/>',
  c2: '<path d="M11 2 16 11.5H6Z"/>',
  c3: '<path d="M11 1.5 15 7 11 12.5 7 7Z"/>',
  c4: '<path d="M9 2h4v3h3v4h-3v3H9V9H6V5h3Z"/>',
  c5: '<path d="M11 12 6 2.5h10Z"/>',
  c6: '<path d="M16 7 7 12V2Z"/>',
}

function legend({ legend: entries }: Classified): Html {
  return key(
    entries.map(
      ({ name, label }) => [html`<g class="${name}">${trusted(shapes[name] ?? '<circle cx="11" cy="7" r="5"/>')}</g>`, label] as const,
    ),
  )
}
