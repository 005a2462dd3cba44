import { quote } from '../place.js'
import { badTime, times, type Told } from './timeErrors.js'
import { zoneClock, type ZoneClock } from './zones.js'

/** Moments closer than this are near: a clock is put back by an hour or two. */
const NEAR = 3 * 3600

/**
 * Turns local times into seconds since 1970 (UTC), in place. An hour that the zone repeats in autumn is taken as its first
 * pass, unless the file's order shows that it is the second: the row before is within the hour too, and later. Equal times
 * show it where no two rows in a row are equal otherwise.
 *
 * @returns what to say
 * @throws DataError `BadTime` for times that the zone leaves out in spring; UserError `BadTimeZone`
 */
export function localToUtc(told: Told, values: Float64Array, zone: string): readonly string[] {
  const clock = zoneClock(zone)
  const repeated: number[] = []
  const missing: number[] = []
  const equalShows = !hasEqualNeighbours(values, clock)
  let second = 0
  let before = NaN
  for (let row = 0; row < values.length; row++) {
    const local = values[row]!
    if (local !== local) continue
    const moments = clock.momentsOf(local)
    if (moments.length === 0) missing.push(row)
    let utc = moments[0] ?? NaN
    if (moments.length > 1) {
      repeated.push(row)
      if (before - utc < NEAR && (before > utc || (equalShows && before === utc))) {
        utc = moments[1]!
        second++
      }
    }
    values[row] = before = utc
  }
  if (missing.length > 0) {
    throw badTime(
      told,
      missing,
      `${missing.length === 1 ? 'this time does' : `${times(missing.length)} do`} not exist in ${clock.name}, where the clock was ` +
        'put forward',
      'Correct the times, or give the zone that they are in: --time-zone UTC+1, say, for a clock that is never changed.',
    )
  }
  if (repeated.length === 0) return []
  const { column, place } = told
  const taken =
    second === 0
      ? 'taken as the first of the two'
      : second === repeated.length
        ? 'taken as the second, by the order of rows'
        : `taken as the first, ${second} of them as the second, by the order of rows`
  return [
    `${times(repeated.length)} ${repeated.length === 1 ? 'lies' : 'lie'} in an hour that ${clock.name} repeats when the clock is put ` +
      `back (${place.unit} ${place.line(repeated[0]!)}: ${quote(column.text(repeated[0]!))}): ${taken}.`,
  ]
}

/** Whether two rows that follow each other have one time, where no hour is repeated: the file then goes through several series at once. */
function hasEqualNeighbours(values: Float64Array, clock: ZoneClock): boolean {
  return values.some((value, row) => row > 0 && value === values[row - 1] && clock.momentsOf(value).length === 1)
}
