import type { Scale } from '../../distribution/onScale.js'

/** Of `log1p(value / unit)`, how far from that of the mean, by the spread that the standard deviation makes there (delta method). */
export function logarithm(value: number, unit: number, { mean, sd }: Scale): number {
  const least = Math.max(0, value)
  return ((Math.log1p(least / unit) - Math.log1p(Math.max(0, mean) / unit)) * (unit + Math.max(0, mean))) / sd
}
