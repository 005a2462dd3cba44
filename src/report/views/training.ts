import type { EpochRecord } from '../../train/records.js'
import { finite, rounder, type Json, type Row, type Specification } from '../figure.js'
import { formatNumber } from '../format.js'
import type { TrainingSummary } from '../contents.js'
import type { Palette } from '../theme.js'

/** Loss on the training and the validation series over the epochs, and the epoch whose weights were kept. */
export function lossView(training: TrainingSummary, palette: Palette, height = 250): Specification {
  const { history } = training
  const losses = history.flatMap((record) => [record.trainLoss, record.validLoss]).filter(Number.isFinite)
  const round = rounder(losses)
  const [low, high] = robustDomain(losses)
  const rows: Row[] = history
    .flatMap((record) => [
      { epoch: record.epoch, loss: round(record.trainLoss), part: 'training', shown: formatNumber(record.trainLoss, 4) },
      { epoch: record.epoch, loss: round(record.validLoss), part: 'validation', shown: formatNumber(record.validLoss, 4) },
    ])
    .filter((row) => row.loss !== null)
  const kept = history.find((record) => record.epoch === training.keptEpoch)
  const keptLoss = kept && (finite(kept.validLoss) ?? finite(kept.trainLoss))
  const marked: Row[] = kept
    ? [{ epoch: kept.epoch, loss: round(keptLoss ?? null), label: `kept: epoch ${kept.epoch}`, late: isLate(history, kept.epoch) }]
    : []
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
    datasets: { losses: rows, kept: marked },
    layer: [
      { data: { name: 'kept' }, mark: { type: 'rule', color: palette.muted, strokeDash: [2, 3], tooltip: null }, encoding: { x } },
      {
        data: { name: 'losses' },
        mark: { type: 'line', strokeWidth: 2, clip: true, point: history.length === 1, tooltip: null },
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
      ...(kept
        ? [
            {
              data: { name: 'kept' },
              mark: {
                type: 'text',
                y: 4,
                baseline: 'top',
                align: isLate(history, kept.epoch) ? 'right' : 'left',
                dx: isLate(history, kept.epoch) ? -6 : 6,
                color: palette.ink,
                fontWeight: 600,
                tooltip: null,
              },
              encoding: { x, text: { field: 'label' } },
            },
          ]
        : []),
    ],
  }
}

/** One quantity of the training history over the epochs. */
export function historyView(history: readonly EpochRecord[], quantity: keyof EpochRecord, palette: Palette, height = 110): Specification {
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

function partColour(palette: Palette): Json {
  return {
    field: 'part',
    type: 'nominal',
    legend: null,
    scale: { domain: ['training', 'validation'], range: [palette.model, palette.heldout] },
  }
}

function epochAxis(history: readonly EpochRecord[], title: string | null = 'epoch'): Json {
  const epochs = history.map((record) => record.epoch)
  return {
    field: 'epoch',
    type: 'quantitative',
    title,
    scale: { zero: false, nice: false, domain: [Math.min(...epochs), Math.max(...epochs)] },
    axis: { tickMinStep: 1, tickCount: { expr: 'max(2, floor(width / 70))' }, format: 'd' },
  }
}

/** Whether a label right of the epoch would run out of the figure. */
function isLate(history: readonly EpochRecord[], epoch: number): boolean {
  const [first, last] = [history[0]!.epoch, history[history.length - 1]!.epoch]
  return epoch > first + 0.6 * (last - first)
}

/**
 * All values, unless the first few tower over the rest (an untrained model's loss can be thousands): then up to a
 * few times the spread of the lower nine tenths, and the curve comes in from above.
 */
export function robustDomain(values: readonly number[]): [number, number] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  if (sorted.length === 0) return [0, 1]
  const low = sorted[0]!
  const most = sorted[Math.floor(0.9 * (sorted.length - 1))]!
  const high = Math.min(sorted[sorted.length - 1]!, most + 1.5 * (most - low || Infinity))
  const margin = 0.05 * (high - low) || Math.abs(low) * 0.1 || 1
  return [Number((low - margin).toPrecision(5)), Number((high + margin).toPrecision(5))]
}
