import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { shapeAt, sizeOf } from '../../graph/shape.js'
import type { Engine, ScanOptions, Stack, Value } from '../engine.js'
import type { RawEngine, RawExecutable, RawScan } from '../rawEngine.js'

/** Runs a Graph on another engine than the one its values live in: they are copied there and back. */
export function fallbackExecutable<V extends Value, S extends Stack>(
  home: RawEngine<V, S>,
  other: Engine,
  graph: Graph,
  consumes: readonly string[],
): RawExecutable<V> {
  const executable = other.compile(graph)
  const consumed = graphInputs(graph).map(({ name }) => consumes.includes(name))
  return {
    graph,
    run(values, rows) {
      const results = other.scope(() => {
        const copies = values.map((value) => other.write(home.read(value), value.shape))
        return executable.run(copies, rows).map((value) => ({ numbers: other.read(value), shape: value.shape }))
      })
      home.release(values.filter((_, i) => consumed[i]))
      return results.map(({ numbers, shape }) => home.write(numbers, shape))
    },
  }
}

/** A scan on another engine than the one its values live in. */
export function fallbackScan<V extends Value, S extends Stack>(
  home: RawEngine<V, S>,
  other: Engine,
  graph: Graph,
  options: ScanOptions,
): RawScan<V, S> {
  const scan = other.compileScan(graph, { ...options, consumes: [] })
  const shapes = new Map([...graphInputs(graph), ...graphOutputs(graph)].map(({ name, shape }) => [name, shape]))
  const shapeOf = (name: string, rows: number): number[] => shapeAt(shapes.get(name)!, rows)
  return {
    graph,
    run({ inputs, stacks, rows, steps, backward }) {
      const back = (stack: Stack, shape: readonly number[]): S => {
        const numbers = other.readStack(stack)
        const size = sizeOf(shape)
        return home.writeStack((step, into) => into.set(numbers.subarray(step * size, (step + 1) * size)), steps, shape)
      }
      const result = other.scope(() => {
        const { carried, outputs, history } = scan.run({
          inputs: mapped(
            only(inputs, (name) => shapes.has(name) || name in options.carried),
            (value) => other.write(home.read(value), value.shape),
          ),
          stacks: mapped(
            only(stacks, (name) => shapes.has(name)),
            (stack, name) => other.writeStack(home.readStack(stack), stack.steps, shapeOf(name, rows)),
          ),
          rows,
          steps,
          ...(backward && { backward }),
        })
        return {
          carried: mapped(carried, (value) => home.write(other.read(value), value.shape)),
          outputs: mapped(outputs, (stack, name) => back(stack, shapeOf(name, rows))),
          history: mapped(history, (stack, name) => back(stack, inputs[name]!.shape)),
        }
      })
      home.release((options.consumes ?? []).map((name) => inputs[name]!))
      return result
    },
  }
}

const mapped = <A, B>(record: Readonly<Record<string, A>>, to: (from: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, from]) => [name, to(from, name)]))

const only = <A>(record: Readonly<Record<string, A>>, keep: (name: string) => boolean): Record<string, A> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => keep(name)))
