import { listNames } from '../place.js'
import type { NumberColumn } from '../columns.js'
import {
  CALENDAR_NAMES,
  CENSOR_NAMES,
  INPUT_NAMES,
  LABEL_NAMES,
  NONMEM_NAMES,
  NUMBERS_ROWS,
  ROW_NAMES,
  endsLikeId,
  isNamed,
  plainName,
} from './names.js'

/** Why a column of numbers is no measurement. */
const REASONS = {
  rows: 'numbers the rows',
  record: 'an id',
  label: 'a class or a group',
  calendar: 'a second clock or calendar',
  input: 'given, not measured',
  censor: 'marks censored values, which are read as they stand',
} as const
type Reason = keyof typeof REASONS

/** A class has few members; what is measured mostly more. */
const MOST_CLASSES = 30

/** Columns of numbers that are measurements, and a notice about the others. Nobody named the channels. */
export function measurements(columns: readonly NumberColumn[], header: readonly string[]): { kept: NumberColumn[]; notices: string[] } {
  const nonmem = isNonmem(header)
  const reasons = new Map(
    columns.flatMap((column): [NumberColumn, Reason][] => {
      const reason = reasonAgainst(column, header, nonmem)
      return reason === undefined ? [] : [[column, reason]]
    }),
  )
  // A table of nothing but a class, or of doses, is about that.
  for (const least of [['rows', 'record'], ['rows'], []] as const) {
    if (reasons.size < columns.length) break
    for (const [column, reason] of reasons) if (!(least as readonly Reason[]).includes(reason)) reasons.delete(column)
  }
  if (reasons.size === 0) return { kept: [...columns], notices: [] }
  const parts = (Object.keys(REASONS) as Reason[]).flatMap((reason) => {
    const names = [...reasons].flatMap(([column, own]) => (own === reason ? [column.name] : []))
    return names.length === 0 ? [] : [`${listNames(names)} (${REASONS[reason]})`]
  })
  return {
    kept: columns.filter((column) => !reasons.has(column)),
    notices: [`Not taken as channels: ${parts.join(', ')} (--values names the channels).`],
  }
}

function reasonAgainst(column: NumberColumn, header: readonly string[], nonmem: boolean): Reason | undefined {
  const { name } = column
  const values = column.values()
  const whole = values.every((value) => value !== value || Number.isInteger(value))
  if (nonmem && isNamed(name, NONMEM_NAMES) && plainName(name) !== 'dv') return 'input'
  if (isNamed(name, INPUT_NAMES)) return 'input'
  if (!whole) return undefined
  if ((isNamed(name, ROW_NAMES) || NUMBERS_ROWS.test(name) || header[0] === name) && countsUp(values)) return 'rows'
  if (endsLikeId(name)) return 'record'
  if (isNamed(name, LABEL_NAMES) && levelsOf(values) <= MOST_CLASSES) return 'label'
  if (isNamed(name, CENSOR_NAMES) && levelsOf(values) <= 3) return 'censor'
  return isNamed(name, CALENDAR_NAMES) ? 'calendar' : undefined
}

const levelsOf = (values: Float64Array): number => new Set(values.filter((value) => value === value)).size

/** Whether every row has a whole number of its own, and no number between the least and the largest is left out. */
function countsUp(values: Float64Array): boolean {
  if (values.length < 2) return false
  const sorted = values.slice().sort()
  return sorted.every((value, i) => value - sorted[0]! === i)
}

/** Tables of doses and concentrations in the way of NONMEM: an amount or a kind of event, and another of its columns. */
function isNonmem(header: readonly string[]): boolean {
  const names = header.map(plainName)
  return (names.includes('amt') || names.includes('evid')) && NONMEM_NAMES.filter((name) => names.includes(name)).length >= 2
}
