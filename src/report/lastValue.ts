import type { Evaluation, Scores } from '../train/records.js'
import { formatCount } from './format.js'

/** What the column is called that says where a model is of more use than the last value shown. */
export const beatsLast = 'beats last value'

/** Whether the model's error is below that of the last value carried forward; undefined where one of them is not known. */
export function isBelowLast({ mse, baselines }: Pick<Scores, 'mse' | 'baselines'>): boolean | undefined {
  const last = baselines.locf.mse
  return Number.isFinite(mse) && Number.isFinite(last) ? mse < last : undefined
}

/** The same in a cell of a table. */
export function inCell(scores: Pick<Scores, 'mse' | 'baselines'>): string {
  const below = isBelowLast(scores)
  return below === undefined ? '' : below ? 'yes' : 'no'
}

/** In how many channels it is, and the others by name; undefined where there is no more than one channel to tell of. */
export function lastValueInWords({ channels }: Pick<Evaluation, 'channels'>): string | undefined {
  const known = Object.entries(channels).flatMap(([name, scores]) => {
    const below = isBelowLast(scores)
    return below === undefined ? [] : [{ name, below }]
  })
  if (known.length < 2) return undefined
  const others = known.filter(({ below }) => !below).map(({ name }) => name)
  const those = 'the model’s error is below that of the last value carried forward'
  if (others.length === 0) return `In each of the ${formatCount(known.length)} channels ${those}.`
  if (others.length === known.length)
    return `In none of the ${formatCount(known.length)} channels is ${those.replace(' is below', ' below')}.`
  return `In ${formatCount(known.length - others.length)} of ${formatCount(known.length)} channels ${those}; it is not in ${others.join(', ')}.`
}
