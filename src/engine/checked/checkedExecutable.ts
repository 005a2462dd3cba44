import { EngineError } from '../../errors.js'
import { graphOutputs, type Graph } from '../../graph/graph.js'
import { formatShape, sameShape, shapeAt } from '../../graph/shape.js'
import type { Executable, Scan, ScanOptions, ScanRequest, Stack, Value } from '../engine.js'
import type { RawExecutable, RawScan } from '../rawEngine.js'
import { InputShapes } from './inputShapes.js'
import type { Ownership } from './ownership.js'

/** An executable that checks what it is given; beside `run` it has what the raw one has. */
export function checkedExecutable<V extends Value, S extends Stack, X extends RawExecutable<V>>(
  ownership: Ownership<V, S>,
  raw: X,
): Omit<X, 'run'> & Executable {
  const shapes = new InputShapes(raw.graph)
  const names = shapes.inputs.map(({ name }) => name)
  return {
    ...raw,
    run(values: readonly Value[], rows: number): V[] {
      ownership.requireUsable()
      shapes.prepare(rows)
      if (values.length !== names.length)
        throw new EngineError('Input', `The Graph takes ${names.length} inputs (${names.join(', ')}) but was given ${values.length}.`)
      for (let i = 0; i < values.length; i++) shapes.mustBe(ownership.input(values[i], names[i]!).shape, i)
      const results = raw.run(values as readonly V[], rows)
      for (const value of results) ownership.made(value)
      return results
    },
  }
}

/** A scan that checks what it is given. */
export function checkedScan<V extends Value, S extends Stack>(
  ownership: Ownership<V, S>,
  raw: RawScan<V, S>,
  { carried, stepped = [], history = [] }: ScanOptions,
): Scan {
  const { graph } = raw
  const shapes = new InputShapes(graph)
  const ends = carriedShapes(graph, carried)
  function check({ inputs, stacks, rows, steps, backward = false }: ScanRequest): void {
    ownership.requireUsable()
    if (backward && history.length > 0) throw new EngineError('Input', 'A scan that begins with the last step keeps no history.')
    shapes.prepare(rows)
    shapes.inputs.forEach(({ name }, i) => {
      if (!stepped.includes(name)) return shapes.mustBe(ownership.input(inputs[name], name).shape, i)
      const stack = ownership.stack(stacks[name]!, `Stack "${name}"`)
      shapes.mustBe(ownership.raw.stackShape(stack), i)
      if (stack.steps !== steps) throw new EngineError('Shape', `Stack "${name}" has ${stack.steps} steps, and the scan ${steps}.`)
    })
    for (const { name, output, shape } of ends) {
      const start = ownership.input(inputs[name], name)
      const end = shapeAt(shape, rows)
      if (!sameShape(start.shape, end))
        throw new EngineError(
          'Shape',
          `"${name}" has shape ${formatShape(start.shape)}, and "${output}", which takes its place, ${formatShape(end)}.`,
        )
    }
  }
  return {
    graph,
    run(request) {
      check(request)
      const result = raw.run(request as ScanRequest<V, S>)
      for (const group of [result.carried, result.outputs, result.history])
        for (const name in group) ownership.made((group as Record<string, V | S>)[name]!)
      return result
    },
  }
}

/** Of what is carried, the input and the output that takes its place, whose shape they have. */
function carriedShapes(graph: Graph, carried: ScanOptions['carried']): { name: string; output: string; shape: readonly number[] }[] {
  const shapes = new Map(graphOutputs(graph).map(({ name, shape }) => [name, shape]))
  return Object.entries(carried).map(([name, output]) => ({ name, output, shape: shapes.get(output)! }))
}
