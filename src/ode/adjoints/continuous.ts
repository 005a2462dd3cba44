import { compileProgram } from '../../engine/autodiff/program.js'
import type { Value } from '../../engine/engine.js'
import { GraphBuilder, type Ref } from '../../graph/builder.js'
import type { Graph } from '../../graph/graph.js'
import { ROWS } from '../../graph/shape.js'
import { vjp } from '../../graph/vjp.js'
import { fieldParameters, paramInputs } from '../callField.js'
import { block, column, zeros } from '../combine.js'
import { compiledOnce } from '../compiled.js'
import { derivedOnce } from '../derivedOnce.js'
import { holdTolerance } from '../heldTolerance.js'
import type { Method } from '../method.js'
import { noInputs } from '../rowInputs.js'
import type { Machine } from '../run.js'
import { clockLayout, quadratureOf, type Quadrature } from '../step.js'
import { createStepper } from '../stepper.js'
import type { Origin } from '../stopTimes.js'
import type { Tolerance } from '../tolerance.js'
import type { StepRecord } from '../types.js'
import { createBackwardAdjoint, type BackwardAdjoint } from './backward.js'

/**
 * The adjoint method of Pontryagin as in Chen et al., Neural Ordinary Differential Equations, NeurIPS 2018: the state
 * [z, a] is solved backward, dz/dt = f, da/dt = −(∂f/∂z)ᵀa, each row stopping at its own output times to add dL/dz
 * there and to take z from the stored output. Nothing is kept per step.
 */
export function createContinuousAdjoint(machine: Machine, field: Graph, method: Method): BackwardAdjoint {
  const { engine, dim } = machine
  // The way back is by one method.
  const settings = { ...machine.settings, method, stiff: undefined }
  const augmented = derivedOnce(field, 'augmented', () => augment(field, dim))
  const stepper = createStepper(
    engine,
    augmented,
    method,
    2 * dim,
    holdTolerance(engine, doubled(settings.tolerance)),
    machine.stepper.discontinuities,
    { nodes: true },
  )
  const quadrature = compiledOnce(engine, field, ['quadrature', method], () =>
    compileProgram(
      engine,
      quadratureGraph(field, method, dim, quadratureOf(augmented, method, 2 * dim)),
      ['clock', 'nodes'],
      fieldParameters(field).map(({ name }) => `sum.param.${name}`),
    ),
  )

  function clockOf(step: StepRecord, origin: Origin): Value {
    const clock = stepper.clock(step, false, origin)
    return engine.write(clock, [step.rows.length, clock.length / step.rows.length])
  }

  return createBackwardAdjoint(machine, settings, {
    stepper,
    follow: ({ origin }) => ({
      origin,
      inputs: noInputs,
      integrate: (params, { step, whole, clock, attempt }, sums) =>
        quadrature.run(params, step.rows.length, [whole ? clock : clockOf(step, origin), attempt.nodes!], sums),
      inputGradient: () => ({}),
    }),
  })
}

const doubled = (tolerance: Tolerance): Tolerance => ({
  ...tolerance,
  atol: typeof tolerance.atol === 'number' ? tolerance.atol : [...tolerance.atol, ...tolerance.atol],
  blocks: 2,
})

/** The field of [z, a]: inputs `t`, `z` `[rows, 2·dim]` and the parameters; output [f, −(∂f/∂z)ᵀa]. */
function augment(field: Graph, dim: number): Graph {
  const builder = new GraphBuilder()
  const t = builder.input('t', [ROWS, 1])
  const state = builder.input('z', [ROWS, 2 * dim])
  const results = builder.call(vjp(field, ['z'], { keepOutputs: true }), {
    t,
    z: block(builder, state, 0, dim),
    'bar.output': block(builder, state, 1, dim),
  })
  builder.output('output', builder.concat([results['output']!, builder.unary('neg', results['bar.z']!)], 1))
  return builder.build()
}

/**
 * Adds −h Σ weight_i (∂f/∂θ)ᵀ a_i over the nodes of a quadrature to `sum.param.<name>`. Inputs `clock` and `nodes`, the augmented
 * states at the nodes. Rows with h = 0 add nothing, whatever their nodes hold.
 */
function quadratureGraph(field: Graph, method: Method, dim: number, nodes: Quadrature): Graph {
  const pullParams = vjp(
    field,
    fieldParameters(field).map(({ name }) => name),
  )
  const builder = new GraphBuilder()
  const layout = clockLayout(field, method)
  const clock = builder.input('clock', [ROWS, layout.width])
  const h = column(builder, clock, 0)
  const timeAt = (i: number): Ref => column(builder, clock, layout.times + i)
  const t = ({ evaluation, theta }: Quadrature[number]): Ref =>
    !layout.timed
      ? zeros(builder, 1)
      : evaluation !== undefined
        ? timeAt(evaluation)
        : builder.add(timeAt(0), builder.mul(builder.constant(theta), h))
  const taken = builder.binary('notEqual', h, builder.constant(0))
  const states = builder.select(taken, builder.input('nodes', [ROWS, nodes.length * 2 * dim]), builder.constant(0))
  const params = paramInputs(builder, field)
  const sums = new Map<string, Ref>(
    Object.entries(params).map(([name, ref]) => [name, builder.input(`sum.param.${name}`, builder.shape(ref))]),
  )
  nodes.forEach((node, i) => {
    const state = block(builder, states, i, 2 * dim)
    const cotangent = builder.mul(builder.mul(builder.constant(-node.weight), h), block(builder, state, 1, dim))
    const bars = builder.call(pullParams, { t: t(node), z: block(builder, state, 0, dim), 'bar.output': cotangent, ...params })
    for (const [name, sum] of sums) sums.set(name, builder.add(sum, bars[`bar.${name}`]!))
  })
  for (const [name, sum] of sums) builder.output(`sum.param.${name}`, sum)
  return builder.build()
}
