import { z } from 'zod'
import { readFile } from 'node:fs/promises'
import type { TimeAxis, Windows } from '../data/series.js'
import type { Normalisation } from '../data/normalise.js'
import type { Split } from '../data/split.js'
import { writeFileAtomically } from '../data/write.js'
import { UserError } from '../errors.js'
import type { ParameterArrays } from '../model/sequenceModel.js'
import type { LatentOdeConfig } from '../model/latentOdeConfig.js'
import { latentOdeConfig } from '../model/latentOdeOptions.js'
import { modelNames, modelParameters, models, type ModelName, type ModelOptions, type ModelSetup } from '../model/models.js'
import { trainingOptions } from './options.js'
import type { TimeScale } from './selection.js'
import type { EpochRecord } from './records.js'
import { decodeSafetensors, encodeSafetensors, type TensorFile } from './safetensors.js'

/** Version of the model file's JSON. A reader refuses newer ones. */
export const SCHEMA_VERSION = 1
/** Key of the one metadata string. */
const METADATA_KEY = 'latent-ode'

/** All that a model file says besides weights. */
export interface ModelDescription {
  /** Which model it is, and its options. */
  readonly kind: ModelName
  readonly model: ModelOptions
  readonly training: z.infer<typeof trainingOptions>
  readonly channels: readonly string[]
  readonly time: TimeAxis
  readonly idColumn: string
  readonly timeColumn: string
  readonly scale: TimeScale
  readonly normalisation: Normalisation
  readonly split: Split
  /** How the series were cut, if they were; the split names windows. */
  readonly windows?: Windows
  /** SHA-256 of the data that were fitted to. */
  readonly fingerprint: string
  readonly history: readonly EpochRecord[]
  /** Epoch whose weights these are; 0 for weights that were not trained. */
  readonly keptEpoch: number
  /** Version of this package, and what computed. */
  readonly version: string
  readonly engine: string
}

/** A fitted model: what a model file holds. */
export interface FittedModel extends ModelDescription {
  readonly parameters: ParameterArrays
}

/** The sizes of a latent ODE that is described; undefined if it is another model. */
export const latentOdeOf = ({ model, channels, scale }: Pick<ModelDescription, 'model' | 'channels' | 'scale'>): LatentOdeConfig | undefined =>
  'latents' in model ? latentOdeConfig(model, { channels: channels.length, rate: scale.rate }) : undefined

/** What the model that is described is made from. */
export const setupOf = ({ kind, model, channels, scale }: Pick<ModelDescription, 'kind' | 'model' | 'channels' | 'scale'>): ModelSetup =>
  ({ kind, options: model, channels: channels.length, rate: scale.rate })

const names = z.array(z.string())
// NaN and infinities (a loss without validation series) are null in JSON.
const real = z.union([z.number(), z.null().transform(() => NaN)])
const description = z.object({
  // Absent in files of versions that had only this one.
  kind: z.enum(modelNames).default('latent-ode'),
  model: z.record(z.string(), z.unknown()),
  training: trainingOptions,
  channels: names.min(1),
  time: z.union([
    z.object({ kind: z.literal('number') }),
    z.object({ kind: z.literal('date'), unit: z.enum(['second', 'minute', 'hour', 'day']), epoch: z.string(), dateOnly: z.boolean() }),
  ]),
  idColumn: z.string(),
  timeColumn: z.string(),
  scale: z.object({ origin: z.enum(['first', 'common', 'zero']), earliest: z.number(), span: z.number().positive(), rate: z.number().positive() }),
  normalisation: z.object({
    channels: z.array(z.object({
      channel: z.string(), mean: z.number(), sd: z.number().positive(), rawMean: z.number(),
      transform: z.union([z.object({ kind: z.literal('none') }), z.object({ kind: z.literal('log'), offset: z.number(), floor: z.number() })]),
    })),
    timeScale: z.number().positive(),
  }),
  split: z.object({ train: names, valid: names, test: names }),
  windows: z.object({ rows: z.number().int().positive(), stride: z.number().int().positive() }).optional(),
  fingerprint: z.string(),
  history: z.array(z.object({
    epoch: z.number(), trainLoss: real, validLoss: real, reconstruction: real, kl: real, beta: real,
    learningRate: real, gradientNorm: real, evaluations: real, seconds: real,
  })),
  keptEpoch: z.number(),
  version: z.string(),
  engine: z.string(),
}).refine(({ channels, normalisation }) => channels.join() === normalisation.channels.map(({ channel }) => channel).join(), { path: ['normalisation'], message: 'its channels are not those of the model' })

