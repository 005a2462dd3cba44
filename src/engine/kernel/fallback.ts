import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { shapeAt } from '../../graph/shape.js'
import type { Engine, Executable, Scan, ScanOptions, Stack, Value } from '../engine.js'

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
        for (const value of executable.run(
          copies.map(({ scalars, shape }) => other.write(scalars, shape)),
          rows,
        ))
          read.push({ scalars: other.read(value), shape: value.shape })
      })
      home.free(...values.filter((value, i) => consumed[i] && values.indexOf(value) === i))
      return read.map(({ scalars, shape }) => home.write(scalars, shape))
    },
  }
}

/** A scan on another engine than the one its values live in. */
export function fallbackScan(home: Engine, other: Engine, graph: Graph, options: ScanOptions): Scan {
  const scan = other.compileScan(graph, { ...options, consumes: [] })
  const shapes = new Map([...graphInputs(graph), ...graphOutputs(graph)].map(({ name, shape }) => [name, shape]))
  return {
    graph,
    run({ inputs, stacks, rows, steps, backward }) {
      const copy = (value: Value): Value => other.write(home.read(value), value.shape)
      const mapped = <A, B>(record: Readonly<Record<string, A>>, to: (from: A, name: string) => B): Record<string, B> =>
        Object.fromEntries(Object.entries(record).map(([name, from]) => [name, to(from, name)]))
      const only = <A>(record: Readonly<Record<string, A>>, keep: (name: string) => boolean): Record<string, A> =>
        Object.fromEntries(Object.entries(record).filter(([name]) => keep(name)))
      const found = { carried: {} as Record<string, Value>, outputs: {} as Record<string, Stack>, history: {} as Record<string, Stack> }
      other.scope(() => {
        const result = scan.run({
          inputs: mapped(
            only(inputs, (name) => shapes.has(name) || name in options.carried),
            copy,
          ),
          rows,
          steps,
          ...(backward && { backward }),
          stacks: mapped(
            only(stacks, (name) => shapes.has(name)),
            (stack, name) => other.writeStack(home.readStack(stack), stack.steps, shapeAt(shapes.get(name)!, rows)),
          ),
        })
        const back = (stack: Stack, shape: readonly number[]): Stack => home.writeStack(other.readStack(stack), steps, shape)
        found.carried = mapped(result.carried, (value) => home.write(other.read(value), value.shape))
        found.outputs = mapped(result.outputs, (stack, name) => back(stack, shapeAt(shapes.get(name)!, rows)))
        found.history = mapped(result.history, (stack, name) => back(stack, inputs[name]!.shape))
      })
      home.free(...(options.consumes ?? []).map((name) => inputs[name]!))
      return found
    },
  }
}
