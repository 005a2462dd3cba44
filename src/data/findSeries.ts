import { nearestName } from '../nearest.js'
import { dataError, listNames, quote } from './place.js'
import type { Series, SeriesSet } from './series.js'

/**
 * The series that a list names, in its order, each once. The list may be one that was split at its commas: of words that
 * follow each other as many as make an id are one (`Doe, Jane` is found as `Doe`, `Jane`).
 *
 * @param file what the message calls the data
 * @throws DataError `UnknownSeries`, with the nearest id there is
 */
export function findSeries(set: SeriesSet, words: readonly string[], file: string): Series[] {
  const byId = new Map(set.series.map((series) => [plain(series.id), series]))
  const found = new Set<Series>()
  for (let first = 0; first < words.length;) {
    let end = words.length
    while (end > first && !byId.has(plain(words.slice(first, end).join(',')))) end--
    if (end === first) throw unknown(set, words[first]!, file)
    found.add(byId.get(plain(words.slice(first, end).join(',')))!)
    first = end
  }
  return [...found]
}

/** Blanks around commas do not survive the splitting of a list. */
const plain = (id: string): string =>
  id
    .split(',')
    .map((part) => part.trim())
    .join(',')

function unknown({ series, idColumn }: SeriesSet, word: string, file: string): Error {
  const ids = series.map(({ id }) => id)
  const nearest = nearestName(word, ids)
  const place = { file, ...(idColumn !== '' && { column: idColumn }), series: word }
  return dataError(
    'UnknownSeries',
    place,
    'there is no such series',
    nearest === undefined ? `There are ${listNames(ids, 8)}.` : `Did you mean ${quote(nearest)}?`,
  )
}
