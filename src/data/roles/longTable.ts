import { dataError, listNames } from '../place.js'
import type { RawCells } from '../rawCells.js'
import { CHANNEL_NAMES, VALUE_NAMES, byName } from './names.js'

/** What the user said about a long table. */
export interface LongOptions {
  readonly format?: 'auto' | 'wide' | 'long'
  readonly channel?: string
  readonly value?: string
}

/**
 * The columns of channel names and of values of a long table; undefined where the table is wide.
 *
 * @param others columns that are neither id nor time
 * @throws DataError `NotLong`
 */
export function findLong(
  columns: readonly RawCells[],
  file: string,
  options: LongOptions,
  others: readonly number[],
  named: (name: string, role: string) => number,
): { channel: number; value: number } | undefined {
  const header = columns.map(({ name }) => name)
  if (options.format === 'wide') return undefined
  const wanted = options.format === 'long' || options.channel !== undefined || options.value !== undefined
  const first = (names: readonly string[], besides = -1): number =>
    byName(header, names).find((i) => others.includes(i) && i !== besides) ?? -1
  const channel = options.channel === undefined ? first(CHANNEL_NAMES) : named(options.channel, '--channel')
  const value = options.value === undefined ? first(VALUE_NAMES, channel) : named(options.value, '--value')
  if (!wanted) return channel !== -1 && value !== -1 ? { channel, value } : undefined
  // By content: the one column of words, the one column of numbers.
  const only = (positions: readonly number[]): number => (positions.length === 1 ? positions[0]! : -1)
  const chosenChannel = channel === -1 ? only(others.filter((i) => i !== value && isWordy(columns[i]!))) : channel
  const chosen = {
    channel: chosenChannel,
    value: value === -1 ? only(others.filter((i) => i !== chosenChannel && !isWordy(columns[i]!))) : value,
  }
  if (chosen.channel === -1 || chosen.value === -1 || chosen.channel === chosen.value)
    throw dataError(
      'NotLong',
      { file },
      `a long table needs a column of channel names and a column of values (columns: ${listNames(header)})`,
      'Name them with --channel and --value, or use --format wide.',
    )
  return chosen
}

function isWordy(column: RawCells): boolean {
  let words = 0
  for (let row = 0; row < column.length; row++) if (Number.isNaN(column.number(row)) && !column.isMissing(row)) words++
  return words > column.length / 2
}
