import { MISSING_WORDS } from './missing.js'

const NUMBER = /^[-+−]?(\d[\d.,' \u00a0\u202f]*|[.,]\d+)([eE][-+]?\d+)?\s*%?$/
const DATE = /^\d{1,4}\s?[-/.:T]\s?\d|\d:\d\d|\b(19|20)\d\d\b.*\d|\d.*\b(19|20)\d\d\b/
const DURATION = /^[-+−]?\d[\d.,]*\s*(ms|s|sec|min|h|hr|d|day|w|wk|week|mo|month|y|yr|year)[a-z]*\b/i
const BOUND = /^[<>≤≥~]=?\s*[-+]?[.,]?\d/

/** Letters that no value has; patterns take time that grows with their square. */
const TOO_LONG = 1000

/** Whether a cell is written like something measured or a time: a number, a date, a duration, a bound such as `<4.0`. */
export function looksLikeValue(cell: string): boolean {
  const text = cell.trim()
  return text.length <= TOO_LONG && /\d/.test(text) && (NUMBER.test(text) || DATE.test(text) || DURATION.test(text) || BOUND.test(text))
}

/** Whether a cell says that there is nothing. `words` are further ones that do, in small letters. */
export function looksEmpty(cell: string, words: readonly string[] = []): boolean {
  const text = cell.trim().toLowerCase()
  return text === '' || (MISSING_WORDS as readonly string[]).includes(text) || words.includes(text)
}

/** Whether cells could be the names of columns: two at least, most of them words, none twice. */
export function looksLikeNames(cells: readonly string[]): boolean {
  const names = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  return names.length >= 2 && new Set(names).size === names.length && names.filter(looksLikeValue).length < names.length / 2
}
