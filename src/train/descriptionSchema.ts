import { z } from 'zod'
import { modelNames } from '../model/models.js'
import { disagreement } from './agreement.js'
import { calibrationSchema } from './calibrationSchema.js'
import { ensembleSchema } from './ensembleSchema.js'
import { historySchema } from './historySchema.js'
import { trainingOptions } from './options.js'
import { listOf, real, realFromZero, whole } from './schema.js'
import { stackSchema } from './stackSchema.js'
import { timeAxisSchema } from './timeAxisSchema.js'

/** Version of the model file's JSON. A reader refuses newer ones. */
export const SCHEMA_VERSION = 1

/** More series, or channels, than fit into memory. */
const MOST_NAMES = 10_000_000
const names = listOf(z.string(), MOST_NAMES)
/** Files of versions in which the learning rate fell step by step say by how much; those without folds had one training. */
function asSaidNow(training: unknown): unknown {
  if (typeof training !== 'object' || training === null) return training
  const { learningRateDecay: _, ...rest } = training as Readonly<Record<string, unknown>>
  return { folds: 1, ...rest }
}

/** What a model file says besides weights, as JSON. */
export const descriptionSchema = z
  .object({
    schema: z.literal(SCHEMA_VERSION),
    // Absent in files of versions that had only this one.
    kind: z.enum(modelNames).default('latent-ode'),
    model: z.record(z.string(), z.unknown()),
    training: z.preprocess(asSaidNow, trainingOptions),
    channels: names.refine(({ length }) => length > 0, { message: 'there are none' }),
    time: timeAxisSchema,
    idColumn: z.string(),
    timeColumn: z.string(),
    scale: z.object({
      origin: z.enum(['first', 'common', 'zero']),
      earliest: z.number(),
      latest: z.number().exactOptional(),
      span: z.number().positive(),
      rate: z.number().positive().max(1e6),
    }),
    normalisation: z.object({
      channels: listOf(
        z.object({
          channel: z.string(),
          mean: z.number(),
          sd: z.number().positive(),
          rawMean: z.number(),
          transform: z.union([
            z.object({ kind: z.literal('none') }),
            z.object({ kind: z.literal('log'), offset: z.number().min(0), floor: z.number().min(0) }),
          ]),
        }),
        MOST_NAMES,
      ),
      timeScale: z.number().positive(),
    }),
    channelWeights: listOf(z.number().positive().max(1e6), MOST_NAMES).exactOptional(),
    split: z.object({ train: names, valid: names, test: names }),
    windows: z.object({ rows: z.number().int().positive(), stride: z.number().int().positive() }).optional(),
    fingerprint: z.string(),
    weightPower: z.number().positive().max(1).exactOptional(),
    calibration: calibrationSchema.optional(),
    stack: stackSchema.optional(),
    ensemble: ensembleSchema.exactOptional(),
    history: historySchema,
    keptEpoch: whole,
    estimation: z
      .object({ logLikelihood: real, gaps: real, ahead: real, found: listOf(z.string().max(200), MOST_NAMES), seconds: realFromZero })
      .exactOptional(),
    version: z.string(),
    engine: z.string(),
  })
  .superRefine((described, { addIssue }) => {
    const found = disagreement(described)
    if (found) addIssue({ code: 'custom', path: [...found.path], message: found.message })
  })
