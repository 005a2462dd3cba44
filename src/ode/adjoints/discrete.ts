import { newArray, zeroValue } from '../../engine/arrays.js'
import { differentiable, type Differentiable } from '../../engine/autodiff/differentiable.js'
import type { NamedValues } from '../../engine/autodiff/program.js'
import type { FloatArray, Value } from '../../engine/engine.js'
import { GraphBuilder } from '../../graph/builder.js'
import type { Graph } from '../../graph/graph.js'
import { ROWS, sizeOf } from '../../graph/shape.js'
import { callField } from '../callField.js'
import { compiledOnce } from '../compiled.js'
import { blocksOf, type Method } from '../method.js'
import type { Machine, Run } from '../run.js'
import { solverState } from '../solverState.js'
import { carriedAtStart } from '../step.js'
import type { JumpPoint, JumpProgram } from '../stateJumps.js'
import { slopesOf, stepperOf, type Pulled } from '../stepper.js'
import type { JumpEntry, RestartEntry, ScheduleEntry, StepEntry, TapeEntry } from '../tape.js'
import type { ListedGradient as Gradient, PullbackOptions } from '../types.js'
import { eventSeeds } from './events.js'
import { expandSchedule } from './expandSchedule.js'
import { createGridTimes, type GridTimes } from './gridTimes.js'
import { gatherNumbers, zerosLike } from './sums.js'

/** Cotangents of all rows of a solve; of the segments of its inputs as numbers, which are added to in place. */
interface Bars extends Omit<Pulled, 'inputs'> {
  readonly inputs: Float64Array
}

/** Gradients of a jump, to be added to. */
interface JumpSums {
  time: number
  readonly add: Float64Array
}

/**
 * The exact gradient of a computed solution with the steps (t_n, h_n) held fixed: the recorded iterations are walked
 * backward, each pulled back by the derivative of the very step Graph that made it. The state is y and what is carried beside it, the
 * field's value first. An iteration concerns the rows whose attempt was accepted: rejected
 * ones, finished ones and rows that failed take no part, so whatever they held cannot reach the others' parameters.
 */
