/** What stands in a cell, apart from a number: nothing, an infinity, or words. */
export const MISSING = NaN
export const INFINITE = 'infinite'
export const TEXT = 'text'

/** Turns a cell into a number, NaN where it is missing, or says what it is instead. */
export type CellParser = (cell: string) => number | typeof INFINITE | typeof TEXT

/** Words that stand for a missing value, compared without case; an empty cell is missing too. */
const MISSING_WORDS = ['na', 'nan', 'null', '-']

/** True for cells that stand for a missing value. `extra` are further words of the user's. */
export function missingTest(extra: readonly string[] = []): (cell: string) => boolean {
  const words = new Set([...MISSING_WORDS, ...extra.map((word) => word.trim().toLowerCase())])
  return (cell) => cell === '' || words.has(cell.trim().toLowerCase()) || cell.trim() === ''
}

/**
 * The parser of numeric cells.
 *
 * @param decimal the decimal mark; `undecided` settles on a comma when the first cell like `3,5` is met. In a file
 *   with decimal commas `1.500` could be 1.5 or 1500, so it is text there.
 */
export function cellParser(decimal: '.' | ',' | 'undecided', missing: (cell: string) => boolean, extraMissing = false): CellParser {
  let mark = decimal
  return (cell) => {
    if (cell === '') return MISSING
    let text = cell
    if (mark !== '.' && cell.includes(',')) {
      if (/^\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*$/.test(cell)) {
        mark = ','
        text = cell.replace(',', '.')
      }
    } else if (mark === ',' && cell.includes('.')) {
      return missing(cell) ? MISSING : TEXT
    }
    // Words that the user declared missing may look like numbers: -999.
    if (extraMissing && missing(cell)) return MISSING
    const value = Number(text)
    if (value - value === 0) {
      const first = text.charCodeAt(0)
      // Number('') of blanks is 0, and 0x1F, 0b1, 0o7 are numbers to JavaScript only.
      if (first <= 32 && text.trim() === '') return MISSING
      if (text.length > 2 && /^\s*0[xXbBoO]/.test(text)) return TEXT
      return value
    }
    if (missing(cell)) return MISSING
    if (/^\s*[-+]?(inf|infinity|1\.#inf)\s*$/i.test(text) || Math.abs(value) === Infinity) return INFINITE
    return TEXT
  }
}
