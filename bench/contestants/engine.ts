import * as tf from '@tensorflow/tfjs-core'
import { differentiable } from '../../src/engine/autodiff/differentiable.js'
import type { ScanInputs } from '../../src/engine/autodiff/scan.js'
import type { Engine, Value } from '../../src/engine/engine.js'
import { graphInputs, graphOutputs, type Graph } from '../../src/graph/graph.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { trace } from '../../src/graph/trace.js'
import { vjp } from '../../src/graph/vjp.js'
import { mlp } from '../../src/nn/mlp.js'
import { createSolver } from '../../src/ode/solver.js'
import type { Gradient, Solution } from '../../src/ode/types.js'
import { vectorField } from '../../src/ode/vectorField.js'
import { localTask, quantities, type Contestant, type Floats, type Quantity, type Results } from '../contest.js'
import {
  parameterCount,
  type EncoderProblem,
  type FieldProblem,
  type ItemName,
  type Problem,
  type Sizes,
  type SolveProblem,
} from '../problems.js'

/** An item done in one of the ways that are timed. */
export interface Run {
  /** Does it once. Given arrays, `piecesOf` a flat one, it copies the gradient of the parameters there, if it computes that. */
  once(into?: readonly Float32Array[]): void
  /** Does it once more and returns what it computes. */
  results(): Results
}

export type Runs = Readonly<Record<Quantity, Run>>

/** An engine of ours. The items are made of public pieces, as a user would: trace, vjp, simplify, compile, differentiable, solver. */
export function engineContestant(name: string, engine: Engine, threads: number, detail: string): Contestant {
  return {
    name,
    threads,
    detail,
    tasks(_item: ItemName, problem: Problem) {
      const runs = runsOf(engine, problem)
      return Object.fromEntries(quantities.map((quantity) => [quantity, localTask(runs[quantity].once, runs[quantity].results)]))
    },
    dispose: () => engine.dispose(),
  }
}

/** An item on an engine, ready to be run. */
export function runsOf(engine: Engine, problem: Problem): Runs {
  switch (problem.kind) {
    case 'field':
      return fieldRuns(engine, problem)
    case 'rk4':
    case 'dopri5':
      return solveRuns(engine, problem)
    case 'encoder':
      return encoderRuns(engine, problem)
  }
}

/** The weights and biases of an item's nets in a flat array of them all, in their order. */
export const piecesOf = (problem: Problem, flat: Float32Array): Float32Array[] =>
  partsOf(problem).map(({ at, length }) => flat.subarray(at, at + length))

/** A parameter array of a net, and where it stands in the flat list. */
interface Part {
  readonly name: string
  readonly shape: number[]
  readonly at: number
  readonly length: number
}

const encoderNets = ['field', 'update', 'reset', 'candidate'] as const

function partsOf(problem: Problem): Part[] {
  if (problem.kind !== 'encoder') return netParts('net', problem.sizes)
  let at = 0
  return problem.nets.flatMap((sizes, i) => {
    const parts = netParts(encoderNets[i]!, sizes, at)
    at += parameterCount(sizes)
    return parts
  })
}

function netParts(net: string, sizes: Sizes, start = 0): Part[] {
  let at = start
  return sizes.slice(1).flatMap((outputs, layer) => {
    const inputs = sizes[layer]!
    const weight = { name: `${net}.w${layer}`, shape: [inputs, outputs], at, length: inputs * outputs }
    const bias = { name: `${net}.b${layer}`, shape: [outputs], at: at + weight.length, length: outputs }
    at += weight.length + outputs
    return [weight, bias]
  })
}

const shapesOf = (parts: readonly Part[]): Record<string, Shape> => Object.fromEntries(parts.map(({ name, shape }) => [name, shape]))

/** Writes the parameters into the engine, by name. */
function writer(engine: Engine, parts: readonly Part[], parameters: Float32Array): () => Record<string, Value> {
  const slices = parts.map(({ at, length }) => parameters.subarray(at, at + length))
  return () => Object.fromEntries(parts.map(({ name, shape }, i) => [name, engine.write(slices[i]!, shape)]))
}

const join = (arrays: readonly Floats[]): Float32Array => {
  const out = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const array of arrays) {
    out.set(array, at)
    at += array.length
  }
  return out
}

