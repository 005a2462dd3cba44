import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Results } from '../contest.js'
import { CALL, changed, doneWord, failedWord, JOB, newSignals, PREPARE, RESULTS, RUN, tell, TURN } from './signals.js'
import type { HelperStart, Preparation } from './helper.js'

/** Threads that compute together with this one. It waits for them without giving way to anything else, so that a call can be timed. */
export interface Team {
  /** Gives each helper a problem of its own under a number, `own` in this thread meanwhile. */
  prepare(preparations: readonly Preparation[], own: () => void): void
  /** All run what they have prepared once, this thread `own`. */
  call(run: number, own: () => void): void
  /** All run it once more; what they computed, this thread first. */
  results(run: number, own: () => Results): Results[]
  /** Ends the helpers. They also end with the process, which they do not keep alive. */
  close(): Promise<void>
}

export interface TeamOptions {
  /** Milliseconds after which a helper that does not answer is given up; default 30 000. No call takes a tenth of that. */
  readonly patience?: number
  /** The module that helpers run. */
  readonly script?: URL
}

/**
 * Starts a team and waits until all can compute. Where a helper fails, what is under way throws that.
 *
 * @param threads how many compute, this one among them
 * @throws Error if a helper ends before it can compute
 */
export async function startTeam(
  name: string,
  engine: HelperStart['engine'],
  threads: number,
  { patience = 30_000, script = new URL('./start.mjs', import.meta.url) }: TeamOptions = {},
): Promise<Team> {
  const signals = newSignals(threads - 1)
  let failure: Error | undefined
  const helpers = Array.from({ length: threads - 1 }, (_, helper) => {
    const { port1: port, port2 } = new MessageChannel()
    const worker = new Worker(script, { workerData: { engine, helper, signals, port: port2 } satisfies HelperStart, transferList: [port2] })
    const ready = new Promise<void>((resolve, reject) => {
      const fail = (what: string, cause?: unknown): void => {
        failure ??= new Error(`Thread ${helper + 2} of ${name} ${what}`, { cause })
        reject(failure)
      }
      worker.once('message', () => resolve())
      worker.on('error', (error) => fail(`failed: ${error.message}`, error))
      worker.on('exit', (code) => fail(`ended with exit code ${code}.`))
    })
    return { worker, port, ready }
  })
  const close = async (): Promise<void> => void (await Promise.all(helpers.map(({ worker }) => worker.terminate())))
  try {
    await Promise.all(helpers.map(({ ready }) => ready))
  } catch (error) {
    await close()
    throw error
  }
  for (const { worker } of helpers) worker.unref()

  let turn = 0
  function take<T>(job: number, run: number, own: () => T): T {
    if (failure) throw failure
    const last = turn
    turn = (turn + 1) | 0
    signals[JOB] = job
    signals[RUN] = run
    tell(signals, TURN, turn)
    try {
      return own()
    } finally {
      // Also when this thread failed: the next turn must find all of them waiting for it.
      finish(last)
    }
  }
  function finish(last: number): void {
    for (let helper = 0; helper < helpers.length; helper++) {
      if (changed(signals, doneWord(helper), last, patience)) continue
      failure = new Error(`Thread ${helper + 2} of ${name} has not answered for ${patience / 1000} s.`)
      throw failure
    }
    if (helpers.some((_, helper) => signals[failedWord(helper)] !== 0)) throw failed()
  }
  /** What the first that failed says; all that was sent in this turn is taken from the ports. */
  function failed(): Error {
    const messages = helpers.map(({ port }) => receiveMessageOnPort(port)?.message as unknown)
    const helper = helpers.findIndex((_, i) => signals[failedWord(i)] !== 0)
    return new Error(`Thread ${helper + 2} of ${name} failed: ${String(messages[helper])}`)
  }

  return {
    prepare(preparations, own) {
      for (const [helper, { port }] of helpers.entries()) port.postMessage(preparations[helper])
      take(PREPARE, 0, own)
    },
    call: (run, own) => take(CALL, run, own),
    results(run, own) {
      const first = take(RESULTS, run, own)
      return [first, ...helpers.map(({ port }) => receiveMessageOnPort(port)!.message as Results)]
    },
    close,
  }
}
