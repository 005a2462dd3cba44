import { alignColumns, formatNumber } from '../terminal/layout.js'

/** A row of a table of forecasts: the time as the data have it, a date where they have dates. */
export interface PreviewRow {
  readonly id: string
  readonly time: number | string
  readonly channel: string
  readonly [column: string]: number | string
}

/** Rows of the preview. */
const ROWS = 6

/** Passes pieces on, and the first of them to `keep` as well. */
export function* keepFirst<Piece>(pieces: Iterable<Piece>, keep: (piece: Piece) => void): Generator<Piece> {
  let first = true
  for (const piece of pieces) {
    if (first) keep(piece)
    first = false
    yield piece
  }
}

/** The beginning of the first series' forecast, as people read it. */
export function describePreview(rows: readonly PreviewRow[], width: number): string {
  if (rows.length === 0) return ''
  const shown = rows.slice(0, ROWS)
  const { id: _, time: _time, channel: _channel, ...others } = shown[0]!
  // Of the usual quantiles those that tell most.
  const usual = 'q05' in others && 'q95' in others
  const columns = usual ? ['mean', 'q05', 'q95'] : Object.keys(others)
  const cell = (value: number | string | undefined, digits?: number): string =>
    typeof value === 'number' ? formatNumber(value, digits) : (value ?? '')
  return [
    '',
    '',
    `The first ${shown.length === 1 ? 'row' : `${shown.length} rows`}, of series ${JSON.stringify(shown[0]!.id)}` +
      `${usual ? '; 9 of 10 observations are expected between "least" and "most"' : ''}:`,
    alignColumns(
      [
        ['channel', 'time', ...(usual ? ['mean', 'least', 'most'] : columns)],
        ...shown.map((row) => [row.channel, cell(row.time, 6), ...columns.map((column) => cell(row[column]))]),
      ],
      width,
    ),
  ].join('\n')
}
