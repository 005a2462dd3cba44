import { z } from 'zod'
import { isWritable } from '../data/times/durations.js'
import { isUsableFormat } from '../data/times/namedFormat.js'
import { isZone } from '../data/times/zones.js'

const timeFormat = z.string().min(1).max(100)
const secondDigits = z.number().int().min(0).max(9)

/** A time axis as model files have it. */
export const timeAxisSchema = z.union([
  z.object({ kind: z.literal('number') }),
  // Files of versions that knew ISO dates only have no format, zone or digits.
  z.object({
    kind: z.literal('date'),
    unit: z.enum(['second', 'minute', 'hour', 'day']),
    epoch: z.string(),
    dateOnly: z.boolean(),
    format: timeFormat.refine(isUsableFormat, 'is no format of dates').exactOptional(),
    zone: z.string().max(64).refine(isZone, 'is no time zone').exactOptional(),
    digits: secondDigits.exactOptional(),
  }),
  z.object({
    kind: z.literal('duration'),
    unit: z.enum(['second', 'minute', 'hour', 'day', 'week', 'month', 'year']),
    format: timeFormat.refine(isWritable, 'is no format of lengths of time'),
    digits: secondDigits.exactOptional(),
  }),
])
