import type { ReportContents, SeriesView } from '../contents.js'
import type { Figure } from '../figure.js'
import { formatTime } from '../format.js'
import { html, type Html } from '../html.js'
import { beforeTraining, beyondTraining } from '../notices.js'
import { counted } from '../headline.js'
import { variables } from '../theme.js'
import { seriesPanel } from '../views/series.js'
import { key, place, type Section } from './section.js'

/** Up to so many channels the series stand side by side; with more, one series is chosen at a time. */
const fewChannels = 2
/** So many series are open at first where they stand side by side. */
const openSeries = 12

/** Observations and predictions of single series. */
export function forecasts(contents: ReportContents): Section | undefined {
  const shown = contents.series.filter((series) => series.channels.length > 0)
  if (shown.length === 0) return undefined
  const sideBySide = shown.every((series) => series.channels.length <= fewChannels)
  const panels = shown.map((series, i) => panelsOf(contents, series, i, sideBySide))
  const figures = panels.flatMap((panel) => panel.map(({ figure }) => figure))
  return {
    name: 'forecasts',
    title: 'What the model makes of single series',
    figures,
    body: html`<p class="lede">${ledeOf(contents, shown)}</p>
${seriesKey(shown)}
${sideBySide ? grid(panels) : chooser(contents, shown, panels)}`,
  }
}

interface Panel {
  readonly figure: Figure
  readonly title: string
}

function panelsOf(contents: ReportContents, series: SeriesView, position: number, withId: boolean): Panel[] {
  return series.channels.map((view, i) => ({
    title: withId
      ? series.channels.length > 1 || contents.data.channels.length > 1
        ? `${contents.idColumn} ${series.id} · ${view.channel}`
        : `${contents.idColumn} ${series.id}`
      : view.channel,
    figure: {
      name: `series-${position}-${i}`,
      series: series.id,
      description:
        `Series ${series.id}, channel ${view.channel}: ` +
        `${counted(view.observations.filter((o) => o.role === 'conditioning').length, 'observation', 'observations')} given to the ` +
        'model, ' +
        `${view.observations.filter((o) => o.role === 'heldout').length} held out, and the model’s mean with 50 % and 90 % bands` +
        (series.times.length > 0
          ? ` from ${formatTime(series.times[0]!, contents.time)} to ${formatTime(series.times[series.times.length - 1]!, contents.time)}.`
          : '.'),
      spec: seriesPanel(series, view, contents.time, variables, withId && contents.series.length === 1 ? 260 : 150),
    },
  }))
}

function grid(panels: readonly (readonly Panel[])[]): Html {
  const [first, rest] = [panels.slice(0, openSeries).flat(), panels.slice(openSeries).flat()]
  const drawn = (some: readonly Panel[]): Html =>
    html`<div class="panels ${some.length === 1 && 'single'}">${some.map(({ figure, title }) => place(figure, { title }))}</div>`
  return html`${drawn(first)}${rest.length > 0 && html`<details class="more"><summary>${counted(panels.length - openSeries, 'more series', 'more series')}</summary>${drawn(rest)}</details>`}`
}

function chooser(contents: ReportContents, shown: readonly SeriesView[], panels: readonly (readonly Panel[])[]): Html {
  return html`${shown.length > 1 && html`<fieldset class="chooser"><legend>${contents.idColumn}</legend>${shown.map((series, i) => html`<label><input type="radio" name="series" value="chosen-${i}" autocomplete="off" ${i === 0 && 'checked'}><span>${series.id}</span></label>`)}</fieldset>`}
${panels.map(
  (panel, i) => html`<div class="chosen" id="chosen-${i}" data-series="${shown[i]!.id}" ${i > 0 && 'hidden'}>
<h3 class="series-title ${shown.length > 1 && 'print-only'}"><span>${contents.idColumn} </span>${shown[i]!.id}</h3>
<div class="panels">${panel.map(({ figure, title }) => place(figure, { title }))}</div></div>`,
)}`
}

function ledeOf(contents: ReportContents, shown: readonly SeriesView[]): string {
  const { time, timeColumn } = contents
  const axis =
    time.kind === 'date'
      ? `Dates${time.zone === undefined ? '' : ' (UTC)'} run along the bottom.`
      : `Time${time.kind === 'duration' ? ` in ${time.unit}s` : timeColumn.toLowerCase() === 'time' ? '' : ` (${timeColumn})`} runs ` +
        'along the bottom.'
  const forecast = shown.some((series) => (series.times[series.times.length - 1] ?? -Infinity) > series.conditionedUntil)
  return (
    `The model is given the solid dots and has to predict the rest: the hollow ones were kept from it. ${axis}` +
    (forecast ? ' Right of the dotted rule it extrapolates: the last observation that it was given lies there.' : '')
  )
}

function seriesKey(shown: readonly SeriesView[]): Html {
  const some = (test: (series: SeriesView) => boolean): boolean => shown.some(test)
  const role =
    (wanted: string) =>
    (series: SeriesView): boolean =>
      series.channels.some((view) => view.observations.some((o) => o.role === wanted))
  return key([
    ...(some(role('conditioning')) ? [[html`<circle class="given" cx="11" cy="7" r="3.2"/>`, 'given to the model'] as const] : []),
    ...(some(role('heldout')) ? [[html`<circle class="hollow" cx="11" cy="7" r="3.4"/>`, 'held out'] as const] : []),
    [html`<line class="model" x1="1" x2="21" y1="7" y2="7"/>`, 'mean'],
    [html`<rect class="band50" x="1" width="20" height="14"/>`, '50 % of values expected'],
    [html`<rect class="band90" x="1" width="20" height="14"/>`, '90 %'],
    ...(some((series) => (series.times[series.times.length - 1] ?? -Infinity) > series.conditionedUntil)
      ? [[html`<line class="model dashed" x1="1" x2="21" y1="7" y2="7"/>`, 'extrapolated'] as const]
      : []),
    ...(some((series) => beyondTraining(series) + beforeTraining(series) > 0)
      ? [[html`<rect class="beyond" x="1" width="20" height="14"/>`, 'past the training span'] as const]
      : []),
  ])
}
