import type { z } from 'zod'
import { open } from 'node:fs/promises'
import type { TimeAxis, Windows } from '../data/series.js'
import type { Normalisation } from '../data/normalise.js'
import { quote } from '../data/place.js'
import type { Split } from '../data/split.js'
import { writeFileAtomically } from '../data/write.js'
import { UserError } from '../errors.js'
import type { ParameterSpecs } from '../nn/parameters.js'
import type { ParameterArrays } from '../model/sequenceModel.js'
import type { LatentOdeConfig } from '../model/latentOdeConfig.js'
import { latentOdeConfig, latentOdePartNames, unfitParts, type LatentOdeOptions } from '../model/latentOdeOptions.js'
import { unfitLikelihood } from '../model/likelihoodOption.js'
import type { DataFacts, ModelKind } from '../model/modelKind.js'
import { memberParameters } from '../model/members.js'
import { stackParameters, type Stack } from '../model/stack.js'
import { modelNames, modelParameters, models, tooLarge, type ModelName, type ModelOptions, type ModelSetup } from '../model/models.js'
import { parseStrictJson, RepeatedKey } from './json.js'
import { descriptionSchema, SCHEMA_VERSION } from './descriptionSchema.js'
import type { trainingOptions } from './options.js'
import type { TimeScale } from './selection.js'
import type { Calibration } from './calibration.js'
import type { Ensemble } from './ensembleRecord.js'
import type { EpochRecord, Estimation } from './records.js'
import { decodeSafetensors, encodeSafetensors, headerLength, type TensorFile } from './safetensors.js'
import { firstIssue, shorten } from './schema.js'

/** Key of the one metadata string. */
const METADATA_KEY = 'latent-ode'
/** Bytes that `readFile` reads at most. */
const LONGEST_FILE = 2 ** 31 - 1
const REFIT = 'Fit the model again if there is no other copy.'

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
  /** Weight of each channel in the likelihood that is trained on; without it 1 each. */
  readonly channelWeights?: readonly number[]
  readonly split: Split
  /** How the series were cut, if they were; the split names windows. */
  readonly windows?: Windows
  /** SHA-256 of the data that were fitted to. */
  readonly fingerprint: string
  /** What the weights of samples of z0 are raised to, chosen by the validation series; without it 1. */
  readonly weightPower?: number
  /** How intervals are stretched, learned from the validation series; without it they are as the model says. */
  readonly calibration?: Calibration
  /** What forecasts are averaged with, and how; without it, with nothing. */
  readonly stack?: Stack
  /** The trainings it is made of, where there are several. */
  readonly ensemble?: Ensemble
  /** Of the first of them. */
  readonly history: readonly EpochRecord[]
  /** Epoch whose weights these are; 0 for weights that were not trained. */
  readonly keptEpoch: number
  /** Of a model that is estimated in one go. */
  readonly estimation?: Estimation
  /** Version of this package, and what computed. */
  readonly version: string
  readonly engine: string
}

/** A fitted model: what a model file holds. */
export interface FittedModel extends ModelDescription {
  /** The model's own or those of each of its members, and those of what it is averaged with. */
  readonly parameters: ParameterArrays
}

/** The sizes of a latent ODE that is described; undefined if it is another model. */
export const latentOdeOf = (described: Pick<ModelDescription, 'model' | SetupKeys>): LatentOdeConfig | undefined =>
  'latents' in described.model ? latentOdeConfig(described.model, factsOf(described)) : undefined

/** What the model that is described is made from. */
export const setupOf = ({ kind, model, ...described }: Pick<ModelDescription, 'kind' | 'model' | SetupKeys>): ModelSetup => ({
  kind,
  options: model,
  ...factsOf(described),
})

type SetupKeys = 'channels' | 'scale' | 'normalisation' | 'channelWeights'

const factsOf = ({ channels, scale, normalisation, channelWeights }: Pick<ModelDescription, SetupKeys>): DataFacts => ({
  channels: channels.length,
  names: channels,
  scales: normalisation.channels.map(({ mean, sd }) => ({ mean, sd })),
  rate: scale.rate,
  ...(channelWeights && { channelWeights }),
})

/** Shapes of all numbers of a model and of what it is averaged with. */
const parametersOf = ({ stack, ensemble, ...described }: ModelDescription): ParameterSpecs => ({
  ...(ensemble ? memberParameters(modelParameters(setupOf(described)), ensemble.members.length) : modelParameters(setupOf(described))),
  ...(stack && stackParameters(stack, described.channels.length)),
})

