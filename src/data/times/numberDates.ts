import { dayNumber, clockSeconds, secondsPerDay } from './iso.js'

/** Digits that hold a date without anything between: `20210118`, `202101181405`. By how many there are. */
export const compactFormats: Readonly<Record<number, string>> = {
  6: 'yyyyMM',
  8: 'yyyyMMdd',
  10: 'yyyyMMddHH',
  12: 'yyyyMMddHHmm',
  14: 'yyyyMMddHHmmss',
}

export const isCompact = (format: string): boolean => Object.values(compactFormats).includes(format)

/** Years in which dates without anything between are believed. */
const YEARS = [1800, 2199] as const

/** Seconds since 1970 (UTC) of a whole number that holds a date, undefined where it holds none. */
export function compactSeconds(value: number, format: string): number | undefined {
  let rest = value
  const take = (size: number): number => {
    const part = rest % size
    rest = Math.floor(rest / size)
    return part
  }
  const second = format.endsWith('ss') ? take(100) : 0
  const minute = format.includes('mm') ? take(100) : 0
  const hour = format.includes('HH') ? take(100) : 0
  const day = format.includes('dd') ? take(100) : 1
  const month = take(100)
  if (month < 1 || month > 12 || day < 1 || day > 31 || rest < YEARS[0] || rest > YEARS[1]) return undefined
  const clock = clockSeconds(hour, minute, second)
  const midnight = dayNumber(rest, month, day)
  return clock === undefined || midnight === undefined ? undefined : midnight * secondsPerDay + clock
}

/** Units in which moments are counted since 1970, by how many make a second. */
export const epochs = { 'epoch seconds': 1, 'epoch milliseconds': 1e3, 'epoch microseconds': 1e6, 'epoch nanoseconds': 1e9 } as const
export type Epoch = keyof typeof epochs
export const isEpoch = (format: string): format is Epoch => Object.hasOwn(epochs, format)

/** Seconds of 2000-01-01 and 2100-01-01: counts since 1970 between them are believed to be such without being told. */
const BELIEVED = [946_684_800, 4_102_444_800] as const

/**
 * The unit in which all of some numbers count moments since 1970, so that they lie between 2000 and 2100, and none is twice
 * another: a count of seconds since the start of something does not begin in 2000. Parts of anything but seconds are not believed.
 *
 * @param told whether the column's name says that they are such counts: then from 1970 on
 */
export function epochOf(values: Float64Array, told: boolean): Epoch | undefined {
  let [low, high, whole] = [Infinity, -Infinity, true]
  for (const value of values) {
    if (value !== value) continue
    if (value < low) low = value
    if (value > high) high = value
    whole &&= Number.isInteger(value)
  }
  if (!(low > 0) || !(high < Infinity)) return undefined
  return (Object.keys(epochs) as Epoch[]).find((unit) => {
    const scale = epochs[unit]
    if (scale > 1 && !whole) return false
    if (told) return high <= BELIEVED[1] * scale && high >= BELIEVED[0] * scale
    return low >= BELIEVED[0] * scale && high <= BELIEVED[1] * scale && high <= 2 * low
  })
}

/** Names of columns that say that numbers are counts since 1970. */
export const saysEpoch = (name: string): boolean => /epoch|unix|posix/i.test(name)

/** Day 0 of spreadsheets in days since 1970: 1899-12-30, so that days from March 1900 on are right; or 1904-01-01. */
export const excelZero = { excel: -25_569, 'excel 1904': -24_107 } as const
export type Excel = keyof typeof excelZero
export const isExcel = (format: string): format is Excel => Object.hasOwn(excelZero, format)

/** Seconds since 1970 of a spreadsheet's day and part of a day, to the millisecond that it can tell. */
export const excelSeconds = (serial: number, format: Excel): number =>
  Math.round((serial + excelZero[format]) * secondsPerDay * 1000) / 1000
