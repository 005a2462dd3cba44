import { kindByName } from './fileKind.js'
import { cellsOf, rowsOf, stackFrames, type Frame } from './frame.js'
import { csvLines } from './csv.js'

/**
 * Frames of the same columns as the pieces of one file, of the kind that its name asks for: CSV unless it ends in
 * `.parquet` or `.pq`, `.arrow` or `.feather`. CSV and Parquet are made as they are asked for; Arrow needs all rows at once.
 *
 * @param like a frame with the columns, rows do not matter: the header where there are no frames
 */
export async function framesToFile(path: string, frames: Iterable<Frame>, like: Frame): Promise<Iterable<string | Uint8Array>> {
  switch (kindByName(path)) {
    case 'parquet':
      return (await import('./writeParquet.js')).parquetPieces(frames, like)
    case 'arrow':
      return [
        await (await import('./writeArrow.js')).arrowBytes(stackFrames([like.map((column) => ({ ...column, values: [] })), ...frames])),
      ]
    case 'text':
      return csvPieces(frames, like)
  }
}

function* csvPieces(frames: Iterable<Frame>, like: Frame): Generator<string> {
  const names = like.map(({ name }) => name)
  yield [...csvLines(names, [])].join('')
  for (const frame of frames) {
    const [, ...lines] = csvLines(names, rows(frame))
    yield lines.join('')
  }
}

/** The rows of a frame as CSV shows them. */
function* rows(frame: Frame): Generator<(string | number)[]> {
  const cells = frame.map(cellsOf)
  for (let row = 0; row < rowsOf(frame); row++) yield cells.map((cell) => cell(row))
}
