import { EngineError } from '../../errors.js'
import { graphInputs, type Graph } from '../../graph/graph.js'
import { formatShape, sameShape, shapeAt } from '../../graph/shape.js'

/** The shapes that a Graph's inputs must have, for the number of rows of the last run, which often is the next one's too. */
export class InputShapes {
  readonly inputs: ReturnType<typeof graphInputs>
  readonly #shapes: (readonly number[])[] = []
  #rows = -1

  constructor(graph: Graph) {
    this.inputs = graphInputs(graph)
  }

  /** @throws EngineError `Input` if it is no number of rows */
  prepare(rows: number): void {
    if (rows === this.#rows) return
    if (!Number.isInteger(rows) || rows < 0) throw new EngineError('Input', `The number of rows is ${rows}; it must be 0, 1, 2, …`)
    // Of batches of many sizes most shapes are the parameters', which stay.
    this.inputs.forEach(({ shape }, i) => {
      if (this.#rows < 0 || shape.some((d) => d < 0)) this.#shapes[i] = shapeAt(shape, rows)
    })
    this.#rows = rows
  }

  /** @throws EngineError `Shape` if input `i` does not have its shape */
  mustBe(shape: readonly number[], i: number): void {
    if (sameShape(shape, this.#shapes[i]!)) return
    const input = this.inputs[i]!
    throw new EngineError(
      'Shape',
      `Input "${input.name}" has shape ${formatShape(shape)}; with ${this.#rows} rows it must be ` +
        `${formatShape(this.#shapes[i]!)}, ${formatShape(input.shape)} in the Graph.`,
    )
  }
}
