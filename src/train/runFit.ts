import type { Engine } from '../engine/engine.js'
import { SMOOTHER } from '../model/residualOption.js'
import type { ParameterArrays, SequenceModel } from '../model/sequenceModel.js'
import { writeCheckpoint } from './checkpoint.js'
import { instructionsOf } from './engineName.js'
import { memberData, memberTraining, type Member } from './ensemble.js'
import { ensembleSize } from './ensembleRecord.js'
import { finishFit } from './finishFit.js'
import { startTraining, train, type TrainingData, type TrainingEvents } from './loop.js'
import type { FittedModel, ModelDescription } from './modelFile.js'
import type { TrainingState } from './state.js'
import { betterOf, decided, firstTraining, isUndecided, secondTry, type Trained } from './residualChoice.js'
import { stillImproving } from './stillImproving.js'
import { trainedSetup } from './trainedSetup.js'
import { TrainingFailure, withRemedy } from './trainingFailure.js'
import type { WorkerPool } from './workerPool.js'

/** What happens while a model is fitted, and where it is saved. */
export interface FitEvents extends TrainingEvents {
  /** Where the state is saved after every epoch and when the signal says stop. */
  readonly checkpoint?: string
  /**
   * Threads to compute on, default 1: any number gives the same bits. Workers make engines of their own, by the name
   * and scalars of the one given; there is no use for more threads than a batch has shards, one per 16 series.
   */
  readonly threads?: number
  /** Before each training of several that one model is made of, the `index`-th of `count`. */
  onMember?(member: { readonly index: number; readonly count: number }): void
}

/** What a fit gives. */
export interface FitResult {
  /** The best weights so far, as a model. */
  readonly fitted: FittedModel
  /** Of a model that is trained, or of its last member; one that is estimated in one go has none. */
  readonly state?: TrainingState
  /** False if the signal stopped training: it can be resumed. */
  readonly finished: boolean
  /** With folds, each member as a model of its own, whose validation series are those that it was not trained on. */
  readonly outOfFold?: readonly FittedModel[] | undefined
}

/** What training gives. */
export interface TrainedFit extends FitResult {
  readonly state: TrainingState
}

/** From where a fit goes on. */
export interface FitStart {
  /** Of the member under way. */
  readonly state: TrainingState
  /** Weights of the members that are done. */
  readonly members?: readonly ParameterArrays[]
}

/** Trains to the end, or until it is stopped, and makes a model of the best weights: member after member where there are several. */
export async function runFit(
  engine: Engine,
  model: SequenceModel,
  described: ModelDescription,
  data: TrainingData,
  start: FitStart,
  { threads = 1, ...events }: FitEvents,
): Promise<TrainedFit> {
  const size = ensembleSize(described)
  const done: Member[] = (start.members ?? []).map((parameters, i) => ({ ...described.ensemble!.members[i]!, parameters }))
  const limited: string[] = []
  const pool = await poolFor(engine, model, described, threads)
  let { state } = start
  try {
    for (;;) {
      if (size > 1) events.onMember?.({ index: done.length, count: size })
      else if (isUndecided(described)) events.onMember?.({ index: 0, count: 2 })
      const own = { described: ofMember(described, data, done), data: memberData(data, described, done.length) }
      done.push(await trainMember(engine, model, { ...own, saved: described, done }, state, events, pool))
      const improving = stillImproving(state, { ...own.described.training, budget: described.training.budget }, size)
      if (improving !== undefined) limited.push(improving)
      if (state.ending === undefined || done.length === size) break
      state = startTraining(model, ofMember(described, data, done).training, engine.dtype)
    }
  } finally {
    await pool?.close()
  }
  // Of several members the last to be cut short speaks for all.
  if (limited.length > 0) events.onNotice?.(limited.at(-1)!, 'notice')
  let chosen: Trained = { model, described: decided(described), member: done[0]! }
  let finished = state.ending !== undefined
  if (finished && isUndecided(described)) {
    const second = await trySmoother(engine, described, done[0]!, data, { threads, ...events })
    finished = second !== 'stopped'
    if (typeof second === 'object') {
      const { better, said } = betterOf(engine, chosen, second.trained, data)
      events.onNotice?.(said, 'notice')
      if (better !== chosen) state = wholeState(state, second.state, better.member)
      chosen = better
    }
  }
  const members = [chosen.member, ...done.slice(1)]
  return { ...(await finishFit(chosen.model, chosen.described, members, data, events)), state, finished }
}

