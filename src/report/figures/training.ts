import type { EpochRecord } from '../../train/records.js'
import type { TrainingSummary } from '../contents.js'
import { formatCount, formatNumber, formatScore } from '../format.js'
import { counted } from '../headline.js'
import { finite, rounder, type Json, type Row, type Specification } from '../specification.js'
import type { Palette } from '../theme.js'
import { epochAxis, robustDomain } from '../views/epochs.js'
import type { ReportFigure } from './figure.js'

/** The loss over the epochs. */
export const training: ReportFigure = {
  section: 'training',
  draw({ training: summary }, { palette, medium }) {
    if (!summary || summary.history.length === 0) return []
    const { history } = summary
    const loss = `negative ELBO per observed value${summary.weighted ? ', channels weighted' : ''}`
    const [first, last] = [history[0]!, history[history.length - 1]!]
    const range = `from ${formatScore(first.trainLoss)} to ${formatScore(last.trainLoss)} on the training series`
    return [
      {
        name: 'training',
        title: 'How training went',
        note: `Loss: ${loss}.`,
        description: `Negative ELBO per observed value over ${counted(history.length, 'epoch', 'epochs')}, ${range}.`,
        key: [
          { mark: 'line', colour: palette.model, label: 'training series' },
          ...(history.some(({ validLoss }) => Number.isFinite(validLoss))
            ? [{ mark: 'line', colour: palette.heldout, label: 'validation series' } as const]
            : []),
        ],
        columns: 1,
        page: { lede: trainingInWords(summary) },
        panels: [
          {
            name: 'loss',
            caption: { title: 'Loss', note: loss },
            description:
              `Negative ELBO per observed value over ${history.length} epochs, ${range}` +
              (Number.isFinite(last.validLoss) ? ` and ${formatScore(last.validLoss)} on the validation series.` : '.'),
            spec: lossView(summary, palette, medium === 'page' ? 250 : 220),
          },
        ],
      },
    ]
  },
}

/** How long training took, and what was kept of it. */
function trainingInWords({ history, keptEpoch, trainings }: TrainingSummary): string {
  const epochs = history.length === 1 ? 'One epoch' : `${formatCount(history.length)} epochs`
  const seconds = history.reduce((sum, record) => sum + (Number.isFinite(record.seconds) ? record.seconds : 0), 0)
  const kept = history.find(({ epoch }) => epoch === keptEpoch)
  const loss = kept && Number.isFinite(kept.validLoss) ? `, where the validation loss was ${formatScore(kept.validLoss)}` : ''
  return (
    (trainings === undefined ? '' : firstOf(trainings)) +
    `${epochs}${seconds > 0 ? ` in ${elapsed(seconds)}` : ''}.` +
    (kept ? ` The weights of epoch ${kept.epoch} were kept${loss}.` : '')
  )
}

/** What says that one of several trainings stands for all. */
export const firstOf = (trainings: number): string => `The model is the average of ${trainings} trainings; this is the first. `

/** A time span in the unit that suits it. */
function elapsed(seconds: number): string {
  if (seconds < 100) return `${formatNumber(seconds, 2)} s`
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${formatNumber(seconds / 3600, 2)} h`
}

/** Loss on the training and the validation series over the epochs, and the epoch whose weights were kept. */
export function lossView({ history, keptEpoch }: TrainingSummary, palette: Palette, height: number): Specification {
  const losses = history.flatMap((record) => [record.trainLoss, record.validLoss]).filter(Number.isFinite)
  const round = rounder(losses)
  const [low, high] = robustDomain(losses)
  const rows: Row[] = history
    .flatMap((record) => [
      { epoch: record.epoch, loss: round(record.trainLoss), part: 'training', shown: formatNumber(record.trainLoss, 4) },
      { epoch: record.epoch, loss: round(record.validLoss), part: 'validation', shown: formatNumber(record.validLoss, 4) },
    ])
    .filter((row) => row.loss !== null)
  const kept = history.find((record) => record.epoch === keptEpoch)
  const keptLoss = kept && (finite(kept.validLoss) ?? finite(kept.trainLoss))
  const late = kept !== undefined && isLate(history, kept.epoch)
  const x = epochAxis(history)
  const y: Json = {
    field: 'loss',
    type: 'quantitative',
    title: null,
    scale: { zero: false, domainMin: low, domainMax: high, nice: false },
    axis: { tickCount: 5 },
  }
  return {
    width: 'container',
    height,
    datasets: {
      losses: rows,
      kept: kept ? [{ epoch: kept.epoch, loss: round(keptLoss ?? null), label: `kept: epoch ${kept.epoch}`, late }] : [],
    },
    layer: [
      { data: { name: 'kept' }, mark: { type: 'rule', color: palette.muted, strokeDash: [2, 3], tooltip: null }, encoding: { x } },
      ...lossLayers(x, y, history.length === 1, palette),
      {
        data: { name: 'kept' },
        mark: {
          type: 'point',
          filled: true,
          size: 70,
          opacity: 1,
          color: palette.heldout,
          stroke: palette.surface,
          strokeWidth: 2,
          tooltip: null,
        },
        encoding: { x, y },
      },
      ...(kept ? [keptLabel(x, late, palette)] : []),
    ],
  }
}

/** The curves, and points under the pointer that are not seen. */
const lossLayers = (x: Json, y: Json, point: boolean, palette: Palette): Json[] => [
  {
    data: { name: 'losses' },
    mark: { type: 'line', strokeWidth: 2, clip: true, point, tooltip: null },
    encoding: { x, y, color: partColour(palette) },
  },
  {
    data: { name: 'losses' },
    mark: { type: 'point', opacity: 0, size: 60, clip: true },
    encoding: {
      x,
      y,
      tooltip: [
        { field: 'epoch', type: 'quantitative' },
        { field: 'part', title: 'series', type: 'nominal' },
        { field: 'shown', title: 'loss', type: 'nominal' },
      ],
    },
  },
]

/** @param late whether it stands left of its epoch */
const keptLabel = (x: Json, late: boolean, palette: Palette): Json => ({
  data: { name: 'kept' },
  mark: {
    type: 'text',
    y: 4,
    baseline: 'top',
    align: late ? 'right' : 'left',
    dx: late ? -6 : 6,
    color: palette.ink,
    fontWeight: 600,
    tooltip: null,
  },
  encoding: { x, text: { field: 'label' } },
})

function partColour(palette: Palette): Json {
  return {
    field: 'part',
    type: 'nominal',
    legend: null,
    scale: { domain: ['training', 'validation'], range: [palette.model, palette.heldout] },
  }
}

/** Whether a label right of the epoch would run out of the figure. */
function isLate(history: readonly EpochRecord[], epoch: number): boolean {
  const [first, last] = [history[0]!.epoch, history[history.length - 1]!.epoch]
  return epoch > first + 0.6 * (last - first)
}