/** The file's metadata: one string, as safetensors readers expect. */
export const describeModel = ({
  kind,
  model,
  training,
  channels,
  time,
  idColumn,
  timeColumn,
  scale,
  normalisation,
  channelWeights,
  split,
  windows,
  fingerprint,
  weightPower,
  calibration,
  stack,
  ensemble,
  history,
  keptEpoch,
  estimation,
  version,
  engine,
}: ModelDescription): Record<string, string> => ({
  [METADATA_KEY]: JSON.stringify({
    schema: SCHEMA_VERSION,
    kind,
    model,
    training,
    channels,
    time,
    idColumn,
    timeColumn,
    scale,
    normalisation,
    channelWeights,
    split,
    windows,
    fingerprint,
    weightPower,
    calibration,
    stack,
    ensemble,
    history,
    keptEpoch,
    estimation,
    version,
    engine,
  }),
})

/** Weights as tensors, named with a prefix. */
export function parameterTensors(
  prefix: string,
  specs: Readonly<Record<string, { readonly shape: readonly number[] }>>,
  arrays: ParameterArrays,
): TensorFile['tensors'] {
  return Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [prefix + name, { shape, data: arrays[name]! }]))
}

/** The bytes of a model file; see docs/files.md. */
export function modelBytes(model: FittedModel): Uint8Array {
  const specs = parametersOf(model)
  return encodeSafetensors({ tensors: parameterTensors('', specs, model.parameters), metadata: describeModel(model) })
}

/** Writes a model file, whole or not at all; pipes and devices are written to. See docs/files.md. */
export async function writeModel(path: string, model: FittedModel): Promise<void> {
  await writeFileAtomically(path, modelBytes(model))
}

/**
 * Reads a model file. Nothing in it is trusted or run.
 *
 * @throws UserError `NoFile`; `ModelFile` for one that is truncated, damaged or not one of ours, or
 *   whose weights are not all finite; `ModelVersion` for one of a newer version
 */
export const readModel = async (path: string): Promise<FittedModel> => decodeModel(await readBytes(path), path)

/** The model in the bytes of a model file; `path` is named in errors, which are those of `readModel`. */
export function decodeModel(bytes: Uint8Array, path: string): FittedModel {
  const { tensors, described: whole } = decodeDescribed(bytes, path)
  const { ensemble, ...single } = whole
  // In a checkpoint before the first of several trainings is done there are the weights of that one only.
  const described = ensemble?.members.length === 0 ? single : whole
  return { ...described, parameters: takeParameters(path, '', described, tensors) }
}

/** The bytes of a file that begins as a model file does; of another no more than the beginning is read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const found = await file.stat()
      if (found.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' })
      if (!found.isFile() && !found.isFIFO()) throw new UserError('NoFile', `${path} is a device, not a model file.`)
      if (found.isFIFO()) return await file.readFile()
      const { bytesRead, buffer } = await file.read(new Uint8Array(8), 0, 8, 0)
      headerLength(buffer.subarray(0, bytesRead), found.size, path)
      if (found.size > LONGEST_FILE) throw new UserError('ModelFile', `${path} has ${found.size} bytes, more than any model file.`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT')
      throw new UserError(
        'NoFile',
        `There is no file ${path}. Check the path; a model file is made by "latent-ode fit" and ends in .model.safetensors.`,
      )
    if (code === 'EISDIR') throw new UserError('NoFile', `${path} is a directory, not a model file.`)
    if (code === 'EACCES' || code === 'EPERM') throw new UserError('NoFile', `${path} may not be read: permission denied.`)
    throw error
  }
}

/** Tensors and description of a model file or checkpoint, with all metadata. */
export function decodeDescribed(
  bytes: Uint8Array,
  path: string,
): { tensors: TensorFile['tensors']; metadata: TensorFile['metadata']; described: ModelDescription } {
  const { tensors, metadata } = decodeSafetensors(bytes, path)
  const text = metadata[METADATA_KEY]
  if (text === undefined)
    throw new UserError(
      'ModelFile',
      `${path} is a safetensors file, but not a model of latent-ode: its metadata has no entry "${METADATA_KEY}".`,
    )
  const json = parseMetadata(path, 'description', text, REFIT)
  const schema = (json as { schema?: unknown } | null)?.schema
  if (typeof schema === 'number' && schema > SCHEMA_VERSION) {
    throw new UserError(
      'ModelVersion',
      `${path} was written by a newer version of latent-ode (${shorten(String((json as { version?: unknown }).version))}; file ` +
        `schema ${schema}, this version reads up to ${SCHEMA_VERSION}). Update latent-ode to use it.`,
    )
  }
  const kind = (json as { kind?: unknown } | null)?.kind
  if (typeof kind === 'string' && !Object.hasOwn(models, kind)) {
    throw new UserError(
      'ModelVersion',
      `${path} holds a model of the kind ${quote(kind)}, which this version of latent-ode does not know (it knows ` +
        `${modelNames.join(', ')}). Update latent-ode to use it.`,
    )
  }
  const part = unknownPart(kind, (json as { model?: unknown } | null)?.model)
  if (part !== undefined) throw new UserError('ModelVersion', `${path} holds ${part}. Update latent-ode to use it.`)
  const damaged = (what: string): UserError => new UserError('ModelFile', `${path} is damaged: in its description, ${what}. ${REFIT}`)
  const parsed = descriptionSchema.safeParse(json)
  if (!parsed.success) throw damaged(firstIssue(parsed.error))
  const { before }: ModelKind = models[parsed.data.kind]
  const model = models[parsed.data.kind].options.safeParse({ ...before, ...parsed.data.model })
  if (!model.success) throw damaged(firstIssue(model.error, ['model']))
  const { schema: _, ...rest } = parsed.data
  const described = { ...rest, model: model.data }
  const unfit = unfitModel(described)
  if (unfit !== undefined) throw damaged(`model: ${unfit}`)
  const large = tooLarge(setupOf(described))
  if (large !== undefined) throw damaged(`model: ${large}`)
  return { tensors, metadata, described }
}

