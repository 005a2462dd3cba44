import { plainNumber } from './plainNumber.js'
import { isGroup, type NumberShapes, type RawColumn } from '../raw/rawColumn.js'

/** How numbers are written: the decimal mark, and what may stand between groups of three digits. */
export interface NumberStyle {
  readonly decimal: '.' | ','
  readonly thousands: '.' | ',' | undefined
}

/** What the user said about it. */
export interface NumberOptions {
  /** Default: found out. */
  readonly decimal?: '.' | ','
  /** Separator of thousands besides blanks and apostrophes, which always may be one. Default: found out. */
  readonly thousands?: '.' | ',' | ' ' | "'"
}

/** What cells show of the way numbers are written. */
export interface Evidence {
  /** Numbers that can only have a decimal point, a decimal comma: `1.25`, `1,234.5`, `1,234,567`; `1,25`, `1.234.567`. */
  readonly point: number
  readonly comma: number
  /** Those with a decimal comma, or none, whose points can only separate thousands. */
  readonly pointThousands: number
  /** Numbers that could be decimals or thousands: `1.606`, `1,606`. */
  readonly pointGroups: number
  readonly commaGroups: number
  /** Numbers without separators of thousands, from 100 to below 1000 and above. */
  readonly hundreds: number
  readonly above: number
}

