import { dataError, listNames, quote, type Place } from './place.js'
import type { RawCells } from './rawCells.js'
import { UNIT_NAMES, isNamed, plainName } from './roles/names.js'

/** Columns that say in which unit a value is: of a long table the one called `unit`, of a wide one `weight_unit`. */
export interface UnitColumn {
  readonly column: RawCells
  /** Wide tables: the channel it belongs to; undefined where it may be any. */
  readonly channel: string | undefined
}

/** Finds columns of units among those that have no other role. */
export function unitColumns(columns: readonly RawCells[], unused: readonly number[], channels: readonly string[]): UnitColumn[] {
  return unused.flatMap((i): UnitColumn[] => {
    const column = columns[i]!
    if (isNamed(column.name, UNIT_NAMES)) return [{ column, channel: channels.length === 1 ? channels[0] : undefined }]
    const name = plainName(column.name)
    const channel = channels.find((other) => UNIT_NAMES.some((unit) => name === `${plainName(other)}${unit}`))
    return channel === undefined ? [] : [{ column, channel }]
  })
}

/**
 * Raises where values of one channel come in different units.
 *
 * @param channelOf the channel of a row, undefined where the row measures none
 * @throws DataError `MixedUnits`, showing two units and where they stand
 */
export function refuseMixedUnits(
  { column }: UnitColumn,
  channelOf: (row: number) => string | undefined,
  at: (row: number, column: string) => Place,
  unit: 'line' | 'row',
): void {
  const first = new Map<string, { row: number; text: string }>()
  for (let row = 0; row < column.length; row++) {
    const channel = channelOf(row)
    if (channel === undefined || column.isMissing(row)) continue
    const text = column.text(row)
    const known = first.get(channel)
    if (known === undefined) first.set(channel, { row, text })
    else if (known.text !== text && alike(known.text) !== alike(text)) {
      throw dataError(
        'MixedUnits',
        at(row, column.name),
        `values of ${quote(channel)} have different units: ${quote(known.text)} (${unit} ${at(known.row, column.name).line}) and ` +
          `${quote(text)} (${unit} ${at(row, column.name).line})`,
        'Convert them to one unit, or give each unit a channel of its own ' +
          `(${listNames([`${channel} ${known.text}`, `${channel} ${text}`])}).`,
      )
    }
  }
}

/** `mg/dL`, `MG/DL` and `mg / dl` are one unit; `µ` has two characters. */
const alike = (unit: string): string =>
  unit
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/μ/g, 'µ')
    .replace(/^(?:mcg|ug)/, 'µg')