/** Why a model cannot be what its options say, in words. */
function unfitModel({ model, channels }: Pick<ModelDescription, 'model' | 'channels'>): string | undefined {
  if (!('likelihood' in model)) return undefined
  return unfitLikelihood(model.likelihood, channels) ?? unfitParts(model as LatentOdeOptions, channels.length)
}

/** Which part of a model, named in a file, this version does not have: such files are of a later version, not damaged. */
function unknownPart(kind: unknown, model: unknown): string | undefined {
  if (kind !== 'latent-ode' || typeof model !== 'object' || model === null) return undefined
  const named = model as Readonly<Record<string, unknown>>
  if ('head' in named) return 'a latent ODE with a head, which this version of latent-ode does not know'
  for (const [part, known] of Object.entries(latentOdePartNames)) {
    // Of a list like weight=student-t,pulse=gaussian the likelihoods are named last.
    const names = typeof named[part] === 'string' ? named[part].split(',').map((name) => name.slice(name.indexOf('=') + 1)) : []
    // A likelihood that was left to choose, and never was, is the normal one.
    const strange = names.find((name) => name !== 'auto' && !known.includes(name))
    if (strange !== undefined)
      return (
        `a latent ODE with the ${part} ${quote(shorten(strange))}, which this version of latent-ode does not know (it knows ` +
        `${known.join(', ')})`
      )
  }
  return undefined
}

/** What is written as JSON in the metadata of a file. */
export function parseMetadata(path: string, what: string, text: string, remedy: string): unknown {
  try {
    return parseStrictJson(text)
  } catch (error) {
    throw new UserError(
      'ModelFile',
      `${path} is damaged: ${error instanceof RepeatedKey ? `in its ${what}, ${error.message}` : `its ${what} is not JSON`}. ${remedy}`,
    )
  }
}

/** The weights under a prefix, checked against the shapes that the description asks for: each of them finite, and from `least` on. */
export function takeParameters(
  path: string,
  prefix: string,
  described: ModelDescription,
  tensors: TensorFile['tensors'],
  least = -Infinity,
): Record<string, Float32Array | Float64Array> {
  const specs = parametersOf(described)
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const tensor = tensors[prefix + name]
      if (
        !tensor ||
        tensor.data instanceof Int32Array ||
        tensor.shape.length !== shape.length ||
        tensor.shape.some((d, i) => d !== shape[i])
      ) {
        throw new UserError(
          'ModelFile',
          `${path} is damaged: the weights "${prefix + name}" ` +
            `${tensor ? `have shape [${tensor.shape.join(', ')}], not [${shape.join(', ')}]` : 'are missing'}. ${REFIT}`,
        )
      }
      const bad = tensor.data.findIndex((x: number) => !(Number.isFinite(x) && x >= least))
      if (bad >= 0)
        throw new UserError(
          'ModelFile',
          `${path} is damaged: number ${bad + 1} of "${prefix + name}" is ${tensor.data[bad]}, where ` +
            `${least === 0 ? 'a finite one of at least 0' : 'a finite one'} has to be. ${REFIT}`,
        )
      return [name, tensor.data]
    }),
  )
}
