import { expect } from 'vitest'
import type { RawCells } from '../../../src/data/rawCells.js'
import { readTimes } from '../../../src/data/times/readTimes.js'
import type { TimeColumn, TimeOptions } from '../../../src/data/times/timeForm.js'
import { UserError } from '../../../src/errors.js'

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i

/** A column as a file has it: `NA` and empty cells are missing. */
export const column = (texts: readonly string[], name = 'time'): RawCells => ({
  name,
  length: texts.length,
  isMissing: (row) => texts[row] === '' || texts[row] === 'NA',
  number: (row) => (NUMBER.test(texts[row]!) ? Number(texts[row]) : NaN),
  text: (row) => texts[row]!.trim(),
})

/** Rows of `visits.csv`, below a header. */
const place = { file: 'visits.csv', unit: 'line', line: (row: number) => row + 2 } as const

export const read = (texts: readonly string[], options: TimeOptions = {}, name = 'time'): TimeColumn =>
  readTimes([column(texts, name)], place, options)

export const readJoined = (columns: readonly RawCells[], options: TimeOptions = {}): TimeColumn => readTimes(columns, place, options)

/** Seconds since 1970 of an ISO datetime, by JavaScript's own calendar. */
export const at = (iso: string): number => Date.parse(iso) / 1000

/** The error that reading raises, as code and message; fails if it raises none. */
export function refused(reading: () => unknown): { code: string; message: string } {
  try {
    reading()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return { code: (error as UserError).code, message: (error as UserError).message }
  }
  throw new Error('not refused')
}
