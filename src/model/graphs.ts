import type { Graph } from '../graph/graph.js'
import { graphFromJSON, graphToJSON, type GraphJSON } from '../graph/json.js'

/** What the parts of a model compute, by name. With the weights it is all that is needed to run a model, without TensorFlow.js. */
export type Graphs = Readonly<Record<string, Graph>>

/** The same as JSON. */
export type GraphsJSON = Readonly<Record<string, GraphJSON>>

export const graphsToJSON = (graphs: Graphs): GraphsJSON =>
  Object.fromEntries(Object.entries(graphs).map(([name, graph]) => [name, graphToJSON(graph)]))

/**
 * Reads what `graphsToJSON` wrote.
 *
 * @throws GraphError if one is no well-formed Graph
 */
export const graphsFromJSON = (json: Readonly<Record<string, unknown>>): Graphs =>
  Object.fromEntries(Object.entries(json).map(([name, graph]) => [name, graphFromJSON(graph)]))
