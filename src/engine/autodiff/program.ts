import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { simplify } from '../../graph/simplify.js'
import type { Engine, Executable, Value } from '../engine.js'

/** Values by name: parameters, or what is being summed up for each of them. */
export type NamedValues = Readonly<Record<string, Value>>

/** A compiled Graph whose arguments go by position, but for parameters: it runs often, and names cost time. */
export interface Program {
  /**
   * Runs it. `lists` hold the inputs in the orders that were settled when it was compiled. Inputs in none of them are parameters,
   * which go by name. Gives the outputs in the Graph's order.
   */
  run(parameters: NamedValues, rows: number, ...lists: readonly (readonly Value[])[]): Value[]
}

/**
 * Compiles a Graph. Inputs `sum.<name>` are used up by each run, so that sums stay in one place.
 *
 * @param orders names of inputs, by list; those that the Graph does not need are passed over
 */
export function compileProgram(engine: Engine, graph: Graph, ...orders: readonly (readonly string[])[]): Program {
  const simplified = simplify(graph)
  const names = graphInputs(simplified).map(({ name }) => name)
  const executable = engine.compile(simplified, { consumes: names.filter((name) => name.startsWith('sum.')) })
  const list = names.map((name) => orders.findIndex((order) => order.includes(name)))
  const at = names.map((name, i) => orders[list[i]!]?.indexOf(name) ?? -1)
  const given = new Array<Value>(names.length)
  let bound: NamedValues | undefined
  return {
    run(parameters, rows, ...lists) {
      for (let i = 0; i < names.length; i++) {
        if (list[i]! >= 0) given[i] = lists[list[i]!]![at[i]!]!
        else if (parameters !== bound) given[i] = parameters[names[i]!]!
      }
      bound = parameters
      return executable.run(given, rows)
    },
  }
}

/** Runs an executable with inputs and outputs by name. */
export function runNamed(executable: Executable, inputs: NamedValues, rows: number): Record<string, Value> {
  const results = executable.run(
    graphInputs(executable.graph).map(({ name }) => inputs[name]!),
    rows,
  )
  return Object.fromEntries(graphOutputs(executable.graph).map(({ name }, i) => [name, results[i]!]))
}