function fieldRuns(engine: Engine, problem: FieldProblem): Runs {
  const { sizes, rows, x, cotangent } = problem
  const parts = partsOf(problem)
  const graph = trace(({ x: input, ...parameters }) => mlp(input!, parameters, 'net'), { x: [ROWS, sizes[0]!], ...shapesOf(parts) })
  const names = parts.map(({ name }) => name)
  const forward = engine.compile(simplify(graph))
  const gradient = engine.compile(simplify(vjp(graph, ['x', ...names], { keepOutputs: true })))
  const write = writer(engine, parts, problem.parameters)
  const kept = { ...write(), x: engine.write(x, [rows, sizes[0]!]), 'bar.output': engine.write(cotangent, [rows, sizes.at(-1)!]) }
  const inputsOf = ({ graph: g }: { graph: Graph }, values: Readonly<Record<string, Value>>): Value[] =>
    graphInputs(g).map(({ name }) => values[name]!)
  const [forwardInputs, gradientInputs] = [inputsOf(forward, kept), inputsOf(gradient, kept)]

  const outputs = graphOutputs(gradient.graph).map(({ name }) => name)
  const read = (values: Value[]): Results => {
    const found = Object.fromEntries(outputs.map((name, i) => [name, engine.read(values[i]!)]))
    return { y: found['output']!, x: found['bar.x']!, params: join(names.map((name) => found[`bar.${name}`]!)) }
  }
  const collect = (run: () => Value[]): Results => {
    let results: Results = {}
    engine.scope(() => {
      results = read(run())
    })
    return results
  }
  const bars = names.map((name) => outputs.indexOf(`bar.${name}`))
  const copy = (values: readonly Value[], into: readonly Float32Array[] | undefined): void =>
    into?.forEach((piece, i) => void engine.read(values[bars[i]!]!, piece))
  const packed = (): Value[] => gradient.run(inputsOf(gradient, { ...kept, ...write() }), rows)
  return {
    f: {
      once: () => engine.scope(() => void forward.run(forwardInputs, rows)),
      results() {
        let y: Floats | undefined
        engine.scope(() => {
          y = engine.read(forward.run(forwardInputs, rows)[0]!)
        })
        return { y: y! }
      },
    },
    v: {
      once: (into) => engine.scope(() => copy(gradient.run(gradientInputs, rows), into)),
      results: () => collect(() => gradient.run(gradientInputs, rows)),
    },
    p: { once: (into) => engine.scope(() => copy(packed(), into)), results: () => collect(packed) },
  }
}

function solveRuns(engine: Engine, problem: SolveProblem): Runs {
  const { sizes, times, cotangent, z0, kind, adjoint, rtol, atol } = problem
  const dim = sizes[0]!
  const parts = partsOf(problem)
  const field = vectorField((_t, z, parameters) => mlp(z, parameters, 'net'), { dim, params: shapesOf(parts) })
  const solver = createSolver(
    engine,
    field,
    kind === 'rk4'
      ? { method: 'rk4', stepSize: times[1]! - times[0]!, adjoint }
      : { method: 'dopri5', rtol, atol, adjoint, stepControl: problem.shared ? 'batch' : 'row' },
  )
  const write = writer(engine, parts, problem.parameters)
  const order = (values: Record<string, Value>): Value[] => solver.paramNames.map((name) => values[name]!)
  const kept = order(write())

  function solve(params: readonly Value[], record: boolean): Solution {
    return solver.solve({ y0: z0, times, params, record })
  }
  function differentiate(params: readonly Value[]): { solution: Solution; gradient: Gradient } {
    const solution = solve(params, true)
    const gradient = solution.pullback(cotangent, { times: false })
    solution.dispose()
    return { solution, gradient }
  }
  const read = ({ solution, gradient }: { solution: Solution; gradient: Gradient }): Results => ({
    values: solution.values,
    y0: gradient.y0,
    params: join(parts.map(({ name }) => gradient.params[name]!)),
  })
  const copy = ({ gradient }: { gradient: Gradient }, into: readonly Float32Array[] | undefined): void =>
    into?.forEach((piece, i) => piece.set(gradient.params[parts[i]!.name]!))
  /** The weights written anew, as after an update. */
  function packed<T>(use: (params: readonly Value[]) => T): T {
    const params = order(write())
    const result = use(params)
    engine.free(...params)
    return result
  }
  return {
    f: { once: () => solve(kept, false).dispose(), results: () => ({ values: solve(kept, false).values }) },
    v: { once: (into) => copy(differentiate(kept), into), results: () => read(differentiate(kept)) },
    p: { once: (into) => copy(packed(differentiate), into), results: () => read(packed(differentiate)) },
  }
}

