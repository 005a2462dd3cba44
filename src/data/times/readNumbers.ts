import { quote } from '../place.js'
import { compactFormats, compactSeconds, epochOf, epochs, excelSeconds, isCompact, isEpoch, isExcel, saysEpoch } from './numberDates.js'
import { badTime, infiniteTime, times, type Told } from './timeErrors.js'
import type { TimeColumn, TimeForm } from './timeForm.js'

type ReadColumn = Pick<TimeColumn, 'form' | 'values' | 'notices'>

/** The cells of a column as numbers, NaN where missing; undefined where one is no number. @throws DataError `InfiniteValue` */
export function numbersOf(told: Told): Float64Array | undefined {
  const { column } = told
  const values = new Float64Array(column.length)
  for (let row = 0; row < column.length; row++) {
    if (column.isMissing(row)) {
      values[row] = NaN
      continue
    }
    const value = column.number(row)
    if (!Number.isFinite(value)) {
      if (isInfinite(value, column.text(row))) throw infiniteTime(told, row)
      return undefined
    }
    values[row] = value
  }
  return values
}

/** True for infinities, in words or as a number too large for one. */
export const isInfinite = (value: number, text: string): boolean =>
  Math.abs(value) === Infinity || /^[-+]?(?:inf|infinity|1\.#inf)$/i.test(text) || Math.abs(Number(text)) === Infinity

/** Numbers as what they are: plain, or dates without anything between (`20210118`), or counts since 1970. */
export function readNumbers(told: Told, values: Float64Array): ReadColumn {
  const compact = compactFormat(values)
  if (compact !== undefined) {
    const read = readCompact(told, values, compact)
    const shown = values.findIndex((value) => value === value)
    return {
      ...read,
      notices: [
        `Times like ${quote(told.column.text(shown))} are taken as dates, ${compact} (--date-format number takes them as plain numbers).`,
      ],
    }
  }
  const epoch = epochOf(values, saysEpoch(told.column.name))
  if (epoch !== undefined)
    return {
      ...readEpoch(values, epoch),
      notices: [
        `Times are taken as ${epoch.slice(6)} since 1970, as all lie between 2000 and 2100 then (--date-format number takes them as ` +
          'plain numbers).',
      ],
    }
  return { form: { kind: 'number' }, values, notices: [] }
}

/**
 * The format of numbers without anything between, where most are dates in it: one that is none is then an error. Of numbers
 * that are no dates hardly one in twenty looks like one.
 */
export function compactFormat(values: Float64Array): string | undefined {
  const first = values.find((value) => value === value)
  const format = first === undefined || !Number.isInteger(first) ? undefined : compactFormats[String(first).length]
  if (format === undefined) return undefined
  let [dates, count] = [0, 0]
  const least = 10 ** (String(first).length - 1)
  for (const value of values) {
    if (value !== value) continue
    count++
    if (!Number.isInteger(value) || value < least || value >= 10 * least) return undefined
    if (compactSeconds(value, format) !== undefined) dates++
  }
  // Six digits are a month by chance in one of eight.
  return dates === count || (format !== 'yyyyMM' && dates > 0.8 * count) ? format : undefined
}

/** @throws DataError `BadTime` for numbers that are no date in the format */
function readCompact(told: Told, values: Float64Array, format: string): ReadColumn {
  const bad: number[] = []
  const seconds = values.map((value, row) => {
    const read = value === value && Number.isInteger(value) ? compactSeconds(value, format) : undefined
    if (value === value && read === undefined) bad.push(row)
    return read ?? NaN
  })
  if (bad.length > 0)
    throw badTime(
      told,
      bad,
      `${bad.length === 1 ? 'this is' : `${times(bad.length)} are`} no date, while times here are dates like ` +
        `${quote(told.column.text(values.findIndex((_, row) => seconds[row] === seconds[row])))} (${format})`,
      'Correct the cells, or take all times as plain numbers with --date-format number.',
    )
  return { form: { kind: 'date', format, style: format.includes('HH') ? 'datetime' : 'date' }, values: seconds, notices: [] }
}

/** Counts since 1970. */
function readEpoch(values: Float64Array, format: keyof typeof epochs): ReadColumn {
  const form: TimeForm = { kind: 'date', format, style: 'datetime with zone' }
  return { form, values: values.map((value) => value / epochs[format]), notices: [] }
}

/** Numbers in a format that was named, or is that of a fitted model; undefined where the format is none of numbers. */
export function readNumbersAs(told: Told, values: Float64Array, format: string): ReadColumn | undefined {
  if (format === 'number') return { form: { kind: 'number' }, values, notices: [] }
  if (isEpoch(format)) return readEpoch(values, format)
  if (isExcel(format))
    return { form: { kind: 'date', format, style: 'datetime' }, values: values.map((value) => excelSeconds(value, format)), notices: [] }
  if (isCompact(format) && values.every((value) => value !== value || Number.isInteger(value))) return readCompact(told, values, format)
  return undefined
}
