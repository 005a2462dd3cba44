import { classify, withUnnamed, type Classified } from '../classes.js'
import type { ReportContents } from '../contents.js'
import { formatCount, formatDuration, formatNumber, formatPercent, formatTime, unitAfter } from '../format.js'
import { counted } from '../headline.js'
import { html, type Html } from '../html.js'
import type { Attribute, LatentContents } from '../latentContents.js'
import { keyList } from '../sections/section.js'
import type { Palette } from '../theme.js'
import { classLooks, latentView, type Colouring } from '../views/latent.js'
import type { KeyEntry, ReportFigure } from './figure.js'

/** Where the series lie in the latent space. */
export const latentSpace: ReportFigure = {
  section: 'latent',
  draw(contents, { palette, medium }) {
    const { latent: space, time } = contents
    if (!space || space.points.length === 0) return []
    const choice = colouring(space, contents)
    const key = choice.coloured[choice.by] ? keyOf(choice.coloured[choice.by]!, palette) : []
    const attribute = choice.attributes[choice.by]
    const all = counted(space.points.length, 'series', 'series')
    const description =
      `Mean of the posterior of z0 of ${all} in two principal components of the latent space, which hold ` +
      `${formatPercent(space.shares[0])} and ${formatPercent(space.shares[1])} of the variance.`
    return [
      {
        name: 'latent-space',
        title: 'The latent space',
        note:
          spaceOf(space) +
          `Mean of z0 of ${all}, in the two directions along which these differ most.` +
          (attribute && key.length > 0 ? ` Coloured by ${attribute.name}.` : '') +
          (space.field ? ' Arrows: which way the model moves z.' : ''),
        description,
        key,
        columns: 1,
        page: { lede: ledeOf(space), controls: controls(choice, palette) },
        panels: [
          {
            name: 'latent-space',
            caption: {
              title: 'z₀ of each series',
              note: space.points.length < space.total ? `${formatCount(space.points.length)} of ${formatCount(space.total)} series` : all,
            },
            description:
              `${description} ${space.field ? 'Arrows show the vector field dz/dt. ' : ''}` +
              'The chosen series is marked, with the course of its z(t).',
            spec: latentView(space, choice, time, palette, medium === 'page' ? 440 : 380),
          },
        ],
      },
    ]
  },
}

const keyOf = ({ legend }: Classified, palette: Palette): KeyEntry[] => {
  const looks = classLooks(palette)
  return legend.map(({ name, label }) => {
    const { mark, colour } = looks.find((look) => look.name === name)!
    return { mark, colour, label }
  })
}

/** The list of attributes, and the key of each, of which the page's script shows one. */
const controls = ({ attributes, coloured, choices, by }: Choice, palette: Palette): Html =>
  html`${choices.length > 1 && html`<div class="controls"><label>Coloured by <select id="coloured-by" autocomplete="off">${options(attributes, choices)}</select></label></div>`}
<div id="latent-keys">${coloured.map((one, i) => html`<div ${i !== by && 'hidden'}>${keyList(keyOf(one, palette))}</div>`)}</div>`

/** What a reader may colour the series by, the attribute at first chosen among it. */
interface Choice extends Colouring {
  readonly attributes: readonly Attribute[]
  /** Positions of those that are not the same for all series. */
  readonly choices: readonly number[]
}

function colouring(space: LatentContents, contents: ReportContents): Choice {
  const attributes = space.attributes.map((attribute): Attribute =>
    attribute.unit === 'duration' ? { ...attribute, name: attribute.name + unitAfter(contents.time, contents.timeColumn) } : attribute,
  )
  const named = attributes.map((attribute) => classify(attribute, formatOf(attribute, contents)))
  // What is the same for all series is no choice of colour.
  const choices = named.flatMap(({ legend }, i) => (legend.length > 1 ? [i] : []))
  const coloured = named.map((one) => withUnnamed(one, space.points.length - one.classes.length))
  return {
    attributes,
    coloured,
    said: space.points.map(({ series }, i) => (series === undefined ? '–' : describe(attributes, coloured, i))),
    choices,
    by: choices[0] ?? 0,
  }
}

/** Whose space it is, where each of several trainings has its own. */
const spaceOf = ({ trainings }: LatentContents): string =>
  trainings === undefined
    ? ''
    : `The model is the average of ${trainings} trainings, each with a latent space of its own; this is that of the first. `

function ledeOf(space: LatentContents): string {
  return (
    spaceOf(space) +
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