function encoderRuns(engine: Engine, problem: EncoderProblem): Runs {
  const { rows, steps, dim, move } = problem
  const parts = partsOf(problem)
  const graph = trace(
    ({ mean, deviation, x, ...parameters }) => {
      const moved = tf.add(mean!, tf.mul(move, mlp(mean!, parameters, 'field')))
      const seen = tf.concat([moved, deviation!, x!], 1)
      const update = tf.sigmoid(mlp(seen, parameters, 'update'))
      const reset = tf.sigmoid(mlp(seen, parameters, 'reset'))
      const candidate = mlp(tf.concat([tf.mul(moved, reset), tf.mul(deviation!, reset), x!], 1), parameters, 'candidate')
      const [a, b] = [tf.slice(candidate, [0, 0], [-1, dim]), tf.abs(tf.slice(candidate, [0, dim], [-1, dim]))]
      return { mean: tf.add(a, tf.mul(update, tf.sub(moved, a))), deviation: tf.add(b, tf.mul(update, tf.sub(deviation!, b))) }
    },
    { mean: [ROWS, dim], deviation: [ROWS, dim], x: [ROWS, dim], ...shapesOf(parts) },
  )
  const scan = differentiable(engine, graph, { carried: { mean: 'mean', deviation: 'deviation' }, stepped: ['x'] })
  const write = writer(engine, parts, problem.parameters)
  const kept = write()
  // From the last observation to the first.
  const size = rows * dim
  const seen = new Float32Array(steps * size)
  for (let i = 0; i < steps; i++) seen.set(problem.x.subarray(i * size, (i + 1) * size), (steps - 1 - i) * size)
  const stacks = { x: engine.writeStack(seen, steps, [rows, dim]) }
  const meanBar = engine.write(problem.meanCotangent, [rows, dim])
  const deviationBar = engine.write(problem.deviationCotangent, [rows, dim])
  const zeros = parts.map(({ length }) => new Float32Array(length))
  const at = new Map(parts.map(({ name }, i) => [name, i]))
  const start = new Float32Array(size)

  const inputsOf = (parameters: Record<string, Value>): ScanInputs => ({
    start: { mean: engine.write(start, [rows, dim]), deviation: engine.write(start, [rows, dim]) },
    stacks,
    parameters,
    rows,
    steps,
  })
  const walk = (parameters: Record<string, Value>): { mean: Value; deviation: Value } => {
    const { mean, deviation } = scan.forward(inputsOf(parameters)).end
    return { mean: mean!, deviation: deviation! }
  }
  function differentiate(parameters: Record<string, Value>) {
    const recording = scan.record(inputsOf(parameters))
    const zero = scan.parameters().map((name) => engine.write(zeros[at.get(name)!]!, parts[at.get(name)!]!.shape))
    const pulled = recording.pullback({ end: { mean: meanBar, deviation: deviationBar } }, zero)
    const sums = Object.fromEntries(scan.parameters().map((name, i) => [name, pulled.sums[i]!]))
    return { mean: recording.end['mean']!, deviation: recording.end['deviation']!, sums }
  }
  const inScope = (use: () => Results): Results => {
    let results: Results = {}
    engine.scope(() => {
      results = use()
    })
    return results
  }
  const read = ({ mean, deviation, sums }: ReturnType<typeof differentiate>): Results => ({
    mean: engine.read(mean),
    deviation: engine.read(deviation),
    params: join(parts.map(({ name }) => engine.read(sums[name]!))),
  })
  const copy = ({ sums }: ReturnType<typeof differentiate>, into: readonly Float32Array[] | undefined): void =>
    into?.forEach((piece, i) => void engine.read(sums[parts[i]!.name]!, piece))
  return {
    f: {
      once: () => engine.scope(() => void walk(kept)),
      results: () =>
        inScope(() => {
          const { mean, deviation } = walk(kept)
          return { mean: engine.read(mean), deviation: engine.read(deviation) }
        }),
    },
    v: { once: (into) => engine.scope(() => copy(differentiate(kept), into)), results: () => inScope(() => read(differentiate(kept))) },
    p: {
      once: (into) => engine.scope(() => copy(differentiate(write()), into)),
      results: () => inScope(() => read(differentiate(write()))),
    },
  }
}
