import type { Ingest } from './ingest.js'
import { looksEmpty, looksLikeValue } from './looks.js'
import { dataError, listNames, quote } from './place.js'

/** What takes a table row by row. */
export type Rows = Pick<Ingest, 'header' | 'row' | 'units'>

export interface FirstRowsOptions {
  readonly file: string
  /** All rows begin with a quote, or blanks or tabs separate cells: so R writes the names of rows, which have no header. */
  readonly namedRows: boolean
  /** Further words for a missing value. */
  readonly missing: readonly string[]
  readonly tell: (notice: string) => void
}

/** Rows that tell what the first of them is. */
const LOOKED_AT = 50

interface Row {
  readonly cells: readonly string[]
  readonly line: number
}

/**
 * Sends a table on once its first rows are known: a row of units is told from rows of values, a header and rows of
 * different lengths are made to fit where it is clear how.
 *
 * @throws DataError `RaggedHeader`; also from `send`
 */
export function lookAtFirstRows(to: Rows, options: FirstRowsOptions): { header: Rows['header']; row: Rows['row']; end(): void } {
  let header: Row | undefined
  let waiting: Row[] | undefined = []
  let row = to.row.bind(to)

  const settle = (): void => {
    if (header === undefined || waiting === undefined) return
    const rows = waiting
    waiting = undefined
    const filled = rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
    const fit = fitHeader(header, filled, options)
    to.header(fit.header, header.line)
    if (fit.rowWidth !== undefined)
      row = (cells, line) => to.row(isPadded(cells, fit.rowWidth!, fit.header.length) ? cells.slice(0, fit.header.length) : cells, line)
    const units = filled.length > 1 ? unitsIn(fit.header, filled.slice(0, LOOKED_AT), options.missing) : undefined
    if (units !== undefined) {
      options.tell(
        `Line ${filled[0]!.line} is taken as a row of units: ` +
          `${units.flatMap((unit, i) => (unit === '' ? [] : [`${quote(fit.header[i]!.trim())} in ${quote(unit)}`])).join(', ')}.`,
      )
      to.units?.(units, filled[0]!.line)
    }
    for (const { cells, line } of rows) if (units === undefined || line !== filled[0]!.line) row(cells, line)
  }

  return {
    header(cells, line) {
      header = { cells, line }
    },
    row(cells, line) {
      if (waiting === undefined) row(cells, line)
      else if (waiting.push({ cells, line }) >= LOOKED_AT) settle()
    },
    end: settle,
  }
}

/** The header as long as the rows are; `rowWidth` is how many cells they have where the last of them are empty and too many. */
function fitHeader(
  { cells, line }: Row,
  rows: readonly Row[],
  { file, namedRows }: FirstRowsOptions,
): { header: readonly string[]; rowWidth?: number } {
  const width = rows[0]?.cells.length ?? cells.length
  const surplus = width - cells.length
  if (surplus === 0 || rows.some((row) => row.cells.length !== width)) return { header: cells }
  if (surplus < 0)
    return cells.slice(width).every((cell) => cell.trim() === '') && width > 1 ? { header: cells.slice(0, width) } : { header: cells }
  if (rows.every((row) => isPadded(row.cells, width, cells.length))) return { header: cells, rowWidth: width }
  if (surplus === 1 && cells.length > 1) {
    const names = rows.map((row) => row.cells[0]!.trim())
    const tell = new Set(names).size === names.length && names.every((name) => name !== '')
    if (tell && (names.every((name) => !looksLikeValue(name)) || (namedRows && names.every((name) => /^\d+$/.test(name)))))
      return { header: ['', ...cells] }
    throw dataError(
      'RaggedHeader',
      { file, line },
      `the header has ${cells.length} names (${listNames(
        cells.map((cell) => cell.trim()),
        4,
      )}), but all rows have ${width} cells`,
      'Give every column a name. If the first column has none, begin the header with a delimiter.',
    )
  }
  return { header: cells }
}

const isPadded = (cells: readonly string[], width: number, used: number): boolean =>
  cells.length === width && cells.slice(used).every((cell) => cell.trim() === '')

/**
 * The units that the first row gives, empty where it gives none; undefined where it is a row like others. A row of units
 * has no value under any column that has values in all rows below it, and says nothing that is said again further down.
 */
function unitsIn(header: readonly string[], [first, ...rest]: readonly Row[], missing: readonly string[]): string[] | undefined {
  const words = missing.map((word) => word.trim().toLowerCase())
  const cells = first!.cells
  if (cells.length !== header.length) return undefined
  let found = false
  for (let c = 0; c < header.length; c++) {
    const cell = cells[c]!
    const below = rest.flatMap((row) =>
      row.cells.length === header.length && !looksEmpty(row.cells[c]!, words) ? [row.cells[c]!.trim()] : [],
    )
    const measured = below.length > 0 && below.every(looksLikeValue)
    if (measured ? looksLikeValue(cell) : cell.trim() !== '' && below.includes(cell.trim())) return undefined
    if (measured && !looksEmpty(cell, words)) found = true
  }
  return found
    ? cells.map((cell) =>
        looksEmpty(cell, words)
          ? ''
          : cell
              .trim()
              .replace(/^[([{](.*)[)\]}]$/, '$1')
              .trim(),
      )
    : undefined
}
