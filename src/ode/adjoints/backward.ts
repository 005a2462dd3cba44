import { newArray } from '../../engine/arrays.js'
import type { NamedValues } from '../../engine/autodiff/program.js'
import type { Engine, FloatArray, Value } from '../../engine/engine.js'
import { firstWanted } from '../control/firstSteps.js'
import { newCounts, stepControl } from '../control/stepControl.js'
import { SolverError } from '../errors.js'
import { statusOfFailure } from '../failures.js'
import { integrate, type Companion, type Iteration } from '../integrate.js'
import { solverState, type SolverState } from '../solverState.js'
import { evaluationsOf } from '../method.js'
import type { Settings } from '../options.js'
import { gatherInputs, type RowInputs } from '../rowInputs.js'
import { statsOf, type Machine, type Run } from '../run.js'
import type { Failure } from '../status.js'
import { slopesOf, type Stepper } from '../stepper.js'
import type { Origin, StopTimes } from '../stopTimes.js'
import type { ListedGradient as Gradient, PullbackOptions } from '../types.js'
import { gatherNumbers, zerosLike } from './sums.js'

/** Pulls cotangents of outputs back by solving an adjoint equation. */
export type BackwardAdjoint = (params: NamedValues, run: Run, cotangent: ArrayLike<number>, options?: PullbackOptions) => Gradient

/** An adjoint equation: what is solved backward is a state that ends with a = dL/dz, `[dim]`. */
export interface AdjointEquation {
  /** Gives out the states at the nodes of a quadrature. */
  readonly stepper: Stepper
  /** Gets ready for the way back along a solve, for the rows `chosen`. */
  follow(run: Run, chosen: Int32Array): WayBack
}

/** What goes along with one way back. */
export interface WayBack {
  /** What the equation's t is counted from. It may change from step to step. */
  readonly origin: Origin
  /** Inputs of the equation by row. */
  readonly inputs: RowInputs
  /** The next time at which something happens to a row by itself, and what happens there. */
  readonly change?: (row: number) => number
  readonly changes?: Companion['changes']
  /** Adds −∫ (∂f/∂θ)ᵀa dt over the accepted steps of an iteration to the parameters' sums, which are used up. */
  integrate(params: NamedValues, iteration: Iteration, sums: readonly Value[]): readonly Value[]
  /** Gradients of the solve's inputs by row. */
  inputGradient(): Record<string, Float64Array>
}

/**
 * Solves an adjoint equation backward from output to output, each row by itself: at an output its cotangent is added to a. The parameter
 * gradient is a quadrature over the accepted steps, not a part of the state, so errors are controlled by the state only (Kidger, Chen,
 * Lyons, "Hey, that's not an ODE", ICML 2021).
 */
