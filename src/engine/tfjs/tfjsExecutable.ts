import { EngineError } from '../../errors.js'
import type { Graph } from '../../graph/graph.js'
import { graphInputs } from '../../graph/graph.js'
import type { RawExecutable } from '../rawEngine.js'
import type { TfjsArrays, TfjsValue } from './tfjsArrays.js'
import type { Handle, Runtime } from './tfjsBackend.js'
import { planGraph, type Plan, type Upload } from './tfjsPlan.js'

/** Plans kept per executable, one for each number of rows seen lately. */
const planLimit = 64

/** Makes Graphs ready to run. What a Graph has constants of is freed once nobody holds its executable. */
export class TfjsCompiler {
  readonly #constants = new Set<Handle>()
  readonly #forgotten: FinalizationRegistry<Handle[]>

  constructor(
    readonly runtime: Runtime,
    readonly arrays: TfjsArrays,
  ) {
    this.#forgotten = new FinalizationRegistry((handles) => {
      for (const handle of handles) if (this.#constants.delete(handle)) runtime.within(() => runtime.free(handle))
    })
  }

  compile(graph: Graph, consumes: readonly string[]): RawExecutable<TfjsValue> {
    const { runtime, arrays } = this
    const consumed = graphInputs(graph).map(({ name }) => consumes.includes(name))
    const uploaded: Handle[] = []
    const planFor = this.#planner(graph, uploaded)
    const executable: RawExecutable<TfjsValue> = {
      graph,
      run(values, rows) {
        const plan = planFor(rows)
        const made = runtime.within(() =>
          runPlan(
            runtime,
            plan,
            values.map(({ handle }) => handle),
          ),
        )
        if (consumes.length > 0) arrays.release(values.filter((_, i) => consumed[i]))
        return plan.outputs.map((_, i) => arrays.own(made[i]!, plan.outputShapes[i]!))
      },
    }
    this.#forgotten.register(executable, uploaded)
    return executable
  }

  /** Plans for any number of rows; their constants are written once. */
  #planner(graph: Graph, uploaded: Handle[]): (rows: number) => Plan {
    const { runtime } = this
    const constants = this.#constants
    const known = new Map<string, Handle>()
    const upload: Upload = (key, values, shape, integers = false) => {
      let handle = known.get(key)
      if (handle) return handle
      handle = runtime.within(() => runtime.write(integers ? Int32Array.from(values) : Float32Array.from(values), [...shape]))
      constants.add(handle)
      uploaded.push(handle)
      known.set(key, handle)
      return handle
    }
    const plans = new Map<number, Plan>()
    return (rows) => {
      let plan = plans.get(rows)
      if (!plan) {
        plan = planGraph(graph, rows, runtime, upload)
        plans.set(rows, plan)
        if (plans.size > planLimit) plans.delete(plans.keys().next().value!)
      }
      return plan
    }
  }

  dispose(): void {
    for (const handle of this.#constants) this.runtime.free(handle)
    this.#constants.clear()
  }
}

/** Runs the steps of a plan and returns the handles of the outputs. */
function runPlan(runtime: Runtime, plan: Plan, inputs: readonly Handle[]): Handle[] {
  const registers = plan.initial.slice() as Handle[]
  for (let i = 0; i < inputs.length; i++) registers[i] = inputs[i]!
  const { steps } = plan
  let at = 0
  try {
    for (; at < steps.length; at++) {
      const step = steps[at]!
      registers[step.to] = step.run(registers)
      for (const register of step.free) runtime.free(registers[register]!)
    }
  } catch (error) {
    const freed = new Set(steps.slice(0, at).flatMap(({ free }) => free))
    for (const { to } of steps.slice(0, at)) if (!freed.has(to)) runtime.free(registers[to]!)
    throw error instanceof EngineError
      ? error
      : new EngineError('Run', `A TensorFlow.js kernel failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  return plan.outputs.map((register) => registers[register]!)
}
