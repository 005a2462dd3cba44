import type { Dtype, EngineName } from '../engine/engine.js'
import type { InstructionSet } from '../engine/kernel/kernel.js'
import type { ModelSetup, TrainedName } from '../model/models.js'
import type { GradientResult, LossResult, ParameterArrays, SequenceModel } from '../model/sequenceModel.js'
import { computeGradient, computeLoss, type LossTask } from './lossTask.js'
import { MOST_SHARDS, type ShardRunner } from './shards.js'
import { arrayLengths, copyArrays, sharedArrays, viewArrays } from './sharedArrays.js'
import { startWorker, type PoolWorker } from './poolWorker.js'

export interface WorkerPoolOptions {
  /** Threads that compute, the calling one among them. */
  readonly threads: number
  /** What each worker makes its own engine and model from. */
  readonly engine: EngineName
  readonly dtype: Dtype
  readonly instructionSet?: InstructionSet | undefined
  readonly setup: ModelSetup<TrainedName>
  /** Seconds of computing before workers are started; default 0.25: a job that ends sooner would gain nothing. */
  readonly startAfter?: number
  /** The module that workers run. */
  readonly script?: URL
}

export interface WorkerPool extends ShardRunner {
  /** Starts all workers that `shards` shards can use and waits until they can compute. */
  ready(shards: number): Promise<void>
  /** Threads that would share in a batch now. */
  readonly threads: number
  /** Ends the workers. They also end with the process, which they do not keep alive. */
  close(): Promise<void>
}

/**
 * Worker threads that share in computing the shards of each batch. They start once computing has taken a while, and
 * until they are ready the calling thread computes alone: nothing waits for them, since who computes changes no bit.
 */
export function createWorkerPool(
  model: SequenceModel,
  {
    threads,
    engine,
    dtype,
    instructionSet,
    setup,
    startAfter = 0.25,
    script = new URL('./shardWorker.js', import.meta.url),
  }: WorkerPoolOptions,
): WorkerPool {
  const lengths = arrayLengths(model.specs)
  const [parameterMemory, gradientMemory] = [sharedArrays(lengths, dtype), sharedArrays(lengths, dtype, MOST_SHARDS)]
  const sharedParameters = viewArrays(lengths, dtype, parameterMemory)
  const slots = Array.from({ length: MOST_SHARDS }, (_, slot) => viewArrays(lengths, dtype, gradientMemory, slot))
  const workerSetup = { engine, dtype, instructionSet, setup, parameters: parameterMemory, gradients: gradientMemory }
  const crew = createCrew(threads, () => startWorker(script, workerSetup))
  let spent = 0

  /** `own` computes a shard in this thread; `receive` completes what a worker sent. */
  async function run<R>(
    kind: 'loss' | 'gradient',
    parameters: ParameterArrays,
    shards: readonly LossTask[],
    own: (task: LossTask, slot: number) => R,
    receive: (result: LossResult, slot: number) => R,
  ): Promise<readonly R[]> {
    if (spent > startAfter) crew.start(shards.length)
    const helpers = crew.helpers().slice(0, shards.length - 1)
    const shareOf = (thread: number) =>
      shards.map((task, slot) => ({ slot, task })).filter(({ slot }) => slot % (helpers.length + 1) === thread)
    if (helpers.length > 0) copyArrays(parameters, sharedParameters)
    const results: R[] = []
    const sent = helpers.map(async (worker, i) => {
      const share = shareOf(i)
      for (const [at, result] of (await worker.run({ kind, shards: share })).entries())
        results[share[at]!.slot] = receive(result, share[at]!.slot)
    })
    const began = performance.now()
    try {
      for (const { slot, task } of shareOf(helpers.length)) results[slot] = own(task, slot)
    } finally {
      spent += (performance.now() - began) / 1000
      // Also when this thread's own share failed: an error of a worker must not go unheard.
      await Promise.allSettled(sent)
    }
    await Promise.all(sent)
    return results
  }

  return {
    get threads() {
      return 1 + crew.size
    },
    losses: (parameters, shards) =>
      run(
        'loss',
        parameters,
        shards,
        (task) => computeLoss(model, parameters, task),
        (result) => result,
      ),
    gradients: (parameters, shards) =>
      run<GradientResult>(
        'gradient',
        parameters,
        shards,
        (task, slot) => computeGradient(model, parameters, task, slots[slot]),
        (result, slot) => ({ ...result, gradient: slots[slot]! }),
      ),
    ready: crew.ready,
    close: crew.close,
  }
}

/** The workers of a pool: as many as are of use, at most `threads` with the calling thread. */
function createCrew(threads: number, startOne: () => PoolWorker) {
  const workers: PoolWorker[] = []
  const ready = (): PoolWorker[] => workers.filter(({ isReady }) => isReady)
  const start = (shards: number): void => {
    while (workers.length < Math.min(threads, shards) - 1) workers.push(startOne())
  }
  return {
    start,
    /** How many can compute now. */
    get size() {
      return ready().length
    },
    /** Those that can compute now; throws what one of the workers failed with. */
    helpers(): PoolWorker[] {
      const failure = workers.find((worker) => worker.failure)?.failure
      if (failure) throw failure
      return ready()
    },
    async ready(shards: number): Promise<void> {
      start(shards)
      await Promise.all(workers.map((worker) => worker.ready()))
    },
    async close(): Promise<void> {
      await Promise.all(workers.splice(0).map((worker) => worker.end()))
    },
  }
}
