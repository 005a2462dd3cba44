import { formatTime as exactTime } from '../data/dates.js'
import type { TimeAxis } from '../data/series.js'
import { secondsOf } from '../data/times/durations.js'

/** What stands where a number is not known. */
export const unknown = '–'

/** A count, with separators: `1,945`. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return unknown
  return grouped(Math.round(value), 0)
}

/**
 * A number as a person would write it: three significant digits unless said otherwise, no exponent between 0.0001
 * and a billion, no trailing zeros.
 */
export function formatNumber(value: number | null | undefined, digits = 3): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return unknown
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e9) return typeset(Number(value.toPrecision(digits)).toExponential())
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
  return grouped(Number(value.toPrecision(Math.max(digits, Math.floor(Math.log10(size)) + 1))), decimals)
}

/** Three significant digits and no more, whatever its size: what says about where values lie must not be one of them. */
export const formatRough = (value: number): string => formatNumber(Number.isFinite(value) ? Number(value.toPrecision(3)) : value)

/** An error or a likelihood: three decimals below ten, so that the numbers of a column line up. */
export function formatScore(value: number | null | undefined): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return unknown
  const size = Math.abs(value)
  if (size >= 1e5 || (size > 0 && size < 5e-4)) return formatNumber(value)
  const text = value.toFixed(size < 9.9995 ? 3 : size < 99.995 ? 2 : 1)
  return typeset(Number(text) === 0 ? text.replace('-', '') : text)
}

/** A fraction as a percentage: `0.224` is `22 %`. */
export function formatPercent(fraction: number | null | undefined, decimals = 0): string {
  if (typeof fraction !== 'number' || !Number.isFinite(fraction)) return unknown
  return `${typeset((fraction * 100).toFixed(decimals))}\u202f%`
}

/** A fraction of a whole as a percentage that says 0 % and 100 % only when it is none and all. */
export function formatShare(fraction: number): string {
  if (fraction > 0 && fraction < 0.005) return `< 1\u202f%`
  if (fraction < 1 && fraction >= 0.995) return `> 99\u202f%`
  return formatPercent(fraction)
}

/** A point in time: a date (UTC) where the axis is one, to the second where it counts seconds, else the number. */
export function formatTime(value: number, axis: TimeAxis): string {
  if (axis.kind !== 'date') return formatNumber(value, 5)
  const milliseconds = toMilliseconds(value, axis)
  if (!Number.isFinite(milliseconds) || Math.abs(milliseconds) > 8.64e15) return unknown
  if (axis.unit === 'second') return withSeconds(axis, value)
  const text = new Date(milliseconds).toISOString()
  return axis.dateOnly ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ')
}

/** To the second, or to the digits that the data have. */
function withSeconds({ format: _format, zone: _zone, ...iso }: Extract<TimeAxis, { kind: 'date' }>, value: number): string {
  return exactTime(iso, value).replace('T', ' ').replace('Z', '')
}

/** What follows a length of time in the unit of a column of plain numbers: its name. */
export const unitAfter = (axis: TimeAxis, timeColumn: string): string => (axis.kind === 'number' ? ` (${timeColumn})` : '')

/** The unit in which lengths of time are given, for titles: `days`, or the name of a column of plain numbers. */
export const unitOf = (axis: TimeAxis, timeColumn: string): string => (axis.kind === 'number' ? timeColumn : `${axis.unit}s`)

/** What runs along the bottom of a figure: dates, `time in hours`, or the name of a column of plain numbers. */
export function alongBottom(axis: TimeAxis, timeColumn: string): string {
  if (axis.kind === 'date') return axis.zone === undefined ? 'dates' : 'dates (UTC)'
  return axis.kind === 'duration' ? `time in ${axis.unit}s` : timeColumn
}

/** A length of time with its unit, where the axis knows it: `90 days`. */
export function formatDuration(value: number, axis: TimeAxis): string {
  const text = formatNumber(value)
  return axis.kind === 'number' ? text : `${text} ${axis.unit}${text === '1' ? '' : 's'}`
}

/** A time as drawn: milliseconds since 1970 (UTC) where the axis is dates, else the number itself. */
export function toMilliseconds(value: number, axis: TimeAxis): number {
  return axis.kind === 'date' ? Date.parse(axis.epoch) + value * 1000 * secondsOf[axis.unit] : value
}

function grouped(value: number, decimals: number): string {
  const [whole, fraction] = Math.abs(value).toFixed(Math.min(decimals, 100)).split('.') as [string, string | undefined]
  const trimmed = fraction?.replace(/0+$/, '')
  return (value < 0 ? '−' : '') + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (trimmed ? `.${trimmed}` : '')
}

/** A true minus sign, and a power of ten instead of an `e`. */
function typeset(text: string): string {
  return text
    .replace(/e([+-]?)(\d+)$/, (_, sign: string, exponent: string) => ` × 10${superscript((sign === '-' ? '-' : '') + exponent)}`)
    .replace(/^1 × /, '')
    .replace('-', '−')
}

function superscript(text: string): string {
  return [...text].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]!)).join('')
}
