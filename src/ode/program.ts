import type { Engine, Value } from '../engine/engine.js'
import { compileSums } from '../engine/autodiff/differentiable.js'
import { graphInputs, type Graph } from '../graph/graph.js'

export type Values = Readonly<Record<string, Value>>

/** A compiled Graph whose arguments go by position: it runs once or more for each step of a solve. */
export interface Program {
  /**
   * `inputs` in the order that was settled when it was compiled; sums among them are used up. The field's parameters,
   * `param.<name>`, are given apart. Gives the outputs in the Graph's order.
   */
  run(params: Values, inputs: readonly Value[], rows: number): Value[]
}

/** @param order names of the inputs that are no parameters; those that the Graph does not need are passed over */
export function compileProgram(engine: Engine, graph: Graph, order: readonly string[]): Program {
  const executable = compileSums(engine, graph)
  const names = graphInputs(executable.graph).map(({ name }) => name)
  const from = names.map((name) => order.indexOf(name))
  const given = new Array<Value>(names.length)
  let bound: Values | undefined
  return {
    run(params, inputs, rows) {
      if (params !== bound)
        names.forEach((name, i) => {
          if (from[i]! < 0) given[i] = params[name]!
        })
      bound = params
      for (let i = 0; i < from.length; i++) if (from[i]! >= 0) given[i] = inputs[from[i]!]!
      return executable.run(given, rows)
    },
  }
}
