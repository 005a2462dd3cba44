import { compileProgram, type NamedValues } from '../../engine/autodiff/program.js'
import type { Value } from '../../engine/engine.js'
import { lazily } from '../../engine/lazily.js'
import { GraphBuilder } from '../../graph/builder.js'
import type { Graph } from '../../graph/graph.js'
import { ROWS, sizeOf } from '../../graph/shape.js'
import { vjp } from '../../graph/vjp.js'
import { fieldParameters, inputsWidth, paramInputs, rowInputs } from '../callField.js'
import { block, column, zeros } from '../combine.js'
import { compiledOnce } from '../compiled.js'
import { derivedOnce } from '../derivedOnce.js'
import { holdTolerance } from '../heldTolerance.js'
import type { Changes, Iteration } from '../integrate.js'
import type { Method } from '../method.js'
import { gatherInputs } from '../rowInputs.js'
import type { Machine, Run } from '../run.js'
import type { SolverState } from '../solverState.js'
import { quadratureOf, type Quadrature } from '../step.js'
import { createStepper } from '../stepper.js'
import type { StepRecord } from '../types.js'
import { createBackwardAdjoint, type BackwardAdjoint, type WayBack } from './backward.js'
import { createPieces, onPiece, type PieceLayout, pieceLayout, type Pieces } from './pieces.js'

/**
 * The adjoint equation da/dt = −(∂f/∂z)ᵀa solved backward along the dense output of the forward solve, from which z is read: what z forgot
 * on its way cannot grow where it is gone backward. As `InterpolatingAdjoint` of SciML, but with the parameter gradient as a quadrature,
 * as in its `GaussAdjoint`: Rackauckas et al., Universal Differential Equations for Scientific Machine Learning, 2020; Kim et al., Stiff
 * Neural Ordinary Differential Equations, 2021. The polynomials of the dense output are inputs by row, and steps end where they do.
 */
export function createInterpolatedAdjoint(machine: Machine, field: Graph, method: Method): BackwardAdjoint {
  const { engine, dim, stepper: forward } = machine
  const { discontinuities } = forward
  // The way back is by one method.
  const settings = { ...machine.settings, method, stiff: undefined }
  const layout = pieceLayout(field, dim, forward.method.degree, discontinuities.times.length > 0)
  const equation = derivedOnce(field, `adjoint ${JSON.stringify(layout)}`, () => adjointGraph(field, layout))
  const stepper = createStepper(engine, equation, method, dim, holdTolerance(engine, settings.tolerance), discontinuities, { nodes: true })
  const pieces = createPieces(machine, layout)
  const sumNames = fieldParameters(field).map(({ name }) => `sum.param.${name}`)
  const width = inputsWidth(field)
  const quadrature = lazily(() =>
    compiledOnce(engine, equation, ['quadrature', method], () =>
      compileProgram(engine, quadratureGraph(field, layout, quadratureOf(equation, method, dim)), ['step', 'nodes', 'piece'], sumNames),
    ),
  )

  return createBackwardAdjoint(machine, settings, { stepper, follow })

  function follow(run: Run, chosen: Int32Array): WayBack {
    const along: Pieces = pieces(run, chosen)
    const { source } = run.inputs
    const inputBars = new Float64Array(source ? sizeOf(source.shape) : 0)
    return {
      origin: along.start,
      inputs: along.inputs,
      change: along.start,
      changes: (step, accepted, state) => moveOn(along, step, accepted, state),
      integrate: (params, iteration, sums) => addIntegrals(params, along, iteration, sums, inputBars),
      inputGradient: () => run.inputs.gradient(inputBars),
    }
  }

  /** Rows whose piece is gone through go on to the one before it. */
  function moveOn(
    { inputs, isFirst, start }: Pieces,
    { rows, end }: StepRecord,
    accepted: Uint8Array,
    { y }: SolverState,
  ): Changes | undefined {
    let moved = false
    rows.forEach((row, i) => {
      if (!accepted[i] || end[i] !== start(row) || isFirst(row)) return
      inputs.segment[row]!--
      moved = true
    })
    // The dense output is as smooth there as steps ask for: nothing starts anew.
    return moved ? { here: new Uint8Array(rows.length), y, inputs: gatherInputs(engine, inputs, rows)! } : undefined
  }

  /** Adds what an iteration comes to, to the parameters' sums, and to the cotangents of the solve's inputs, as numbers. */
  function addIntegrals(
    params: NamedValues,
    { start, inputSegment }: Pieces,
    { step, attempt, before }: Iteration,
    sums: readonly Value[],
    inputBars: Float64Array,
  ): readonly Value[] {
    if (sumNames.length === 0 && width === 0) return sums
    const n = step.rows.length
    const told = Float64Array.from({ length: 2 * n }, (_, i) =>
      i % 2 === 0 ? step.h[i / 2]! : step.t[(i - 1) / 2]! - start(step.rows[(i - 1) / 2]!),
    )
    const results = quadrature().run(params, n, [engine.write(told, [n, 2]), attempt.nodes!, before.inputs!], sums)
    if (width > 0) {
      const bars = engine.read(results.at(-1)!)
      step.rows.forEach((row, i) => {
        const at = inputSegment(row) * width
        for (let j = 0; j < width; j++) inputBars[at + j]! += bars[i * width + j]!
      })
    }
    return results.slice(0, sumNames.length)
  }
}

