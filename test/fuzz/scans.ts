import type { Stack, Value } from '../../src/engine/engine.js'
import { lower } from '../../src/engine/lowering/lower.js'
import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { simplify } from '../../src/graph/simplify.js'
import { formatGraph } from '../../src/graph/text.js'
import { random } from '../../src/random.js'
import type { CountingEngine } from '../engine/conformance.js'
import { referenceEngine, type ReferenceEngine } from '../reference/engine.js'

/** A scan with everything that a scan may have. */
interface ScanCase {
  readonly graph: Graph
  readonly carried: Readonly<Record<string, string>>
  readonly stepped: readonly string[]
  readonly history: readonly string[]
  readonly consumes: readonly string[]
  readonly columns: number
  readonly rows: number
  readonly steps: number
  readonly backward: boolean
}

/** Products with all that they can begin and end with, of what is carried, what is the same in every step and what is not. */
export function randomScan(seed: number): ScanCase {
  const stream = random(seed, 'scan')
  const pick = <T>(list: readonly T[]): T => list[stream.integer(list.length)]!
  const chance = (p: number): boolean => stream.uniform() < p
  const b = new GraphBuilder()
  const columns = pick([1, 3, 8, 17, 40, 70])
  const states = ['a', 'b', 'c'].slice(0, 1 + stream.integer(3))
  const matrices = ['w', 'v'].map((name) => b.input(name, [columns, columns]))
  const bias = b.input('bias', [columns])
  const given = [...states, 'fixed', 'x'].map((name) => b.input(name, [-1, columns]))
  const sum = chance(0.6) ? b.input('sum', [columns, columns]) : undefined
  const pool = [...given]
  const latest = (most: number): Ref => pool[pool.length - 1 - stream.integer(Math.min(most, pool.length))]!
  const any = (): Ref => (chance(0.6) ? latest(4) : pick(pool))
  const product = (): Ref => b.matmul(any(), pick(matrices), { transposeB: chance(0.3) })
  for (let count = 2 + stream.integer(8); count > 0; count--) {
    let made = product()
    if (chance(0.6)) made = b.add(made, pick([any(), any(), bias]))
    if (chance(0.2)) made = b.add(made, product())
    const ending = stream.integer(6)
    if (ending < 2) made = b.unary(pick(['tanh', 'sigmoid', 'relu'] as const), made)
    else if (ending < 5) made = b.mul(made, b.sub(b.constant(1), b.unary('square', chance(0.1) ? made : any())))
    if (chance(0.3)) made = b.unary('tanh', made)
    if (chance(0.2)) made = b.add(made, any())
    pool.push(made)
  }
  const last = (): Ref => pool[pool.length - 1 - stream.integer(Math.min(5, pool.length - given.length))]!
  const carried: Record<string, string> = {}
  for (const name of states) b.output((carried[name] = `${name}'`), chance(0.8) ? last() : b.unary('tanh', b.matmul(last(), matrices[0]!)))
  if (sum !== undefined) b.output((carried['sum'] = "sum'"), b.add(sum, b.matmul(any(), any(), { transposeA: true })))
  if (chance(0.6)) b.output('y', last())
  if (chance(0.3)) b.output('z', b.matmul(any(), matrices[1]!))
  const graph = chance(0.7) ? simplify(b.build()) : b.build()
  const inputs = new Set(graphInputs(graph).map(({ name }) => name))
  const history = states.filter((name) => inputs.has(name) && chance(0.3))
  return {
    graph,
    carried,
    stepped: inputs.has('x') ? ['x'] : [],
    history,
    consumes: Object.keys(carried).filter(() => chance(0.4)),
    columns,
    rows: pick([0, 1, 2, 3, 7, 16, 33]),
    steps: pick([0, 1, 2, 3, 4]),
    backward: history.length === 0 && chance(0.4),
  }
}

const shapeOf = (name: string, { rows, columns }: ScanCase): number[] =>
  ['w', 'v', 'sum'].includes(name) ? [columns, columns] : name === 'bias' ? [columns] : [rows, columns]

