import * as tf from '@tensorflow/tfjs-core'
import type { Engine, Value } from '../../src/engine/engine.js'
import { simplify } from '../../src/graph/simplify.js'
import { trace } from '../../src/graph/trace.js'
import { localTask, quantities, type Contestant, type Quantity, type Results, type Task } from '../contest.js'
import type { Problem } from '../problems.js'
import { canBeCut, cutProblem, joined } from '../threads/shards.js'
import { startTeam, type Team, type TeamOptions } from '../threads/team.js'
import { piecesOf, runsOf, type Runs } from './engine.js'
import { openEngine, type OpenEngine } from './openEngine.js'

/**
 * An engine of ours on several threads, as `fit` uses them: rows are cut into a shard for each thread, each thread has
 * an engine and weights of its own, and the shards' gradients of the parameters are added in their order.
 */
export async function threadedContestant(which: OpenEngine, threads: number, options?: TeamOptions): Promise<Contestant> {
  const name = `${which.name} ${threads}t`
  const team = await startTeam(name, which, threads, options)
  const engine = await openEngine(which)
  let made = 0
  return {
    name,
    threads,
    detail: `${which.instructionSet}, rows cut into ${threads} shards, each on a thread and an engine of its own`,
    tasks(_item, problem) {
      if (!canBeCut(problem, threads)) return {}
      made += quantities.length
      return threadedTasks(team, engine, cutProblem(problem, threads), made - quantities.length)
    },
    async dispose() {
      await team.close()
      engine.dispose()
    },
  }
}

/** The first shard is this thread's. `first` is the number of the first of the runs that the helpers make. */
function threadedTasks(team: Team, engine: Engine, [mine, ...others]: readonly Problem[], first: number): Partial<Record<Quantity, Task>> {
  const length = mine!.parameters.length
  const theirs = others.map(() => new Float32Array(new SharedArrayBuffer(4 * length)))
  const gradients = [new Float32Array(length), ...theirs]
  const into = piecesOf(mine!, gradients[0]!)
  const add = adder(engine, gradients)
  let runs: Runs | undefined
  team.prepare(
    others.map((problem, i) => ({ run: first, problem, gradient: theirs[i]! })),
    () => {
      runs = runsOf(engine, mine!)
    },
  )

  const taskOf = (quantity: Quantity, run: number): Task => {
    const { once, results } = runs![quantity]
    const own = (): void => once(into)
    const call = (): void => team.call(run, own)
    const byRow = (): Results => joined(team.results(run, results))
    if (quantity === 'f') return localTask(call, byRow, 1 + others.length)
    const differentiate = (): Value[] => {
      call()
      return add()
    }
    return localTask(
      () => engine.scope(() => void differentiate()),
      () => {
        // What an earlier call left must not pass for what this one gives.
        for (const gradient of gradients) gradient.fill(NaN)
        const params = new Float32Array(length)
        engine.scope(() => void engine.read(differentiate()[0]!, params))
        return { ...byRow(), params }
      },
      1 + others.length,
    )
  }
  return Object.fromEntries(quantities.map((quantity, i) => [quantity, taskOf(quantity, first + i)]))
}

/** Adds the gradients of the shards in the engine, in their order, as the optimiser of `fit` does. */
function adder(engine: Engine, gradients: readonly Float32Array[]): () => Value[] {
  const shape = [gradients[0]!.length]
  const graph = trace(
    (shards) => Object.values(shards).reduce((sum, shard) => tf.add(sum, shard)),
    Object.fromEntries(gradients.map((_, i) => [`shard${i}`, shape])),
  )
  const sum = engine.compile(simplify(graph))
  return () =>
    sum.run(
      gradients.map((gradient) => engine.write(gradient, shape)),
      0,
    )
}
