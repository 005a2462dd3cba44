import { UserError } from './errors.js'

/** What an index counts, for the sentence that says what is wrong with one. */
export interface Indexed {
  /** What it is the index of, in one word: `time`. */
  readonly thing: string
  /** What has so many of them: `this forecast`. */
  readonly owner: string
  readonly count: number
  /** What stands at the indices, where people may take one for the other: times, names. */
  readonly entries?: ArrayLike<number | string>
}

/**
 * Checks an index that a user gave.
 *
 * @throws UserError `BadIndex` for one that is no whole number from 0 to one below the count; it names what there is
 */
export function checkIndex(index: number, count: number, describe: () => Omit<Indexed, 'count'>): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return
  throw badIndex(index, { ...describe(), count })
}

/** Entries that are listed. */
const LISTED = 6

function badIndex(index: unknown, { thing, owner, count, entries }: Indexed): UserError {
  const [plural, list] = [thing === 'series' ? thing : `${thing}s`, entries === undefined ? [] : Array.from(entries)]
  const range =
    count === 0
      ? `${owner} has no ${plural}`
      : `${owner} has ${count} ${count === 1 ? thing : plural} (${count === 1 ? '0' : `0 to ${count - 1}`})`
  const listed =
    list.length === 0
      ? ''
      : `; ${count === 1 ? `the ${thing} is` : `${plural} are`} ${list.slice(0, LISTED).join(', ')}${list.length > LISTED ? ', …' : ''}`
  const at = list.findIndex((entry) => entry === index)
  const hint =
    at >= 0
      ? ` This takes the index of a ${thing}, not a ${thing}: ${at} for ${String(index)}.`
      : typeof index !== 'number' || !Number.isInteger(index)
        ? ` This takes the index of a ${thing}${list.length === 0 ? '' : `, not a ${thing}`}: a whole number.`
        : ''
  const wrong =
    typeof index === 'number' && Number.isInteger(index)
      ? `${thing} index ${index} is out of range`
      : `${thing} index ${typeof index === 'string' ? JSON.stringify(index) : String(index)} is none`
  return new UserError('BadIndex', `${wrong[0]!.toUpperCase()}${wrong.slice(1)}: ${range}${listed}.${hint}`)
}
