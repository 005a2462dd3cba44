import { dataError, quote } from '../place.js'
import { durationFormat, parseDuration, type WrittenDuration } from './durations.js'
import { secondsPerDay } from './iso.js'
import { firstRow, placeOf, type Told } from './timeErrors.js'
import type { ReadTexts } from './timeForm.js'

/** Lengths of time; undefined where a cell is none. @throws DataError `AmbiguousTimes` where `26:38` could be minutes and seconds */
export function readDurations(told: Told): ReadTexts | undefined {
  const { column } = told
  const first = firstRow(told)
  if (first === undefined || (parseDuration(column.text(first)) ?? parseDuration(column.text(first), true)) === undefined) return undefined
  const read = readEach(told, (text) => parseDuration(text)) ?? minutesToo(told)
  if (read === undefined) return undefined
  const written = [...new Set(read)].filter((one) => one !== undefined)
  const format = durationFormat(written)
  const values = Float64Array.from(read, (one) => one?.seconds ?? NaN)
  return { form: { kind: 'duration', format }, values, isLocal: false, notices: clockNotices(told, values, written) }
}

/** An `m` is a minute where the column speaks of hours or seconds too. */
function minutesToo(told: Told): (WrittenDuration | undefined)[] | undefined {
  const read = readEach(told, (text) => parseDuration(text, true))
  return read?.some((one) => one?.parts.some(({ unit }) => unit === 'hour' || unit === 'second')) ? read : undefined
}

/** What each cell says, undefined where it is missing; undefined altogether where one says nothing. */
function readEach<T>({ column }: Told, parse: (text: string) => T | undefined): (T | undefined)[] | undefined {
  const known = new Map<string, T | undefined>()
  const all: (T | undefined)[] = []
  for (let row = 0; row < column.length; row++) {
    if (column.isMissing(row)) {
      all.push(undefined)
      continue
    }
    const text = column.text(row)
    let read = known.get(text)
    if (read === undefined) {
      read = parse(text)
      if (read === undefined) return undefined
      known.set(text, read)
    }
    all.push(read)
  }
  return all
}

function clockNotices(told: Told, values: Float64Array, written: readonly WrittenDuration[]): readonly string[] {
  if (written.some(({ shape }) => shape !== 'clock')) return []
  const withinDay = values.every((value) => !(value < 0) && !(value >= secondsPerDay))
  if (written.every(({ hasSeconds }) => !hasSeconds)) {
    const row = values.findIndex((value) => Math.abs(value) >= secondsPerDay)
    if (row !== -1) {
      const [hours, minutes] = told.column
        .text(row)
        .replace(/^[-+−]\s?/, '')
        .split(':')
      throw dataError(
        'AmbiguousTimes',
        placeOf(told, row),
        `times like ${quote(told.column.text(row))} can be read two ways: ${hours} hours and ${minutes} minutes (hh:mm), or ${hours} ` +
          `minutes and ${minutes} seconds (mm:ss)`,
        'Say which: --date-format hh:mm or --date-format mm:ss.',
      )
    }
    return [
      `Times like ${quote(told.column.text(firstRow(told)!))} are taken as hours and minutes from 0:00 (--date-format mm:ss takes ` +
        'them as minutes and seconds; a column of days is joined by --time date,time).',
    ]
  }
  return withinDay
    ? [
        'Times of day without a day are taken as lengths of time from 0:00: a series that goes on past midnight needs a column of ' +
          'days beside (--time date,time).',
      ]
    : []
}

/** Clocks in a format that is named, or is that of a fitted model: `hh:mm`, `mm:ss`, `hh:mm:ss`. Undefined where a cell is none. */
export function readClocks(told: Told, format: string): ReadTexts | undefined {
  const perMinute = format.includes('h') ? 1 : 1 / 60
  const read = readEach(told, (text) => {
    const one = parseDuration(text)
    return one?.shape !== 'clock' || (perMinute !== 1 && one.hasSeconds) || (format.endsWith('ss') && perMinute === 1 && !one.hasSeconds)
      ? undefined
      : one.seconds * perMinute
  })
  if (read === undefined) return undefined
  return { form: { kind: 'duration', format }, values: Float64Array.from(read, (seconds) => seconds ?? NaN), isLocal: false, notices: [] }
}
