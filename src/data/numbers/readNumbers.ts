import { NumberColumn } from '../columns.js'
import { dataError, plural, quote, type Place } from '../place.js'
import type { RawColumn } from '../raw/rawColumn.js'
import { optionText } from '../shellWord.js'
import { measuredCell, type MeasuredCell } from './measuredCell.js'
import { canonicalText } from './plainNumber.js'
import { evidenceOf, numberIn, plainSigns, settleStyle, type Evidence, type NumberOptions, type NumberStyle } from './numberStyle.js'

/** A value of which only a limit is known, as in `<4.0`. */
export interface Censored {
  readonly row: number
  readonly side: 'below' | 'above'
  readonly limit: number
}

/** What a column was found to hold: numbers, or words that nobody asked for. */
export type NumbersRead =
  | { readonly kind: 'numbers'; readonly column: NumberColumn; readonly censored: readonly Censored[]; readonly notices: readonly string[] }
  | { readonly kind: 'text'; readonly row: number; readonly cell: string }

/** What is known when a column is read. */
export interface NumbersContext {
  readonly options: NumberOptions
  /** What the column's own cells show; see `columnEvidence`. */
  readonly evidence: Evidence
  /** The decimal mark that the other columns show, and the one to take where nothing tells. */
  readonly file: '.' | ',' | undefined
  readonly usual: '.' | ','
  /** Whether the user, or a fitted model, names the column: then it must hold numbers. */
  readonly required: boolean
  at(row?: number, column?: string): Place
  readonly unit: 'line' | 'row'
}

/** A cell as it was understood: `blank`, or what a word says. */
type Word = MeasuredCell | { readonly kind: 'missing' }

const SHOWN = 3
const LONGEST_WORD = 40

/** The digits of a column's different words, without signs and units, and how many cells hold each. */
function* wordCounts(column: RawColumn): Generator<readonly [string, number]> {
  const counts = new Map<number, number>()
  for (let row = 0; row < column.length; row++)
    if (column.isWord(row)) counts.set(column.stored(row), (counts.get(column.stored(row)) ?? 0) + 1)
  for (const [code, count] of counts) {
    const word = measuredCell(column.word(code))
    if ('digits' in word) yield [word.digits, count]
  }
}

/** What a column's cells show of how numbers are written; see `settleStyle`. */
export const columnEvidence = (column: RawColumn): Evidence => evidenceOf(column, column.wordCount === 0 ? [] : wordCounts(column))

/**
 * Reads a raw column as numbers: decimal marks, thousands, one unit in all cells, limits of detection.
 *
 * @throws DataError `TextInNumericColumn`, `InfiniteValue`, `AmbiguousNumbers`, `MixedUnits`
 */
export function readNumbers(column: RawColumn, context: NumbersContext): NumbersRead {
  const words = new Map<number, Word>()
  const seen = takeStock(column, words)
  if (seen.texts.length > 0 && !context.required && seen.textCells > seen.numbers)
    return { kind: 'text', row: seen.texts[0]!, cell: column.text(seen.texts[0]!) }
  const style = settleStyle(context.evidence, context.options, context.file, context.usual)
  if (style === 'ambiguous') throw ambiguous(column, context)
  if (style === 'mixed') throw mixed(column, context)
  const units = unitsOf(column, words)
  if (units.size > 1 || (units.size === 1 && units.has('') === false && seen.plain > 0)) {
    // Words such as 12A and 14B are names, unless there is reason to take them for measurements.
    if (!context.required && seen.plain === 0 && [...units.keys()].every((unit) => /^[A-Za-z]$/.test(unit)))
      return { kind: 'text', row: [...units.values()][0]!, cell: column.text([...units.values()][0]!) }
    throw mixedUnits(column, units, seen.plain, context)
  }
  const { out, censored, offences } = readValues(column, words, style, seen)
  if (offences.texts > 0) throw textAmongNumbers(column, offences.text, offences.texts, context)
  if (offences.infinites > 0) throw infinite(column, offences.infinite, offences.infinites, context)
  const [unit] = units.keys()
  return {
    kind: 'numbers',
    column: out,
    censored,
    notices: [...unitNotice(column, unit), ...thousandsNotice(column, style, words, context)],
  }
}

