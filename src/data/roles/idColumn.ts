import { dataError, quote } from '../place.js'
import type { RawCells } from '../rawCells.js'
import { optionText } from '../shellWord.js'
import { measuredCell } from '../numbers/measuredCell.js'
import { looksLikeTimes } from '../times/looksLike.js'
import { groupBy, groupSizes, intersect, isConstantWithin, type Grouping } from './grouping.js'
import { LABEL_NAMES, MEASURED_NAMES, NOTE_NAMES, WEAK_ID_NAMES, byName, isNamed, namedLikeIds } from './names.js'

/** What is looked at to find the column that tells series apart. */
export interface IdSearch {
  readonly file: string
  readonly columns: readonly RawCells[]
  /** Columns that have another role already. */
  readonly taken: ReadonlySet<number>
  /** Where the times stand: ids mostly stand before them. */
  readonly timeAt: number
  /** Rows that may not be together in one series: those of one time (in long tables: and one channel). */
  readonly sameTime: Grouping
}

/** Tables with fewer rows may have ids that never repeat. */
const FEW_ROWS = 20
/** Words of more kinds than this are names, not states. */
const MANY = 12
const NUMBERED = /^[\p{L}]{0,12}[-_ .:#/]?\d+(?:[-_ .:/]?[\p{L}]{0,8}\d*)*$/u

/**
 * The position of the column that tells series apart, -1 for none. A column with a name like an id wins; else what
 * the whole table shows decides, in whatever order its rows stand.
 *
 * @throws DataError `AmbiguousId` where a column may be it and nothing proves it
 */
export function findId(search: IdSearch): number {
  const { columns, taken, file } = search
  const header = columns.map(({ name }, i) => (taken.has(i) ? '' : name))
  const rows = search.sameTime.codes.length
  const groupings = new Map<number, Grouping>()
  const grouping = (i: number): Grouping => {
    const known = groupings.get(i) ?? groupBy(columns[i]!)
    groupings.set(i, known)
    return known
  }
  // A column that is different in every row numbers the rows; it does not tell series apart.
  const repeats = (i: number): boolean => grouping(i).size < rows || rows < FEW_ROWS
  const separates = (i: number): boolean => intersect([grouping(i), search.sameTime], rows).size === rows
  const listed = namedLikeIds(header)
  for (const names of [listed, byName(header, WEAK_ID_NAMES)]) {
    const repeating = names.filter(repeats)
    const chosen = repeating.length < 2 ? repeating[0] : (repeating.find(separates) ?? repeating[0])
    if (chosen !== undefined) return chosen
  }
  const candidates = header.flatMap((name, i): Candidate[] =>
    name === '' ? [] : (asCandidate(columns[i]!, i, () => grouping(i), rows) ?? []),
  )
  const certain = byRepeatedTimes(candidates, separates, search, rows) ?? candidates.find((one) => isCertain(one, search))
  if (certain !== undefined) return certain.position
  const doubtful = candidates.filter((one) => isDoubtful(one, search))
  if (doubtful.length > 0) throw ambiguous(file, doubtful)
  // Few rows, each with an id of its own.
  return listed.find((i) => search.sameTime.size < rows && grouping(i).size > 1) ?? -1
}

interface Candidate {
  readonly position: number
  readonly column: RawCells
  readonly kind: 'words' | 'numbers'
  readonly groups: Grouping
  readonly sizes: Int32Array
}

/** A column of repeating words or whole numbers without gaps, that is not known to be something else. */
function asCandidate(column: RawCells, position: number, grouping: () => Grouping, rows: number): Candidate[] | undefined {
  if (isNamed(column.name, LABEL_NAMES) || isNamed(column.name, NOTE_NAMES) || isNamed(column.name, MEASURED_NAMES)) return undefined
  let words = 0
  for (let row = 0; row < rows; row++) {
    const value = column.number(row)
    if (value === value ? !Number.isInteger(value) : column.isMissing(row)) return undefined
    if (value !== value) words++
  }
  if (words > 0 && (words < rows / 2 || saysAmounts(column))) return undefined
  const groups = grouping()
  const kind = words > 0 ? 'words' : 'numbers'
  if (groups.size < 2 || groups.size > rows * (kind === 'words' ? 0.7 : 0.5)) return undefined
  return [{ position, column, kind, groups, sizes: groupSizes(groups) }]
}

/** Whether words are dates, lengths of time or amounts, such as `95%`: written out, but no names. */
function saysAmounts(column: RawCells): boolean {
  const kind = looksLikeTimes(column)
  if (kind === 'date' || kind === 'duration') return true
  let amounts = 0
  for (let row = 0; row < column.length; row++) {
    const cell = measuredCell(column.text(row))
    // 12A and 14B are names.
    if (cell.kind !== 'text' && !('affix' in cell && /^[A-Za-z]$/.test(cell.affix))) amounts++
  }
  return amounts > column.length / 2
}

/** The column that tells apart rows of equal times, if there is such a one. */
function byRepeatedTimes(
  candidates: readonly Candidate[],
  separates: (i: number) => boolean,
  { sameTime, timeAt }: IdSearch,
  rows: number,
): Candidate | undefined {
  const repeated = 1 - sameTime.size / rows
  if (repeated === 0) return undefined
  // With few repeated times many a column tells them apart by chance.
  const often = repeated >= 0.1
  const telling = candidates.filter(
    ({ kind, position }) => (kind === 'words' || position < timeAt || repeated >= 0.3) && separates(position),
  )
  const ordered = telling.sort(
    (a, b) =>
      Number(b.kind === 'words') - Number(a.kind === 'words') || (often ? a.groups.size - b.groups.size : b.groups.size - a.groups.size),
  )
  return ordered[0]
}

/** Where times do not repeat, the ids themselves have to look like ids, or other columns hang on them. */
function isCertain({ column, kind, groups, sizes, position }: Candidate, { columns, taken, timeAt }: IdSearch): boolean {
  const others = columns.some((other, i) => i !== position && !taken.has(i) && isConstantWithin(other, groups))
  if (kind === 'words') return others || groups.size > MANY || everyText(column, (text) => NUMBERED.test(text))
  return (others && isDense(column, groups)) || (position < timeAt && isDense(column, groups) && groups.size >= 5 && areEven(sizes, 3))
}

/** Numbers that stand before the time and repeat are ids more often than not; behind it they are mostly measured. */
function isDoubtful({ column, kind, groups, sizes, position }: Candidate, { timeAt }: IdSearch): boolean {
  if (kind === 'words') return true
  if (position < timeAt) return smallest(sizes) >= (isDense(column, groups) ? 2 : 3)
  return groups.size >= 5 && isDense(column, groups) && areEven(sizes, 3)
}

function everyText(column: RawCells, test: (text: string) => boolean): boolean {
  for (let row = 0; row < column.length; row++) if (!test(column.text(row))) return false
  return true
}

/** Whether whole numbers fill their range: 1 to 8, or 101 to 117 with few gaps. */
function isDense(column: RawCells, { size }: Grouping): boolean {
  let [low, high] = [Infinity, -Infinity]
  for (let row = 0; row < column.length; row++) {
    const value = column.number(row)
    if (value < low) low = value
    if (value > high) high = value
  }
  return low >= 0 && high - low + 1 <= 1.5 * size
}

/** Whether groups have at least `least` rows each and about as many; counts of things do not. */
const areEven = (sizes: Int32Array, least: number): boolean => smallest(sizes) >= least && largest(sizes) <= 2.5 * smallest(sizes)

const smallest = (sizes: Int32Array): number => sizes.reduce((a, b) => Math.min(a, b))
const largest = (sizes: Int32Array): number => sizes.reduce((a, b) => Math.max(a, b))

function ambiguous(file: string, candidates: readonly Candidate[]) {
  const [first] = candidates
  const describe = ({ column, groups, sizes }: Candidate): string => {
    const [least, most] = [smallest(sizes), largest(sizes)]
    return (
      `${quote(column.name)} (${groups.size} different ${groups.size === 1 ? 'entry' : 'entries'}, ` +
      `${least === most ? least : `${least} to ${most}`} rows each)`
    )
  }
  const found =
    candidates.length === 1
      ? `the column ${describe(first!)} may tell series apart`
      : 'one of the columns ' +
        `${candidates.slice(0, 4).map(describe).join(', ')}${candidates.length > 4 ? ` and ${candidates.length - 4} more` : ''} may ` +
        'tell series apart'
  return dataError(
    'AmbiguousId',
    { file, column: first!.column.name },
    `${found}, but nothing in the file proves it`,
    `Say so with ${optionText('id', first!.column.name)}, or with --id none if all rows are one series.`,
  )
}
