import type { Graph } from '../graph/graph.js'
import { graphFromJSON, graphToJSON, type GraphJSON } from '../graph/json.js'

const parts = ['encoder', 'posterior', 'sampler', 'field', 'emission', 'decoder'] as const

/** What a latent ODE computes, as data: with the weights it is all that is needed to run one, without TensorFlow.js. */
export type LatentOdeGraphs = Readonly<Record<(typeof parts)[number], Graph>>

/** The same as JSON. */
export type LatentOdeGraphsJSON = Readonly<Record<(typeof parts)[number], GraphJSON>>

export const latentOdeGraphsToJSON = (graphs: LatentOdeGraphs): LatentOdeGraphsJSON =>
  Object.fromEntries(parts.map((part) => [part, graphToJSON(graphs[part])])) as LatentOdeGraphsJSON

/**
 * Reads what `latentOdeGraphsToJSON` wrote.
 *
 * @throws GraphError if a part is no well-formed Graph
 */
export const latentOdeGraphsFromJSON = (json: Readonly<Record<string, unknown>>): LatentOdeGraphs =>
  Object.fromEntries(parts.map((part) => [part, graphFromJSON(json[part])])) as LatentOdeGraphs
