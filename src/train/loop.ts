import { batchPositions } from '../data/batch.js'
import type { Normalisation } from '../data/normalise.js'
import type { Series, TimeAxis } from '../data/series.js'
import type { Dtype, Engine } from '../engine/engine.js'
import type { LossResult, ParameterArrays, SequenceModel, SolverTotals } from '../model/sequenceModel.js'
import { initialise } from '../nn/parameters.js'
import { random } from '../random.js'
import { clipLimit, remember } from './clipping.js'
import { shownBy, type Shown } from './conditioning.js'
import type { LossTask } from './lossTask.js'
import type { NoticeKind } from './notice.js'
import { select, type TimeScale } from './selection.js'
import { createOptimiser, zeroMoments } from './optimiser.js'
import type { EpochRecord } from './records.js'
import { afterEpoch, betaAt, isAtRest, rateAfter, startPlateau } from './schedule.js'
import { shardMaker, type ShardMaker } from './shardMaker.js'
import { combineLosses, runHere, share, type ShardRunner } from './shards.js'
import { emptySums, type Snapshot, type TrainingState } from './state.js'
import { copyWeights, moveAverage, takeStep, undoStep } from './steps.js'
import { nothingTaken, TrainingFailure } from './trainingFailure.js'
import type { TrainingOptions } from './trainingOptions.js'
import { timeLimit } from './timeLimit.js'
import { validate, validationBatches } from './validation.js'

export interface TrainingData {
  readonly channels: number
  readonly scale: TimeScale
  /** The axis of the times, which a cut may name; default plain numbers. */
  readonly time?: TimeAxis
  readonly train: readonly Series[]
  readonly valid: readonly Series[]
  /** What normalises them, when their turn comes; default: they are normalised. */
  readonly normalisation?: Normalisation
}

/** What a step was like. */
export interface StepProgress {
  /** Batches of the epoch. */
  readonly batches: number
  /** Negative objective per observed value, of the batch. */
  readonly loss: number
  /** Evaluations of the field a row, of the batch. */
  readonly evaluations: number
  /** Seconds until training ends for want of time; infinite without a budget. */
  readonly timeLeft: number
}

/** What happened, for whoever shows or saves it. */
export interface TrainingEvents {
  /** After each step. */
  onStep?(state: TrainingState, progress: StepProgress): void
  /** After each epoch; training waits for it. */
  onEpoch?(record: EpochRecord, state: TrainingState): void | Promise<void>
  /** Something is worth a line: what was done or, as a warning, what went wrong and is to be looked at. */
  onNotice?(message: string, kind: NoticeKind): void
  /** Stops after the step under way; the state can be resumed. */
  readonly signal?: AbortSignal
  /** Seconds by some clock, which the budget is measured with; default the wall's. */
  now?(): number
}

const wallClock = (): number => performance.now() / 1000

/** Steps that are taken however short the time. */
const LEAST_STEPS = 20
/** Share of rows whose solve may fail in an epoch. */
const FAILED_SHARE = 0.05

/**
 * The state before the first step. Weights are kept in the scalars that the engine computes with.
 *
 * @param weights to begin with; default random ones
 */
export function startTraining(
  model: SequenceModel,
  options: TrainingOptions,
  dtype: Dtype = 'float32',
  weights: ParameterArrays = initialise(model.specs, options.seed),
): TrainingState {
  const scalars = dtype === 'float64' ? Float64Array : Float32Array
  const parameters = Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, scalars.from(values)]))
  return {
    parameters,
    average: copyWeights(parameters),
    moments: zeroMoments(parameters),
    updates: 0,
    step: 0,
    epoch: 0,
    batch: 0,
    sums: emptySums(),
    rateFactor: 1,
    undone: 0,
    norms: [],
    plateau: startPlateau,
    previous: undefined,
    best: undefined,
    history: [],
    ending: undefined,
  }
}

/**
 * Trains until the validation loss is at rest, the epochs or the time are used up, or the signal says stop; `state` is
 * changed in place and is always one from which training can go on, to the same bits as long as the time is not used up.
 * `engine` updates the weights. Batches are computed in shards by
 * `runner`, by default one after another in this thread; who computes them changes no bit.
 *
 * @throws UserError as `shownBy`; TrainingFailure `NothingLearned` if at the end no step was taken, `Diverged` after too
 *   many that were undone, `SolverFailed` if too many rows failed in an epoch
 */
