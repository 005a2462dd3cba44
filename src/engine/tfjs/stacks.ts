import { EngineError } from '../../errors.js'
import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { sizeOf } from '../../graph/shape.js'
import { newArray, stackWriter } from '../arrays.js'
import { pieceShape, requirePart } from '../joined.js'
import type { Engine, Held, Scan, ScanOptions, Stack, Value } from '../engine.js'

/** A stack that is a list of arrays. */
class ListStack implements Stack {
  /** @param isPart whether the arrays are another stack's, which frees them */
  constructor(
    readonly values: readonly Value[],
    readonly isPart = false,
  ) {}

  get steps(): number {
    return this.values.length
  }

  part(from: number, to: number): ListStack {
    requirePart(this, from, to)
    return new ListStack(this.values.slice(from, to), true)
  }
}

/** @throws EngineError `Input` for names that the Graph has not */
export function requireScan(graph: Graph, { carried, stepped = [], history = [], consumes = [] }: ScanOptions): void {
  const inputs = graphInputs(graph).map(({ name }) => name)
  const outputs = graphOutputs(graph).map(({ name }) => name)
  const strange = Object.values(carried).find((name) => !outputs.includes(name))
  if (strange !== undefined)
    throw new EngineError('Input', `The Graph has no output "${strange}" to carry along; it has ${outputs.join(', ')}.`)
  const twice = Object.values(carried).find((name, i, all) => all.indexOf(name) !== i)
  if (twice !== undefined) throw new EngineError('Input', `The output "${twice}" cannot be carried along as two inputs.`)
  const unknown = [
    ...[...history, ...consumes].filter((name) => !(name in carried)),
    ...stepped.filter((name) => !inputs.includes(name) || name in carried),
  ]
  if (unknown.length > 0)
    throw new EngineError(
      'Input',
      `"${unknown[0]}" cannot be ` +
        `${stepped.includes(unknown[0]!) ? 'an input of each step: the Graph has no such input, or it is carried along' : 'used up or remembered: it is not carried along'}.`,
    )
}

/** What an engine does with stacks. */
type Stacking = 'compileScan' | 'writeStack' | 'readStack' | 'cut' | 'concat' | 'scope' | 'free'

/** An engine without scans; it knows arrays only. */
type WithoutScans = Omit<Engine, Stacking> & {
  concat(values: readonly Value[]): Value
  scope<T extends readonly Value[]>(body: () => T): T
  free(...values: readonly Value[]): void
}

/** Adds scans to an engine that has no better way than to run a Graph again and again. */
export function withScans<E extends WithoutScans>(engine: E): Omit<E, Stacking> & Pick<Engine, Stacking> {
  return {
    ...engine,
    compileScan: (graph, options) => scanByRuns(engine, graph, options),
    writeStack(values, steps, shape) {
      const fill = stackWriter(values, steps, shape)
      return new ListStack(Array.from({ length: steps }, (_, i) => engine.write((into) => fill(i, into), shape)))
    },
    readStack(stack) {
      const list = listOf(stack, 'A stack to be read')
      const size = sizeOf(list[0]?.shape ?? [0])
      const out = newArray(engine, list.length * size)
      list.forEach((value, i) => engine.read(value, out.subarray(i * size, (i + 1) * size)))
      return out
    },
    concat: (values) =>
      engine.concat(values.flatMap((one): readonly Value[] => ('steps' in one ? listOf(one, 'A stack to be joined') : [one]))),
    cut(value, steps) {
      const [rows] = pieceShape(value, steps) as [number]
      return new ListStack(
        Array.from({ length: steps }, (_, i) =>
          engine.gather(
            value,
            Int32Array.from({ length: rows }, (_, row) => i * rows + row),
          ),
        ),
      )
    },
    scope(body) {
      const given: { result?: ReturnType<typeof body> } = {}
      engine.scope(() => {
        const result = (given.result = body())
        return owned(
          result === undefined ? [] : Array.isArray(result) ? (result as readonly Held[]) : [result as Held],
          'A stack to be kept',
        )
      })
      return given.result!
    },
    free(...held) {
      // One by one: there may be more than a call takes arguments.
      for (const value of owned(held, 'A stack to be freed')) engine.free(value)
    },
  }
}

function listOf(stack: Stack, what: string): readonly Value[] {
  if (!(stack instanceof ListStack)) throw new EngineError('Foreign', `${what} was not made by this engine.`)
  return stack.values
}

/** The arrays that arrays and stacks own. */
const owned = (held: readonly Held[], what: string): readonly Value[] =>
  held.flatMap((one): readonly Value[] => ('steps' in one ? (one instanceof ListStack && one.isPart ? [] : listOf(one, what)) : [one]))

function scanByRuns(engine: WithoutScans, graph: Graph, options: ScanOptions): Scan {
  requireScan(graph, options)
  const executable = engine.compile(graph)
  const { carried, stepped = [], history = [], consumes = [] } = options
  const inputs = graphInputs(graph).map(({ name }) => name)
  const outputs = graphOutputs(graph).map(({ name }) => name)
  const carriedBy = new Map(Object.entries(carried).map(([input, output]) => [output, input]))
  return {
    graph,
    run({ inputs: given, stacks, rows, steps, backward = false }) {
      if (backward && history.length > 0) throw new EngineError('Input', 'A scan that begins with the last step keeps no history.')
      const lists = new Map(
        stepped.map((name) => {
          const list = listOf(stacks[name]!, `Stack "${name}"`)
          if (list.length !== steps) throw new EngineError('Shape', `Stack "${name}" has ${list.length} steps, and the scan ${steps}.`)
          return [name, list]
        }),
      )
      const current = new Map(Object.keys(carried).map((input) => [input, engine.write(engine.read(given[input]!), given[input]!.shape)]))
      const past = new Map(history.map((name): [string, Value[]] => [name, []]))
      const found = new Map(outputs.filter((name) => !carriedBy.has(name)).map((name) => [name, new Array<Value>(steps)]))
      for (let n = 0; n < steps; n++) {
        const step = backward ? steps - 1 - n : n
        const results = executable.run(
          inputs.map((name) => lists.get(name)?.[step] ?? current.get(name) ?? given[name]!),
          rows,
        )
        results.forEach((value, i) => {
          const input = carriedBy.get(outputs[i]!)
          if (input === undefined) {
            found.get(outputs[i]!)![step] = value
            return
          }
          const before = current.get(input)!
          current.set(input, value)
          const list = past.get(input)
          if (list) list.push(before)
          else engine.free(before)
        })
      }
      engine.free(...consumes.map((name) => given[name]!))
      const stacked = (map: ReadonlyMap<string, readonly Value[]>): Record<string, ListStack> =>
        Object.fromEntries([...map].map(([name, values]) => [name, new ListStack(values)]))
      return { carried: Object.fromEntries(current), outputs: stacked(found), history: stacked(past) }
    },
  }
}