/** The file's metadata: one string, as safetensors readers expect. */
export const describeModel = ({ kind, model, training, channels, time, idColumn, timeColumn, scale, normalisation, split, windows, fingerprint, history, keptEpoch, version, engine }: ModelDescription): Record<string, string> => ({
  [METADATA_KEY]: JSON.stringify({
    schema: SCHEMA_VERSION, kind, model, training, channels, time, idColumn, timeColumn, scale, normalisation, split, windows, fingerprint, history, keptEpoch, version, engine,
  }),
})

/** Weights as tensors, named with a prefix. */
export function parameterTensors(prefix: string, specs: Readonly<Record<string, { readonly shape: readonly number[] }>>, arrays: ParameterArrays): TensorFile['tensors'] {
  return Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [prefix + name, { shape, data: arrays[name]! }]))
}

/** Writes a model file, under a temporary name that is then renamed; see docs/files.md. */
export async function writeModel(path: string, model: FittedModel): Promise<void> {
  const specs = modelParameters(setupOf(model))
  await writeFileAtomically(path, encodeSafetensors({ tensors: parameterTensors('', specs, model.parameters), metadata: describeModel(model) }))
}

/**
 * Reads a model file. Nothing in it is trusted or run.
 *
 * @throws UserError `NoFile`; `ModelFile` for one that is truncated, damaged or not one of ours; `ModelVersion` for one of a newer version
 */
export async function readModel(path: string): Promise<FittedModel> {
  const { tensors, described } = await readDescribed(path)
  return { ...described, parameters: takeParameters(path, '', described, tensors) }
}

export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') throw new UserError('NoFile', `There is no file ${path}. Check the path; a model file is made by "latent-ode fit" and ends in .model.safetensors.`)
    if (code === 'EISDIR') throw new UserError('NoFile', `${path} is a directory, not a model file.`)
    if (code === 'EACCES' || code === 'EPERM') throw new UserError('NoFile', `${path} may not be read: permission denied.`)
    throw error
  }
}

/** Tensors and description of a model file or checkpoint, with all metadata. */
export async function readDescribed(path: string): Promise<{ tensors: TensorFile['tensors']; metadata: TensorFile['metadata']; described: ModelDescription }> {
  const { tensors, metadata } = decodeSafetensors(await readBytes(path), path)
  const text = metadata?.[METADATA_KEY]
  if (typeof text !== 'string') throw new UserError('ModelFile', `${path} is a safetensors file, but not a model of latent-ode: its metadata has no entry "${METADATA_KEY}".`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new UserError('ModelFile', `${path} is damaged: its description is not JSON. Fit the model again if there is no other copy.`)
  }
  const schema = (json as { schema?: unknown } | null)?.schema
  if (typeof schema === 'number' && schema > SCHEMA_VERSION) {
    throw new UserError('ModelVersion', `${path} was written by a newer version of latent-ode (${String((json as { version?: unknown }).version)}; file schema ${schema}, this version reads up to ${SCHEMA_VERSION}). Update latent-ode to use it.`)
  }
  const kind = (json as { kind?: unknown } | null)?.kind
  if (typeof kind === 'string' && !Object.hasOwn(models, kind)) {
    throw new UserError('ModelVersion', `${path} holds a model of the kind "${kind}", which this version of latent-ode does not know (it knows ${modelNames.join(', ')}). Update latent-ode to use it.`)
  }
  const damaged = ({ issues: [issue] }: z.ZodError, within: readonly string[] = []): UserError =>
    new UserError('ModelFile', `${path} is damaged: in its description, ${[...within, ...issue!.path].join('.') || 'the whole'}: ${issue!.message}. Fit the model again if there is no other copy.`)
  const parsed = description.safeParse(json)
  if (!parsed.success) throw damaged(parsed.error)
  const model = models[parsed.data.kind].options.safeParse(parsed.data.model)
  if (!model.success) throw damaged(model.error, ['model'])
  return { tensors, metadata, described: { ...parsed.data, model: model.data } }
}

/** The weights under a prefix, checked against the shapes that the description asks for. */
export function takeParameters(path: string, prefix: string, described: ModelDescription, tensors: TensorFile['tensors']): Record<string, Float32Array | Float64Array> {
  const specs = modelParameters(setupOf(described))
  return Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => {
    const tensor = tensors[prefix + name]
    if (!tensor || tensor.data instanceof Int32Array || tensor.shape.length !== shape.length || tensor.shape.some((d, i) => d !== shape[i])) {
      throw new UserError('ModelFile', `${path} is damaged: the weights "${prefix + name}" ${tensor ? `have shape [${tensor.shape.join(', ')}], not [${shape.join(', ')}]` : 'are missing'}.`)
    }
    return [name, tensor.data]
  }))
}
