import { batchPositions, BatchMemory } from '../data/batch.js'
import type { Normalisation } from '../data/normalise.js'
import type { Series } from '../data/series.js'
import type { Dtype, Engine } from '../engine/engine.js'
import type { LossResult, ParameterArrays, SequenceModel, SolverTotals } from '../model/sequenceModel.js'
import { initialise } from '../nn/parameters.js'
import { hash, random } from '../random.js'
import { conditioningRows, type ConditioningName } from './conditioning.js'
import type { LossTask, NoiseKeys } from './lossTask.js'
import { observationsOf, select, type Selection, type TimeScale } from './selection.js'
import { createOptimiser, zeroMoments } from './optimiser.js'
import type { EpochRecord } from './records.js'
import { betaAt, learningRateAt } from './schedule.js'
import { combineLosses, cutBatch, MOST_SHARDS, runHere, share, type ShardRunner } from './shards.js'
import { emptySums, type Snapshot, type TrainingState } from './state.js'
import { TrainingFailure } from './trainingFailure.js'
import type { TrainingOptions } from './trainingOptions.js'

export interface TrainingData {
  readonly channels: number
  readonly scale: TimeScale
  readonly train: readonly Series[]
  readonly valid: readonly Series[]
  /** What normalises them, when their turn comes; default: they are normalised. */
  readonly normalisation?: Normalisation
}

/** What happened, for whoever shows or saves it. */
export interface TrainingEvents {
  /** After each step. `loss` is the negative objective per observed value, `evaluations` of the field a row, of the batch. */
  onStep?(state: TrainingState, progress: { batches: number; loss: number; evaluations: number }): void
  /** After each epoch; training waits for it. */
  onEpoch?(record: EpochRecord, state: TrainingState): void | Promise<void>
  /** A step was undone, rows failed: worth a line. */
  onNotice?(message: string): void
  /** Stops after the step under way; the state can be resumed. */
  readonly signal?: AbortSignal
}

/** Share of rows whose solve may fail in an epoch. */
const FAILED_SHARE = 0.05
/** Steps undone in a row of attempts before training gives up. */
const MOST_UNDONE = 20

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
    moments: zeroMoments(parameters),
    updates: 0,
    step: 0,
    epoch: 0,
    batch: 0,
    sums: emptySums(),
    rateFactor: 1,
    undone: 0,
    previous: undefined,
    best: undefined,
    history: [],
    finished: false,
  }
}

/**
 * Trains until the epochs are done, the validation loss stops improving, or the signal says stop; `state` is changed
 * in place and is always one from which training can go on, to the same bits.
 * `engine` updates the weights. Batches are computed in shards by
 * `runner`, by default one after another in this thread; who computes them changes no bit.
 *
 * @throws TrainingFailure `NothingLearned` if at the end no step was taken, `Diverged` after too
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
  const validation = validationBatches(data, options)
  // One for the batch that is computed, one for the next.
  const shardsOf = [shardMaker(data), shardMaker(data)] as const
  const optimiser = createOptimiser(
    engine,
    Object.fromEntries(Object.entries(state.parameters).map(([name, { length }]) => [name, length])),
    options,
  )
  while (!state.finished && state.epoch < options.epochs) {
    const batches = epochBatches(data.train.length, options, state.epoch)
    const beta = betaAt(state.epoch, options.klWarmup)
    const prepare = (batch: number, step: number): LossTask[] => {
      const { pass, positions } = batches.at(batch)
      const selections = positions.map((i) => {
        const series = data.train[i]!
        return select(
          series,
          data.scale,
          conditioningRows(options.conditioning, series, random(options.seed, `condition ${series.id}`, pass)),
        )
      })
      const { objective, samples, seed } = options
      return shardsOf[step % 2]!(selections, { objective, beta, samples }, { seed, purpose: 'noise', step })
    }
    let next: LossTask[] | undefined
    while (state.batch < batches.length) {
      if (events.signal?.aborted) return state
      const started = performance.now()
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
        step(state, result.observed > 0 ? (before, after) => optimiser.update(before, after, learningRate) : undefined)
        accumulate(state, result, norm, (performance.now() - started) / 1000)
      } else {
        undo(state)
        events.onNotice?.(
          `Epoch ${state.epoch + 1}, step ${state.step + 1}: the ${Number.isFinite(result.loss) ? 'gradient' : 'loss'} is not ` +
            `finite. The last step is undone and the learning rate halved to ${(learningRate / 2).toPrecision(2)}.`,
        )
      }
      state.step++
      state.batch++
      events.onStep?.(state, { batches: batches.length, loss: result.loss, evaluations: result.solver.evaluations })
      // Lets the event loop see signals, timers and the progress bar.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    checkFailures(state, events)
    const record = await closeEpoch(runner, shardsOf[0], options, state, validation, beta)
    await events.onEpoch?.(record, state)
  }
  if (state.updates === 0) throw new TrainingFailure('NothingLearned', `${nothingTaken(state)} Nothing was learned, so there is no model.`)
  state.finished = true
  return state
}

/** What became of the steps of a training of which nothing is left. */
const nothingTaken = ({ step }: TrainingState): string =>
  step === 1
    ? 'The one step of training was undone: its loss or gradient was not finite.'
    : `All ${step} steps of training were undone: each time the loss or its gradient was not finite.`

/** Learning rate of the step under way: the schedule's, halved for every step that had to be undone. */
const currentRate = (
  { rateFactor, step }: TrainingState,
  { learningRate, learningRateDecay: decay, learningRateFloor: floor }: TrainingOptions,
): number => rateFactor * learningRateAt({ learningRate, decay, floor }, step)

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

