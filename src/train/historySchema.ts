import { z } from 'zod'
import { MOST_EPOCHS } from './options.js'
import { listOf, real, realFromZero, whole } from './schema.js'

/** The course of a training, epoch after epoch, as model files have it. */
export const historySchema = listOf(
  z.object({
    epoch: whole,
    trainLoss: real,
    validLoss: real,
    reconstruction: real,
    kl: real,
    beta: z.number().min(0).max(1),
    learningRate: z.number().min(0).max(1),
    gradientNorm: realFromZero,
    evaluations: realFromZero,
    seconds: realFromZero,
  }),
  MOST_EPOCHS,
)
