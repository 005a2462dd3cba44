import { budgetSeconds } from './budget.js'
import type { EpochRecord } from './records.js'
import { observedValues } from './validation.js'
import type { Series } from '../data/series.js'

/** Seconds that training on these series may take: see `budgetSeconds`. */
export const timeLimit = (
  budget: string,
  { train, valid }: { readonly train: readonly Series[]; readonly valid: readonly Series[] },
): number => budgetSeconds(budget, observedValues(train) + observedValues(valid))

/** Seconds that epochs took. */
export const timeTaken = (history: readonly EpochRecord[]): number => history.reduce((sum, { seconds }) => sum + seconds, 0)

/** A budget of so many seconds, as the option has it. */
export const budgetOf = (seconds: number): string => `${seconds.toFixed(3)}s`
