import { newArray } from '../../engine/arrays.js'
import { compileProgram, type NamedValues } from '../../engine/autodiff/program.js'
import type { Engine, FloatArray, Value } from '../../engine/engine.js'
import { GraphBuilder, type Ref } from '../../graph/builder.js'
import type { Graph } from '../../graph/graph.js'
import { ROWS } from '../../graph/shape.js'
import { vjp } from '../../graph/vjp.js'
import { fieldParameters, paramInputs } from '../callField.js'
import { block, column, zeros } from '../combine.js'
import { firstWanted } from '../control/firstSteps.js'
import { newCounts, stepControl } from '../control/stepControl.js'
import { createDiscontinuities } from '../discontinuities.js'
import { SolverError } from '../errors.js'
import { statusOfFailure } from '../failures.js'
import { integrate } from '../integrate.js'
import type { SolverState } from '../solverState.js'
import { evaluationsOf, type Method } from '../method.js'
import type { Settings } from '../options.js'
import { noInputs } from '../rowInputs.js'
import { statsOf, type Run } from '../run.js'
import type { Failure } from '../status.js'
import { clockLayout, quadratureOf, type Quadrature } from '../step.js'
import { createStepper, slopesOf } from '../stepper.js'
import type { Origin, StopTimes } from '../stopTimes.js'
import type { Tolerance } from '../tolerance.js'
import type { ListedGradient as Gradient, PullbackOptions, StepRecord } from '../types.js'
import { gatherNumbers, zerosLike } from './sums.js'

/** Pulls cotangents of outputs back by solving the adjoint equation. */
export type ContinuousAdjoint = (params: NamedValues, run: Run, cotangent: ArrayLike<number>, options?: PullbackOptions) => Gradient

/**
 * The adjoint method of Pontryagin as in Chen et al., Neural Ordinary Differential Equations, NeurIPS 2018: the state
 * [z, a] is solved backward, dz/dt = f, da/dt = −(∂f/∂z)ᵀa, each row stopping at its own output times to add dL/dz
 * there and to take z from the stored output. The parameter gradient −∫ (∂f/∂θ)ᵀa dt is a quadrature over the
 * accepted steps, not a part of the state, so errors are controlled by z and a only (Kidger, Chen, Lyons, "Hey,
 * that's not an ODE", ICML 2021). Nothing is kept per step.
 */