const GROUPED = {
  '.': { sure: /^[-+]?[1-9]\d{0,2}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d+)$/, any: /^[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/ },
  // Lakhs are grouped by two: 1,23,456.
  ',': {
    sure: /^[-+]?[1-9]\d{0,2}(?:(?:,\d{2,3})*,\d{2,3},\d{3}|(?:,\d{2,3})*,\d{3}\.\d+)$/,
    any: /^[-+]?[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d+)?$/,
  },
} as const
const BLANKS = /^[-+]?[1-9]\d{0,2}(?:[ ']\d{3})+(?:[.,]\d+)?$/
const FRACTION = { '.': /^[-+]?\d*\.\d*(?:[eE][-+]?\d+)?$/, ',': /^[-+]?\d*,\d*(?:[eE][-+]?\d+)?$/ } as const
const WHOLE = /^[-+]?\d+(?:[eE][-+]?\d+)?$/

/** A number's text with the signs that only look otherwise made plain: minus signs, blanks that do not break, apostrophes. */
export const plainSigns = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text)
    ? text
    : text
        .replace(/[−–]/g, '-')
        .replace(/[\u00a0\u2007\u2009\u202f]/g, ' ')
        .replace(/[’ʼ]/g, "'")
        .trim()

/** Whether a text is a number in any style that there is. */
export const looksLikeNumber = (text: string): boolean =>
  /\d/.test(text) &&
  (WHOLE.test(text) ||
    FRACTION['.'].test(text) ||
    FRACTION[','].test(text) ||
    GROUPED['.'].any.test(text) ||
    GROUPED[','].any.test(text) ||
    BLANKS.test(text))

/** What the cells of a column show. @param words its different words, with how many cells hold each */
export function evidenceOf(
  column: Pick<RawColumn, 'mark'> & { readonly shapes: NumberShapes },
  words: Iterable<readonly [text: string, count: number]>,
): Evidence {
  const { shapes, mark } = column
  const seen = {
    point: mark === '.' ? shapes.fractions : 0,
    comma: mark === ',' ? shapes.fractions : 0,
    pointGroups: mark === '.' ? shapes.groups : 0,
    commaGroups: mark === ',' ? shapes.groups : 0,
    pointThousands: 0,
    hundreds: shapes.hundreds,
    above: shapes.above,
  }
  for (const [text, count] of words) {
    if (GROUPED['.'].sure.test(text)) {
      seen.comma += count
      seen.pointThousands += count
    } else if (GROUPED[','].sure.test(text)) seen.point += count
    else if (isGroup(text, '.')) seen.pointGroups += count
    else if (isGroup(text, ',')) seen.commaGroups += count
    else if (BLANKS.test(text)) {
      if (/[.,]/.test(text)) seen[text.includes('.') ? 'point' : 'comma'] += count
    } else {
      const mark = FRACTION['.'].test(text) ? '.' : FRACTION[','].test(text) ? ',' : undefined
      const size = Math.abs(plainNumber(text, mark ?? '.'))
      if (size !== size) continue
      if (mark !== undefined && /^[-+]?\d*[.,]\d/.test(text)) seen[mark === '.' ? 'point' : 'comma'] += count
      if (size >= 1000) seen.above += count
      else if (size >= 100) seen.hundreds += count
    }
  }
  return seen
}

/** For each column the decimal mark of the others, where these agree on one. */
export function marksOfOthers(columns: readonly Evidence[]): ('.' | ',' | undefined)[] {
  const points = columns.reduce((sum, { point }) => sum + point, 0)
  const commas = columns.reduce((sum, { comma }) => sum + comma, 0)
  return columns.map((own) => {
    const [point, comma] = [points - own.point, commas - own.comma]
    return point > 0 && comma === 0 ? '.' : comma > 0 && point === 0 ? ',' : undefined
  })
}

/**
 * How the numbers of a column are written: by what the user said, else by its own cells, else by the rest of the file.
 *
 * @param file the decimal mark of the rest of the file
 * @param usual the mark to take where nothing tells
 * @returns `ambiguous` where `1.606` could be two things, `mixed` where some cells can only be read one way and some
 *   only the other
 */
export function settleStyle(
  cells: Evidence,
  options: NumberOptions,
  file: '.' | ',' | undefined,
  usual: '.' | ',',
): NumberStyle | 'ambiguous' | 'mixed' {
  const { thousands } = options
  const said = options.decimal ?? (thousands === '.' ? ',' : thousands === ',' ? '.' : undefined)
  if (said !== undefined) {
    const other = said === '.' ? ',' : '.'
    if (thousands !== undefined) return { decimal: said, thousands: thousands === '.' || thousands === ',' ? thousands : undefined }
    // A separator of thousands that nobody named must fit: numbers without it come close to a thousand.
    return { decimal: said, thousands: reachesThousands(cells) ? other : undefined }
  }
  if (cells.point > 0 && cells.comma > 0) return 'mixed'
  // Commas beside decimal points are thousands the world over; points beside decimal commas may be a slip.
  if (cells.point > 0) return { decimal: '.', thousands: ',' }
  if (cells.comma > 0) return { decimal: ',', thousands: cells.pointThousands > 0 || reachesThousands(cells) ? '.' : undefined }
  if (cells.pointGroups > 0 && cells.commaGroups > 0) return 'mixed'
  if (cells.pointGroups === 0 && cells.commaGroups === 0) return { decimal: file ?? usual, thousands: undefined }
  const mark = cells.pointGroups > 0 ? '.' : ','
  const known = file ?? (mark === ',' && usual === '.' ? '.' : undefined)
  if (known !== undefined && known !== mark) return { decimal: known, thousands: mark }
  // 850, 990, 1.020: that thousands come after hundreds is no accident, but no proof either.
  if (cells.hundreds > 0 && cells.above === 0) return 'ambiguous'
  return { decimal: mark, thousands: undefined }
}

const reachesThousands = ({ hundreds, above }: Evidence): boolean => hundreds > 0 && above === 0

/** The number that a text says in a style; NaN where it says none, infinite beyond the largest. */
export function numberIn(text: string, { decimal, thousands }: NumberStyle): number {
  const plain = (digits: string): number => Number(decimal === ',' ? digits.replace(',', '.') : digits)
  if (WHOLE.test(text) || (FRACTION[decimal].test(text) && /\d/.test(text))) return plain(text)
  if (thousands !== undefined && thousands !== decimal && GROUPED[thousands].any.test(text)) return plain(text.replaceAll(thousands, ''))
  if (BLANKS.test(text) && !text.includes(decimal === '.' ? ',' : '.')) return plain(text.replace(/[ ']/g, ''))
  return NaN
}
