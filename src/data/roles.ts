import { nearestName } from '../nearest.js'
import { dataError, listNames, quote } from './place.js'
import type { RawCells } from './rawCells.js'
import { groupBy, intersect } from './roles/grouping.js'
import { findId } from './roles/idColumn.js'
import { findLong, type LongOptions } from './roles/longTable.js'
import { namedLikeIds } from './roles/names.js'
import { findTimes } from './roles/timeColumns.js'
import { splitList } from './shellWord.js'

/** What the user said about the columns. Everything left out is guessed. */
export interface RoleOptions extends LongOptions {
  /**
   * Name of the column that tells series apart, or of several that do so together (`store,item`);
   * `none` (where no column is called so) or an empty text says there is none.
   */
  readonly id?: string
  /** The column of times, or several to be joined: `date,time`, `year,month,day`. */
  readonly time?: string
  /** Names of the channels: columns of a wide table, entries of the channel column of a long one. Default: all. */
  readonly values?: readonly string[]
  /** The channels of a fitted model, in its order: what the file must have. Takes the place of `values`. */
  readonly expected?: readonly string[]
}

/** Which column is what, as positions in the header. */
export interface Roles {
  readonly format: 'wide' | 'long'
  /** The column that tells series apart, or several that do so together; none where all rows are one series. */
  readonly id: readonly number[]
  /** The column of times, or several that make them together. */
  readonly time: readonly number[]
  /** Wide: columns that may be channels. Long: the one column of values. */
  readonly values: readonly number[]
  /** True where the user, or the fitted model, named the channels. */
  readonly named: boolean
  /** Long: the column of channel names; wide: -1. */
  readonly channel: number
  readonly notices: readonly string[]
}

/** The columns that tell series and times. */
interface Keys extends Pick<Roles, 'id' | 'time' | 'notices'> {
  /** The columns of a long table. */
  readonly long: ReturnType<typeof findLong>
}

/**
 * Decides which columns tell series and times: by what the user said, else by name, else by what the whole table shows;
 * the order of its rows does not matter.
 *
 * @throws DataError `NoSuchColumn` (with the nearest name), `NoTimeColumn`, `AmbiguousId`, `SameColumn`, `NotLong`
 */
export function findKeys(columns: readonly RawCells[], file: string, options: RoleOptions = {}): Keys {
  const notices: string[] = []
  const header = columns.map(({ name }) => name)
  const named = namedIn(header, file)
  const several = (names: string, role: string): number[] =>
    columnPosition(header, names) !== -1 ? [named(names, role)] : splitList(names).map((name) => named(name, role))
  const givenId = options.id === undefined ? undefined : saysNone(options.id, header) ? [] : several(options.id, '--id')
  const givenTimes = options.time === undefined ? undefined : several(options.time, '--time')
  const time = givenTimes ?? findTimes(columns, file, givenId ?? [])
  const idNames = givenId === undefined ? new Set(namedLikeIds(header)) : new Set<number>()
  const besides = header.map((_, i) => i).filter((i) => !(givenId ?? []).includes(i) && !time.includes(i) && header[i] !== '')
  const long = findLong(
    columns,
    file,
    options,
    besides.filter((i) => !idNames.has(i)),
    named,
  )
  const id = givenId ?? guessId(columns, file, time, long, options)
  const both = id.find((i) => time.includes(i))
  if (both !== undefined)
    throw dataError(
      'SameColumn',
      { file, column: header[both]! },
      'the column is named for both id and time',
      'Name two columns with --id and --time.',
    )
  if (givenTimes === undefined)
    notices.push(
      `Times are taken from the ${time.length === 1 ? 'column' : 'columns'} ${listNames(time.map((i) => header[i]!))} (--time names ` +
        'another).',
    )
  if (givenId === undefined)
    notices.push(
      id.length === 0
        ? 'No column tells series apart: all rows are one series (--id names a column).'
        : `Series are told apart by the column ${quote(header[id[0]!]!)} (--id names another).`,
    )
  return { id, time, long, notices }
}

const namedIn =
  (header: readonly string[], file: string) =>
  (name: string, role: string): number => {
    const position = columnPosition(header, name)
    if (position === -1) throw noSuchColumn(file, header, name, role)
    return position
  }

/**
 * Decides which column is what; see `findKeys` for those of ids and times.
 *
 * @throws DataError as `findKeys` does; `NamedTwice`, `NoChannels`, `MissingChannels`
 */