export function createBackwardAdjoint(
  { engine, dim, stepper: forward }: Machine,
  settings: Settings,
  { stepper, follow }: AdjointEquation,
): BackwardAdjoint {
  const { method } = settings
  const { discontinuities } = stepper
  const width = stepper.dim
  /** Where a stands in the state; what stands before it is z. */
  const at = width - dim

  /** One pass over the rows `chosen`; returns the rows that failed instead if there were any and errors are not thrown. */
  function pull(
    params: NamedValues,
    run: Run,
    cotangent: ArrayLike<number>,
    wantTimes: boolean,
    chosen: Int32Array,
  ): Gradient | Set<number> {
    const {
      rows,
      table: { times, offsets, direction },
      values,
    } = run
    const y0 = newArray(engine, rows * dim)
    const gradient = { y0, params: [] as FloatArray[], inputs: {}, jumps: [], times: new Float64Array(wantTimes ? times.length : 0) }
    const failed = new Set<number>()
    const counts = newCounts(rows)
    let iterations = 0
    // The next point to stop at, by row; and the time reached.
    const target = Int32Array.from({ length: rows }, (_, row) => offsets[row + 1]! - 1)
    const now = Float64Array.from(target, (point) => times[point]!)
    const isDone = (row: number): boolean => target[row]! < offsets[row]!

    /** Adds the cotangents of the outputs at the time reached to a, and takes z from the outputs. */
    function arrive(row: number, state: FloatArray): void {
      if (at > 0) state.set(values.subarray(target[row]! * dim, (target[row]! + 1) * dim))
      const time = times[target[row]!]
      while (!isDone(row) && times[target[row]!] === time) {
        const point = target[row]!--
        // The first output moves with the first time: its cotangent is added behind all others, when the times are done.
        if (point === offsets[row]) y0.set(state.subarray(at, width), row * dim)
        else for (let d = 0; d < dim; d++) state[at + d]! += cotangent[point * dim + d]!
      }
    }

    engine.scope(() => {
      const { origin, inputs, change, changes, ...way } = follow(run, chosen)
      const stops: StopTimes = {
        direction: direction.map((d) => -d),
        start: now.slice(),
        last: Float64Array.from({ length: rows }, (_, row) => times[offsets[row]!]!),
        bound: (row) => times[target[row]!]!,
        output: (row) => times[target[row]!]!,
        done: isDone,
        discontinuities,
        ...(change && { change }),
        origin,
      }

      /** Lets the rows at `arrivals` arrive at outputs, and evaluates the field anew in all that are present. */
      function arriveAll(
        present: Int32Array,
        states: FloatArray,
        given: Value | undefined,
        arrivals: Iterable<number>,
      ): { state: SolverState; norms: FloatArray } {
        const n = present.length
        for (const i of arrivals) {
          arrive(present[i]!, states.subarray(i * width, (i + 1) * width))
          counts.evaluations[present[i]!]!++
        }
        const y = engine.write(states, [n, width])
        const t = Float64Array.from(present, (row) => discontinuities.after(now[row]!, stops.direction[row]!, origin(row)))
        const [carried, check] = stepper.start().run(params, n, [engine.write(t, [n, 1]), y, given ?? y])
        return { state: solverState(present, y, carried!, given), norms: engine.read(check!) }
      }

      function report(row: number, failure: Failure, state: FloatArray): void {
        const status = statusOfFailure({ settings, stepper }, params, stops, inputs, row, failure, state)
        if (settings.throw)
          throw new SolverError(
            status.status,
            `Solving the adjoint backward: ${status.message} (A discrete adjoint solves nothing backward.)`,
            row,
            status,
          )
        failed.add(row)
      }

      let sums: readonly Value[] = zerosLike(engine, params)
      const { state: all, norms } = arriveAll(
        chosen,
        newArray(engine, chosen.length * width),
        gatherInputs(engine, inputs, chosen),
        chosen.keys(),
      )
      const moving = Array.from(chosen.keys()).filter((i) => !isDone(chosen[i]!))
      for (const i of moving)
        if (!Number.isFinite(norms[3 * i + 2]!))
          report(chosen[i]!, { status: 'NonFinite', time: now[chosen[i]!]!, step: 0 }, engine.read(engine.gather(all.y, Int32Array.of(i))))
      const index = Int32Array.from(moving.filter((i) => !failed.has(chosen[i]!)))
      const state = solverState(
        Int32Array.from(index, (i) => chosen[i]!),
        engine.gather(all.y, index),
        engine.gather(all.carried, index),
        all.inputs && engine.gather(all.inputs, index),
      )
      const wanted = new Float64Array(rows)
      const first = firstWanted({ engine, settings, stepper }, params, stops, state, gatherNumbers(norms, index, 3), counts)
      state.rows.forEach((row, i) => (wanted[row] = first[i]!))
      const control = stepControl(stops, settings.rules, wanted, counts, {
        evaluationsPerStep: evaluationsOf(method),
        historySteps: method.history?.steps ?? 0,
      })
      integrate(stepper, params, state, control, origin, {
        wanted: () => ({ path: false, residuals: false }),
        accepted(iteration, keep) {
          sums = way.integrate(params, iteration, sums)
          keep(...sums)
          const { step, accepted } = iteration
          step.rows.forEach((row, i) => {
            if (accepted[i]) now[row] = step.end[i]!
          })
        },
        ...(changes && { changes }),
        restarted({ step, here }) {
          step.rows.forEach((row, i) => (counts.evaluations[row]! += here[i]!))
        },
        advanced(after) {
          iterations++
          for (const [row, failure] of control.failures())
            report(row, failure, engine.read(engine.gather(after.y, Int32Array.of(after.rows.indexOf(row)))))
          const arrivals = Array.from(after.rows.keys()).filter(
            (i) => !isDone(after.rows[i]!) && now[after.rows[i]!] === times[target[after.rows[i]!]!],
          )
          if (arrivals.length === 0) return undefined
          // All rows go on from the field alone.
          after.rows.forEach((row) => control.forget(row))
          return arriveAll(after.rows, engine.read(after.y), after.inputs, arrivals).state
        },
      })
      gradient.params.push(...sums.map((sum) => engine.read(sum)))
      gradient.inputs = way.inputGradient()
      if (wantTimes) setTimes(gradient.times, params, run, chosen, y0, cotangent)
    })
    if (failed.size > 0) return failed
    for (const row of chosen) for (let d = 0; d < dim; d++) y0[row * dim + d]! += cotangent[offsets[row]! * dim + d]!
    return { ...gradient, backward: statsOf(counts, iterations, new Int32Array(0)) }
  }

  /** Sets the gradients of times, by the field at the outputs: see `Gradient.times`. `adjoint` is a at the first times, `[rows, dim]`. */
  function setTimes(
    gradient: Float64Array,
    params: NamedValues,
    { table: { times, offsets, direction }, values, origin, inputs }: Run,
    chosen: Int32Array,
    adjoint: ArrayLike<number>,
    cotangent: ArrayLike<number>,
  ): void {
    const owners = Int32Array.from(Array.from(chosen).flatMap((row) => new Array<number>(offsets[row + 1]! - offsets[row]!).fill(row)))
    const points = Int32Array.from(
      Array.from(chosen).flatMap((row) => Array.from(times.subarray(offsets[row], offsets[row + 1]).keys(), (i) => offsets[row]! + i)),
    )
    const n = points.length
    const t = Float64Array.from(points, (point, i) => {
      const row = owners[i]!
      const [time, start, way] = [times[point]!, times[offsets[row]!]!, direction[row]!]
      return time === start ? discontinuities.after(time, way, origin(row)) : discontinuities.before(time, way, origin(row))
    })
    const y = engine.write(gatherNumbers(values, points, dim), [n, dim])
    const given = gatherInputs(
      engine,
      inputs,
      owners,
      Array.from(points, (point) => times[point]!),
    )
    const [carried] = forward.start().run(params, n, [engine.write(t, [n, 1]), y, given ?? y])
    const slopes = slopesOf(engine.read(carried!), n, dim)
    points.forEach((point, i) => {
      const row = owners[i]!
      const first = point === offsets[row]
      let sum = 0
      for (let d = 0; d < dim; d++) sum += (first ? -adjoint[row * dim + d]! : cotangent[point * dim + d]!) * slopes[i * dim + d]!
      gradient[point] = sum
    })
  }

  return (params, run, cotangent, { sums, times = true } = {}) => {
    let chosen = Int32Array.from({ length: run.rows }, (_, row) => row).filter((row) => !run.failed.includes(row))
    const excluded: number[] = []
    // Sums over rows cannot be taken apart again, so a row that fails on the way back costs a new pass without it.
    for (;;) {
      const result = stepper.tolerance.during(() => pull(params, run, cotangent, times, chosen))
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
