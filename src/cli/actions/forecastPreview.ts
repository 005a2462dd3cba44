import { alignColumns, formatNumber } from '../terminal/layout.js'

/** What of a predicted row is shown. */
export interface PreviewRow {
  readonly id: string
  readonly time: number | string
  readonly channel: string
  readonly mean: number
  readonly q05: number
  readonly q95: number
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
  const time = (value: number | string): string => (typeof value === 'number' ? formatNumber(value, 6) : value)
  return [
    '',
    '',
    `The first ${shown.length === 1 ? 'row' : `${shown.length} rows`}, of series ${JSON.stringify(shown[0]!.id)}; 9 of 10 ` +
      'observations are expected between "least" and "most":',
    alignColumns(
      [
        ['channel', 'time', 'mean', 'least', 'most'],
        ...shown.map(({ time: at, channel, mean, q05, q95 }) => [
          channel,
          time(at),
          ...[mean, q05, q95].map((value) => formatNumber(value)),
        ]),
      ],
      width,
    ),
  ].join('\n')
}