export function findRoles(columns: readonly RawCells[], file: string, options: RoleOptions = {}): Roles {
  const header = columns.map(({ name }) => name)
  const named = namedIn(header, file)
  const { id, time, long, notices: told } = findKeys(columns, file, options)
  const notices = [...told]
  const others = header.map((_, i) => i).filter((i) => !id.includes(i) && !time.includes(i) && header[i] !== '')
  const channels = options.expected ?? options.values
  if (long !== undefined) {
    if (options.format !== 'long' && options.channel === undefined)
      notices.push(
        `This is read as a long table: channels from ${quote(header[long.channel]!)}, values from ${quote(header[long.value]!)} ` +
          '(--format wide reads it otherwise).',
      )
    const unused = others.filter((i) => i !== long.channel && i !== long.value)
    if (unused.length > 0) notices.push(`Columns not used: ${listNames(unused.map((i) => header[i]!))}.`)
    return { format: 'long', id, time, values: [long.value], channel: long.channel, named: channels !== undefined, notices }
  }
  const values = channels === undefined ? others : wideChannels(channels, options, header, file, named)
  const twice = values.find((position, i) => values.indexOf(position) !== i)
  if (twice !== undefined)
    throw dataError('NamedTwice', { file, column: header[twice]! }, '--values names the column twice', 'Name each channel once.')
  const misplaced = values.find((position) => id.includes(position) || time.includes(position))
  if (misplaced !== undefined)
    throw dataError(
      'SameColumn',
      { file, column: header[misplaced]! },
      `the column is named as a channel and is the ${id.includes(misplaced) ? 'id' : 'time'} column too`,
      'Leave it out of --values, or name another with --id or --time.',
    )
  if (values.length === 0)
    throw dataError(
      'NoChannels',
      { file },
      `beside id and time there is no column (found: ${listNames(header)})`,
      'Give at least one column of measured numbers.',
    )
  return { format: 'wide', id, time, values, channel: -1, named: channels !== undefined, notices }
}

/** `--id=` and `--id none` say that all rows are one series, unless a column is called so. */
const saysNone = (id: string, header: readonly string[]): boolean =>
  id === '' || (id.trim().toLowerCase() === 'none' && columnPosition(header, id) === -1)

function guessId(
  columns: readonly RawCells[],
  file: string,
  time: readonly number[],
  long: { channel: number; value: number } | undefined,
  options: RoleOptions,
): number[] {
  const rows = columns[0]!.length
  const sameTime = intersect(
    [...time, ...(long === undefined ? [] : [long.channel])].map((i) => groupBy(columns[i]!)),
    rows,
  )
  const channels = new Set(
    (options.values ?? options.expected ?? []).map((name) =>
      columnPosition(
        columns.map((column) => column.name),
        name,
      ),
    ),
  )
  const taken = new Set([...time, ...(long === undefined ? channels : [long.channel, long.value])])
  const found = findId({ file, columns, taken, timeAt: Math.min(...time), sameTime })
  return found === -1 ? [] : [found]
}

function wideChannels(
  channels: readonly string[],
  options: RoleOptions,
  header: readonly string[],
  file: string,
  named: (name: string, role: string) => number,
): number[] {
  // One name with commas, taken apart before anybody knew the columns.
  const whole =
    channels.length > 1 && columnPosition(header, channels[0]!) === -1
      ? header.findIndex((name) => name.replace(/\s*,\s*/g, ',') === channels.join(','))
      : -1
  if (whole !== -1) return [whole]
  return channels.map((name) => {
    if (options.expected !== undefined && columnPosition(header, name) === -1) throw missingChannels(file, options.expected, header)
    return named(name, '--values')
  })
}

/** The position of a column by its exact name, else by its name without case if that is unique, else -1. */
export function columnPosition(header: readonly string[], name: string): number {
  const exact = header.indexOf(name)
  if (exact !== -1) return exact
  const alike = header.flatMap((other, i) => (other.toLowerCase() === name.trim().toLowerCase() ? [i] : []))
  return alike.length === 1 ? alike[0]! : -1
}

export function noSuchColumn(file: string, header: readonly string[], name: string, role: string) {
  const nearest = nearestName(name, header)
  const hint = nearest === undefined ? 'Name one of them' : `Did you mean ${quote(nearest)}? Correct it`
  return dataError(
    'NoSuchColumn',
    { file, column: name },
    `there is no such column (columns: ${listNames(header)})`,
    `${hint} with ${role}.`,
  )
}

/** The fitted model's channels that a table lacks, all at once. */
export function missingChannels(file: string, expected: readonly string[], found: readonly string[]) {
  const lacking = expected.filter((name) => columnPosition(found, name) === -1)
  const nearest = nearestName(
    lacking[0]!,
    found.filter((name) => !expected.includes(name)),
  )
  const hint = nearest === undefined ? '' : ` Did ${quote(nearest)} use to be ${quote(lacking[0]!)}?`
  return dataError(
    'MissingChannels',
    { file, column: lacking[0]! },
    `the model was fitted to channels that are not here: ${listNames(lacking)} (found: ${listNames(found)})`,
    `Add the columns (empty where nothing was measured) or rename them.${hint}`,
  )
}