export function createDiscreteAdjoint(
  machine: Machine,
  field: Graph,
): (
  params: NamedValues,
  run: Run,
  tape: readonly TapeEntry[],
  cotangent: ArrayLike<number> | Value,
  options?: PullbackOptions,
) => Gradient {
  const { engine, dim, stepper, fixedGrid, interpolator } = machine
  const { method, discontinuities } = stepper
  const withInputs = stepper.inputsWidth > 0
  const [evaluation, evaluationInTime] = [false, true].map((byTime) =>
    compiledOnce(engine, field, ['evaluation', method, byTime], () =>
      differentiable(engine, () => evaluationGraph(field, method, dim), {
        inputs: ['t', 'y', 'inputs'],
        wrt: ['y', ...(withInputs ? ['inputs' as const] : []), ...(byTime ? ['t' as const] : [])],
        outputs: ['carried', 'same'],
      }),
    ),
  ) as [Differentiable, Differentiable]

  /** Pulls one iteration back, for the rows at `index` of it; all of them, if undefined. `bars` are of all rows of the solve. */
  function pullStep(
    params: NamedValues,
    entry: StepEntry,
    weights: Value,
    index: Int32Array | undefined,
    bars: Bars,
    cotangent: Value,
    grid: GridTimes | undefined,
  ): Pulled {
    const n = index?.length ?? entry.step.rows.length
    const rows = index ? index.map((i) => entry.step.rows[i]!) : entry.step.rows
    const take = (value: Value): Value => (index ? engine.gather(value, index) : value)
    const all = n === bars.y.shape[0]
    const programs = stepperOf(stepper, entry.step).step(entry.path)
    const clock = take(entry.clock)
    const from = solverState(rows, take(entry.y), take(entry.carried), entry.inputs && take(entry.inputs))
    const { unknowns } = stepperOf(stepper, entry.step).method
    const recomputed = grid !== undefined && unknowns === undefined
    const residuals = recomputed ? [] : (entry.residuals?.map(take) ?? programs.attempt(params, from, clock, n, true).residuals)
    const given = [all ? bars.y : engine.gather(bars.y, rows), all ? bars.carried : engine.gather(bars.carried, rows)]
    if (entry.path) given.push(take(pathBars(entry, weights, cotangent)))
    const pulled = programs.pull(params, from, clock, residuals, given, bars.sums, n, grid !== undefined)
    grid?.pullStep(entry, index ?? entry.step.rows.map((_, i) => i), engine.read(pulled.clock!))
    addInputs(pulled, index && entry.segments ? index.map((i) => entry.segments![i]!) : entry.segments, bars.inputs)
    return all ? pulled : replaceRows(bars, rows, pulled)
  }

  /** Pulls all steps of a schedule back; no row of it failed. */
  function pullSchedule({ schedule, recording, due }: ScheduleEntry, weights: Value, bars: Bars, cotangent: Value): Pulled {
    const steps = schedule.h.length
    const paths = engine.scatterWeighted(cotangent, due.points, due.positions, weights, steps * bars.y.shape[0]!)
    const { y, carried, sums } = bars
    return fixedGrid.pull(recording, { y, carried, sums }, paths, steps)
  }

  /** Cotangents of the outputs in an iteration as cotangents of the paths of its rows. */
  function pathBars({ due, step }: StepEntry, weights: Value, cotangent: Value): Value {
    const n = step.rows.length
    if (!due) return zeroValue(engine, [n, interpolator.width])
    return engine.scatterWeighted(cotangent, due.points, due.positions, weights, n)
  }

  /** Adds the cotangents of inputs by row to those of their segments: as numbers, so that it costs nothing per segment. */
  function addInputs({ inputs }: Pick<Pulled, 'inputs'>, segments: ArrayLike<number> | undefined, sums: Float64Array): void {
    if (!inputs || !segments) return
    const numbers = engine.read(inputs)
    const width = stepper.inputsWidth
    for (let i = 0; i < segments.length; i++) for (let j = 0; j < width; j++) sums[segments[i]! * width + j]! += numbers[i * width + j]!
  }

  /** Bars with those of `rows` replaced, and with the new sums. */
  function replaceRows(bars: Bars, rows: Int32Array, pulled: Pulled): Pulled {
    const n = bars.y.shape[0]!
    const replaced = new Uint8Array(n)
    for (const row of rows) replaced[row] = 1
    const [y, carried] = stepper
      .select()
      .run({}, n, [
        engine.write(replaced, [n, 1]),
        engine.scatterAdd(pulled.y, rows, n),
        engine.scatterAdd(pulled.carried, rows, n),
        bars.y,
        bars.carried,
      ])
    return { y: y!, carried: carried!, sums: pulled.sums }
  }

  /**
   * Pulls back that the field was evaluated in some rows, at times `t` and states `y`: then the cotangent of what is carried is spent. That
   * of the times is added to `byTime`, `[all rows]`.
   */
  function pullEvaluation(
    params: NamedValues,
    {
      rows,
      t,
      y,
      inputs,
      segments,
    }: { rows: Int32Array; t: Float64Array; y: Value; inputs?: Value | undefined; segments?: Int32Array | undefined },
    bars: Bars,
    byTime?: Float64Array,
  ): Pulled {
    const n = rows.length
    if (n === 0) return { y: bars.y, carried: bars.carried, sums: bars.sums }
    const all = n === bars.y.shape[0]
    const given = [all ? bars.carried : engine.gather(bars.carried, rows), all ? bars.y : engine.gather(bars.y, rows)]
    const piece = byTime ? evaluationInTime : evaluation
    const { cotangents, sums } = piece.pullback(params, [engine.write(t, [n, 1]), y, inputs ?? y], given, bars.sums, n)
    const [yBar, inputBar, timeBar] = [cotangents[0], withInputs ? cotangents[1] : undefined, cotangents[piece.wrt.indexOf('t')]]
    addInputs({ inputs: inputBar }, segments, bars.inputs)
    if (byTime) engine.read(timeBar!).forEach((bar, i) => (byTime[rows[i]!]! += bar))
    const pulled = { y: yBar!, carried: zeroValue(engine, given[0]!.shape), sums }
    return all ? pulled : replaceRows(bars, rows, pulled)
  }

  return (params, run, tape, given, { times: wantTimes = true, sums, events = [] } = {}) => {
    const {
      rows,
      table: { times, offsets, direction },
      failed,
    } = run
    const good = new Uint8Array(rows).fill(1)
    for (const row of failed) good[row] = 0
    const gradient: Gradient = {
      y0: newArray(engine, rows * dim),
      params: [],
      inputs: {},
      jumps: [],
      times: new Float64Array(wantTimes ? times.length : 0),
    }
    let added: readonly Value[] = []
    engine.scope(() => {
      const outputs = 'shape' in given ? given : engine.write(given, [times.length, dim])
      const seeds = eventSeeds(machine, params, run, events, sums ?? zerosLike(engine, params))
      const cotangent = seeds.bars ? engine.concat([outputs, seeds.bars]) : outputs
      const { source } = run.inputs
      const jumps: JumpSums[] = run.jumps.map(({ add }) => ({ time: 0, add: new Float64Array(add ? dim : 0) }))
      let bars: Bars = {
        y: zeroValue(engine, [rows, dim]),
        carried: zeroValue(engine, [rows, blocksOf(method) * dim]),
        inputs: seeds.inputs ? Float64Array.from(engine.read(seeds.inputs)) : new Float64Array(source ? sizeOf(source.shape) : 0),
        sums: seeds.sums,
      }
      const advance = (body: () => Pulled): void => {
        const { y, carried, inputs } = bars
        engine.scope(() => {
          const pulled = body()
          bars = { y: pulled.y, carried: pulled.carried, inputs, sums: pulled.sums }
          return [bars.y, bars.carried, ...bars.sums]
        })
        if (bars.y !== y) engine.free(y)
        if (bars.carried !== carried) engine.free(carried)
      }
      const allGood = failed.length === 0
      if (wantTimes) gradient.times.set(interpolator.slopes(run.paths, run.path, run.theta, ratesOf(tape, times.length), outputs))
      const grid = wantTimes && run.grid ? createGridTimes(run, run.grid, method, stepper.timed, gradient.times) : undefined
      for (let i = tape.length - 1; i >= 0; i--) {
        const entry = tape[i]!
        if (entry.kind === 'schedule') {
          if (!grid) advance(() => pullSchedule(entry, run.weights, bars, cotangent))
          else
            for (const step of expandSchedule(stepper, params, entry, run).reverse())
              advance(() => pullStep(params, step, run.weights, undefined, bars, cotangent, grid))
          continue
        }
        if (entry.kind === 'jump') {
          grid?.anchor(entry.rows)
          advance(() => pullJump(params, entry, good, bars, jumps, wantTimes))
          continue
        }
        const whole = allGood && entry.kind === 'step' && entry.whole
        const index = whole
          ? undefined
          : positionsWhere(entry.kind === 'step' ? entry.accepted : entry.here, (at) => good[entry.step.rows[at]!] === 1)
        if (index?.length === 0) continue
        if (entry.kind === 'step') advance(() => pullStep(params, entry, run.weights, index, bars, cotangent, grid))
        else {
          const restarted = restartedRows(entry, index!)
          grid?.anchor(restarted.rows)
          advance(() => pullEvaluation(params, restarted, bars))
        }
      }
      const moved = positionsWhere(good, (row) => times[offsets[row + 1]! - 1] !== times[offsets[row]!])
      const startTimes = grid && new Float64Array(rows)
      const t = Float64Array.from(moved, (row) => discontinuities.after(times[offsets[row]!]!, direction[row]!, run.origin(row)))
      advance(() => {
        const y = engine.write(moved.length === rows ? run.y0 : gatherNumbers(run.y0, moved, dim), [moved.length, dim])
        const segments = source && moved.map((row) => run.inputs.first[row]!)
        return pullEvaluation(
          params,
          { rows: moved, t, y, inputs: segments && engine.gather(source, segments), segments },
          bars,
          startTimes,
        )
      })
      engine.read(bars.y, gradient.y0)
      if (!sums) gradient.params.push(...bars.sums.map((sum) => engine.read(sum)))
      const byStart = grid && startTimes?.map((bar, row) => bar + grid.start(row))
      addStart(gradient, run, outputs, good, wantTimes, byStart)
      Object.assign(gradient, {
        inputs: run.inputs.gradient(bars.inputs),
        jumps: jumps.map(({ time, add }) => ({ ...(wantTimes && { time }), ...(add.length > 0 && { add }) })),
      })
      added = bars.sums
      return sums ? bars.sums : []
    })
    return sums ? { ...gradient, sums: added } : gradient
  }

  /** Pulls back a jump of the state. What was carried before it is gone; the field behind it was pulled back before. */
  function pullJump(
    params: NamedValues,
    { program, rows, jumps, t, y, inputs, segments, add }: JumpEntry,
    good: Uint8Array,
    bars: Bars,
    sums: readonly JumpSums[],
    wantTimes: boolean,
  ): Pulled {
    const index = Int32Array.from(rows.keys()).filter((i) => good[rows[i]!] === 1)
    const n = index.length
    if (n === 0) return { y: bars.y, carried: bars.carried, sums: bars.sums }
    const own = index.map((i) => rows[i]!)
    const [before, given] = [engine.gather(y, index), engine.gather(bars.y, own)]
    const at: JumpPoint = {
      t: engine.write(
        Float64Array.from(index, (i) => t[i]!),
        [n, 1],
      ),
      y: before,
      inputs: inputs && engine.gather(inputs, index),
      add: add && engine.gather(add, index),
    }
    const pulled = program.pull(params, at, given, bars.sums, n)
    addInputs(pulled, segments && index.map((i) => segments[i]!), bars.inputs)
    const amounts = pulled.add && engine.read(pulled.add)
    const byTime = wantTimes ? jumpTimes(params, program, at, given, pulled, n) : undefined
    index.forEach((position, i) => {
      const sum = sums[jumps[position]!]!
      sum.time += byTime?.[i] ?? 0
      for (let d = 0; d < sum.add.length; d++) sum.add[d]! += amounts![i * dim + d]!
    })
    return replaceRows(bars, own, { y: pulled.y, carried: zeroValue(engine, [n, blocksOf(method) * dim]), sums: pulled.sums })
  }

  /** a⁻·f⁻ + ∂z⁺/∂t·a⁺ − a⁺·f⁺ by row: see `JumpGradient.time`. */
  function jumpTimes(
    params: NamedValues,
    program: JumpProgram,
    at: JumpPoint,
    after: Value,
    { t, y: before }: { readonly t: Value; readonly y: Value },
    n: number,
  ): Float64Array {
    const field = (y: Value): FloatArray => slopesOf(engine.read(stepper.start().run(params, n, [at.t, y, at.inputs ?? y])[0]!), n, dim)
    const [slopes, slopesAfter] = [field(at.y), field(program.run(params, at, n))]
    const [aBefore, aAfter, byTime] = [engine.read(before), engine.read(after), engine.read(t)]
    return Float64Array.from(
      { length: n },
      (_, i) => dot(aBefore, i * dim, slopes, i * dim) + byTime[i]! - dot(aAfter, i * dim, slopesAfter, i * dim),
    )
  }

  /** What of a restart concerns the positions `index`. */
  function restartedRows({ step, t, y, inputs, segments }: RestartEntry, index: Int32Array): Parameters<typeof pullEvaluation>[1] {
    return {
      rows: index.map((at) => step.rows[at]!),
      t: Float64Array.from(index, (at) => t[at]!),
      y: engine.gather(y, index),
      inputs: inputs && engine.gather(inputs, index),
      segments: segments && index.map((at) => segments[at]!),
    }
  }

  /** Adds what reaches y0 from the outputs at the first time, and sets the gradients of the times there. */
  function addStart(
    gradient: Gradient,
    { table: { times, offsets }, slope, rows }: Run,
    cotangent: Value,
    good: Uint8Array,
    wantTimes: boolean,
    byStart: Float64Array | undefined,
  ): void {
    const points: number[] = []
    const owners: number[] = []
    for (let row = 0; row < rows; row++) {
      if (good[row] === 0) {
        if (wantTimes) gradient.times.fill(0, offsets[row], offsets[row + 1])
        continue
      }
      let last = offsets[row]!
      while (last + 1 < offsets[row + 1]! && times[last + 1] === times[offsets[row]!]) last++
      // The first of them, whose time is that of y0, comes last: it moves with y0.
      for (let point = last; point >= offsets[row]!; point--) {
        points.push(point)
        owners.push(row)
      }
    }
    const bars = engine.read(engine.gather(cotangent, Int32Array.from(points)))
    points.forEach((point, i) => {
      const row = owners[i]!
      if (wantTimes)
        gradient.times[point] =
          point > offsets[row]!
            ? dot(bars, i * dim, slope!, row * dim)
            : byStart
              ? byStart[row]!
              : 0 - dot(gradient.y0, row * dim, slope!, row * dim)
      for (let d = 0; d < dim; d++) gradient.y0[row * dim + d]! += bars[i * dim + d]!
    })
  }

  function dot(a: FloatArray, i: number, b: FloatArray, j: number): number {
    let sum = 0
    for (let d = 0; d < dim; d++) sum += a[i + d]! * b[j + d]!
    return sum
  }
}

