import { dataError, listNames } from '../place.js'
import type { RawCells } from '../rawCells.js'
import { joinedTimes } from '../times/joinTimes.js'
import { looksLikeTimes } from '../times/looksLike.js'
import { LAST_TIME_NAMES, TIME_ENDING, TIME_NAMES, byName, namedLikeIds } from './names.js'

/**
 * The columns that times are taken from, mostly one: by name, else the first that holds dates; year, month and day, or a
 * date and a time of day, are joined.
 *
 * @param taken columns that have another role
 * @throws DataError `NoTimeColumn`
 */
export function findTimes(columns: readonly RawCells[], file: string, taken: readonly number[]): readonly number[] {
  const free = (i: number): boolean => !taken.includes(i) && columns[i]!.name !== ''
  const header = columns.map(({ name }) => name)
  const joined = joinedTimes(columns)?.filter(free) ?? []
  const named = byName(header, TIME_NAMES, TIME_ENDING).filter(free)
  const whole = named.find((i) => !joined.includes(i) && looksLikeTimes(columns[i]!) === 'date')
  if (joined.length > 1 && whole === undefined) return joined
  const good = named.find((i) => looksLikeTimes(columns[i]!) !== undefined)
  if (good !== undefined) return [good]
  if (named.length > 0) return [named[0]!]
  const ids = new Set(namedLikeIds(header))
  for (const kind of ['date', 'duration'] as const) {
    const found = columns.findIndex((column, i) => free(i) && !ids.has(i) && looksLikeTimes(column) === kind)
    if (found !== -1) return [found]
  }
  const last = byName(header, LAST_TIME_NAMES).find((i) => free(i) && looksLikeTimes(columns[i]!) === 'number')
  if (last !== undefined) return [last]
  throw dataError(
    'NoTimeColumn',
    { file },
    `no column looks like times (columns: ${listNames(header.filter((name) => name !== ''))})`,
    'Name it with --time.',
  )
}
