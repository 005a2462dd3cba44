import { z } from 'zod'
import { MOST_THREADS } from '../../train/threadCount.js'

export const threadsOption = {
  threads: z
    .number()
    .int()
    .min(1)
    .max(MOST_THREADS)
    .describe('Threads to compute on; the result is the same for any number. Default: LATENT_ODE_THREADS, else one per processor')
    .optional(),
}
