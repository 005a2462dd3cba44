import type { EpochRecord } from '../../train/records.js'
import type { ReportContents } from '../contents.js'
import type { Figure } from '../figure.js'
import { formatCount, formatNumber, formatScore } from '../format.js'
import { html, type Html } from '../html.js'
import { variables } from '../theme.js'
import { historyView, lossView } from '../views/training.js'
import { key, place, type Section } from './section.js'

const quantities: readonly { name: keyof EpochRecord; title: string; note: string }[] = [
  { name: 'reconstruction', title: 'Log-likelihood', note: 'per observed value, training' },
  { name: 'kl', title: 'KL divergence', note: 'nats per series' },
  { name: 'gradientNorm', title: 'Gradient norm', note: '' },
  { name: 'learningRate', title: 'Learning rate', note: '' },
  { name: 'beta', title: 'Weight of the KL term', note: 'beta' },
  { name: 'evaluations', title: 'Solver evaluations', note: 'per training step' },
]

/** How training went. */
export function training(contents: ReportContents): Section | undefined {
  const summary = contents.training
  if (!summary || summary.history.length === 0) return undefined
  const { history, keptEpoch } = summary
  const last = history[history.length - 1]!
  const kept = history.find((record) => record.epoch === keptEpoch)
  const seconds = history.reduce((sum, record) => sum + (Number.isFinite(record.seconds) ? record.seconds : 0), 0)
  const loss: Figure = {
    name: 'loss',
    spec: lossView(summary, variables),
    description:
      `Negative ELBO per observed value over ${history.length} epochs, from ${formatScore(history[0]!.trainLoss)} to ` +
      `${formatScore(last.trainLoss)} on the training series` +
      (Number.isFinite(last.validLoss) ? ` and ${formatScore(last.validLoss)} on the validation series.` : '.'),
  }
  const others = trainingQuantities(history).map(({ name, title, note }) => ({
    title,
    note,
    figure: {
      name: `history-${name}`,
      description: `${title} over the epochs, at the end ${formatNumber(last[name])}.`,
      spec: historyView(history, name, variables),
    } satisfies Figure,
  }))
  return {
    name: 'training',
    title: 'How training went',
    figures: [loss, ...others.map(({ figure }) => figure)],
    body: html`<p class="lede">${history.length === 1 ? 'One epoch' : `${formatCount(history.length)} epochs`}${seconds > 0 && ` in ${elapsed(seconds)}`}.${kept && ` The weights of epoch ${kept.epoch} were ` + `kept${Number.isFinite(kept.validLoss) ? `, where the validation loss was ${formatScore(kept.validLoss)}` : ''}.`}</p>
${key([[line('model'), 'training series'], ...(history.some((record) => Number.isFinite(record.validLoss)) ? [[line('heldout'), 'validation series'] as const] : [])])}
${place(loss, { title: 'Loss', note: 'negative ELBO per observed value' })}
${others.length > 0 && html`<div class="panels three">${others.map(({ figure, title, note }) => place(figure, { title, note }))}</div>`}`,
  }
}

/** Quantities of the history that a figure is worth: one that never changes needs none. */
export const trainingQuantities = (history: readonly EpochRecord[]): typeof quantities =>
  quantities.filter(({ name }) => changes(history, name))

function changes(history: readonly EpochRecord[], name: keyof EpochRecord): boolean {
  const values = history.map((record) => record[name]).filter(Number.isFinite)
  return values.length > 1 && values.some((value) => value !== values[0])
}

function line(name: string): Html {
  return html`<line class="${name}" x1="1" x2="21" y1="7" y2="7"/>`
}

/** A time span in the unit that suits it. */
function elapsed(seconds: number): string {
  if (seconds < 100) return `${formatNumber(seconds, 2)} s`
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${formatNumber(seconds / 3600, 2)} h`
}
