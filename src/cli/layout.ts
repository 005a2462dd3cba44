/** Cells in aligned columns, two spaces between; the first column flush left, the others flush right. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ').trimEnd()).join('\n')
}

/** Names and what they stand for, one a line. */
export function alignPairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n')
}

/** A number with about that many digits, without an exponent where it is readable so; `–` where it is not known. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '–'
  const text = value.toPrecision(digits)
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4) ? Number(text).toExponential() : String(Number(text))
}

export const formatPercent = (fraction: number): string => (Number.isFinite(fraction) ? `${(100 * fraction).toFixed(1)} %` : '–')

export const formatCount = (count: number): string => count.toLocaleString('en-US')

/** `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
}
