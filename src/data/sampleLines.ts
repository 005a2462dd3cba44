/** A line of a text, by its number in the file; more than one where a cell in quotes has line breaks. */
export interface Line {
  readonly text: string
  readonly line: number
}

/** The lines of a sample that hold anything, by what they are. */
export interface SampleLines {
  /** What `sep=;` in the first line names, as Excel writes it. */
  readonly separator: string | undefined
  /** Lines that begin with `#`. */
  readonly hashes: readonly Line[]
  readonly plain: readonly Line[]
}

/** Line breaks in a cell that are put up with before its quote counts as a lone one. */
const LONGEST_CELL = 100

/** What a cell may hold that Excel could not work out: no comment. */
const EXCEL_ERROR = /^#(N\/A|N\/D|NV|DIV\/0!|REF!|VALUE!|WERT!|NUM!|ZAHL!|NAME\?|NULL!|BEZUG!)/i

/** Whether a line begins like a comment. */
export const beginsWithHash = (line: string): boolean => /^[ \t]*#/.test(line) && !EXCEL_ERROR.test(line.trimStart())

/** A line that begins with `#`, without it; `#` alone is a name like others. */
export function withoutHash(line: string): string {
  const rest = line.replace(/^[ \t]*#+[ \t]*/, '')
  return /^[^!-~]|^[\w"'[(<]/.test(rest) ? rest : line
}

/** @param whole false where the last line may be cut off */
export function sampleLines(sample: string, whole: boolean): SampleLines {
  const texts = sample.split(/\r\n|\n|\r/)
  if (!whole && texts.length > 1) texts.pop()
  const first = texts.findIndex((text) => text.trim() !== '')
  const separator = separatorOf(texts[first] ?? '')
  const hashes: Line[] = []
  const plain: Line[] = []
  for (let i = separator === undefined ? 0 : first + 1; i < texts.length; i++) {
    const text = texts[i]!
    if (text.trim() === '') continue
    if (beginsWithHash(text)) {
      hashes.push({ text, line: i + 1 })
      continue
    }
    const end = endOfQuotes(texts, i)
    plain.push({ text: texts.slice(i, end + 1).join('\n'), line: i + 1 })
    i = end
  }
  return { separator, hashes, plain }
}

function separatorOf(line: string): string | undefined {
  const [, mark] = /^"?sep=(\\t|[^\w"])[^\w]*$/i.exec(line.replace(/\r$/, '')) ?? []
  return mark === '\\t' ? '\t' : mark
}

/** The line on which the quotes that a line opens are closed. */
function endOfQuotes(texts: readonly string[], start: number): number {
  let open = false
  for (let i = start; i < Math.min(texts.length, start + LONGEST_CELL); i++) {
    for (const letter of texts[i]!) if (letter === '"') open = !open
    if (!open) return i
  }
  return start
}
