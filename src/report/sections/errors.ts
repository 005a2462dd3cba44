import type { Scores } from '../../train/records.js'
import type { EvaluationView, ReportContents } from '../contents.js'
import type { Figure } from '../figure.js'
import { formatCount, formatPercent, formatScore, formatNumber } from '../format.js'
import { bestBaseline, comparison } from '../headline.js'
import { html, trusted, type Html } from '../html.js'
import { variables } from '../theme.js'
import { mayBeNamed } from '../named.js'
import { errorsByGap, errorsByHorizon, type ErrorBin } from '../errorsBy.js'
import { binnedErrorsView, errorsView, methods } from '../views/errors.js'
import { seriesErrorRows, seriesErrorsView } from '../views/seriesErrors.js'
import { exact, key, place, type Section } from './section.js'

/** What the tasks are called on the page. */
export const taskTitles = { interpolation: 'Filling gaps', extrapolation: 'Looking ahead' } as const

/** The evaluations there are, in the order they are shown. */
export function evaluationsOf(contents: ReportContents): { task: keyof typeof taskTitles; view: EvaluationView }[] {
  return (['interpolation', 'extrapolation'] as const).flatMap((task) => {
    const view = contents.evaluations[task]
    return view && view.scores.points > 0 ? [{ task, view }] : []
  })
}

/** Errors by channel, against the plain baselines, for both tasks. */
export function errors(contents: ReportContents): Section | undefined {
  const tasks = evaluationsOf(contents)
  if (tasks.length === 0) return undefined
  const drawn = tasks.map(({ task, view }) => {
    const figure: Figure = {
      name: `errors-${task}`,
      description:
        `${taskTitles[task]}: mean squared error of the model and three baselines, by channel. Over all channels the model’s is ` +
        `${formatScore(view.scores.mse)}, ` +
        (`that of linear interpolation ${formatScore(view.scores.baselines.linear.mse)}, of the last value carried forward ` +
          `${formatScore(view.scores.baselines.locf.mse)}, of the channel mean ${formatScore(view.scores.baselines.mean.mse)}.`),
      spec: errorsView(view, variables),
    }
    return { task, view, figure }
  })
  const byTime = tasks.flatMap(({ task, view }) => timeFigures(contents, task, view))
  const bySeries = tasks.flatMap(({ task, view }) => seriesFigures(contents, task, view))
  return {
    name: 'errors',
    title: 'Errors against plain baselines',
    figures: [...drawn.map(({ figure }) => figure), ...byTime.map(({ figure }) => figure), ...bySeries.map(({ figure }) => figure)],
    body: html`<p class="lede">Each dot is a method’s mean squared error on the same held-out values, left is better. On the normalised scale, 1 is about what guessing a channel’s mean costs.</p>
${key(methods.map(({ name, label, shape }) => [sample(name, shape), label] as const))}
<div class="pair">${drawn.map(({ task, view, figure }) => place(figure, { title: taskTitles[task], note: comparison(view) ?? '' }))}</div>
${byTime.length > 0 && html`<p class="lede">The same errors by how far the value is from what the model was given: since its channel was last seen, and past everything that was given. Each dot stands for about equally many values.</p><div class="panels three">${byTime.map(placed)}</div>`}
${bySeries.length > 0 && html`<p class="lede">A dot for each series; below the dashed diagonal the model is better than the best baseline. Choose a dot${contents.nameAll !== true && ' that has a name'} to see that series in every figure.</p><div class="pair">${bySeries.map(placed)}</div>`}
${drawn.map(({ task, view }) => html`<details class="more"><summary>${taskTitles[task]}: all numbers</summary>${scoresTable(view)}</details>`)}`,
  }
}

interface Captioned {
  readonly figure: Figure
  readonly title: string
  readonly note: string
}

const placed = ({ figure, title, note }: Captioned): Html => place(figure, { title, note })

