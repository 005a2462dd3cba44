import type { EpochRecord } from '../../train/records.js'
import { formatNumber } from './layout.js'
import { sparkline } from './sparkline.js'

/** How many signs a curve takes in a summary. */
export const CURVE = 32

/** The course of training in two lines: training and validation loss, first and last, the least of the latter. */
export function describeCurves(history: readonly EpochRecord[], width: number, unicode: boolean): [name: string, curve: string][] {
  if (history.length < 2) return []
  const curve = (name: string, values: readonly number[], tail: string): [string, string][] =>
    values.every((value) => !Number.isFinite(value))
      ? []
      : [[name, `${sparkline(values, width, unicode)}  ${formatNumber(values[0]!)} → ${formatNumber(values.at(-1)!)}${tail}`]]
  const valid = history.map(({ validLoss }) => validLoss)
  const best = history.reduce((least, record) => (record.validLoss < least.validLoss ? record : least))
  return [
    ...curve(
      'Loss',
      history.map(({ trainLoss }) => trainLoss),
      '',
    ),
    ...curve(
      'Validation',
      valid,
      best.epoch === history.at(-1)!.epoch ? '' : `, least ${formatNumber(best.validLoss)} in epoch ${best.epoch}`,
    ),
  ]
}
