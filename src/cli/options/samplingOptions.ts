import { z } from 'zod'

/** How predictive distributions are sampled; shared by the commands that use a model. */
export const samplingOptions = {
  samples: z.number().int().min(1).max(10_000).default(100).describe('Samples of z0 per series, of a model that draws them'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1)
    .describe('Seed of the samples'),
}
