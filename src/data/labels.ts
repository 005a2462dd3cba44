import { MissingWords } from './missing.js'
import { plainNumber } from './numbers/plainNumber.js'
import { dataError, listNames, quote } from './place.js'
import { readTable, type ReadOptions } from './read.js'
import { columnPosition } from './roles.js'
import type { Source } from './source.js'

/** A label or a number for each series, by its id. */
export interface SeriesLabels {
  readonly name: string
  readonly values: ReadonlyMap<string, number | string>
}

export interface LabelsOptions extends Pick<ReadOptions, 'delimiter' | 'decimal' | 'encoding' | 'skipRows' | 'missing' | 'name'> {
  /** The column that tells series apart. */
  readonly id: string
  /** Ids of the series that labels are wanted for, and columns that are none. */
  readonly series: readonly string[]
  readonly besides?: readonly string[]
}

/**
 * Reads what is known of each series: the columns of a table that say one thing for all rows of a series, such as a
 * sex or a treatment. It may be a table of its own with a row per series, or the data themselves.
 *
 * @throws DataError `NoSuchColumn` without the id column, `NoLabels` if no series or no column is left
 */
export async function readLabels(
  source: Source,
  { id, series, besides = [], ...options }: LabelsOptions,
): Promise<{ labels: SeriesLabels[]; notices: readonly string[] }> {
  const { file, header, rows, decimal, notices } = await readTable(source, options)
  const position = columnPosition(header, id)
  if (position === -1)
    throw dataError(
      'NoSuchColumn',
      { file, column: id },
      `there is no such column (columns: ${listNames(header)})`,
      'Give labels beside an id column that is called as in the data.',
    )
  const wanted = new Set(series)
  const known = rows.filter((row) => wanted.has((row[position] ?? '').trim()))
  if (known.length === 0)
    throw dataError(
      'NoLabels',
      { file, column: header[position]! },
      `none of the ${rows.length} rows has the id of a series of the data, such as ${quote(series[0] ?? '')}`,
      'Give labels of the same series, with the same ids.',
    )
  const missing = new MissingWords(options.missing)
  const marks = decimal === 'undecided' ? (['.', ','] as const) : [decimal]
  const numberOf = (text: string): number => marks.map((mark) => plainNumber(text, mark)).find((value) => value === value) ?? NaN
  const varying: string[] = []
  const labels = header.flatMap((name, c): SeriesLabels[] => {
    if (c === position || name === '' || besides.includes(name)) return []
    const texts = new Map<string, string>()
    for (const row of known) {
      const [key, cell] = [row[position]!.trim(), (row[c] ?? '').trim()]
      if (missing.isText(cell)) continue
      if ((texts.get(key) ?? cell) !== cell) {
        varying.push(name)
        return []
      }
      texts.set(key, cell)
    }
    const numbers = new Map([...texts].map(([key, text]) => [key, numberOf(text)] as const))
    const numeric = [...numbers.values()].every(Number.isFinite)
    return texts.size === 0 ? [] : [{ name, values: numeric ? numbers : texts }]
  })
  if (labels.length === 0)
    throw dataError(
      'NoLabels',
      { file },
      `beside ${quote(header[position]!)} there is no column that says one thing for all rows of a series (columns: ${listNames(header)})`,
      'Give a table with a row for each series and a column for each label.',
    )
  return {
    labels,
    notices: varying.length === 0 ? notices : [...notices, `Not used as labels, since they change within series: ${listNames(varying)}.`],
  }
}
