import { quantile } from '../describe.js'
import { quote } from '../place.js'
import { secondsPerDay } from './iso.js'
import { times, type Told } from './timeErrors.js'

const YEAR = 365.2425 * secondsPerDay

/** Days that are written where a day is not known, or where nothing was stored: first days of counts, last days of calendars. */
const STAND_INS = new Set([
  '0001-01-01',
  '1582-10-15',
  '1753-01-01',
  '1899-12-30',
  '1899-12-31',
  '1900-01-01',
  '1900-01-02',
  '1901-01-01',
  '1904-01-01',
  '1970-01-01',
  '2038-01-19',
  '2049-12-31',
  '2050-12-31',
  '2078-12-31',
  '2079-06-06',
  '2099-12-31',
  '2100-01-01',
  '2199-12-31',
  '2200-01-01',
  '2299-12-31',
  '2999-12-31',
  '3000-01-01',
  '3999-12-31',
  '4712-12-31',
  '9999-01-01',
  '9999-12-30',
  '9999-12-31',
])

/**
 * Says which dates are far from all others: beyond the quartiles by more than fifty years and ten times the distance between
 * them, or one that is often written for "not known" and ten years from the nearest other.
 *
 * @param values seconds since 1970, NaN where there is none
 */
export function farDates(told: Told, values: Float64Array): readonly string[] {
  let [first, last] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < first) first = value
    if (value > last) last = value
  }
  if (!(last - first > 10 * YEAR)) return []
  const sorted = values.filter((value) => value === value).sort()
  if (sorted.length < 4) return []
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  const reach = Math.max(50 * YEAR, 10 * (high - low))
  const isFar = (value: number): boolean => value < low - reach || value > high + reach
  const suspects = new Set([first, last].filter((value) => isFar(value) || isStandIn(value)))
  if (suspects.size === 0) return []
  const others = sorted.filter((value) => !isFar(value) && !suspects.has(value))
  if (others.length === 0) return []
  const isAlone = (value: number): boolean =>
    isFar(value) || (suspects.has(value) && (value < others[0]! - 10 * YEAR || value > others.at(-1)! + 10 * YEAR))
  const rows = [...values.keys()].filter((row) => isAlone(values[row]!))
  if (rows.length === 0) return []
  const { column, place } = told
  const far = (row: number): number =>
    Math.floor(Math.min(Math.abs(values[row]! - others[0]!), Math.abs(values[row]! - others.at(-1)!)) / YEAR)
  return [
    `${times(rows.length)} ${rows.length === 1 ? 'is' : 'are'} ${far(rows[0]!)} years from the nearest other (${place.unit} ` +
      `${place.line(rows[0]!)}: ${quote(column.text(rows[0]!))}): correct or remove ${rows.length === 1 ? 'the row' : 'the rows'} if ` +
      'this stands for a date that is not known.',
  ]
}

function isStandIn(seconds: number): boolean {
  const day = Math.floor(seconds / secondsPerDay)
  return Math.abs(day) < 1e8 && STAND_INS.has(new Date(day * 86_400_000).toISOString().slice(0, 10))
}
