import { joinMembers, memberParameters, parametersOfMember } from '../model/members.js'
import { modelParameters } from '../model/models.js'
import type { ParameterArrays } from '../model/sequenceModel.js'
import { writeFileAtomically } from '../data/write.js'
import { UserError } from '../errors.js'
import { contradiction, counters, type Counters } from './counters.js'
import { recordsOf, type Member } from './ensemble.js'
import {
  decodeDescribed,
  describeModel,
  parameterTensors,
  parseMetadata,
  readBytes,
  setupOf,
  takeParameters,
  type FittedModel,
  type ModelDescription,
} from './modelFile.js'
import { encodeSafetensors, type TensorFile } from './safetensors.js'
import { firstIssue } from './schema.js'
import type { Moments, TrainingState } from './state.js'

/** Key of the training state in the metadata, beside the model's description. */
const STATE_KEY = 'latent-ode-state'
const RESTART = 'Start the fit again without --resume.'

/** Writes all that training needs to go on to the same bits. The file is a model file with more in it. */
export async function writeCheckpoint(
  path: string,
  described: ModelDescription,
  { state, members }: { readonly state: TrainingState; readonly members: readonly Member[] },
): Promise<void> {
  const specs = modelParameters(setupOf(described))
  const tensors: Record<string, TensorFile['tensors'][string]> = {
    ...parameterTensors('', specs, state.parameters),
    ...parameterTensors('average.', specs, state.average),
    ...parameterTensors('first.', specs, state.moments.first),
    ...parameterTensors('second.', specs, state.moments.second),
    ...(state.best && parameterTensors('best.', specs, state.best.parameters)),
    ...(members.length > 0 &&
      parameterTensors('', memberParameters(specs, members.length), joinMembers(members.map((one) => one.parameters)))),
    ...(state.previous && {
      ...parameterTensors('previous.', specs, state.previous.parameters),
      ...parameterTensors('previous.average.', specs, state.previous.average),
      ...parameterTensors('previous.first.', specs, state.previous.moments.first),
      ...parameterTensors('previous.second.', specs, state.previous.moments.second),
    }),
  }
  const { updates, step, epoch, batch, rateFactor, undone, norms, plateau, ending, sums, best } = state
  const finite = (x: number): number | null => (Number.isFinite(x) ? x : null)
  const saved: Counters = {
    updates,
    step,
    epoch,
    batch,
    rateFactor,
    undone,
    norms: [...norms],
    plateau: { ...plateau, best: finite(plateau.best) },
    ending: ending ?? null,
    sums: { ...sums, smallestStep: finite(sums.smallestStep) },
    best: best ? { loss: finite(best.loss), epoch: best.epoch } : null,
    previous: state.previous?.updates ?? null,
  }
  await writeFileAtomically(
    path,
    encodeSafetensors({
      tensors,
      metadata: {
        ...describeModel({
          ...described,
          ...(described.ensemble && {
            ensemble: { ...described.ensemble, members: recordsOf(members) },
          }),
          history: state.history,
        }),
        [STATE_KEY]: JSON.stringify(saved),
      },
    }),
  )
}

/**
 * Reads a checkpoint: the model's description and the state of its training.
 *
 * @throws UserError `NoCheckpoint` for a finished model; `ModelFile` for one that is
 *   damaged, or could not have come of training; and as `readModel`
 */
export const readCheckpoint = async (path: string): Promise<Checkpoint> => decodeCheckpoint(await readBytes(path), path)

/** What a checkpoint holds. */
export interface Checkpoint {
  readonly described: ModelDescription
  /** Of the training under way: of a model of several that of one member. */
  readonly state: TrainingState
  /** Weights of the members that are done, as `described.ensemble` has them. */
  readonly members: readonly ParameterArrays[]
}

/** What a fit that was stopped goes on from, without a file; `fitted` is what it gave then. */
export function checkpointOf(
  { parameters, ensemble, stack: _, calibration: __, weightPower: ___, ...described }: FittedModel,
  state: TrainingState,
): Checkpoint {
  // The last is the one that is under way.
  const members = ensemble?.members.slice(0, -1) ?? []
  return {
    described: { ...described, ...(ensemble && { ensemble: { ...ensemble, members } }) },
    state,
    members: members.map((____, member) => parametersOfMember(member, parameters)),
  }
}

/** The checkpoint in the bytes of a file; `path` is named in errors, which are those of `readCheckpoint`. */
export function decodeCheckpoint(bytes: Uint8Array, path: string): Checkpoint {
  const { tensors, metadata, described } = decodeDescribed(bytes, path)
  const text = metadata[STATE_KEY]
  if (text === undefined)
    throw new UserError(
      'NoCheckpoint',
      `${path} is a finished model, not a checkpoint: there is nothing to resume. Without --resume, fit starts anew; with ` +
        '--from it goes on from the model.',
    )
  const { sums, best, previous, plateau, ending, ...rest } = takeCounters(path, text, described)
  const { ensemble: _, ...single } = described
  const weights = (prefix: string) => takeParameters(path, prefix, single, tensors)
  // Of Adam the mean of squares, of Adamax a maximum of magnitudes.
  const moments = (prefix: string): Moments => ({
    first: weights(`${prefix}first.`),
    second: takeParameters(path, `${prefix}second.`, single, tensors, 0),
  })
  return {
    described,
    members: (described.ensemble?.members ?? []).map((__, member) => weights(`member.${member}.`)),
    state: {
      ...rest,
      sums: { ...sums, smallestStep: sums.smallestStep ?? Infinity },
      plateau: { ...plateau, best: plateau.best ?? Infinity },
      ending: ending ?? undefined,
      parameters: weights(''),
      average: weights('average.'),
      moments: moments(''),
      previous:
        previous === null
          ? undefined
          : {
              updates: previous,
              parameters: weights('previous.'),
              average: weights('previous.average.'),
              moments: moments('previous.'),
            },
      best: best === null ? undefined : { parameters: weights('best.'), loss: best.loss ?? Infinity, epoch: best.epoch },
      history: [...described.history],
    },
  }
}

/**
 * Reads a model to go on from.
 *
 * @param remedy what to do with a checkpoint, as a sentence
 * @throws UserError `Unfinished` for a checkpoint; and as `readModel`
 */
export async function readFinished(path: string, remedy: string): Promise<FittedModel> {
  const { tensors, metadata, described } = decodeDescribed(await readBytes(path), path)
  if (metadata[STATE_KEY] !== undefined)
    throw new UserError('Unfinished', `${path} is a checkpoint of a fit that was interrupted, not a finished model. ${remedy}`)
  return { ...described, parameters: takeParameters(path, '', described, tensors) }
}

function takeCounters(path: string, text: string, described: ModelDescription): Counters {
  const json = parseMetadata(path, 'training state', text, RESTART)
  if (typeof json === 'object' && json !== null && 'finished' in json)
    throw new UserError('ModelVersion', `${path} was written by an older version, with another schedule of training. ${RESTART}`)
  const parsed = counters.safeParse(json)
  const found = parsed.success ? contradiction(parsed.data, described) : undefined
  const wrong = parsed.success ? found && `${found.path.join('.')}: ${found.message}` : firstIssue(parsed.error)
  if (wrong !== undefined || !parsed.success)
    throw new UserError('ModelFile', `${path} is damaged: in its training state, ${wrong}. ${RESTART}`)
  return parsed.data
}
