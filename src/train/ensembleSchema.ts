import { z } from 'zod'
import { historySchema } from './historySchema.js'
import { MOST_MEMBERS } from './options.js'
import { listOf, whole } from './schema.js'

const ids = listOf(z.string(), 10_000_000)

/** The trainings that a model is made of, as model files have them. */
export const ensembleSchema = z.object({
  members: z
    .array(
      z.object({
        seed: z
          .number()
          .int()
          .min(0)
          .max(2 ** 32 - 1),
        history: historySchema,
        keptEpoch: whole,
      }),
    ) // prettier-ignore
    .max(MOST_MEMBERS),
  folds: z.array(ids).min(2).max(MOST_MEMBERS).exactOptional(),
})
