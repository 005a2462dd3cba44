/** A cell of a table as a CSV file would have it: empty where there is nothing, dates as ISO texts. */
export function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  return cell instanceof Date ? (Number.isNaN(cell.getTime()) ? '' : cell.toISOString()) : String(cell)
}

/** A decimal number from its digits and how many of them stand behind the point: exact, unlike a division. */
export function decimalText(digits: bigint, scale: number): string {
  if (scale <= 0) return String(digits * 10n ** BigInt(-scale))
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  return `${digits < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

/** The shortest text that means this number of 32 bits: 0.1, which as a number of 64 bits would read 0.10000000149011612. */
export function singleText(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}

/** `2024-03-01` for a number of days since 1970. */
export const dayText = (days: number): string => isoText(days * 86_400_000).slice(0, -14)

/**
 * A point in time as an ISO text, to the last digit that it has: `2024-03-01T06:30:15.25`, with `Z` where it is known
 * to be UTC.
 *
 * @param ticks since 1970, so many of them `perSecond`
 */
export function instantText(ticks: bigint, perSecond: 1 | 1e3 | 1e6 | 1e9, utc: boolean): string {
  const size = BigInt(perSecond)
  const part = ((ticks % size) + size) % size
  const second = isoText(Number((ticks - part) / size) * 1000).slice(0, -5)
  const fraction = part === 0n ? '' : `.${String(part).padStart(Math.log10(perSecond), '0').replace(/0+$/, '')}`
  return `${second}${fraction}${utc ? 'Z' : ''}`
}

/** Beyond the calendar of JavaScript there is no date: the text then says so, and reading reports it as no date. */
const isoText = (milliseconds: number): string =>
  Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : `${milliseconds} ms since 1970-01-01T00:00:00.000Z`
