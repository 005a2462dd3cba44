import type { TimeAxis } from '../../data/series.js'

/** The largest of 1, 2 and 5 times a power of ten that is not above `size`. */
export function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size))
  const step = ([5, 2, 1].find((digit) => digit * power <= size * (1 + 1e-9)) ?? 1) * power
  return Number(step.toPrecision(1))
}

/** By how much a time is changed at a time: about a two-hundredth of the axis, whole days where the data have whole days. */
export function timeStep(axis: TimeAxis, from: number, to: number): number {
  const step = roundStep((to > from ? to - from : 1) / 200)
  return axis.kind === 'date' && axis.dateOnly ? Math.max(1, step) : step
}

/** The nearest multiple of a step, with no more digits than that has. */
export const roundTo = (value: number, step: number): number => Number((Math.round(value / step) * step).toPrecision(12))

/** By how much a value is changed at a time: about a hundredth of the axis. */
const valueStep = (low: number, high: number): number => roundStep((high > low ? high - low : 1) / 100)

/** A value up or down by `count` steps; on a logarithmic axis by shares of itself, so that it stays above 0. */
export function stepValue(
  value: number,
  count: number,
  { low, high, log }: { readonly low: number; readonly high: number; readonly log: boolean },
): number {
  if (!log) return roundTo(value + count * valueStep(low, high), valueStep(low, high))
  const next = Number((value * (high / low) ** (count / 100)).toPrecision(3))
  if (next !== value) return next
  // Three digits may swallow a small step.
  return value + Math.sign(count) * 10 ** (Math.floor(Math.log10(value)) - 2)
}

/** A value as it is read off a figure. */
export const roundValue = (
  value: number,
  { low, high, log }: { readonly low: number; readonly high: number; readonly log: boolean },
): number => (log ? Number(value.toPrecision(3)) : roundTo(value, valueStep(low, high) / 5))
