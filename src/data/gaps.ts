import { secondsToTime } from './dates.js'
import type { FileKind } from './fileKind.js'
import type { Rows } from './firstRows.js'
import type { ColumnTable } from './ingest.js'
import { ingestSource, type ReadOptions, type Written } from './read.js'
import { toResult, type ReadResult } from './readResult.js'
import type { Source } from './source.js'

/** A cell of a channel in which nothing stands. */
export interface Gap {
  readonly id: string
  /** On the axis of the set. */
  readonly time: number
  /** Index into the channels of the set. */
  readonly channel: number
  /** Where it is in the table: index into `rows`, and the column. */
  readonly row: number
  readonly column: number
}

/** A table as it is written, beside what was read of it. */
export interface TableWithGaps {
  readonly kind: FileKind
  readonly written: Written
  /** Names as they stand. */
  readonly header: readonly string[]
  /** The line below the header that gives units, where there is one. */
  readonly units?: readonly string[]
  /** Cells as they stand, in file order; blank lines are left out. */
  readonly rows: readonly (readonly string[])[]
  /** The time of each row on the axis of the set, NaN of rows without any cell. */
  readonly times: Float64Array
  /** Columns of times; and those of numbers: channels, or the one of values of a long table. */
  readonly timeColumns: readonly number[]
  readonly numberColumns: readonly number[]
  /** The numbers of those columns as they were read, by row: NaN where a cell is missing, or a limit like `<4.0`. */
  readonly numbers: ReadonlyMap<number, Float64Array>
  /** Missing cells of the channels; cells like `<4.0` say something and are none. */
  readonly gaps: readonly Gap[]
}

/**
 * Reads a data set and keeps the table as well, whole and as text.
 *
 * @param options with `expected`: the channels whose gaps are looked for
 * @throws DataError as `readSeries` does
 */
export async function readWithGaps(
  source: Source,
  options: ReadOptions & { readonly expected: readonly string[] },
): Promise<ReadResult & { readonly whole: TableWithGaps }> {
  const kept = keepRows()
  const { made, kind, written } = await ingestSource(source, options, (ingest) => ingest.finish(), kept)
  const result = toResult(made, { ...options, tellsEmpty: false })
  return { ...result, whole: { kind, written, ...kept.table(), ...gapsIn(made, result, kept.lines, options.expected) } }
}

/** Keeps cells as they come, and the line of each row. */
function keepRows(): Rows & { readonly lines: readonly number[]; table(): Pick<TableWithGaps, 'header' | 'units' | 'rows'> } {
  let header: readonly string[] = []
  let units: readonly string[] | undefined
  const rows: (readonly string[])[] = []
  const lines: number[] = []
  return {
    lines,
    header: (cells) => void (header = cells),
    units: (cells) => void (units = cells),
    row(cells, line) {
      if (cells.length !== header.length) return
      rows.push(cells)
      lines.push(line)
    },
    table: () => ({ header, rows, ...(units && { units }) }),
  }
}

function gapsIn(
  { lines, roles, id, channel, time, values, censored }: ColumnTable,
  { set }: ReadResult,
  rowLines: readonly number[],
  channels: readonly string[],
): Pick<TableWithGaps, 'times' | 'timeColumns' | 'numberColumns' | 'numbers' | 'gaps'> {
  const rowAt = new Map(rowLines.map((line, row) => [line, row]))
  const limits = new Set(censored.map((cell) => `${cell.row} ${channels.indexOf(cell.channel)}`))
  const seconds = time.values()
  const times = new Float64Array(rowLines.length).fill(NaN)
  const numbers = new Map(roles.values.map((column) => [column, new Float64Array(rowLines.length).fill(NaN)]))
  const gaps: Gap[] = []
  lines.forEach((line, at) => {
    const row = rowAt.get(line)!
    times[row] = secondsToTime(set.time, seconds[at]!)
    roles.values.forEach((column, k) => {
      const value = values[k]!.values()[at]!
      numbers.get(column)![row] = value
      const of = channel === undefined ? k : channels.indexOf(channel.at(at))
      if (of !== -1 && Number.isNaN(value) && !limits.has(`${at} ${of}`))
        gaps.push({ id: id.at(at), time: times[row]!, channel: of, row, column })
    })
  })
  return { times, timeColumns: roles.time, numberColumns: roles.values, numbers, gaps }
}
