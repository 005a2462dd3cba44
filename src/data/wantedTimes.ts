import { DataError } from '../errors.js'
import { nearestName } from '../nearest.js'
import { secondsToTime } from './dates.js'
import type { KeyTable } from './keyColumns.js'
import { dataError, listNames, plural, quote } from './place.js'
import { ingestSource, type ReadOptions } from './read.js'
import type { SeriesSet } from './series.js'
import type { Source } from './source.js'
import { checkAxis, compareIds } from './toSeries.js'

/** Times of series, by their ids. */
export interface WantedTimes {
  /** Ascending, each once, on the axis of the data; in the order of the ids. */
  readonly times: ReadonlyMap<string, Float64Array>
  /** What was guessed, or merged, as sentences. */
  readonly notices: readonly string[]
}

/**
 * Reads times for the series of a data set from a table of ids and times, in any order: columns called as in the data, else
 * found as those of data are. Other columns are not looked at. Data of a single series need no ids.
 *
 * @throws DataError `UnknownSeries` for ids that the data do not have, `NoIdColumn`, and what reading a table raises
 */
export async function readWantedTimes(
  source: Source,
  set: SeriesSet,
  options: Pick<ReadOptions, 'dateFormat' | 'timeZone' | 'missing' | 'name'> = {},
): Promise<WantedTimes> {
  const usual = { id: set.idColumn, time: set.timeColumn }
  const { made } = await ingestSource(source, { ...options, axis: set.time }, (ingest) => ingest.finishKeys(usual)).catch(
    (error: unknown) => {
      throw asInTheData(error, set)
    },
  )
  checkAxis(made, set.time)
  const lone = set.idColumn === ''
  if (!lone && !made.named)
    throw dataError(
      'NoIdColumn',
      { file: made.file },
      `no column tells which series the times are for, as ${quote(set.idColumn)} does in the data`,
      `Add a column ${quote(set.idColumn)}, or name the same times for all series with --at.`,
    )
  const idOf = lone ? () => set.series[0]!.id : (row: number) => made.id.at(row)
  if (!lone) refuseUnknown(made, set)
  const values = made.time.values()
  const found = new Map<string, Set<number>>()
  for (let row = 0; row < values.length; row++) {
    const [id, time] = [idOf(row), secondsToTime(set.time, values[row]!)]
    found.set(id, (found.get(id) ?? new Set()).add(time))
  }
  const repeated = values.length - [...found.values()].reduce((sum, { size }) => sum + size, 0)
  const absent = set.series.filter(({ id }) => !found.has(id)).length
  return {
    times: new Map([...found].sort(([a], [b]) => compareIds(a, b)).map(([id, times]) => [id, Float64Array.from(times).sort()] as const)),
    notices: [
      ...[
        ['times', made.time.name, set.timeColumn],
        ['ids', made.id.name, lone ? made.id.name : set.idColumn],
      ].flatMap(([what, name, usually]) => (name === usually ? [] : [`${made.file}: ${what} are taken from the column ${quote(name!)}.`])),
      ...made.notices.map((notice) => `${made.file}: ${notice}`),
      ...(repeated > 0 ? [`${made.file}: ${plural(repeated, 'row')} with the same id and time as another; each is predicted once.`] : []),
      ...(absent > 0
        ? [`${made.file} has no times for ${absent} of the ${set.series.length} series of the data: they are not predicted.`]
        : []),
    ],
  }
}

/** Options name columns of the data: those of this table have to be called so. */
function asInTheData(error: unknown, { idColumn, timeColumn }: SeriesSet): unknown {
  if (!(error instanceof DataError && ['NoTimeColumn', 'AmbiguousId'].includes(error.code))) return error
  const [what, name] = error.code === 'NoTimeColumn' ? ['times', timeColumn] : ['ids', idColumn]
  const found = error.code === 'NoTimeColumn' ? 'no column looks like times' : 'it is not clear which column tells series apart'
  return dataError(error.code, { file: error.where.file! }, found, `Call the column of ${what} ${quote(name!)}, as in the data.`)
}

function refuseUnknown({ file, unit, id, lines }: KeyTable, { series }: SeriesSet): void {
  const known = new Set(series.map((one) => one.id))
  const unknown = id.names.filter((name) => !known.has(name))
  const [first] = unknown
  if (first === undefined) return
  const row = id.codes().indexOf(id.names.indexOf(first))
  const nearest = nearestName(first, [...known])
  throw dataError(
    'UnknownSeries',
    { file, line: lines[row]!, column: id.name, series: first, unit },
    unknown.length === 1
      ? 'the data have no such series'
      : `the data have none of ${plural(unknown.length, 'series', 'series')} that are named: ${listNames(unknown, 5)}`,
    nearest === undefined
      ? `Remove the rows, or correct the ids: there are ${listNames([...known], 5)}.`
      : `Did you mean ${quote(nearest)}? Correct the ids, or remove the rows.`,
  )
}
