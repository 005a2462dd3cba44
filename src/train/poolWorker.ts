import { Worker } from 'node:worker_threads'
import type { LossResult } from '../model/sequenceModel.js'
import { receiveError, workerError, type WorkerJob, type WorkerReply, type WorkerStart } from './workerMessages.js'

/** One worker thread, seen from the thread that uses it. It keeps the process alive only while it is waited for. */
export interface PoolWorker {
  /** Whether it can take a job now. */
  readonly isReady: boolean
  /** Why it cannot be used any more. */
  readonly failure: Error | undefined
  /** Waits until it can take its first job. */
  ready(): Promise<void>
  /** One job at a time. @throws EngineError `Worker` if the thread ends before it is done; what the job itself throws */
  run(job: WorkerJob): Promise<readonly LossResult[]>
  end(): Promise<void>
}

export function startWorker(script: URL, start: WorkerStart): PoolWorker {
  const worker = new Worker(script, { workerData: start })
  worker.unref()
  let isReady = false
  let failure: Error | undefined
  let waiting: { resolve(results: readonly LossResult[]): void; reject(error: Error): void } | undefined

  const answer = (settle: (waiter: NonNullable<typeof waiting>) => void): void => {
    const waiter = waiting
    waiting = undefined
    worker.unref()
    if (waiter) settle(waiter)
  }
  const fail = (error: Error): void => {
    failure ??= error
    isReady = false
    answer(({ reject }) => reject(failure!))
  }
  worker.on('message', (message: WorkerReply) => {
    if (message.kind === 'failed') return fail(receiveError(message.error))
    isReady = true
    answer(({ resolve }) => resolve(message.kind === 'done' ? message.results : []))
  })
  worker.on('messageerror', (cause) => fail(workerError('sent what cannot be read', { cause })))
  worker.on('error', (cause: NodeJS.ErrnoException) =>
    fail(workerError(cause.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'ran out of memory' : `failed: ${cause.message}`, { cause })),
  )
  worker.on('exit', (code) => fail(workerError(`ended with exit code ${code}`)))

  const wait = (begin: () => void): Promise<readonly LossResult[]> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure)
      waiting = { resolve, reject }
      worker.ref()
      begin()
    })
  return {
    get isReady() {
      return isReady
    },
    get failure() {
      return failure
    },
    ready: async () => {
      if (!isReady) await wait(() => {})
    },
    run: (job) => wait(() => worker.postMessage(job)),
    end: async () => {
      await worker.terminate()
    },
  }
}