/**
 * Trains on with the smoother residual process. Nothing of it is saved: who stops it goes on from the end of the first training. Where it
 * comes to nothing, there is the first one.
 */
async function trySmoother(
  engine: Engine,
  described: ModelDescription,
  first: Member,
  data: TrainingData,
  { threads = 1, checkpoint: _, ...events }: FitEvents,
): Promise<{ trained: Trained; state: TrainingState } | 'stopped' | 'failed'> {
  const { model, described: smoother, weights } = secondTry(engine, described, first, data)
  const state = startTraining(model, smoother.training, engine.dtype, weights)
  events.onMember?.({ index: 1, count: 2 })
  const pool = await poolFor(engine, model, smoother, threads)
  try {
    const member = await trainMember(engine, model, { described: smoother, data, saved: smoother, done: [] }, state, events, pool)
    if (state.ending === undefined) return 'stopped'
    return { trained: { model, described: { ...smoother, training: described.training }, member }, state }
  } catch (error) {
    if (!(error instanceof TrainingFailure)) throw error
    events.onNotice?.(`The residual process is ou; training with ${SMOOTHER} failed: ${error.message}`, 'warning')
    return 'failed'
  } finally {
    await pool?.close()
  }
}

/** Where two trainings, one after the other, have come to. */
const wholeState = (first: TrainingState, second: TrainingState, { history }: Member): TrainingState => ({
  ...second,
  history: [...history],
  epoch: history.length,
  step: first.step + second.step,
})

/** What a member is, as though it were a model of its own. */
function ofMember({ ensemble, ...described }: ModelDescription, data: TrainingData, done: readonly Member[]): ModelDescription {
  if (isUndecided(described)) return { ...described, training: firstTraining(described, data) }
  return { ...described, training: memberTraining({ ...described, ...(ensemble && { ensemble }) }, data, done) }
}

/** What a member is trained on, and what a checkpoint says besides. */
interface MemberTask {
  readonly described: ModelDescription
  readonly data: TrainingData
  /** The whole model. */
  readonly saved: ModelDescription
  readonly done: readonly Member[]
}

/** Trains one model: the only one, or a member. */
async function trainMember(
  engine: Engine,
  model: SequenceModel,
  { described, data, saved, done }: MemberTask,
  state: TrainingState,
  { checkpoint, ...events }: FitEvents,
  pool: WorkerPool | undefined,
): Promise<Member> {
  const save = async (): Promise<void> => {
    if (checkpoint !== undefined) await writeCheckpoint(checkpoint, saved, { state, members: done })
  }
  try {
    await train(
      engine,
      model,
      data,
      described.training,
      state,
      {
        ...events,
        async onEpoch(record, current) {
          await events.onEpoch?.(record, current)
          await save()
        },
      },
      pool,
    )
  } catch (error) {
    throw error instanceof TrainingFailure ? withRemedy(error, described) : error
  }
  if (state.ending === undefined) await save()
  const kept = state.best ?? { parameters: state.average, epoch: state.epoch }
  if (state.ending !== undefined && data.valid.length > 0 && !Number.isFinite(state.history[kept.epoch - 1]?.validLoss)) {
    events.onNotice?.(
      `The loss of the ${data.valid.length} validation series was not finite after any epoch, so it could not say which weights are best: the last are kept. Look at these series (${data.valid
        .slice(0, 3)
        .map(({ id }) => id)
        .join(', ')}${data.valid.length > 3 ? ', …' : ''}) for extreme values or times.`,
      'warning',
    )
  }
  return { seed: described.training.seed, history: state.history, keptEpoch: kept.epoch, parameters: kept.parameters }
}

/** Threads to share the work with; none for an engine that only tests have, and that no worker could make. */
async function poolFor(
  engine: Engine,
  model: SequenceModel,
  described: ModelDescription,
  threads: number,
): Promise<WorkerPool | undefined> {
  const { name, dtype } = engine
  if (threads <= 1 || name === 'reference') return undefined
  const { createWorkerPool } = await import('./workerPool.js')
  return createWorkerPool(model, { threads, engine: name, dtype, instructionSet: instructionsOf(engine), setup: trainedSetup(described) })
}