/** All numbers that a scan gives, run twice; its inputs must stay as they are, and nothing may be left behind. */
function outcome(
  engine: CountingEngine | ReferenceEngine,
  scanCase: ScanCase,
  numbers: Readonly<Record<string, readonly number[]>>,
): Record<string, ArrayLike<number>> {
  const { graph, carried, stepped, history, consumes, rows, steps, backward } = scanCase
  const scan = engine.compileScan(graph, { carried, stepped, history, consumes })
  const before = engine.live()
  const results: Record<string, ArrayLike<number>> = {}
  for (let round = 0; round < 2; round++) {
    const inputs: Record<string, Value> = {}
    const stacks: Record<string, Stack> = {}
    for (const [name, list] of Object.entries(numbers)) {
      if (stepped.includes(name)) stacks[name] = engine.writeStack(list, steps, shapeOf(name, scanCase))
      else if (name !== 'x') inputs[name] = engine.write(list, shapeOf(name, scanCase))
    }
    // Memory that is taken from now on holds NaN.
    engine.free(...[1, 40, 5000, 40_000].map((size) => engine.write(new Float64Array(size).fill(NaN), [size])))
    const result = scan.run({ inputs, stacks, rows, steps, backward })
    for (const [name, value] of Object.entries(result.carried)) results[`end of ${name}`] = engine.read(value)
    for (const [name, stack] of [...Object.entries(result.outputs), ...Object.entries(result.history)])
      results[`all of ${name}`] = steps > 0 ? engine.readStack(stack) : []
    const left = Object.entries(inputs).filter(([name]) => !consumes.includes(name))
    for (const [name, value] of left)
      engine.read(value).forEach((number, i) => {
        if (number !== numbers[name]![i]) throw new Error(`input ${name} was changed`)
      })
    engine.free(
      ...left.map(([, value]) => value),
      ...[stacks, result.carried, result.outputs, result.history].flatMap((held) => Object.values<Value | Stack>(held)),
    )
    if (engine.live() !== before) throw new Error(`${engine.live() - before} arrays are left`)
  }
  return results
}

/**
 * Runs the scans of the seeds from `first` on, in float64, and compares them with the reference. Returns how many products
 * ended with something, and how many results took the place of an input.
 *
 * @throws Error with the seed and the Graph of the first that differs
 */
export function fuzzScans(
  engines: Readonly<Record<string, CountingEngine>>,
  first: number,
  count: number,
): { endings: number; donations: number } {
  const reference = referenceEngine()
  const tally = { endings: 0, donations: 0 }
  for (let seed = first; seed < first + count; seed++) {
    const scanCase = randomScan(seed)
    const { graph, carried, history, steps } = scanCase
    const stream = random(seed, 'numbers')
    const names = [...new Set([...graphInputs(graph).map(({ name }) => name), ...Object.keys(carried)])].sort()
    const numbers = Object.fromEntries(
      names.map((name) => {
        const shape = shapeOf(name, scanCase)
        const scale = shape[0] === shape[1] && shape.length === 2 ? 1 / Math.sqrt(shape[0]!) : 0.7
        return [name, Array.from({ length: (name === 'x' ? steps : 1) * shape.reduce((a, d) => a * d, 1) }, () => scale * stream.normal())]
      }),
    )
    const consumed = new Set(graphInputs(graph).flatMap(({ name }, i) => (name in carried && !history.includes(name) ? [i] : [])))
    const program = lower(graph, { scalarBytes: 8, consumed })
    tally.endings += program.instructions.filter(({ text }) => /= (tanh|relu|sigmoid|tanhPullback by \S+) of/.test(text)).length
    tally.donations += program.donations.size
    const expected = outcome(reference, scanCase, numbers)
    for (const [label, engine] of Object.entries(engines)) {
      const fail = (what: string): never => {
        throw new Error(
          `Scan ${seed} on ${label}: ${what}\n${JSON.stringify({ ...scanCase, graph: undefined })}\n${formatGraph(graph)}\n${program}`,
        )
      }
      let found: ReturnType<typeof outcome> = {}
      try {
        found = outcome(engine, scanCase, numbers)
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error))
      }
      for (const [name, wanted] of Object.entries(expected)) {
        if (found[name]?.length !== wanted.length) fail(`${name} has ${found[name]?.length} numbers, not ${wanted.length}`)
        const size = Array.from(wanted).reduce((largest, number) => Math.max(largest, Math.abs(number)), 1)
        // What grows without bound from step to step tells nothing.
        if (!(size < 1e6)) continue
        Array.from(wanted).forEach((number, i) => {
          if (!(Math.abs(number - found[name]![i]!) <= 1e-7 * size)) fail(`element ${i} of ${name} is ${found[name]![i]}, not ${number}`)
        })
      }
    }
  }
  return tally
}
