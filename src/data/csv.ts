/** Lines of a CSV table (RFC 4180 quotes, `\n`); a missing number is an empty cell. */
export function* csvLines(header: readonly string[], rows: Iterable<readonly (string | number)[]>): Generator<string> {
  yield `${header.map(csvCell).join(',')}\n`
  for (const row of rows) yield `${row.map(csvCell).join(',')}\n`
}

function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return Number.isNaN(cell) ? '' : String(cell)
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
