import { dataError, quote } from '../place.js'
import type { RawCells } from '../rawCells.js'
import type { TimeAxis } from '../series.js'
import { farDates } from './farDates.js'
import { joinColumns } from './joinTimes.js'
import { localToUtc } from './localTimes.js'
import { readNamed } from './namedFormat.js'
import { isExcel, isEpoch } from './numberDates.js'
import { readClocks } from './readDurations.js'
import { numbersOf, readNumbers, readNumbersAs } from './readNumbers.js'
import { readTexts } from './readTexts.js'
import { placeOf, type Told } from './timeErrors.js'
import type { DateForm, ReadTexts, TimeColumn, TimeOptions, TimePlace } from './timeForm.js'
import { zoneName } from './zones.js'

/**
 * Settles how one column, or several to be joined (`date,time`; `year,month,day`), is written, and reads it.
 *
 * @param place where the column stands, for messages
 * @throws DataError `BadTime`, `MixedTimes`, `AmbiguousDates`, `AmbiguousTimes`,
 *   `TimesTooFine`, `InfiniteValue`, `NoJoin`; UserError `BadDateFormat`, `BadTimeZone`
 */
export function readTimes(columns: readonly RawCells[], place: TimePlace, options: TimeOptions = {}): TimeColumn {
  const zone = options.timeZone === undefined ? undefined : zoneName(options.timeZone)
  const told: Told = { column: columns.length === 1 ? columns[0]! : joinColumns(columns, place), place }
  const read = readColumn(told, options)
  if (read.form.kind !== 'date')
    return { form: read.form, values: read.values, notices: [...read.notices, ...(zone === undefined ? [] : [noUse(told)])] }
  const far = farDates(told, read.values)
  const fine = finerThanToldApart(told, read.values)
  const { form, notices } = placeInZone(told, read, read.form, zone, options.axis)
  return { form, values: read.values, notices: [...read.notices, ...notices, ...far, ...fine] }
}

function readColumn(told: Told, { dateFormat, axis }: TimeOptions): ReadTexts {
  const numbers = numbersOf(told)
  if (dateFormat !== undefined) return readNamed(told, dateFormat, numbers)
  if (numbers !== undefined && !isWrittenDate(told)) {
    const read = numbersFor(told, numbers, axis)
    return { ...read, isLocal: read.form.kind === 'date' && read.form.style === 'datetime' }
  }
  if (axis?.kind === 'duration') return readClocks(told, axis.format) ?? readTexts(told, [])
  const known = axis?.kind === 'date' && axis.format !== undefined && !isSpecial(axis.format) ? [axis.format] : []
  return readTexts(told, known)
}

/** Numbers by chance: `01.2021`, and `20210118140530.25`, which a number of 64 bits would cut short. */
function isWrittenDate({ column }: Told): boolean {
  for (const pattern of [/^(?:0[1-9]|1[0-2])\.(?:19|20)\d\d$/, /^(?:19|20)\d{12}[.,]\d+$/]) {
    let count = 0
    for (let row = 0; row < column.length; row++) {
      if (column.isMissing(row)) continue
      if (!pattern.test(column.text(row))) {
        count = 0
        break
      }
      count++
    }
    if (count > 0) return true
  }
  return false
}

const isSpecial = (format: string): boolean => format === 'iso' || isEpoch(format) || isExcel(format)

/** Numbers are what a fitted model's were, unless they are dates by themselves. */
function numbersFor(told: Told, numbers: Float64Array, axis: TimeAxis | undefined) {
  if (axis?.kind === 'number') return readNumbersAs(told, numbers, 'number')!
  const read = readNumbers(told, numbers)
  if (axis === undefined) return read
  const known =
    axis.kind === 'date' && axis.format !== undefined && read.form.kind === 'number' ? readNumbersAs(told, numbers, axis.format) : undefined
  // What is said of a guess is known once there is a model.
  return { ...(known ?? read), notices: [] }
}

/** Puts local times into a zone. */
function placeInZone(
  told: Told,
  { values, isLocal }: ReadTexts,
  form: DateForm,
  given: string | undefined,
  axis: TimeAxis | undefined,
): { form: DateForm; notices: readonly string[] } {
  const ofModel =
    axis?.kind === 'date' && axis.format !== undefined && axis.format !== 'iso' && !/Z/.test(axis.format) ? axis.zone : undefined
  const zone = given ?? (isLocal ? ofModel : undefined)
  if (zone === undefined) return { form, notices: [] }
  if (form.style === 'date') return { form, notices: given === undefined ? [] : [noUse(told)] }
  return { form: { ...form, zone }, notices: isLocal ? localToUtc(told, values, zone) : [] }
}

const noUse = ({ column }: Told): string => `The column ${quote(column.name)} has no times of day, so --time-zone changes nothing.`

/**
 * Numbers of 64 bits tell moments since 1970 apart to a quarter of a microsecond.
 * @throws DataError `TimesTooFine` where that makes two of them one
 */
function finerThanToldApart(told: Told, values: Float64Array): readonly string[] {
  const { column, place } = told
  const seen = new Map<number, number>()
  for (let row = 0; row < column.length; row++) {
    if (values[row] !== values[row] || !/[.,]\d{6}\d*[1-9]|^\d{16}\d*[1-9]\d*$/.test(column.text(row))) {
      if (seen.size === 0 && row >= 1000) break
      continue
    }
    const before = seen.get(values[row]!)
    if (before === undefined) seen.set(values[row]!, row)
    else if (column.text(before) !== column.text(row)) {
      throw dataError(
        'TimesTooFine',
        placeOf(told, row),
        `${quote(column.text(row))} cannot be told from ${quote(column.text(before))} (${place.unit} ${place.line(before)}): dates ` +
          'are told apart to a quarter of a microsecond',
        'Give such times as numbers, counted from the start of each series.',
      )
    }
  }
  return seen.size === 0
    ? []
    : [
        'Dates are told apart to a quarter of a microsecond: what is finer is rounded. Give such times as numbers, counted from the ' +
          'start of each series, to keep it.',
      ]
}