export function createContinuousAdjoint(engine: Engine, field: Graph, settings: Settings, dim: number): ContinuousAdjoint {
  const { method } = settings
  const discontinuities = createDiscontinuities(settings.jumpTimes, engine.dtype)
  const stepper = createStepper(engine, augmentedField(field, dim), method, 2 * dim, doubled(settings.tolerance), discontinuities, {
    nodes: true,
  })
  const quadrature = compileProgram(
    engine,
    quadratureGraph(field, method, dim, quadratureOf(augmentedField(field, dim), method, 2 * dim)),
    ['clock', 'nodes'],
    fieldParameters(field).map(({ name }) => `sum.param.${name}`),
  )

  function clockOf(step: StepRecord, origin: Origin): Value {
    const clock = stepper.clock(step, false, origin)
    return engine.write(clock, [step.rows.length, clock.length / step.rows.length])
  }

  /** One pass over the rows `chosen`; returns the rows that failed instead if there were any and errors are not thrown. */
  function pull(params: NamedValues, run: Run, cotangent: ArrayLike<number>, chosen: Int32Array): Gradient | Set<number> {
    const {
      rows,
      table: { times, offsets, direction },
      values,
      origin,
    } = run
    const gradient = {
      inputs: {},
      jumps: [],
      y0: newArray(engine, rows * dim),
      params: [] as FloatArray[],
      times: new Float64Array(times.length),
      excluded: [] as number[],
    }
    const failed = new Set<number>()
    const counts = newCounts(rows)
    let iterations = 0
    // The next point to stop at, by row; and the time reached.
    const target = Int32Array.from({ length: rows }, (_, row) => offsets[row + 1]! - 1)
    const now = Float64Array.from(target, (point) => times[point]!)
    const stops: StopTimes = {
      direction: direction.map((d) => -d),
      start: now.slice(),
      last: Float64Array.from({ length: rows }, (_, row) => times[offsets[row]!]!),
      bound: (row) => times[target[row]!]!,
      output: (row) => times[target[row]!]!,
      done: (row) => target[row]! < offsets[row]!,
      discontinuities,
      origin,
    }

    /** Adds the cotangents of the outputs at the time reached to `state` = [z, a], and puts z right. */
    function jump(row: number, state: FloatArray): number[] {
      const points: number[] = []
      state.set(values.subarray(target[row]! * dim, (target[row]! + 1) * dim))
      const at = times[target[row]!]
      while (!stops.done(row) && times[target[row]!] === at) {
        const point = target[row]!--
        points.push(point)
        if (point === offsets[row]) gradient.y0.set(state.subarray(dim), row * dim)
        for (let d = 0; d < dim; d++) state[dim + d]! += cotangent[point * dim + d]!
      }
      return points
    }

    /** Jumps the rows that stand at their target, evaluates the field anew, and sets the gradients of the times reached. */
    function jumpRows(present: Int32Array, states: FloatArray, arrivals: readonly number[]): { state: SolverState; norms: FloatArray } {
      const n = present.length
      const reached = arrivals.map((i) => ({ i, points: jump(present[i]!, states.subarray(i * 2 * dim, (i + 1) * 2 * dim)) }))
      const y = engine.write(states, [n, 2 * dim])
      const t = Float64Array.from(present, (row) => discontinuities.after(now[row]!, stops.direction[row]!, origin(row)))
      const [carried, check] = stepper.start().run(params, n, [engine.write(t, [n, 1]), y, y])
      const slopes = slopesOf(engine.read(carried!), n, 2 * dim)
      for (const { i, points } of reached) {
        const row = present[i]!
        counts.evaluations[row]!++
        const dot = (weights: ArrayLike<number>, at: number): number => {
          let sum = 0
          for (let d = 0; d < dim; d++) sum += weights[at + d]! * slopes[i * 2 * dim + d]!
          return sum
        }
        for (const point of points)
          gradient.times[point] = point === offsets[row] ? 0 - dot(gradient.y0, row * dim) : dot(cotangent, point * dim)
        if (stops.done(row)) for (let d = 0; d < dim; d++) gradient.y0[row * dim + d]! += cotangent[offsets[row]! * dim + d]!
      }
      return { state: { rows: present, y, carried: carried! }, norms: engine.read(check!) }
    }

    function report(row: number, failure: Failure, state: FloatArray): void {
      const status = statusOfFailure({ settings, stepper }, params, stops, noInputs, row, failure, state)
      if (settings.throw)
        throw new SolverError(
          status.status,
          `Solving the adjoint backward: ${status.message} (A discrete adjoint solves nothing backward.)`,
          row,
          status,
        )
      failed.add(row)
    }

    engine.scope(() => {
      let sums: readonly Value[] = zerosLike(engine, params)
      const { state: all, norms } = jumpRows(chosen, newArray(engine, chosen.length * 2 * dim), [...chosen.keys()])
      const moving = Array.from(chosen.keys()).filter((i) => !stops.done(chosen[i]!))
      for (const i of moving)
        if (!Number.isFinite(norms[3 * i + 2]!))
          report(chosen[i]!, { status: 'NonFinite', time: now[chosen[i]!]!, step: 0 }, engine.read(engine.gather(all.y, Int32Array.of(i))))
      const index = Int32Array.from(moving.filter((i) => !failed.has(chosen[i]!)))
      const state = {
        rows: Int32Array.from(index, (i) => chosen[i]!),
        y: engine.gather(all.y, index),
        carried: engine.gather(all.carried, index),
      }
      const wanted = new Float64Array(rows)
      const first = firstWanted({ engine, settings, stepper }, params, stops, state, gatherNumbers(norms, index, 3), counts)
      state.rows.forEach((row, i) => (wanted[row] = first[i]!))
      const control = stepControl(stops, settings.rules, wanted, counts, {
        evaluationsPerStep: evaluationsOf(method),
        historySteps: method.history?.steps ?? 0,
      })
      integrate(stepper, params, state, control, origin, {
        wanted: () => ({ path: false, residuals: false }),
        accepted({ step, accepted, whole, clock, attempt }, keep) {
          const n = step.rows.length
          sums = quadrature.run(params, n, [whole ? clock : clockOf(step, origin), attempt.nodes!], sums)
          keep(...sums)
          step.rows.forEach((row, i) => {
            if (accepted[i]) now[row] = step.end[i]!
          })
        },
        restarted({ step, here }) {
          step.rows.forEach((row, i) => (counts.evaluations[row]! += here[i]!))
        },
        advanced(after) {
          iterations++
          for (const [row, failure] of control.failures())
            report(row, failure, engine.read(engine.gather(after.y, Int32Array.of(after.rows.indexOf(row)))))
          const arrivals = Array.from(after.rows.keys()).filter(
            (i) => !stops.done(after.rows[i]!) && now[after.rows[i]!] === times[target[after.rows[i]!]!],
          )
          if (arrivals.length === 0) return undefined
          // All rows go on from the field alone.
          after.rows.forEach((row) => control.forget(row))
          return jumpRows(after.rows, engine.read(after.y), arrivals).state
        },
      })
      gradient.params.push(...sums.map((sum) => engine.read(sum)))
    })
    return failed.size > 0 ? failed : { ...gradient, backward: statsOf(counts, iterations, new Int32Array(0)) }
  }

  return (params, run, cotangent, { sums } = {}) => {
    let chosen = Int32Array.from({ length: run.rows }, (_, row) => row).filter((row) => !run.failed.includes(row))
    const excluded: number[] = []
    // Sums over rows cannot be taken apart again, so a row that fails on the way back costs a new pass without it.
    for (;;) {
      const result = pull(params, run, cotangent, chosen)
      if (!(result instanceof Set))
        return sums ? { ...result, params: [], excluded, sums: add(engine, sums, result.params) } : { ...result, excluded }
      excluded.push(...result)
      chosen = chosen.filter((row) => !result.has(row))
    }
  }
}

/** `sums`, which are used up, plus `values`. */
function add(engine: Engine, sums: readonly Value[], values: readonly FloatArray[]): Value[] {
  const added = sums.map((sum, i) =>
    engine.write(
      engine.read(sum).map((value, j) => value + values[i]![j]!),
      sum.shape,
    ),
  )
  engine.free(...sums)
  return added
}

const doubled = (tolerance: Tolerance): Tolerance => ({
  ...tolerance,
  atol: typeof tolerance.atol === 'number' ? tolerance.atol : [...tolerance.atol, ...tolerance.atol],
  blocks: 2,
})

const augmented = new WeakMap<Graph, Graph>()

/** The same Graph each time, so that solvers of one field share what is compiled of it. */
function augmentedField(field: Graph, dim: number): Graph {
  const known = augmented.get(field) ?? augment(field, dim)
  augmented.set(field, known)
  return known
}

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
