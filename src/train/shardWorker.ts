import { parentPort, workerData } from 'node:worker_threads'
import { selectEngine } from '../engine/select.js'
import { createModel } from '../model/createModel.js'
import { computeGradient, computeLoss } from './lossTask.js'
import { arrayLengths, viewArrays } from './sharedArrays.js'
import { MOST_SHARDS } from './shards.js'
import { sendError, type WorkerJob, type WorkerReply, type WorkerStart } from './workerMessages.js'

/** What a thread of the worker pool runs: it makes an engine and a model of its own, then computes shards as they come. */
async function work({ engine, dtype, instructionSet, setup, parameters: shared, gradients }: WorkerStart): Promise<void> {
  const model = createModel(await selectEngine(engine, { dtype, ...(instructionSet && { instructionSet }) }), setup)
  const lengths = arrayLengths(model.specs)
  const parameters = viewArrays(lengths, dtype, shared)
  const slots = Array.from({ length: MOST_SHARDS }, (_, slot) => viewArrays(lengths, dtype, gradients, slot))
  const compute = ({ kind, shards }: WorkerJob): WorkerReply => ({
    kind: 'done',
    results: shards.map(({ slot, task }) => {
      if (kind === 'loss') return computeLoss(model, parameters, task)
      const { gradient: _, ...result } = computeGradient(model, parameters, task, slots[slot])
      return result
    }),
  })
  parentPort!.on('message', (job: WorkerJob) => {
    try {
      reply(compute(job))
    } catch (error) {
      reply({ kind: 'failed', error: sendError(error) })
    }
  })
  reply({ kind: 'ready' })
}

const reply = (message: WorkerReply): void => parentPort!.postMessage(message)

work(workerData as WorkerStart).catch((error: unknown) => reply({ kind: 'failed', error: sendError(error) }))