function timeFigures(contents: ReportContents, task: keyof typeof taskTitles, view: EvaluationView): Captioned[] {
  const figure = (name: string, bins: readonly ErrorBin[], length: string, note: string): Captioned[] => {
    const spec = binnedErrorsView(bins, length, contents.time, contents.timeColumn, variables)
    return spec === undefined
      ? []
      : [
          {
            title: taskTitles[task],
            note,
            figure: {
              name: `${name}-${task}`,
              spec,
              description:
                `${taskTitles[task]}: mean squared error by ${length}. The model’s is ${formatScore(bins[0]!.mse.model)} at the ` +
                `shortest and ${formatScore(bins[bins.length - 1]!.mse.model)} at the longest, ` +
                (`that of the last value carried forward ${formatScore(bins[0]!.mse.locf)} and ` +
                  `${formatScore(bins[bins.length - 1]!.mse.locf)}.`),
            },
          },
        ]
  }
  return [
    ...figure('gaps', errorsByGap(view.points), 'time since the channel was last given', 'by time since last seen'),
    ...(task === 'extrapolation'
      ? figure('horizon', errorsByHorizon(view.points), 'distance into the future', 'by time past the last row given')
      : []),
  ]
}

function seriesFigures(contents: ReportContents, task: keyof typeof taskTitles, view: EvaluationView): Captioned[] {
  const rows = seriesErrorRows(view, mayBeNamed(contents))
  const best = bestBaseline(view)
  if (rows.length < 2 || best === undefined) return []
  const better = rows.filter(({ model, baseline }) => model < baseline).length
  const said = `the model is better for ${formatCount(better)} of ${formatCount(rows.length)} series`
  return [
    {
      title: taskTitles[task],
      note: said,
      figure: {
        name: `series-errors-${task}`,
        spec: seriesErrorsView(rows, best.label, variables),
        description: `${taskTitles[task]}: the model’s mean squared error of each series against that of ${best.label}; ${said}.`,
      },
    },
  ]
}

function scoresTable(view: EvaluationView): Html {
  const channels = Object.entries(view.scores.channels)
  const original = channels.some(([, scores]) => Number.isFinite(scores.mseOriginal ?? NaN))
  const line = (
    label: string,
    scores: Scores,
    isTotal: boolean,
  ): Html => html`<tr class="${isTotal && 'total'}"><th scope="row">${label}</th>
<td>${exact(scores.points, formatCount(scores.points))}</td><td class="own">${exact(scores.mse, formatScore(scores.mse))}</td>
${(['linear', 'locf', 'mean'] as const).map((name) => html`<td>${exact(scores.baselines[name].mse, formatScore(scores.baselines[name].mse))}</td>`)}
<td>${exact(scores.nll, formatScore(scores.nll))}</td><td>${exact(scores.coverage['50'], formatPercent(scores.coverage['50']))}</td><td>${exact(scores.coverage['90'], formatPercent(scores.coverage['90']))}</td>
${original && html`<td>${scores.mseOriginal === undefined ? '' : exact(scores.mseOriginal, formatNumber(scores.mseOriginal))}</td>`}</tr>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Scores by channel"><table><thead><tr><th scope="col">channel</th><th scope="col">values</th><th scope="col">this model</th><th scope="col">linear</th><th scope="col">carried forward</th><th scope="col">mean</th><th scope="col">neg. log-likelihood</th><th scope="col">in 50\u202f%</th><th scope="col">in 90\u202f%</th>${original && html`<th scope="col">error, own units²</th>`}</tr></thead>
<tbody>${line('all channels', view.scores, true)}${channels.map(([name, scores]) => line(name, scores, false))}</tbody></table></div>`
}

function sample(name: string, shape: string): Html {
  const paths: Record<string, string> = {
    circle: '<circle cx="11" cy="7" r="5"/>',
    diamond: '<path d="M11 1.5 15 7 11 12.5 7 7Z"/>',
    square: '<rect x="7" y="3" width="8" height="8"/>',
    'triangle-up': '<path d="M11 2 16 11.5H6Z"/>',
  }
  return html`<g class="${name}">${trusted(paths[shape]!)}</g>`
}
