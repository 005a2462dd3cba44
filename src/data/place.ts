import { DataError } from '../errors.js'

/** Where in the input something was found; `unit` is what `line` counts: lines of a file, rows of a table. */
export interface Place {
  readonly file: string
  readonly line?: number
  readonly column?: string
  readonly series?: string
  readonly unit?: 'line' | 'row'
}

/** `visits.csv, line 3, column "bili"`. */
function describePlace({ file, line, column, series, unit = 'line' }: Place): string {
  return [
    file,
    line === undefined ? '' : `${unit} ${line}`,
    column === undefined ? '' : `column ${quote(column)}`,
    series === undefined ? '' : `series ${quote(series)}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

/** A DataError whose message starts with the place: `place: what was found. What to do.` */
export function dataError(code: string, place: Place, found: string, remedy: string): DataError {
  const { file, line, column, series } = place
  return new DataError(code, `${describePlace(place)}: ${found}. ${remedy}`, {
    file,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(series === undefined ? {} : { series }),
  })
}

/** Text from a file as it may stand in a message: in quotes, control characters escaped, at most 40 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text)
}

/** `3 rows`, `1 row`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : many}`
}

/** Up to `limit` names in quotes, and how many more there are. */
export function listNames(names: readonly string[], limit = 12): string {
  const shown = names.slice(0, limit).map(quote).join(', ')
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown
}

/** Why bytes could not be read: what a library says when it comes upon nonsense is of no use to who reads it. */
export function reasonOf(error: unknown): string {
  return error instanceof TypeError || error instanceof RangeError || !(error instanceof Error)
    ? 'a count or a position in it is wrong'
    : error.message
}
