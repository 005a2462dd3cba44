import { graphInputs, type Graph } from '../graph/graph.js'
import type { Engine, Executable } from './engine.js'

/** Runs a Graph on another engine than the one its values live in: they are copied there and back. */
export function fallbackExecutable(home: Engine, other: Engine, graph: Graph, consumes: readonly string[]): Executable {
  const executable = other.compile(graph)
  const consumed = graphInputs(graph).map(({ name }) => consumes.includes(name))
  return {
    graph,
    run(values, rows) {
      const copies = values.map((value) => ({ scalars: home.read(value), shape: value.shape }))
      const read: { scalars: ArrayLike<number>; shape: readonly number[] }[] = []
      other.scope(() => {
        for (const value of executable.run(copies.map(({ scalars, shape }) => other.write(scalars, shape)), rows)) read.push({ scalars: other.read(value), shape: value.shape })
      })
      home.free(...values.filter((value, i) => consumed[i] && values.indexOf(value) === i))
      return read.map(({ scalars, shape }) => home.write(scalars, shape))
    },
  }
}
