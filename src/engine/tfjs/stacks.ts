import { graphInputs, graphOutputs, type Graph } from '../../graph/graph.js'
import { shapeAt, sizeOf } from '../../graph/shape.js'
import { newArray } from '../arrays.js'
import { requirePart } from '../checked/shapes.js'
import type { FloatArray, ScanOptions, ScanRequest, ScanResult, Stack, Value } from '../engine.js'
import type { RawEngine, RawExecutable, RawScan } from '../rawEngine.js'

/** A stack that is a list of arrays. */
export class ListStack<V extends Value = Value> implements Stack {
  freed = false

  /** @param whole the stack whose arrays these are, if this is a part of one */
  constructor(
    readonly owner: object,
    readonly shape: readonly number[],
    readonly values: readonly V[],
    readonly whole?: ListStack<V>,
  ) {}

  get steps(): number {
    return this.values.length
  }

  get isFreed(): boolean {
    return (this.whole ?? this).freed
  }

  part(from: number, to: number): ListStack<V> {
    requirePart(this, from, to)
    return new ListStack(this.owner, this.shape, this.values.slice(from, to), this.whole ?? this)
  }
}

type Raw<V extends Value> = RawEngine<V, ListStack<V>>
/** What needs to know of stacks. */
type Stacking = 'compileScan' | 'writeStack' | 'readStack' | 'cut' | 'concat' | 'ownsStack' | 'stackShape' | 'release'

/** A raw engine that knows arrays only. */
export type ArrayEngine<V extends Value> = Omit<Raw<V>, Stacking> & {
  concat(values: readonly V[], shape: readonly number[]): V
  release(values: readonly V[]): void
}

/** Adds stacks and scans to an engine that has no better way than a list of arrays, and to run a Graph again and again. */
export function withStacks<V extends Value>(engine: ArrayEngine<V>): Raw<V> {
  const owner = {}
  const owns = (stack: unknown): stack is ListStack<V> => stack instanceof ListStack && stack.owner === owner
  const valuesOf = (held: V | ListStack<V>): readonly V[] => (owns(held) ? held.values : [held as V])
  const stackOf = (values: readonly V[], shape: readonly number[]): ListStack<V> => new ListStack(owner, [...shape], values)
  return {
    ...engine,
    ownsStack: (stack): stack is ListStack<V> => owns(stack) && !stack.isFreed,
    stackShape: ({ shape }) => shape,
    wasFreed: (held) => (owns(held) ? held.isFreed : engine.wasFreed(held)),
    compileScan: (graph, options) => scanByRuns(engine, graph, options, stackOf),
    writeStack: (fill, steps, shape) =>
      allOrNone(engine, (keep) => {
        const write = (step: number): V => keep(engine.write((into: FloatArray) => fill(step, into), shape))
        return stackOf(
          Array.from({ length: steps }, (_, step) => write(step)),
          shape,
        )
      }),
    readStack({ values, shape }) {
      const size = sizeOf(shape)
      const out = newArray(engine, values.length * size)
      values.forEach((value, i) => engine.read(value, out.subarray(i * size, (i + 1) * size)))
      return out
    },
    concat: (held, shape) => engine.concat(held.flatMap(valuesOf), shape),
    cut: (value, steps, shape) =>
      allOrNone(engine, (keep) => {
        const rows = shape[0]!
        const piece = (i: number): V =>
          keep(
            engine.gather(
              value,
              Int32Array.from({ length: rows }, (_, row) => i * rows + row),
            ),
          )
        return stackOf(
          Array.from({ length: steps }, (_, i) => piece(i)),
          shape,
        )
      }),
    release(held) {
      const values: V[] = []
      for (const one of held) {
        if (!owns(one)) values.push(one as V)
        else if (one.whole === undefined) {
          one.freed = true
          for (const value of one.values) values.push(value)
        }
      }
      engine.release(values)
    },
  }
}

/** What `body` gives; if it fails, the arrays that it kept so far are freed. */
function allOrNone<V extends Value, R>(engine: Pick<ArrayEngine<V>, 'release'>, body: (keep: (value: V) => V) => R): R {
  const made: V[] = []
  try {
    return body((value) => {
      made.push(value)
      return value
    })
  } catch (error) {
    engine.release(made)
    throw error
  }
}

function scanByRuns<V extends Value>(
  engine: ArrayEngine<V>,
  graph: Graph,
  options: ScanOptions,
  stackOf: (values: readonly V[], shape: readonly number[]) => ListStack<V>,
): RawScan<V, ListStack<V>> {
  const executable = engine.compile(graph, {})
  const { consumes = [] } = options
  const shapes = new Map(graphOutputs(graph).map(({ name, shape }) => [name, shape]))
  return {
    graph,
    run(request) {
      const { inputs, rows } = request
      const stacked = (lists: ReadonlyMap<string, readonly V[]>, outputOf: (name: string) => string): Record<string, ListStack<V>> =>
        Object.fromEntries([...lists].map(([name, values]) => [name, stackOf(values, shapeAt(shapes.get(outputOf(name))!, rows))]))
      const { current, found, past } = allOrNone(engine, (keep) => runSteps(engine, executable, options, request, keep))
      engine.release(consumes.map((name) => inputs[name]!))
      return {
        carried: Object.fromEntries(current),
        outputs: stacked(found, (name) => name),
        history: stacked(past, (name) => options.carried[name]!),
      } satisfies ScanResult<V, ListStack<V>>
    },
  }
}

/** What is carried at the end, what each step gave, and what was carried before each. */
interface Steps<V extends Value> {
  readonly current: ReadonlyMap<string, V>
  readonly found: ReadonlyMap<string, readonly V[]>
  readonly past: ReadonlyMap<string, readonly V[]>
}

/** Runs the steps; `keep` is told of all that is made. */
function runSteps<V extends Value>(
  engine: ArrayEngine<V>,
  { graph, run }: RawExecutable<V>,
  { carried, stepped = [], history = [] }: ScanOptions,
  { inputs: given, stacks, rows, steps, backward = false }: ScanRequest<V, ListStack<V>>,
  keep: (value: V) => V,
): Steps<V> {
  const inputs = graphInputs(graph).map(({ name }) => name)
  const outputs = graphOutputs(graph).map(({ name }) => name)
  const carriedBy = new Map(Object.entries(carried).map(([input, output]) => [output, input]))
  const current = new Map(Object.keys(carried).map((name) => [name, keep(engine.write(engine.read(given[name]!), given[name]!.shape))]))
  const past = new Map(history.map((name): [string, V[]] => [name, []]))
  const found = new Map(outputs.filter((name) => !carriedBy.has(name)).map((name) => [name, new Array<V>(steps)]))
  for (let n = 0; n < steps; n++) {
    const step = backward ? steps - 1 - n : n
    const results = run(
      inputs.map((name) => (stepped.includes(name) ? stacks[name]!.values[step]! : (current.get(name) ?? given[name]!))),
      rows,
    )
    results.forEach((value, i) => {
      keep(value)
      const input = carriedBy.get(outputs[i]!)
      if (input === undefined) {
        found.get(outputs[i]!)![step] = value
        return
      }
      const before = current.get(input)!
      current.set(input, value)
      const list = past.get(input)
      if (list) list.push(before)
      else engine.release([before])
    })
  }
  return { current, found, past }
}
