import type { Engine, Value } from '../engine/engine.js'
import { compileSums } from '../engine/differentiable.js'
import { graphInputs, graphOutputs, type Graph } from '../graph/graph.js'

export type Values = Readonly<Record<string, Value>>

/**
 * A compiled Graph whose arguments and results go by name; the field's parameters, `param.<name>`, are given apart. Sums,
 * `sum.<name>`, are used up by a run.
 */
export interface Program {
  run(params: Values, inputs: Values, rows: number): Record<string, Value>
}

export function compileProgram(engine: Engine, graph: Graph): Program {
  const executable = compileSums(engine, graph)
  const inputs = graphInputs(executable.graph).map(({ name }) => ({ name, param: name.startsWith('param.') }))
  const outputs = graphOutputs(executable.graph).map(({ name }) => name)
  return {
    run(params, values, rows) {
      const given: Value[] = []
      for (const { name, param } of inputs) given.push((param ? params : values)[name]!)
      const results = executable.run(given, rows)
      const named: Record<string, Value> = {}
      for (let i = 0; i < outputs.length; i++) named[outputs[i]!] = results[i]!
      return named
    },
  }
}
