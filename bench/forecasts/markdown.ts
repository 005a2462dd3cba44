import type { Estimate } from '../../src/train/bootstrap.js'

/** Three digits. */
export const number = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '–' : String(Number(value.toPrecision(3)))

export const percent = (value: number): string => `${Math.round(100 * value)} %`

/** A number and its interval, where there is one. */
export const estimate = ({ value, low, high }: Estimate): string =>
  Number.isFinite(low + high) ? `${number(value)} (${number(low)} to ${number(high)})` : number(value)

/** @param text columns of text, which stand to the left; the others to the right */
export const table = (header: readonly string[], lines: readonly (readonly string[])[], text = 1): string =>
  [header, header.map((_, i) => (i >= text ? '--:' : '---')), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
