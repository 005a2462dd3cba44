import type { ReportContents } from '../contents.js'
import type { Figure } from '../figure.js'
import { formatPercent } from '../format.js'
import { html } from '../html.js'
import { variables } from '../theme.js'
import { pitView, reliabilityView } from '../views/calibration.js'
import { evaluationsOf, taskTitles } from './errors.js'
import { place, type Section } from './section.js'

/** Whether the stated uncertainty is what it should be. */
export function calibration(contents: ReportContents): Section | undefined {
  const tasks = evaluationsOf(contents).filter(({ view }) => view.points.some((point) => Number.isFinite(point.pit)))
  if (tasks.length === 0) return undefined
  const drawn = tasks.map(({ task, view }) => {
    const { coverage } = view.scores
    const reliability: Figure = {
      name: `reliability-${task}`,
      spec: reliabilityView(view, variables),
      description:
        `${taskTitles[task]}: share of values inside central intervals against the intervals’ probability. ` +
        `${formatPercent(coverage['50'])} lie inside the 50 % interval, ${formatPercent(coverage['90'])} inside the 90 % interval.`,
    }
    const pit: Figure = {
      name: `pit-${task}`,
      spec: pitView(view, variables),
      description: `${taskTitles[task]}: histogram of where values fell in their predictive distributions; calibrated forecasts give a flat one.`,
    }
    return { task, figures: [reliability, pit] }
  })
  return {
    name: 'calibration',
    title: 'Is the stated uncertainty right?',
    figures: drawn.flatMap(({ figures }) => figures),
    body: html`<p class="lede">Curves: of the values, how many lay inside the intervals; on the dashed diagonal, exactly as many as promised; above it, the model is more cautious than it need be. Bars: where in its predicted distribution each value fell; level bars are calibrated, a hump is too cautious, a bowl too sure, a slope biased.</p>
<div class="quarter">${drawn.flatMap(({ task, figures }) => [place(figures[0]!, { title: taskTitles[task], note: 'coverage' }), place(figures[1]!, { title: taskTitles[task], note: 'where values fell' })])}</div>`,
  }
}
