import type { EpochRecord } from '../../train/records.js'
import { formatNumber } from '../format.js'
import { rounder, type Json, type Specification } from '../specification.js'
import type { Palette } from '../theme.js'
import { epochAxis, robustDomain } from '../views/epochs.js'
import type { ReportFigure } from './figure.js'

const quantities: readonly { name: keyof EpochRecord; title: string; note: string }[] = [
  { name: 'reconstruction', title: 'Log-likelihood', note: 'per observed value, training' },
  { name: 'kl', title: 'KL divergence', note: 'nats per series' },
  { name: 'gradientNorm', title: 'Gradient norm', note: '' },
  { name: 'learningRate', title: 'Learning rate', note: '' },
  { name: 'beta', title: 'Weight of the KL term', note: 'beta' },
  { name: 'evaluations', title: 'Solver evaluations', note: 'per training step' },
]

/** What changed over the epochs besides the loss. */
export const trainingDetails: ReportFigure = {
  section: 'training',
  media: ['page', 'file'],
  draw({ training }, { palette }) {
    if (!training) return []
    const { history } = training
    // What never changes needs no figure.
    const shown = quantities.filter(({ name }) => changes(history, name))
    if (shown.length === 0) return []
    return [
      {
        name: 'training-details',
        title: 'Training, epoch by epoch',
        description: `${shown.map(({ title }) => title).join(', ')}, over the epochs.`,
        key: [],
        columns: 3,
        panels: shown.map(({ name, title, note }) => ({
          name: `history-${name}`,
          title,
          caption: { title, note },
          description: `${title} over the epochs, at the end ${formatNumber(history[history.length - 1]![name])}.`,
          spec: historyView(history, name, palette),
        })),
      },
    ]
  },
}

function changes(history: readonly EpochRecord[], name: keyof EpochRecord): boolean {
  const values = history.map((record) => record[name]).filter(Number.isFinite)
  return values.length > 1 && values.some((value) => value !== values[0])
}

/** One quantity of the training history over the epochs. */
function historyView(history: readonly EpochRecord[], quantity: keyof EpochRecord, palette: Palette, height = 110): Specification {
  const values = history.map((record) => record[quantity]).filter(Number.isFinite)
  const round = rounder(values)
  const [low, high] = robustDomain(values)
  const x = epochAxis(history, null)
  const y: Json = {
    field: 'value',
    type: 'quantitative',
    title: null,
    scale: { zero: false, domainMin: low, domainMax: high, nice: false },
    axis: { tickCount: 3 },
  }
  const tooltip: Json = [
    { field: 'epoch', type: 'quantitative' },
    { field: 'shown', title: 'value', type: 'nominal' },
  ]
  return {
    width: 'container',
    height,
    datasets: {
      history: history.map((record) => ({ epoch: record.epoch, value: round(record[quantity]), shown: formatNumber(record[quantity], 4) })),
    },
    data: { name: 'history' },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 1.75, color: palette.model, clip: true, point: history.length === 1, tooltip: null },
        encoding: { x, y },
      },
      { mark: { type: 'point', opacity: 0, size: 60, clip: true }, encoding: { x, y, tooltip } },
    ],
  }
}
