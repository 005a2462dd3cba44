import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { UsageError } from '../errors.js'

/** More than any machine runs at once. */
const MOST_THREADS = 1024

export const threadsOption = {
  threads: z
    .number()
    .int()
    .min(1)
    .max(MOST_THREADS)
    .describe('Threads to compute on; the result is the same for any number. Default: LATENT_ODE_THREADS, else one per processor')
    .optional(),
}

/** The number given, else what the environment says, else as many as the machine runs at once. */
export function threadCount(given: number | undefined, env: Readonly<Record<string, string | undefined>>): number {
  const said = env['LATENT_ODE_THREADS']
  if (given !== undefined) return given
  if (said === undefined || said === '') return availableParallelism()
  const count = Number(said)
  if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS)
    throw new UsageError(
      'BadOption',
      `LATENT_ODE_THREADS is ${JSON.stringify(said)}, but must be a whole number from 1 to ${MOST_THREADS}.`,
    )
  return count
}
