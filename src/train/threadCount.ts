import { availableParallelism } from 'node:os'
import { UserError } from '../errors.js'

/** More than any machine runs at once. */
export const MOST_THREADS = 1024

const isCount = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= MOST_THREADS

/**
 * The number given, else what the environment says, else as many as the machine runs at once.
 *
 * @throws UserError `BadOption` for what is no number of threads
 */
export function threadCount(given: number | undefined, env: Readonly<Record<string, string | undefined>>): number {
  const said = env['LATENT_ODE_THREADS']
  const [name, count, text] = given === undefined ? ['LATENT_ODE_THREADS', Number(said), said] : ['The option "threads"', given, given]
  if (given === undefined && (said === undefined || said === '')) return availableParallelism()
  if (isCount(count)) return count
  throw new UserError('BadOption', `${name} is ${JSON.stringify(text)}, but must be a whole number from 1 to ${MOST_THREADS}.`)
}
