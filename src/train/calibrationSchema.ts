import { z } from 'zod'

const factors = z.array(z.number().positive().max(1e3)).min(1).max(100)
/** Of a channel. Files had one factor before, for both levels. */
const channel = z.union([
  z
    .number()
    .positive()
    .max(1e3)
    .transform((factor) => ({ half: factor, most: factor })),
  z.object({
    half: z.number().positive().max(1e3),
    most: z.number().positive().max(1e3),
    outliers: z.object({ share: z.number().min(0).max(0.5), sd: z.number().positive().max(1e6) }).optional(),
  }),
])

const levels = z
  .object({ distances: z.array(z.number().min(0)).min(1).max(100), half: factors, most: factors })
  .refine(({ distances, half, most }) => distances.length === half.length && half.length === most.length, {
    message: 'its lists are not equally long',
  })

const learned = z.object({
  channels: z.array(channel).max(1e6),
  series: z.number().int().min(0),
  values: z.number().int().min(0),
  before: z.object({ '50': z.number().min(0).max(1), '90': z.number().min(0).max(1) }),
})

/** A calibration as model files have it. Before, one table was for all places. */
export const calibrationSchema = z.union([
  learned.extend({ between: levels, beyond: levels }),
  z.intersection(learned, levels).transform(({ distances, half, most, ...rest }) => {
    const common = { distances, half, most }
    return { ...rest, between: common, beyond: common }
  }),
])
