import { plainNumber } from './numbers/plainNumber.js'

/** Words that stand for a missing value, compared without case; an empty cell is missing too. */
export const MISSING_WORDS = [
  'na',
  'n/a',
  'n.a.',
  'nan',
  'nat',
  'null',
  'none',
  'nil',
  '.',
  '?',
  '-',
  '--',
  '–',
  '—',
  '#n/a',
  '#na',
  '<na>',
  '\\n',
] as const

/** Which cells stand for a missing value: empty ones, those of the usual words, and those of the user's, numbers by their value. */
export class MissingWords {
  private readonly words: Set<string>
  private readonly numbers = new Map<number, string>()
  private readonly met = new Set<string>()

  /** @param extra the user's words: `-999` stands for `-999.0` and `-999,00` too */
  constructor(private readonly extra: readonly string[] = []) {
    this.words = new Set([...MISSING_WORDS, ...extra.map(plain)])
    for (const word of extra) {
      const value = eitherNumber(word)
      if (value === value) this.numbers.set(value, word)
    }
  }

  /** Whether a cell's text, blanks around it removed, stands for a missing value. */
  isText(text: string): boolean {
    if (text === '') return true
    const first = plain(text)
    if (this.words.has(first)) {
      if (this.extra.length > 0) this.met.add(first)
      return true
    }
    return this.numbers.size > 0 && this.isNumber(eitherNumber(text))
  }

  /** Whether a number is one of the user's words. */
  isNumber(value: number): boolean {
    if (this.numbers.size === 0) return false
    const word = this.numbers.get(value)
    if (word === undefined) return false
    this.met.add(plain(word))
    return true
  }

  /** The user's words that no cell held so far. */
  unmet(): string[] {
    return this.extra.filter((word) => !this.met.has(plain(word)) && !(MISSING_WORDS as readonly string[]).includes(plain(word)))
  }
}

const plain = (word: string): string => word.trim().toLowerCase()

/** A number with either decimal mark. */
function eitherNumber(text: string): number {
  const value = plainNumber(text.trim(), '.')
  return value === value ? value : plainNumber(text.trim(), ',')
}
