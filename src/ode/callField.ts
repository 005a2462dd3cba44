import type { GraphBuilder, Ref } from '../graph/builder.js'
import { graphInputs, type Graph } from '../graph/graph.js'
import { ROWS, type Shape } from '../graph/shape.js'

// A field is a Graph with inputs `t` `[rows, 1]`, `z` `[rows, dim]`, parameters, and inputs by row `[rows, k]`. In the Graphs of a
// solve a parameter is called `param.<name>`, and inputs by row lie side by side in one input `inputs` `[rows, width]`.

/** An input of a field by row: its name, and its columns in `inputs`. */
export interface RowInput {
  readonly name: string
  readonly from: number
  readonly width: number
}

const isParameter = ({ name, shape }: { name: string; shape: Shape }): boolean => name !== 't' && name !== 'z' && shape[0] !== ROWS

/** The parameters of a field: what all rows share. */
export const fieldParameters = (field: Graph): { name: string; shape: Shape }[] => graphInputs(field).filter(isParameter)

/** The inputs of a field by row, in its order. */
export function rowInputs(field: Graph): RowInput[] {
  let from = 0
  return graphInputs(field)
    .filter(({ name, shape }) => name !== 't' && name !== 'z' && shape[0] === ROWS)
    .map(({ name, shape }) => {
      const width = shape[1]!
      from += width
      return { name, from: from - width, width }
    })
}

/** Columns of `inputs`; 0 if a field has none. */
export const inputsWidth = (field: Graph): number => rowInputs(field).reduce((sum, { width }) => sum + width, 0)

/** Evaluates a field inside a Graph under construction. */
export function callField(builder: GraphBuilder, field: Graph, t: Ref, z: Ref): Ref {
  return builder.call(field, { t, z, ...paramInputs(builder, field), ...inputRefs(builder, field) })['output']!
}

/** The inputs `param.<name>` of a Graph under construction, made where they do not exist yet. */
export function paramInputs(builder: GraphBuilder, field: Graph): Record<string, Ref> {
  return Object.fromEntries(fieldParameters(field).map(({ name, shape }) => [name, inputOnce(builder, `param.${name}`, shape)]))
}

/** A field's inputs by row as parts of the input `inputs`. */
export function inputRefs(builder: GraphBuilder, field: Graph): Record<string, Ref> {
  const inputs = rowInputs(field)
  if (inputs.length === 0) return {}
  const all = inputOnce(builder, 'inputs', [ROWS, inputsWidth(field)])
  return Object.fromEntries(
    inputs.map(({ name, from, width }) => [name, inputs.length === 1 ? all : builder.slice(all, [0, from], [ROWS, width])]),
  )
}

/** An input of a Graph under construction, made if it does not exist yet. */
export function inputOnce(builder: GraphBuilder, name: string, shape: readonly number[]): Ref {
  return builder.call({ nodes: [{ op: 'input', name, inputs: [], shape }], outputs: [{ name: 'output', node: 0 }] })['output']!
}

/** Whether a field depends on t. */
export const usesTime = (field: Graph): boolean => usesInput(field, 't')

/** Whether a Graph has an input and uses it. */
export function usesInput({ nodes, outputs }: Graph, name: string): boolean {
  const at = nodes.findIndex((node) => node.op === 'input' && node.name === name)
  return at >= 0 && (nodes.some(({ inputs }) => inputs.includes(at)) || outputs.some(({ node }) => node === at))
}
