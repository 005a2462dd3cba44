import type { RawCells } from '../rawCells.js'

/** Which rows have the same text in a column. */
export interface Grouping {
  /** The group of each row. */
  readonly codes: Int32Array
  readonly size: number
}

/** Groups rows by what a column says, numbers by their value. */
export function groupBy(column: RawCells): Grouping {
  const codes = new Int32Array(column.length)
  const known = new Map<string | number, number>()
  for (let row = 0; row < column.length; row++) {
    const number = column.number(row)
    const key = number === number ? number : column.text(row)
    let code = known.get(key)
    if (code === undefined) known.set(key, (code = known.size))
    codes[row] = code
  }
  return { codes, size: known.size }
}

/** Groups rows that are in one group by all of some groupings. */
export function intersect(groupings: readonly Grouping[], rows: number): Grouping {
  return groupings.reduce(
    (all, next) => {
      const codes = new Int32Array(rows)
      const known = new Map<number, number>()
      for (let row = 0; row < rows; row++) {
        const key = all.codes[row]! * next.size + next.codes[row]!
        let code = known.get(key)
        if (code === undefined) known.set(key, (code = known.size))
        codes[row] = code
      }
      return { codes, size: known.size }
    },
    { codes: new Int32Array(rows), size: Math.min(1, rows) },
  )
}

/** How many rows each group has. */
export function groupSizes({ codes, size }: Grouping): Int32Array {
  const sizes = new Int32Array(size)
  for (const code of codes) sizes[code]!++
  return sizes
}

/** Whether a column says one thing in each group, not the same in all, and at least two groups have two rows. */
export function isConstantWithin(column: RawCells, groups: Grouping): boolean {
  const first: (string | undefined)[] = []
  const counts = new Int32Array(groups.size)
  const all = new Set<string>()
  for (let row = 0; row < column.length; row++) {
    if (column.isMissing(row)) continue
    const code = groups.codes[row]!
    const text = column.text(row)
    if (counts[code]!++ === 0) {
      first[code] = text
      all.add(text)
    } else if (first[code] !== text) return false
  }
  return all.size > 1 && counts.filter((count) => count >= 2).length >= 2
}