/** What there is of each kind; fills in the meaning of every word. */
function takeStock(column: RawColumn, words: Map<number, Word>): { numbers: number; plain: number; textCells: number; texts: number[] } {
  const seen = { numbers: 0, plain: 0, textCells: 0, texts: [] as number[] }
  for (let row = 0; row < column.length; row++) {
    if (column.isBlank(row)) continue
    if (!column.isWord(row)) {
      if (!column.missing.isNumber(column.stored(row))) {
        seen.numbers++
        seen.plain++
      }
      continue
    }
    const code = column.stored(row)
    let word = words.get(code)
    if (word === undefined) {
      const text = column.word(code)
      word = column.missing.isText(text) ? { kind: 'missing' } : measuredCell(text)
      words.set(code, word)
    }
    if (word.kind === 'text') {
      seen.textCells++
      if (seen.texts.length < SHOWN) seen.texts.push(row)
    } else if (word.kind !== 'missing') {
      seen.numbers++
      if (word.kind === 'number' && word.affix === '') seen.plain++
    }
  }
  return seen
}

/** The units that stand beside numbers, each with the first row; none of a column of bare numbers. */
function unitsOf(column: RawColumn, words: ReadonlyMap<number, Word>): Map<string, number> {
  const units = new Map<string, number>()
  if (![...words.values()].some((word) => 'affix' in word && word.affix !== '')) return units
  for (let row = 0; row < column.length; row++) {
    const word = column.isWord(row) ? words.get(column.stored(row)) : undefined
    if (word !== undefined && 'affix' in word && word.affix !== '' && !units.has(word.affix)) units.set(word.affix, row)
  }
  return units
}

interface Offences {
  readonly text: number[]
  texts: number
  readonly infinite: number[]
  infinites: number
}

function readValues(
  column: RawColumn,
  words: ReadonlyMap<number, Word>,
  style: NumberStyle,
  seen: { readonly texts: readonly number[]; readonly textCells: number },
): { out: NumberColumn; censored: Censored[]; offences: Offences } {
  const out = new NumberColumn(column.name, column.length)
  const censored: Censored[] = []
  const offences: Offences = { text: [...seen.texts], texts: seen.textCells, infinite: [], infinites: 0 }
  const numberOf = (digits: string, row: number): number => {
    const value = numberIn(digits, style)
    if (value - value === 0) return value
    const rows = value === value ? offences.infinite : offences.text
    if (rows.length < SHOWN) rows.push(row)
    if (value === value) offences.infinites++
    else offences.texts++
    return NaN
  }
  const ofWord = (word: Word, row: number): number => {
    switch (word.kind) {
      case 'missing':
      case 'text':
        return NaN
      case 'infinite':
        if (offences.infinite.length < SHOWN) offences.infinite.push(row)
        offences.infinites++
        return NaN
      case 'number':
        return numberOf(word.digits, row)
      case 'censored': {
        const limit = numberOf(word.digits, row)
        if (limit === limit) censored.push({ row, side: word.side, limit })
        return NaN
      }
    }
  }
  // What was kept as a fraction may be a number of thousands.
  const asStored = column.mark === style.decimal
  for (let row = 0; row < column.length; row++) {
    if (column.isBlank(row)) out.push(NaN)
    else if (column.isWord(row)) out.push(ofWord(words.get(column.stored(row))!, row))
    else {
      const value = column.stored(row)
      out.push(
        column.missing.isNumber(value)
          ? NaN
          : asStored || Number.isInteger(value)
            ? value
            : numberOf(canonicalText(value, column.mark), row),
      )
    }
  }
  return { out, censored, offences }
}

const showRows = (column: RawColumn, rows: readonly number[], { at, unit }: NumbersContext): string =>
  rows.map((row) => `${unit} ${at(row).line}: ${quote(column.text(row))}`).join('; ')

