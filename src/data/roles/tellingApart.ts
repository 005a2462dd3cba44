import type { RawCells } from '../rawCells.js'
import type { Roles } from '../roles.js'
import { groupBy, groupSizes, intersect } from './grouping.js'

/** The columns, not used yet, of which each alone would tell apart rows that share id and time: of a store's items, say. */
export function tellingApart(columns: readonly RawCells[], { id, time, channel, values, format }: Roles): string[] {
  const rows = columns[0]!.length
  const together = intersect(
    [...id, ...time, ...(format === 'long' ? [channel] : [])].map((i) => groupBy(columns[i]!)),
    rows,
  )
  const used = new Set([...id, ...time, channel, ...(format === 'long' ? values : [])])
  return columns.flatMap((column, i) => {
    if (used.has(i) || column.name === '' || !namesThings(column)) return []
    const own = groupBy(column)
    return own.size > 1 && groupSizes(own).every((size) => size >= 2) && intersect([together, own], rows).size === rows ? [column.name] : []
  })
}

/** Words or whole numbers, none missing: no measurement. */
function namesThings(column: RawCells): boolean {
  for (let row = 0; row < column.length; row++) {
    const value = column.number(row)
    if (value === value ? !Number.isInteger(value) : column.isMissing(row)) return false
  }
  return true
}
