import { z } from 'zod'

const factors = z.array(z.number().positive().max(1e3)).min(1).max(100)
/** A calibration as model files have it. */
export const calibrationSchema = z
  .object({
    distances: z.array(z.number().min(0)).min(1).max(100),
    half: factors,
    most: factors,
    channels: z.array(z.number().positive().max(1e3)).max(1e6),
    series: z.number().int().min(0),
    values: z.number().int().min(0),
    before: z.object({ '50': z.number().min(0).max(1), '90': z.number().min(0).max(1) }),
  })
  .refine(({ distances, half, most }) => distances.length === half.length && half.length === most.length, {
    message: 'its lists are not equally long',
  })