/** Makes a batch the tasks of its shards, good until those of the next batch are made. */
type ShardMaker = (
  batch: readonly Selection[],
  options: Pick<LossTask, 'objective' | 'beta' | 'samples'>,
  noise: Omit<NoiseKeys, 'series'>,
) => LossTask[]

function shardMaker({ channels, scale, normalisation }: TrainingData): ShardMaker {
  // Shared, so that shards are sent to other threads without a copy.
  const memory = Array.from({ length: MOST_SHARDS }, () => ({ conditioning: new BatchMemory(true), targets: new BatchMemory(true) }))
  return (batch, options, noise) =>
    cutBatch(batch, options.objective).map((shard, i) => {
      const conditioning = observationsOf(shard, channels, scale, { normalisation, memory: memory[i]!.conditioning })
      const shownAll = shard.every(({ series, rows }) => rows.length === series.times.length)
      return {
        ...options,
        conditioning,
        targets: shownAll
          ? conditioning
          : observationsOf(shard, channels, scale, { normalisation, memory: memory[i]!.targets, whole: true }),
        noise: { ...noise, series: Uint32Array.from(shard, ({ series }) => hash(series.id)) },
      }
    })
}

/** The validation series twice: shown a random half of their rows, and shown the first half of their span. */
function validationBatches(data: TrainingData, options: TrainingOptions): Selection[][] {
  const kinds: ConditioningName[] = options.conditioning === 'mixed' ? ['interpolation', 'extrapolation'] : [options.conditioning]
  const items = kinds.flatMap((kind) =>
    data.valid.map((series) => select(series, data.scale, conditioningRows(kind, series, random(options.seed, `validate ${series.id}`)))),
  )
  const size = 2 * options.batchSize
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

/** Negative ELBO per observed value at beta = 1 on the validation series, with the same noise every time. */
async function validate(
  runner: ShardRunner,
  shardsOf: ShardMaker,
  { seed, validationSamples: samples }: TrainingOptions,
  parameters: ParameterArrays,
  batches: readonly Selection[][],
): Promise<number> {
  let [loss, observed] = [0, 0]
  for (const batch of batches) {
    const shards = shardsOf(batch, { objective: 'elbo', beta: 1, samples }, { seed, purpose: 'validation noise', step: undefined })
    const result = combineLosses(await runner.losses(parameters, shards))
    loss += result.kl - result.logLikelihood
    observed += result.observed
  }
  return loss / observed
}

function accumulate(state: TrainingState, result: LossResult, norm: number, seconds: number): void {
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
  sums.seconds += seconds
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
  events.onNotice?.(`${what} They were left out. The first: ${cause?.message ?? ''}`)
}

async function closeEpoch(
  runner: ShardRunner,
  shardsOf: ShardMaker,
  options: TrainingOptions,
  state: TrainingState,
  validation: readonly Selection[][],
  beta: number,
): Promise<EpochRecord> {
  const started = performance.now()
  const { sums } = state
  const validLoss = validation.length > 0 ? await validate(runner, shardsOf, options, state.parameters, validation) : NaN
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
    seconds: sums.seconds + (performance.now() - started) / 1000,
  }
  // Without validation series the training loss is all there is; early in the warm-up it is not comparable.
  const loss = validation.length > 0 ? validLoss : beta === 1 ? record.trainLoss : Infinity
  const judged = Number.isFinite(loss) ? loss : Infinity
  // While nothing can be compared, the latest is the best. Weights that no step has made are none to keep.
  if (state.updates === 0) state.best = undefined
  else if (state.best === undefined || judged < state.best.loss || (judged === Infinity && state.best.loss === Infinity))
    state.best = { parameters: copy(state.parameters), loss: judged, epoch: state.epoch + 1 }
  state.history.push(record)
  state.epoch++
  state.batch = 0
  state.sums = emptySums()
  if (options.patience > 0 && state.epoch - Math.max(state.best?.epoch ?? 0, options.klWarmup) >= options.patience) state.finished = true
  return record
}

const copy = <A extends Float32Array | Float64Array>(arrays: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, a.slice() as A]))

/** The state's weights and moments, in the memory of an older snapshot if there is one. */
function snapshot({ parameters, moments: { first, second }, updates }: Snapshot, into?: Snapshot): Snapshot {
  if (into === undefined) return { parameters: copy(parameters), updates, moments: { first: copy(first), second: copy(second) } }
  for (const [from, to] of [
    [parameters, into.parameters],
    [first, into.moments.first],
    [second, into.moments.second],
  ] as const) {
    for (const [name, array] of Object.entries(from)) to[name]!.set(array)
  }
  into.updates = updates
  return into
}

/** Makes the state what `update` makes of it, in the memory of the one before it; without an update it stays. */
function step(state: TrainingState, update: ((before: Snapshot, after: Snapshot) => void) | undefined): void {
  const { parameters, moments, updates } = state
  const before = { parameters, moments, updates }
  if (!update) state.previous = snapshot(before, state.previous)
  else {
    const after = state.previous ?? snapshot(before)
    update(before, after)
    Object.assign(state, after)
    state.previous = before
  }
}

/** Goes back to the weights before the last update and makes further steps smaller. */
function undo(state: TrainingState): void {
  if (state.previous) Object.assign(state, snapshot(state.previous))
  state.rateFactor /= 2
  state.undone++
  if (state.undone >= MOST_UNDONE) {
    if (state.updates === 0)
      throw new TrainingFailure(
        'NothingLearned',
        `${nothingTaken({ ...state, step: state.step + 1 })} The learning rate was halved as often. Nothing was learned, so there is ` +
          'no model.',
      )
    throw new TrainingFailure(
      'Diverged',
      `The loss was not finite in ${state.undone} of ${state.step + 1} steps although the learning rate was halved each time.`,
    )
  }
}
