import { parentPort, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { piecesOf, runsOf, type Run } from '../contestants/engine.js'
import { openEngine, type OpenEngine } from '../contestants/openEngine.js'
import { quantities } from '../contest.js'
import type { Problem } from '../problems.js'
import { CALL, changed, doneWord, failedWord, JOB, PREPARE, RUN, tell, TURN, type Signals } from './signals.js'

/** What a helper is started with. */
export interface HelperStart {
  readonly engine: OpenEngine
  /** Which of the helpers it is, from 0. */
  readonly helper: number
  readonly signals: Signals
  /** Problems come and results go through it. */
  readonly port: MessagePort
}

/** What a helper is to be ready for. */
export interface Preparation {
  /** Of the first of the runs; those of the other quantities follow. */
  readonly run: number
  readonly problem: Problem
  /** Shared memory in which each call leaves the gradient of the parameters. */
  readonly gradient: Float32Array
}

/** Does what the main thread says, turn by turn, until the thread is ended. Its event loop never goes on. */
export async function help({ engine: which, helper, signals, port }: HelperStart): Promise<never> {
  const engine = await openEngine(which)
  const runs: { readonly run: Run; readonly into: readonly Float32Array[] }[] = []

  function prepare({ run: first, problem, gradient }: Preparation): void {
    const made = runsOf(engine, problem)
    const into = piecesOf(problem, gradient)
    quantities.forEach((quantity, i) => {
      runs[first + i] = { run: made[quantity], into }
    })
  }
  function work(): void {
    if (signals[JOB] === PREPARE) return prepare(receiveMessageOnPort(port)!.message as Preparation)
    const { run, into } = runs[signals[RUN]!]!
    if (signals[JOB] === CALL) run.once(into)
    else port.postMessage(run.results())
  }
  /** Whether it failed, 1 or 0. */
  function attempt(): number {
    try {
      work()
      return 0
    } catch (error) {
      port.postMessage(error instanceof Error ? error.message : String(error))
      return 1
    }
  }

  parentPort!.postMessage('ready')
  let turn = 0
  for (;;) {
    changed(signals, TURN, turn)
    turn = Atomics.load(signals, TURN)
    signals[failedWord(helper)] = attempt()
    tell(signals, doneWord(helper), turn)
  }
}