/** The field at (t, y) as what is carried, and y itself: inputs `t`, `y`, `inputs`; outputs `carried`, `same`. */
function evaluationGraph(field: Graph, method: Method, dim: number): Graph {
  const builder = new GraphBuilder()
  const y = builder.input('y', [ROWS, dim])
  const slope = callField(builder, field, builder.input('t', [ROWS, 1]), y)
  builder.output('carried', carriedAtStart(builder, method, dim, slope))
  builder.output('same', y)
  return builder.build()
}

/** For each output 1 / h of the step that it lies in, `[points]`; 1 for those at the start. */
function ratesOf(tape: readonly TapeEntry[], points: number): Float64Array {
  const rates = new Float64Array(points).fill(1)
  for (const entry of tape) {
    if (entry.kind === 'step')
      entry.due?.points.forEach((point, i) => {
        if (point < points) rates[point] = 1 / entry.step.h[entry.due!.positions[i]!]!
      })
    if (entry.kind === 'schedule') {
      const {
        schedule: { step, h },
        due,
      } = entry
      due.points.forEach((point, i) => (rates[point] = 1 / h[step[i % step.length]!]!))
    }
  }
  return rates
}

/** Where `flags` is 1 and `also` holds. */
function positionsWhere(flags: Uint8Array, also: (i: number) => boolean): Int32Array {
  const out = new Int32Array(flags.length)
  let found = 0
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1 && also(i)) out[found++] = i
  return out.subarray(0, found)
}
