import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { simplify } from '../graph/simplify.js'
import { compileProgram, lazily } from './program.js'
import { interpolationGraph } from './step.js'
import { interpolationSlopes, interpolationWeights, stagesOf, type Tableau } from './tableau.js'

/** Outputs that fall into the steps of one iteration, `[m]` each. */
export interface OutputList {
  /** Positions in the iteration's rows. */
  readonly positions: Int32Array
  /** Points of the solution. */
  readonly points: Int32Array
  /** Weights of the stages, times h, `[m, stages]`. */
  readonly weights: Float64Array
}

/** An output in the making: the point, the position of its row in the iteration, where in the step it lies. */
export interface Due {
  readonly point: number
  readonly position: number
  readonly theta: number
}

export interface Outputs {
  /** Interpolates what is due in a step; with `slopes` also the time derivatives, each `[m, dim]`. */
  interpolate(due: readonly Due[], h: Float64Array, y: Value, stages: Value, slopes: boolean): { list: OutputList; values: FloatArray; slopes?: FloatArray }
}

export function createOutputs(engine: Engine, tableau: Tableau, dim: number): Outputs {
  const count = stagesOf(tableau)
  const compile = (slopes: boolean) => lazily(() => compileProgram(engine, simplify(interpolationGraph(tableau, dim, slopes), { fuse: true })))
  const plain = compile(false)
  const withSlopes = compile(true)
  return {
    interpolate(due, h, y, stages, wantSlopes) {
      const m = due.length
      const positions = Int32Array.from(due, ({ position }) => position)
      const weights = new Float64Array(m * count)
      const slopes = new Float64Array(wantSlopes ? m * count : 0)
      due.forEach(({ position, theta }, i) => {
        interpolationWeights(tableau, theta, weights, i * count)
        for (let j = 0; j < count; j++) weights[i * count + j]! *= h[position]!
        if (wantSlopes) interpolationSlopes(tableau, theta, slopes, i * count)
      })
      const read: { values?: FloatArray; slopes?: FloatArray } = {}
      engine.scope(() => {
        const inputs = { y: engine.gather(y, positions), stages: engine.gather(stages, positions), weights: engine.write(weights, [m, count]) }
        if (!wantSlopes) {
          read.values = engine.read(plain().run(inputs, m)['output']!)
          return
        }
        const results = withSlopes().run({ ...inputs, slopes: engine.write(slopes, [m, count]) }, m)
        read.values = engine.read(results['output']!)
        read.slopes = engine.read(results['slope']!)
      })
      return { list: { positions, points: Int32Array.from(due, ({ point }) => point), weights }, values: read.values!, ...(read.slopes && { slopes: read.slopes }) }
    },
  }
}
