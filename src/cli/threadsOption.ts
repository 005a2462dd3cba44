import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { UsageError } from './errors.js'

export const threadsOption = {
  threads: z.number().int().positive().describe('Threads to compute on; the result is the same for any number. Default: LATENT_ODE_THREADS, else one per processor').optional(),
}

/** The number given, else what the environment says, else as many as the machine runs at once. */
export function threadCount(given: number | undefined, env: Readonly<Record<string, string | undefined>>): number {
  const said = env['LATENT_ODE_THREADS']
  if (given !== undefined) return given
  if (said === undefined || said === '') return availableParallelism()
  const count = Number(said)
  if (!Number.isInteger(count) || count < 1) throw new UsageError('BadOption', `LATENT_ODE_THREADS is ${JSON.stringify(said)}, but must be a whole number above 0.`)
  return count
}
