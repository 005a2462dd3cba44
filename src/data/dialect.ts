/** How a text table is written. */
export interface Dialect {
  readonly delimiter: ',' | ';' | '\t' | '|'
  readonly decimal: '.' | ',' | 'undecided'
}

const DELIMITERS = [',', ';', '\t', '|'] as const

/**
 * The delimiter and decimal mark of a table, from its first lines: the delimiter that cuts most lines into as many
 * cells as the header, more cells first among equals. A decimal comma is possible only where the comma is not the
 * delimiter, and is `undecided` where the sample holds neither `3,5` nor `3.5`.
 *
 * @param sample the beginning of the file; a last line that is cut off is ignored unless it is the only one
 */
export function sniffDialect(sample: string): Dialect {
  // What stands in quotes says nothing about the delimiter.
  const lines = sample.replace(/"(?:[^"]|"")*"/g, 'q').split(/\r\n|\n|\r/)
  if (lines.length > 1) lines.pop()
  const filled = lines.filter((line) => line.trim() !== '').slice(0, 200)
  let best: { delimiter: Dialect['delimiter']; score: number; cells: number } = { delimiter: ',', score: -1, cells: 0 }
  for (const delimiter of DELIMITERS) {
    const counts = filled.map((line) => line.split(delimiter).length)
    const cells = counts[0] ?? 1
    if (cells < 2) continue
    const score = counts.filter((count) => count === cells).length / counts.length
    if (score > best.score || (score === best.score && cells > best.cells)) best = { delimiter, score, cells }
  }
  return { delimiter: best.delimiter, decimal: best.delimiter === ',' ? '.' : decimalMark(sample, best.delimiter) }
}

function decimalMark(sample: string, delimiter: string): Dialect['decimal'] {
  const cells = sample.split(/\r\n|\n|\r/).slice(1, 2000).flatMap((line) => line.split(delimiter)).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  if (cells.some((cell) => /^[-+]?\d*,\d+([eE][-+]?\d+)?$/.test(cell))) return ','
  return cells.some((cell) => /^[-+]?\d*\.\d+([eE][-+]?\d+)?$/.test(cell)) ? '.' : 'undecided'
}