export async function train(
  engine: Engine,
  model: SequenceModel,
  data: TrainingData,
  options: TrainingOptions,
  state: TrainingState,
  events: TrainingEvents = {},
  runner: ShardRunner = runHere(model),
): Promise<TrainingState> {
  const now = events.now ?? wallClock
  const shown = shownBy(options, data.time ?? { kind: 'number' })
  const validation = validationBatches(data, options)
  const budget = timeLimit(options.budget, data)
  /** What the end of an epoch takes. */
  let closing = 0
  // One for the batch that is computed, one for the next.
  const shardsOf = [shardMaker(data), shardMaker(data)] as const
  const optimiser = createOptimiser(
    engine,
    Object.fromEntries(Object.keys(state.parameters).map((name) => [name, model.specs[name]!.shape])),
    options,
  )
  while (state.ending === undefined && state.epoch < (options.epochs ?? Infinity)) {
    const batches = epochBatches(data.train.length, options, state.epoch)
    const beta = betaAt(state.epoch, options.klWarmup)
    const prepare = (batch: number, step: number): LossTask[] =>
      makeTasks(data, options, shown, shardsOf[step % 2]!, { ...batches.at(batch), beta, step })
    let next: LossTask[] | undefined
    while (state.batch < batches.length) {
      if (events.signal?.aborted) return state
      const started = now()
      const computing = runner.gradients(state.parameters, next ?? prepare(state.batch, state.step))
      // While other threads may still be at it.
      try {
        next = state.batch + 1 < batches.length ? prepare(state.batch + 1, state.step + 1) : undefined
      } catch (error) {
        await computing
        throw error
      }
      const parts = await computing
      const result = combineLosses(parts)
      const learningRate = currentRate(state, options)
      const norm = optimiser.receive(parts.map((part) => ({ gradient: part.gradient, weight: share(part, result.observed) })))
      if (Number.isFinite(result.loss) && Number.isFinite(norm)) {
        const limit = clipLimit(options.clip, state.norms)
        const update = (before: Snapshot, after: Snapshot): void => {
          optimiser.update(before, after, learningRate, limit)
          moveAverage(before, after, options.averaging)
        }
        takeStep(state, result.observed > 0 ? update : undefined)
        state.norms = remember(state.norms, norm)
        accumulate(state, result, norm)
      } else {
        undoStep(state)
        events.onNotice?.(undone(state, Number.isFinite(result.loss) ? 'gradient' : 'loss', learningRate / 2), 'warning')
      }
      state.step++
      state.batch++
      state.sums.seconds += now() - started
      const timeLeft = budget - secondsOf(state) - closing
      events.onStep?.(state, { batches: batches.length, loss: result.loss, evaluations: result.solver.evaluations, timeLeft })
      // Lets the event loop see signals, timers and the progress bar.
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (timeLeft <= 0 && state.step >= Math.min(LEAST_STEPS, options.minSteps)) {
        state.ending = 'budget'
        break
      }
    }
    checkFailures(state, events)
    const closed = now()
    const validLoss = validation.length > 0 ? await validate(runner, shardsOf[0], options, state.average, validation) : NaN
    closing = now() - closed
    const record = closeEpoch(options, state, { beta, validLoss, validated: validation.length > 0, seconds: closing })
    await events.onEpoch?.(record, state)
  }
  if (state.updates === 0)
    throw new TrainingFailure('NothingLearned', `${nothingTaken(state.step)} Nothing was learned, so there is no model.`)
  state.ending ??= 'epochs'
  return state
}

/** The shards of a batch; how much of a series is shown is drawn anew in each pass. */
function makeTasks(
  { train, scale }: TrainingData,
  { objective, samples, seed }: TrainingOptions,
  shown: Shown,
  shardsOf: ShardMaker,
  { pass, positions, beta, step }: { pass: number; positions: readonly number[]; beta: number; step: number },
): LossTask[] {
  const selections = positions.map((i) => {
    const series = train[i]!
    return select(series, scale, shown(series, random(seed, `condition ${series.id}`, pass)))
  })
  return shardsOf(selections, { objective, beta, samples }, { seed, purpose: 'noise', step })
}

/** Seconds of training so far. */
const secondsOf = ({ history, sums }: TrainingState): number => history.reduce((sum, { seconds }) => sum + seconds, sums.seconds)

const undone = ({ epoch, step }: TrainingState, what: string, learningRate: number): string =>
  `Epoch ${epoch + 1}, step ${step + 1}: the ${what} is not finite. The last step is undone and the learning rate halved to ` +
  `${learningRate.toPrecision(2)}.`

/** Learning rate of the step under way: cut where the loss got no better, halved for every step that had to be undone. */
const currentRate = ({ rateFactor, plateau }: TrainingState, options: TrainingOptions): number =>
  options.learningRate * rateFactor * rateAfter(plateau.cuts, options)

