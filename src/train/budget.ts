import { UserError } from '../errors.js'

/** A length of time as it is typed: a number and its unit. */
export const BUDGET = /^(\d+(?:\.\d+)?)(s|m|h)$/
const SECONDS = { s: 1, m: 60, h: 3600 } as const

/** `auto` for sets of so many values and fewer, in seconds; and at most. */
const SMALL = { values: 10_000, seconds: 100 } as const
const LONGEST = 3600
/** 500,000 values have 9 minutes. */
const GROWTH = Math.log(540 / SMALL.seconds) / Math.log(500_000 / SMALL.values)

/**
 * Seconds that training may take; infinite for `none`.
 *
 * @param budget `auto`, `none`, or a length like 30s, 5m or 2h
 * @param values that are observed in the series to train on and to validate
 * @throws UserError `Option` for anything else
 */
export function budgetSeconds(budget: string, values: number): number {
  if (budget === 'none') return Infinity
  if (budget === 'auto') return Math.min(LONGEST, SMALL.seconds * Math.max(1, values / SMALL.values) ** GROWTH)
  const [, number, unit] = BUDGET.exec(budget) ?? []
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS]
  if (!(seconds > 0))
    throw new UserError('Option', `The budget is ${JSON.stringify(budget)}, but must be a time above 0 like 30s, 5m or 2h.`)
  return seconds
}

/** Time in the unit that a budget is typed in: 90s, 2m, 1.5h. */
export function formatBudget(seconds: number): string {
  const [size, unit] = seconds < 120 ? [1, 's'] : seconds < 7200 ? [60, 'm'] : [3600, 'h']
  return `${Number((seconds / size).toPrecision(3))}${unit}`
}