/**
 * The field of a. Inputs `t` `[rows, 1]`, counted from the start of the piece, `z` `[rows, dim]`, which is a, `piece`, and the parameters.
 */
function adjointGraph(field: Graph, layout: PieceLayout): Graph {
  const { dim, width } = layout
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const a = builder.input('z', [ROWS, dim])
  const at = onPiece(builder, field, layout, builder.input('piece', [ROWS, width]), t)
  const { 'bar.z': bar } = builder.call(vjp(field, ['z']), { ...at, 'bar.output': a })
  builder.output('output', builder.unary('neg', bar!))
  return builder.build()
}

/**
 * −h Σ weight_i (∂f/∂θ)ᵀ a_i over the nodes of a quadrature. Inputs `step` `[rows, 2]`: h and where the step begins, counted from the start
 * of the piece; `nodes`, the adjoints at the nodes; `piece`; `sum.param.<name>`, to which those of the parameters are added. Behind them
 * stands, if the field has inputs by row, the output `inputs`. Rows with h = 0 add nothing, whatever their nodes hold.
 */
function quadratureGraph(field: Graph, layout: PieceLayout, nodes: Quadrature): Graph {
  const { dim, width } = layout
  const inputNames = rowInputs(field).map(({ name }) => name)
  const pull = vjp(field, [...fieldParameters(field).map(({ name }) => name), ...inputNames])
  const builder = new GraphBuilder()
  const step = builder.input('step', [ROWS, 2])
  const piece = builder.input('piece', [ROWS, width])
  const [h, begin] = [column(builder, step, 0), column(builder, step, 1)]
  const taken = builder.binary('notEqual', h, builder.constant(0))
  const adjoints = builder.select(taken, builder.input('nodes', [ROWS, nodes.length * dim]), builder.constant(0))
  const params = paramInputs(builder, field)
  const sums = new Map(Object.entries(params).map(([name, ref]) => [name, builder.input(`sum.param.${name}`, builder.shape(ref))]))
  let inputs = inputNames.length > 0 ? zeros(builder, inputsWidth(field)) : undefined
  nodes.forEach(({ weight, theta }, i) => {
    const t = builder.add(begin, builder.mul(builder.constant(theta), h))
    const cotangent = builder.mul(builder.mul(builder.constant(-weight), h), block(builder, adjoints, i, dim))
    const bars = builder.call(pull, { ...onPiece(builder, field, layout, piece, t), ...params, 'bar.output': cotangent })
    for (const [name, sum] of sums) sums.set(name, builder.add(sum, bars[`bar.${name}`]!))
    if (inputs)
      inputs = builder.add(
        inputs,
        builder.concat(
          inputNames.map((name) => bars[`bar.${name}`]!),
          1,
        ),
      )
  })
  for (const [name, sum] of sums) builder.output(`sum.param.${name}`, sum)
  if (inputs) builder.output('inputs', inputs)
  return builder.build()
}
