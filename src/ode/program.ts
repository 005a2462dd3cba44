import type { Engine, Value } from '../engine/engine.js'
import { graphInputs, graphOutputs, type Graph } from '../graph/graph.js'

export type Values = Readonly<Record<string, Value>>

/** A compiled Graph whose arguments and results go by name. */
export interface Program {
  run(inputs: Values, rows: number): Record<string, Value>
}

export function compileProgram(engine: Engine, graph: Graph): Program {
  const executable = engine.compile(graph)
  const inputs = graphInputs(executable.graph).map(({ name }) => name)
  const outputs = graphOutputs(executable.graph).map(({ name }) => name)
  return {
    run(values, rows) {
      const results = executable.run(inputs.map((name) => values[name]!), rows)
      return Object.fromEntries(outputs.map((name, i) => [name, results[i]!]))
    },
  }
}

/** Compiles at the first call and keeps the result. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
