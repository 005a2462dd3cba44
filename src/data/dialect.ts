/** What may stand between cells; a blank stands for any run of blanks and tabs. */
export type Delimiter = ',' | ';' | '\t' | '|' | ' '

/** How a text table is written. */
export interface Dialect {
  readonly delimiter: Delimiter
  readonly decimal: '.' | ',' | 'undecided'
}

export const DELIMITERS = [',', ';', '\t', '|'] as const

/** The cells of a line, without their quotes; what stands in quotes is not cut. */
export function cellsOf(line: string, delimiter: string): string[] {
  if (delimiter === ' ') return (line.match(/(?:"(?:[^"]|"")*"|[^" \t])+/g) ?? []).map(unquoted)
  if (!line.includes('"')) return line.split(delimiter)
  const masked = line.replace(/"(?:[^"]|"")*"/g, (cell) => cell.replaceAll(delimiter, '\u0000'))
  return masked.split(delimiter).map((cell) => unquoted(cell.replaceAll('\u0000', delimiter)))
}

const unquoted = (cell: string): string => (/^\s*"[^]*"\s*$/.test(cell) ? cell.trim().slice(1, -1).replaceAll('""', '"') : cell)

/**
 * The decimal mark of a table whose cells a delimiter other than the comma separates: `undecided` where no row holds
 * `3,5` or `3.5`.
 */
export function decimalMark(lines: readonly string[], delimiter: string): Dialect['decimal'] {
  if (delimiter === ',') return '.'
  const cells = lines
    .slice(0, 2000)
    .flatMap((line) => cellsOf(line, delimiter))
    .map((cell) => cell.trim())
  if (cells.some((cell) => /^[-+]?\d*,\d+([eE][-+]?\d+)?$/.test(cell))) return ','
  return cells.some((cell) => /^[-+]?\d*\.\d+([eE][-+]?\d+)?$/.test(cell)) ? '.' : 'undecided'
}
