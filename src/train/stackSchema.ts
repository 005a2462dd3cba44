import { z } from 'zod'
import { baselineNames } from '../model/baselines/index.js'

/** What a model is averaged with, as model files have it. */
export const stackSchema = z
  .object({
    members: z.array(z.enum(baselineNames)).min(1).max(baselineNames.length),
    distances: z.array(z.number().min(0)).min(1).max(100),
    weights: z.array(z.array(z.array(z.number().min(0).max(1))).max(1e6)).max(100),
    series: z.number().int().min(0),
    values: z.number().int().min(0),
  })
  .refine(({ members }) => new Set(members).size === members.length, { message: 'a baseline stands there twice' })
  .refine(({ distances, weights }) => distances.length === weights.length, { message: 'its lists are not equally long' })
  .refine(({ distances }) => distances.every((one, i) => i === 0 || one > distances[i - 1]!), { message: 'its distances do not ascend' })
  .refine(
    ({ members, weights }) =>
      weights.flat().every((some) => some.length === 1 + members.length && Math.abs(some.reduce((a, b) => a + b, 0) - 1) < 1e-6),
    { message: 'its weights do not sum to 1' },
  )
