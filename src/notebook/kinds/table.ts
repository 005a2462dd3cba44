import type { ColumnTable } from 'arquero'
import { cellText } from '../../data/cellText.js'
import type { DanfoFrame } from '../../data/tables.js'
import { formatCount, formatNumber } from '../../report/format.js'
import { counted } from '../../report/headline.js'
import { html, type Html } from '../../report/html.js'
import type { DisplayOptions, Parts } from '../parts.js'

/** A table in plain HTML: a notebook's own styles make it look like its other tables. */
export function htmlTable(header: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  return html`<table><thead><tr>${header.map((name) => html`<th>${name}</th>`)}</tr></thead><tbody>${rows.map(([name = '', ...cells]) => html`<tr><th>${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table>`
}

const ROWS = 10

/** The first rows of an arquero table. */
export function tableParts(table: Pick<ColumnTable, 'columnNames' | 'numRows' | 'objects'>, { rows = ROWS }: DisplayOptions): Parts {
  const names = table.columnNames()
  const first = table.objects({ limit: rows }) as Record<string, unknown>[]
  return {
    body: rowsTable(
      names,
      first.map((row) => names.map((name) => row[name])),
      table.numRows(),
    ),
  }
}

/** The first rows of a DataFrame of danfojs. */
export function danfoParts({ columns, values }: DanfoFrame, { rows = ROWS }: DisplayOptions): Parts {
  const all = values as unknown[][]
  return { body: rowsTable(columns, all.slice(0, rows), all.length) }
}

function rowsTable(names: readonly string[], rows: readonly (readonly unknown[])[], all: number): Html {
  const cell = (value: unknown): string =>
    typeof value === 'number'
      ? Number.isNaN(value)
        ? ''
        : formatNumber(value, 5)
      : value instanceof Date
        ? cellText(value).replace('T00:00:00.000Z', '').replace('.000Z', 'Z')
        : cellText(value)
  const more = all > rows.length ? html`<p>The first ${formatCount(rows.length)} of ${counted(all, 'row', 'rows')}.</p>` : html``
  return html`${htmlTable(
    ['', ...names],
    rows.map((row, i) => [String(i + 1), ...row.map(cell)]),
  )}${more}`
}
