import type { RandomStream } from '../../../src/random.js'
import { mutateBytes } from './bytes.js'

const CELLS = [
  '',
  ' ',
  'NA',
  '-',
  '.',
  '?',
  'nan',
  'inf',
  '-Infinity',
  '1e999',
  '-0',
  '0x10',
  '1,5',
  '1.000,5',
  '1 606',
  '95%',
  '<4.0',
  '>100',
  '2024-02-30',
  '03/04/2024',
  '20240301',
  '9999-12-31',
  '24:00',
  '1e308',
  '4.9e-324',
  '123456789012345678901234567890',
  '"',
  '""',
  '"a',
  'a"b',
  '\u0000',
  '\ufeff',
  '\u202e',
  '‮x',
  '💥',
  '=1+1',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'a,b',
  'a\nb',
  'true',
  'null',
]

/** A table as text, damaged: cells, quotes, delimiters, ends of lines, encodings, very long cells, bytes. */
export function mutateCsv(text: string, random: RandomStream): Buffer {
  const one = <T>(of: readonly T[]): T => of[random.integer(of.length)]!
  const lines = text.split('\n').map((line) => line.split(','))
  for (let left = 1 + random.integer(2); left > 0; left--) {
    const row = one(lines)
    const column = random.integer(row.length)
    switch (random.integer(11)) {
      case 0:
        row[column] = one(CELLS)
        break
      case 1:
        row.splice(column, 1)
        break
      case 2:
        row.splice(column, 0, row[column] ?? '')
        break
      case 3: {
        const other = one(lines)
        const place = random.integer(Math.max(1, other.length))
        ;[row[column], other[place]] = [other[place] ?? '', row[column] ?? '']
        break
      }
      case 4:
        row[column] = `"${row[column]}`
        break
      case 5:
        row[column] = `"${(row[column] ?? '').replaceAll('"', '""')}"`
        break
      case 6:
        lines.splice(random.integer(lines.length), 1)
        if (lines.length === 0) lines.push([''])
        break
      case 7:
        lines.splice(random.integer(lines.length), 0, [...row])
        break
      case 8:
        row[column] = one(['x', '9', '"', ';', '\n']).repeat(10 ** random.integer(6))
        break
      case 9:
        // The same cell in a whole column.
        {
          const cell = one(CELLS)
          for (const line of lines.slice(1)) if (column < line.length) line[column] = cell
        }
        break
      default:
        lines.reverse()
    }
  }
  const delimiter = random.integer(3) === 0 ? one([';', '\t', '|', ' ', ', ', ',,']) : ','
  const end = random.integer(3) === 0 ? one(['\r\n', '\r', '\n\n', '\u2028']) : '\n'
  const made = lines.map((line) => line.join(delimiter)).join(end)
  switch (random.integer(8)) {
    case 0:
      return Buffer.from(`\ufeff${made}`)
    case 1:
      return Buffer.from(made, 'utf16le')
    case 2:
      return Buffer.from(made, 'latin1')
    case 3:
      return mutateBytes(Buffer.from(made), random)
    default:
      return Buffer.from(made)
  }
}