/**
 * The batches of an epoch: one pass over the training series, or as many as give `minSteps` steps. A pass is shuffled when its turn comes.
 */
function epochBatches(
  series: number,
  { batchSize, minSteps, seed }: TrainingOptions,
  epoch: number,
): { readonly length: number; at(batch: number): { pass: number; positions: number[] } } {
  const perPass = Math.ceil(series / batchSize)
  const passes = Math.max(1, Math.ceil(minSteps / perPass))
  let shuffled: { pass: number; batches: number[][] } | undefined
  return {
    length: passes * perPass,
    at(batch) {
      const pass = epoch * passes + Math.floor(batch / perPass)
      if (shuffled?.pass !== pass) shuffled = { pass, batches: batchPositions(series, { size: batchSize, seed, epoch: pass }) }
      return { pass, positions: shuffled.batches[batch % perPass]! }
    },
  }
}

function accumulate(state: TrainingState, result: LossResult, norm: number): void {
  const { sums } = state
  const solver: SolverTotals = result.solver
  sums.loss += result.loss * result.observed
  sums.logLikelihood += result.logLikelihood
  sums.kl += result.kl
  sums.observed += result.observed
  sums.series += result.series
  sums.evaluations += solver.evaluations
  sums.gradientNorm += norm
  sums.steps++
  sums.rows += solver.rows
  sums.failed += solver.failed
  sums.accepted += solver.accepted
  sums.rejected += solver.rejected
  sums.smallestStep = Math.min(sums.smallestStep, solver.smallestStep)
  if (solver.error) firstFailure.set(state, firstFailure.get(state) ?? solver.error)
}

/** What made a row fail in this epoch; not part of the state since it only words a message. */
const firstFailure = new WeakMap<TrainingState, Error>()

function checkFailures(state: TrainingState, events: TrainingEvents): void {
  const { failed, rows } = state.sums
  if (failed === 0) return
  const share = failed / rows
  const cause = firstFailure.get(state)
  firstFailure.delete(state)
  const what = `In epoch ${state.epoch + 1} the solver failed for ${failed} of ${rows} rows (${Number((100 * share).toPrecision(2))} %).`
  if (share > FAILED_SHARE) throw new TrainingFailure('SolverFailed', `${what} The first: ${cause?.message ?? ''}`, { cause })
  events.onNotice?.(`${what} They were left out. The first: ${cause?.message ?? ''}`, 'warning')
}

/** Records an epoch, keeps its weights if they are the best, and decides how training goes on. */
function closeEpoch(
  options: TrainingOptions,
  state: TrainingState,
  { beta, validLoss, validated, seconds }: { beta: number; validLoss: number; validated: boolean; seconds: number },
): EpochRecord {
  const { sums } = state
  const record: EpochRecord = {
    epoch: state.epoch + 1,
    trainLoss: sums.loss / sums.observed,
    validLoss,
    reconstruction: sums.logLikelihood / sums.observed,
    kl: sums.kl / sums.series,
    beta,
    learningRate: currentRate(state, options),
    gradientNorm: sums.gradientNorm / sums.steps,
    evaluations: sums.evaluations / sums.steps,
    seconds: sums.seconds + seconds,
  }
  // Without validation series the training loss is all there is; early in the warm-up it is not comparable.
  const loss = validated ? validLoss : beta === 1 ? record.trainLoss : Infinity
  const judged = Number.isFinite(loss) ? loss : Infinity
  // While nothing can be compared, the latest is the best. Weights that no step has made are none to keep.
  if (state.updates === 0) state.best = undefined
  else if (state.best === undefined || judged < state.best.loss || (judged === Infinity && state.best.loss === Infinity))
    state.best = { parameters: copyWeights(state.average), loss: judged, epoch: state.epoch + 1 }
  state.history.push(record)
  state.epoch++
  state.batch = 0
  state.sums = emptySums()
  // During the warm-up the loss that is trained on is not yet the one that is judged.
  if (state.epoch >= options.klWarmup) {
    const { cuts } = state.plateau
    state.plateau = afterEpoch(state.plateau, judged, options)
    if (isAtRest(state.plateau, options)) state.ending ??= 'rest'
    else if (state.plateau.cuts > cuts) startFromBest(state)
  }
  return record
}

/** Goes on from the best weights: at a lower learning rate those since then would not find back from where they have strayed. */
function startFromBest(state: TrainingState): void {
  if (state.best === undefined) return
  state.parameters = copyWeights(state.best.parameters)
  state.average = copyWeights(state.best.parameters)
}
