import type { RandomStream } from '../random.js'

/** A fraction, or two of them that one is drawn from: `0.1..0.9`. */
export type Fractions = number | string

const NUMBER = String.raw`(0|0?\.\d+|1|1\.0+)`
/** The text of two fractions, the first no greater than the second where `parseFractions` reads them. */
export const RANGE = new RegExp(`^\\s*${NUMBER}\\s*\\.\\.\\s*${NUMBER}\\s*$`)

/** The two ends of a range of fractions, which are one where it is a number; undefined for a text that is no range. */
export function parseFractions(fractions: Fractions): { readonly from: number; readonly to: number } | undefined {
  if (typeof fractions === 'number') return fractions >= 0 && fractions <= 1 ? { from: fractions, to: fractions } : undefined
  const [, from, to] = RANGE.exec(fractions)?.map(Number) ?? []
  return from !== undefined && to !== undefined && from <= to ? { from, to } : undefined
}

/** Draws one; of a single fraction nothing is drawn. */
export const drawFraction = ({ from, to }: { readonly from: number; readonly to: number }, stream: RandomStream): number =>
  from === to ? from : from + (to - from) * stream.uniform()
