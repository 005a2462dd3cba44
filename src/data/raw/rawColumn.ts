import type { MissingWords } from '../missing.js'
import { canonicalNumber, canonicalText, plainNumber } from '../numbers/plainNumber.js'
import type { RawCells } from '../rawCells.js'
import { WordPool } from './wordPool.js'

const NUMBER = 0
const WORD = 1
const BLANK = 2

/** How the numbers of a column are written: what tells a decimal mark from a separator of thousands. */
export interface NumberShapes {
  /** Numbers from 100 to below 1000, and above, without any separator of thousands. */
  hundreds: number
  above: number
  /** Decimals that could be a group of thousands, `1.606`, and such that could not, `1.6` or `0.606`. */
  groups: number
  fractions: number
}

/**
 * A column as it stands in the file: nine bytes a cell, words kept once each. Numbers are stored as such where they can
 * be written again as they were, so that nothing is lost before it is decided what the column holds.
 */
export class RawColumn implements RawCells {
  // Little to begin with: a file without line ends is one header of tens of thousands of columns.
  private data = new Float64Array(64)
  private kinds = new Uint8Array(64)
  private readonly words = new WordPool()
  length = 0
  /** How the cells stored as numbers were written. */
  readonly shapes: NumberShapes = { hundreds: 0, above: 0, groups: 0, fractions: 0 }
  /** How many cells are words, those for missing values among them. */
  wordCount = 0

  /** @param mark the decimal mark that numbers are stored by @param either whether a cell may have the other one */
  constructor(
    readonly name: string,
    readonly mark: '.' | ',',
    readonly missing: MissingWords,
    private readonly either = false,
  ) {}

  push(cell: string): void {
    if (this.length === this.data.length) this.grow()
    const text = trimmed(cell)
    const row = this.length++
    if (text === '') {
      this.kinds[row] = BLANK
      return
    }
    const value = canonicalNumber(text, this.mark)
    if (value === value) {
      this.data[row] = value
      this.count(text, value)
      return
    }
    this.kinds[row] = WORD
    this.wordCount++
    this.data[row] = this.words.add(text)
  }

  private count(text: string, value: number): void {
    const { shapes } = this
    const size = Math.abs(value)
    if (!Number.isInteger(value)) {
      if (isGroup(text, this.mark)) {
        shapes.groups++
        return
      }
      shapes.fractions++
    }
    if (size >= 1000) shapes.above++
    else if (size >= 100) shapes.hundreds++
  }

  private grow(): void {
    const [data, kinds] = [new Float64Array(this.length * 2), new Uint8Array(this.length * 2)]
    data.set(this.data)
    kinds.set(this.kinds)
    this.data = data
    this.kinds = kinds
  }

  isMissing(row: number): boolean {
    switch (this.kinds[row]) {
      case BLANK:
        return true
      case NUMBER:
        return this.missing.isNumber(this.data[row]!)
      default:
        return this.missing.isText(this.words.at(this.data[row]!))
    }
  }

  number(row: number): number {
    switch (this.kinds[row]) {
      case BLANK:
        return NaN
      case NUMBER:
        return this.data[row]!
      default:
        return this.wordNumber(this.words.at(this.data[row]!))
    }
  }

  private wordNumber(text: string): number {
    const value = plainNumber(text, this.mark)
    return value === value || !this.either ? value : plainNumber(text, this.mark === '.' ? ',' : '.')
  }

  text(row: number): string {
    switch (this.kinds[row]) {
      case BLANK:
        return ''
      case NUMBER:
        return canonicalText(this.data[row]!, this.mark)
      default:
        return this.words.at(this.data[row]!)
    }
  }

  /** What is stored of a cell, for those who go through many: a number, or the code of a word (see `word`), or undefined for nothing. */
  isWord(row: number): boolean {
    return this.kinds[row] === WORD
  }

  isBlank(row: number): boolean {
    return this.kinds[row] === BLANK
  }

  /** The number or the word's code of a cell that is not blank. */
  stored(row: number): number {
    return this.data[row]!
  }

  word(code: number): string {
    return this.words.at(code)
  }
}

/** `1.606`: a number below a thousand whose decimals could be a group of three. */
export function isGroup(text: string, mark: '.' | ','): boolean {
  const point = text.length - 4
  return text[point] === mark && point >= 1 && /^[-+−]?[1-9]\d{0,2}[.,]\d{3}$/.test(text)
}

/** Trims only where there is anything to trim: most cells are cut clean. */
function trimmed(cell: string): string {
  const last = cell.length - 1
  if (last < 0) return cell
  const [a, b] = [cell.charCodeAt(0), cell.charCodeAt(last)]
  return a <= 32 || b <= 32 || a >= 127 || b >= 127 ? cell.trim() : cell
}
