import type { RawCells } from '../rawCells.js'
import { dateFormat } from './dateFormat.js'
import { parseDuration } from './durations.js'
import { formatsOf } from './guessDates.js'
import { parseIso } from './iso.js'
import { compactFormat } from './readNumbers.js'
import { epochOf, saysEpoch } from './numberDates.js'

const SAMPLE = 200

/**
 * What a column may hold if it is one of times, by some two hundred cells spread over it: all of them dates, lengths of time,
 * or numbers that are neither. Undefined where a cell is nothing of the kind, or all are missing.
 */
export function looksLikeTimes(column: RawCells): 'number' | 'date' | 'duration' | undefined {
  const step = Math.max(1, Math.floor(column.length / SAMPLE))
  const rows: number[] = []
  for (let row = 0; row < column.length; row += step) if (!column.isMissing(row)) rows.push(row)
  if (rows.length === 0) return undefined
  const numbers = Float64Array.from(rows, (row) => column.number(row))
  if (numbers.every((value) => value === value)) {
    return compactFormat(numbers) !== undefined || epochOf(numbers, saysEpoch(column.name)) !== undefined ? 'date' : 'number'
  }
  const texts = rows.map((row) => column.text(row))
  if (texts.every((text) => parseIso(text) !== undefined)) return 'date'
  if (texts.every((text) => parseDuration(text, true) !== undefined)) return 'duration'
  const candidates = new Map([...new Set(texts.flatMap(formatsOf))].map((tokens) => [tokens, dateFormat(tokens)]))
  // Cells of one column may need several: 1/2/2021 and 11/12/2021.
  return texts.every((text) => formatsOf(text).some((tokens) => candidates.get(tokens)!.read(text) !== undefined)) ? 'date' : undefined
}