function textAmongNumbers(column: RawColumn, rows: readonly number[], count: number, context: NumbersContext) {
  const words = [...new Set(rows.map((row) => column.text(row)))]
  // What is longer is no word for a missing value.
  const declarable = words.filter((word) => word.length <= LONGEST_WORD)
  const separators = words.every((word) => measuredCell(word).kind === 'number')
  return dataError(
    'TextInNumericColumn',
    context.at(rows[0], column.name),
    `there is text among numbers, in ${plural(count, context.unit)} (${showRows(column, rows, context)})`,
    separators
      ? 'Write all numbers in one way, or say which marks they have with --decimal and --thousands.'
      : `Correct the cells, ${declarable.length < words.length ? 'or ' : ''}leave the column out with ` +
          `--values${declarable.length < words.length ? '' : `, or say that the text means a missing value: ${optionText('missing', words)}`}.`,
  )
}

const infinite = (column: RawColumn, rows: readonly number[], count: number, context: NumbersContext) =>
  dataError(
    'InfiniteValue',
    context.at(rows[0], column.name),
    `values must be finite, but ${plural(count, 'is not', 'are not')} (${showRows(column, rows, context)})`,
    'Correct the cells, or leave them empty if nothing was measured.',
  )

function firstRow(column: RawColumn, matches: (text: string) => boolean): number {
  for (let row = 0; row < column.length; row++) if (!column.isBlank(row) && matches(plainSigns(column.text(row)))) return row
  return 0
}

function ambiguous(column: RawColumn, context: NumbersContext) {
  const row = firstRow(column, (text) => /^[-+]?[1-9]\d{0,2}[.,]\d{3}$/.test(text))
  const cell = column.text(row)
  const mark = cell.includes('.') ? '.' : ','
  const other = mark === '.' ? ',' : '.'
  return dataError(
    'AmbiguousNumbers',
    context.at(row, column.name),
    `${quote(cell)} could be ${numberIn(cell, { decimal: mark, thousands: undefined })} or ` +
      `${numberIn(cell, { decimal: other, thousands: mark })}: other cells are whole numbers below a thousand, so that thousands may ` +
      'begin here',
    `Say which: --decimal ${mark} or --thousands ${mark}.`,
  )
}

function mixed(column: RawColumn, context: NumbersContext) {
  const rows = ['.', ','].map((mark) => firstRow(column, (text) => text.includes(mark) && /\d/.test(text)))
  return dataError(
    'TextInNumericColumn',
    context.at(rows[0], column.name),
    `some cells have decimal points and some decimal commas (${showRows(column, rows, context)})`,
    'Write all numbers in one way, or say which mark it is: --decimal . or --decimal ,.',
  )
}

function mixedUnits(column: RawColumn, units: ReadonlyMap<string, number>, plain: number, context: NumbersContext) {
  const rows = [...units.values()].slice(0, SHOWN)
  return dataError(
    'MixedUnits',
    context.at(rows[0], column.name),
    `${units.size > 1 ? 'the cells have different units' : `some cells have a unit and ${plain.toLocaleString('en-US')} ${plain === 1 ? 'has' : 'have'} none`} ` +
      `(${showRows(column, rows, context)})`,
    'Write all values in one unit, without it in the cells.',
  )
}

const unitNotice = ({ name }: RawColumn, unit: string | undefined): string[] =>
  unit === undefined ? [] : [`The cells of ${quote(name)} are read without their unit ${quote(unit)}.`]

/** What was read in a way that a look at the file should confirm. */
function thousandsNotice(column: RawColumn, style: NumberStyle, words: ReadonlyMap<number, Word>, context: NumbersContext): string[] {
  const grouped = (digits: string): boolean =>
    style.thousands !== undefined && digits.includes(style.thousands) && numberIn(digits, style) === numberIn(digits, style)
  if (column.wordCount === 0 && column.mark !== style.thousands) return []
  for (let row = 0; row < column.length; row++) {
    if (column.isBlank(row)) continue
    const word = column.isWord(row) ? words.get(column.stored(row))! : undefined
    const digits =
      word === undefined
        ? column.mark === style.thousands && !Number.isInteger(column.stored(row))
          ? column.text(row)
          : ''
        : word.kind === 'number'
          ? word.digits
          : ''
    if (digits !== '' && grouped(digits))
      return [
        `Numbers of ${quote(column.name)} have separators of thousands: ${quote(digits)} is read as ${numberIn(digits, style)} ` +
          `(${context.unit} ${context.at(row).line}).`,
      ]
  }
  return []
}
