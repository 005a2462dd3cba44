import { expect } from 'vitest'
import { GraphBuilder, type Ref } from '../../src/graph/builder.js'
import { graphInputs, graphOutputs, type Graph } from '../../src/graph/graph.js'
import { jvp } from '../../src/graph/jvp.js'
import { shapeAt, sizeOf, type Shape } from '../../src/graph/shape.js'
import { vjp } from '../../src/graph/vjp.js'
import { random } from '../../src/random.js'
import { referenceEngine } from '../reference/engine.js'

export type Numbers = Record<string, readonly number[]>

/** A Graph with inputs of the given names and shapes and one output, `y`. */
export function graphOf(shapes: Readonly<Record<string, Shape>>, build: (b: GraphBuilder, ...inputs: Ref[]) => Ref): Graph {
  const b = new GraphBuilder()
  b.output('y', build(b, ...Object.entries(shapes).map(([name, shape]) => b.input(name, shape))))
  return b.build()
}

/** A Graph as a function from named arrays to named arrays, on the reference engine. */
export function runner(graph: Graph, rows: number): (inputs: Numbers) => Record<string, number[]> {
  const engine = referenceEngine()
  const executable = engine.compile(graph)
  return (inputs) => {
    const values = graphInputs(graph).map(({ name, shape }) => engine.write(inputs[name]!, shapeAt(shape, rows)))
    const outputs = executable.run(values, rows)
    return Object.fromEntries(graph.outputs.map(({ name }, i) => [name, Array.from(engine.read(outputs[i]!))]))
  }
}

/** Standard normal numbers for each input of a Graph. */
export function randomInputs(graph: Graph, rows: number, seed: number): Record<string, number[]> {
  const stream = random(seed, 'inputs')
  return Object.fromEntries(
    graphInputs(graph).map(({ name, shape }) => [name, Array.from({ length: sizeOf(shapeAt(shape, rows)) }, () => stream.normal())]),
  )
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

/** d/ds f(s) at 0 by central differences of fourth order: their error is about step ** 4 plus 1e-16 / step. */
export function slope(f: (s: number) => number, step = 1e-3): number {
  return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step)
}

/**
 * Compares vjp and jvp of a Graph with finite differences, input by input and element by element, and with each
 * other: `<bar, J dot> = <J' bar, dot>`. The tolerance is that of the differences, 1e-8 of the largest entry. With
 * `kinks`, elements next to a kink, whose differences change with the step, are left out; returns how many.
 */
export function checkDerivatives(
  graph: Graph,
  wrt: readonly string[],
  inputs: Numbers,
  rows: number,
  { tolerance = 1e-8, kinks = false } = {},
): number {
  const stream = random(17, 'directions')
  const normals = (count: number): number[] => Array.from({ length: count }, () => stream.normal())
  const forward = runner(graph, rows)
  const bars: Record<string, number[]> = {}
  for (const { name, shape } of graphOutputs(graph)) bars[`bar'${name}`] = normals(sizeOf(shapeAt(shape, rows)))
  const backward = runner(vjp(graph, wrt, { prefix: "bar'" }), rows)({ ...inputs, ...bars })
  const weighted = (values: Numbers): number =>
    graphOutputs(graph).reduce((sum, { name }) => sum + dot(forward(values)[name]!, bars[`bar'${name}`]!), 0)

  const dots: Record<string, number[]> = {}
  let pulled = 0
  let skipped = 0
  for (const name of wrt) {
    const x = inputs[name]!
    const difference = (i: number, step?: number): number =>
      slope((s) => weighted({ ...inputs, [name]: x.map((v, j) => (i === j ? v + s : v)) }), step)
    const expected = x.map((_, i) => difference(i))
    const scale = 1 + Math.max(0, ...expected.map(Math.abs))
    const found = backward[`bar'${name}`]!
    expect(found.length, `size of the gradient by ${name}`).toBe(x.length)
    found.forEach((value, i) => {
      if (kinks && Math.abs(expected[i]! - difference(i, 1e-4)) > tolerance * scale) skipped++
      else
        expect(Math.abs(value - expected[i]!), `d/d${name}[${i}] is ${value}, by differences ${expected[i]}`).toBeLessThan(
          tolerance * scale,
        )
    })
    dots[`dot'${name}`] = normals(x.length)
    pulled += dot(found, dots[`dot'${name}`]!)
  }
  const tangents = runner(jvp(graph, wrt, { prefix: "dot'" }), rows)({ ...inputs, ...dots })
  const primal = forward(inputs)
  let pushed = 0
  for (const { name } of graphOutputs(graph)) {
    expect(tangents[name]).toEqual(primal[name])
    pushed += dot(tangents[`dot'${name}`]!, bars[`bar'${name}`]!)
  }
  expect(Math.abs(pushed - pulled), `<bar, J dot> is ${pushed}, <J' bar, dot> is ${pulled}`).toBeLessThan(1e-11 * (1 + Math.abs(pulled)))
  return skipped
}
