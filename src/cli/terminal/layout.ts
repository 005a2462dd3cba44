/**
 * Cells in aligned columns, two spaces between; the first column flush left, the others flush right. Where that is wider
 * than `width`, in several tables below each other that all begin with the first column.
 */
export function alignColumns(rows: readonly (readonly string[])[], width = Infinity): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  const [first = 0, ...others] = widths
  const tables: number[][] = [[]]
  let used = first
  others.forEach((columnWidth, i) => {
    used += columnWidth + 2
    if (used > width && tables.at(-1)!.length > 0) {
      tables.push([])
      used = first + columnWidth + 2
    }
    tables.at(-1)!.push(i + 1)
  })
  const lines = (columns: readonly number[]): string[] =>
    rows.map((row) => [row[0]!.padEnd(first), ...columns.map((i) => (row[i] ?? '').padStart(widths[i]!))].join('  ').trimEnd())
  return tables.map((columns) => lines(columns).join('\n')).join('\n\n')
}

/** The words of a text in lines of at most `width`, the first of at most `firstWidth`. */
export function wrap(text: string, width: number, firstWidth = width): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)!} ${word}`
    if (lines.length > 0 && longer.length <= (lines.length === 1 ? firstWidth : width)) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
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

/** A measured value among others: three digits, and all of a whole part that is readable. */
export const formatValue = (value: number): string =>
  Math.abs(value) >= 100 && Math.abs(value) < 1e6 ? String(Math.round(value)) : formatNumber(value, 3)

/** `42.0 %`; none and all without decimals, and what only rounds to them is told apart. */
export function formatPercent(fraction: number): string {
  if (!Number.isFinite(fraction)) return '–'
  if (fraction === 0 || fraction === 1) return `${100 * fraction} %`
  if (fraction > 0 && fraction < 0.0005) return '<0.1 %'
  return fraction < 1 && fraction >= 0.9995 ? '>99.9 %' : `${(100 * fraction).toFixed(1)} %`
}

/** `1 epoch`, `20 epochs`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${formatCount(count)} ${count === 1 ? one : many}`

export const formatBytes = (bytes: number): string =>
  bytes < 1024
    ? counted(bytes, 'byte')
    : bytes < 2 ** 20
      ? `${formatNumber(bytes / 1024, 3)} KiB`
      : `${formatNumber(bytes / 2 ** 20, 3)} MiB`

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
