import { dataError } from './place.js'

export type FileKind = 'text' | 'parquet' | 'arrow'

/** Names that say what a file holds. */
const EXTENSIONS: Readonly<Record<Exclude<FileKind, 'text'>, RegExp>> = {
  parquet: /\.(parquet|pq)$/i,
  arrow: /\.(arrow|feather|ipc|arrows)$/i,
}

/** What such files are called in messages. */
export const kindNames = { parquet: 'Parquet', arrow: 'Arrow' } as const

/** The kind that a name asks for: text where it says nothing of Parquet or Arrow. */
export function kindByName(path: string): FileKind {
  return EXTENSIONS.parquet.test(path) ? 'parquet' : EXTENSIONS.arrow.test(path) ? 'arrow' : 'text'
}

/** A file's name without the ending that says what it holds. */
export const withoutKind = (name: string): string => Object.values(EXTENSIONS).reduce((rest, ending) => rest.replace(ending, ''), name)

/**
 * What a file is by its first bytes (eight are enough), whatever its name.
 *
 * @throws DataError `BadParquet`, `BadArrow` where it is a variant that is not read, or no such file in spite of its name
 */
export function kindByContent(head: Uint8Array, path: string, file: string): FileKind {
  const starts = (text: string): boolean => head.length >= text.length && [...text].every((letter, i) => head[i] === letter.charCodeAt(0))
  if (starts('PAR1')) return 'parquet'
  // A stream of Arrow messages has no name in front: it begins with the mark of a message.
  if (starts('ARROW1') || starts('\u00ff\u00ff\u00ff\u00ff')) return 'arrow'
  if (starts('PARE')) throw dataError('BadParquet', { file }, 'the Parquet file is encrypted', 'Write it without encryption.')
  if (starts('FEA1'))
    throw dataError(
      'BadArrow',
      { file },
      'this is Feather of version 1, which is no Arrow file',
      'Write it again as version 2, which is what `to_feather` of pandas and pyarrow writes today.',
    )
  const kind = kindByName(path)
  if (kind !== 'text' && head.length > 0) {
    throw dataError(
      kind === 'parquet' ? 'BadParquet' : 'BadArrow',
      { file },
      `the name says that this is ${kind === 'parquet' ? 'a' : 'an'} ${kindNames[kind]} file, but it does not begin like one`,
      'Check where it came from; if it is a text table, give it a name that ends in .csv.',
    )
  }
  return 'text'
}
