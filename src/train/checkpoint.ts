import { modelParameters } from '../model/models.js'
import { writeFileAtomically } from '../data/write.js'
import { UserError } from '../errors.js'
import { describeModel, parameterTensors, readDescribed, setupOf, takeParameters, type ModelDescription } from './modelFile.js'
import { encodeSafetensors, type TensorFile } from './safetensors.js'
import type { EpochSums, TrainingState } from './state.js'

/** Key of the training state in the metadata, beside the model's description. */
const STATE_KEY = 'latent-ode-state'
type Counters = Pick<TrainingState, 'updates' | 'step' | 'epoch' | 'batch' | 'rateFactor' | 'undone' | 'finished'> & {
  readonly sums: Omit<EpochSums, 'smallestStep'> & { smallestStep: number | null }
  readonly best: { readonly loss: number | null; readonly epoch: number } | null
  /** Updates that made the weights before the last; null if there was none. */
  readonly previous: number | null
}

/** Writes all that training needs to go on to the same bits. The file is a model file with more in it. */
export async function writeCheckpoint(path: string, described: ModelDescription, state: TrainingState): Promise<void> {
  const specs = modelParameters(setupOf(described))
  const tensors: Record<string, TensorFile['tensors'][string]> = {
    ...parameterTensors('', specs, state.parameters),
    ...parameterTensors('first.', specs, state.moments.first),
    ...parameterTensors('second.', specs, state.moments.second),
    ...(state.best && parameterTensors('best.', specs, state.best.parameters)),
    ...(state.previous && {
      ...parameterTensors('previous.', specs, state.previous.parameters),
      ...parameterTensors('previous.first.', specs, state.previous.moments.first),
      ...parameterTensors('previous.second.', specs, state.previous.moments.second),
    }),
  }
  const { updates, step, epoch, batch, rateFactor, undone, finished, sums, best } = state
  const finite = (x: number): number | null => (Number.isFinite(x) ? x : null)
  const counters: Counters = {
    updates, step, epoch, batch, rateFactor, undone, finished, sums: { ...sums, smallestStep: finite(sums.smallestStep) },
    best: best ? { loss: finite(best.loss), epoch: best.epoch } : null, previous: state.previous?.updates ?? null,
  }
  await writeFileAtomically(path, encodeSafetensors({ tensors, metadata: { ...describeModel({ ...described, history: state.history }), [STATE_KEY]: JSON.stringify(counters) } }))
}

/** Reads a checkpoint: the model's description and the state of its training. */
export async function readCheckpoint(path: string): Promise<{ described: ModelDescription; state: TrainingState }> {
  const { tensors, metadata, described } = await readDescribed(path)
  const text = metadata[STATE_KEY]
  if (text === undefined) throw new UserError('NoCheckpoint', `${path} is a finished model, not a checkpoint: there is nothing to resume. Without --resume, fit starts anew.`)
  let counters: Counters
  try {
    counters = JSON.parse(text) as Counters
  } catch {
    throw new UserError('ModelFile', `${path} is damaged: its training state is not JSON. Start the fit again without --resume.`)
  }
  const take = (prefix: string) => takeParameters(path, prefix, described, tensors)
  return {
    described,
    state: {
      ...counters,
      sums: { ...counters.sums, smallestStep: counters.sums.smallestStep ?? Infinity },
      parameters: take(''),
      moments: { first: take('first.'), second: take('second.') },
      previous: counters.previous !== null ? { updates: counters.previous, parameters: take('previous.'), moments: { first: take('previous.first.'), second: take('previous.second.') } } : undefined,
      best: counters.best ? { parameters: take('best.'), loss: counters.best.loss ?? Infinity, epoch: counters.best.epoch } : undefined,
      history: [...described.history],
    },
  }
}
