import type { FloatArray, Value } from '../engine/engine.js'
import { GraphBuilder } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { ROWS } from '../graph/shape.js'
import type { Run, StepEntry, TapeEntry } from './forward.js'
import { zerosLike, zeroValue, type Sums } from './gradient.js'
import { newArray, type Interpolator } from './paths.js'
import type { Values } from './program.js'
import { callField } from './step.js'
import { differentiablePrograms, type Stepper } from './stepper.js'
import type { Gradient, PullbackOptions, StepRecord } from './types.js'

/** Cotangents of the states of all rows of the solve and of the field there, `[rows, dim]` each, and the parameters' sums. */
interface Bars {
  readonly y: Value
  readonly k1: Value
  readonly sums: Sums
}
const valuesOf = ({ y, k1, sums }: Bars): Value[] => [y, k1, ...Object.values(sums)]

/**
 * The exact gradient of a computed solution with the steps (t_n, h_n) held fixed: the recorded iterations are walked
 * backward, each pulled back by the derivative of the very step Graph that made it. The state is (y, k1), the
 * field's value being handed from step to step. An iteration concerns the rows whose attempt was accepted: rejected
 * ones, finished ones and rows that failed take no part, so whatever they held cannot reach the others' parameters.
 */
export function createDiscreteAdjoint(stepper: Stepper, field: Graph, interpolator: Interpolator): (params: Values, run: Run, tape: readonly TapeEntry[], cotangent: ArrayLike<number> | Value, options?: PullbackOptions) => Gradient {
  const { engine, dim } = stepper
  const evaluation = differentiablePrograms(engine, () => evaluationGraph(field, dim), ['y'], ['k1', 'same'])

  /** Pulls one iteration back, for the rows at `index` of it. */
  function pullStep(params: Values, entry: StepEntry, index: Int32Array, bars: Bars, cotangent: Value): Bars {
    const n = index.length
    const whole = n === entry.step.rows.length
    const step = whole ? entry.step : stepSubset(entry.step, index)
    const take = (value: Value): Value => (whole ? value : engine.gather(value, index))
    const all = n === bars.y.shape[0]
    const programs = stepper.step(entry.path)
    const clock = stepper.clock(step, entry.path)
    const inputs: Record<string, Value> = {
      clock: engine.write(clock, [n, clock.length / n]), y: take(entry.y), k1: take(entry.k1),
      'bar.y1': all ? bars.y : engine.gather(bars.y, step.rows), 'bar.k': all ? bars.k1 : engine.gather(bars.k1, step.rows),
    }
    if (entry.path) inputs['bar.path'] = pathBars(entry, index, cotangent)
    const names = programs.residualNames()
    if (entry.residuals) names.forEach((name, i) => (inputs[name] = take(entry.residuals![i]!)))
    else if (names.length > 0) {
      const again = programs.recording().run(params, inputs, n)
      for (const name of names) inputs[name] = again[name]!
    }
    const results = programs.backward().run(params, Object.assign(inputs, bars.sums), n)
    return replaceRows(bars, all ? undefined : step.rows, results['bar.y']!, results['bar.k1']!, results)
  }

  /** Cotangents of the outputs in an iteration as cotangents of the paths of its rows at `index`. */
  function pathBars({ due, accepted }: StepEntry, index: Int32Array, cotangent: Value): Value {
    const n = index.length
    if (!due) return zeroValue(engine, [n, interpolator.width])
    // All of the iteration's rows, all accepted: they are numbered as they stand.
    if (n === accepted.length) return interpolator.pull(engine.gather(cotangent, due.points), due.theta, due.ranks, n)
    let taken = 0
    const position = new Int32Array(accepted.length).fill(-1)
    // Ranks count the accepted rows; some of those may have failed later on and be gone.
    const rankOf = Int32Array.from(accepted, (yes) => (yes ? taken++ : -1))
    index.forEach((i, at) => { position[rankOf[i]!] = at })
    const gone = taken > n
    const kept = gone ? Int32Array.from(due.ranks.keys()).filter((i) => position[due.ranks[i]!]! >= 0) : undefined
    const points = kept ? kept.map((i) => due.points[i]!) : due.points
    const ranks = kept ? kept.map((i) => position[due.ranks[i]!]!) : due.ranks
    const theta = kept ? Float64Array.from(kept, (i) => due.theta[i]!) : due.theta
    return interpolator.pull(engine.gather(cotangent, points), theta, ranks, n)
  }

  /** Bars with those of `rows` (of all, if undefined) replaced, and with the new sums. */
  function replaceRows(bars: Bars, rows: Int32Array | undefined, y: Value, k1: Value, results: Values): Bars {
    const sums: Record<string, Value> = {}
    for (const name of Object.keys(bars.sums)) sums[name] = results[name]!
    if (rows === undefined) return { y, k1, sums }
    const n = bars.y.shape[0]!
    const replaced = new Uint8Array(n)
    for (const row of rows) replaced[row] = 1
    const chosen = stepper.select().run({}, {
      accepted: engine.write(replaced, [n, 1]), y1: engine.scatterAdd(y, rows, n), k: engine.scatterAdd(k1, rows, n), y: bars.y, k1: bars.k1,
    }, n)
    return { y: chosen['y']!, k1: chosen['k1']!, sums }
  }

  /** Pulls back that the field was evaluated in some rows, at times `t` and states `y`: then its cotangent is spent. */
  function pullEvaluation(params: Values, rows: Int32Array, t: Float64Array, y: Value, bars: Bars): Bars {
    const n = rows.length
    if (n === 0) return bars
    const all = n === bars.y.shape[0]
    const inputs = {
      t: engine.write(t, [n, 1]), y, ...bars.sums,
      'bar.k1': all ? bars.k1 : engine.gather(bars.k1, rows), 'bar.same': all ? bars.y : engine.gather(bars.y, rows),
    }
    const residuals = evaluation.residualNames().length > 0 ? evaluation.recording().run(params, inputs, n) : {}
    const results = evaluation.backward().run(params, { ...inputs, ...residuals }, n)
    return replaceRows(bars, all ? undefined : rows, results['bar.y']!, zeroValue(engine, [n, dim]), results)
  }

  return (params, run, tape, given, { times: wantTimes = true } = {}) => {
    const { rows, table: { times, offsets, direction }, status } = run
    const good = Uint8Array.from(status, ({ status: name }) => (name === 'ok' ? 1 : 0))
    const gradient: Gradient = { y0: newArray(engine, rows * dim), params: [], times: new Float64Array(times.length) }
    engine.scope(() => {
      const cotangent = 'shape' in given ? given : engine.write(given, [times.length, dim])
      let bars: Bars = { y: zeroValue(engine, [rows, dim]), k1: zeroValue(engine, [rows, dim]), sums: zerosLike(engine, params) }
      const advance = (body: () => Bars): void => {
        const { y, k1 } = bars
        engine.scope(() => valuesOf(bars = body()))
        if (bars.y !== y) engine.free(y)
        if (bars.k1 !== k1) engine.free(k1)
      }
      for (let i = tape.length - 1; i >= 0; i--) {
        const entry = tape[i]!
        const index = positionsWhere(entry.kind === 'step' ? entry.accepted : entry.here, (at) => good[entry.step.rows[at]!] === 1)
        if (index.length === 0) continue
        if (entry.kind === 'step') advance(() => pullStep(params, entry, index, bars, cotangent))
        else advance(() => pullEvaluation(params, index.map((at) => entry.step.rows[at]!), Float64Array.from(index, (at) => entry.t[at]!), engine.gather(entry.y, index), bars))
      }
      const moved = positionsWhere(good, (row) => times[offsets[row + 1]! - 1] !== times[offsets[row]!])
      const started = Float64Array.from(moved, (row) => stepper.jumps.after(times[offsets[row]!]!, direction[row]!))
      const y0 = newArray(engine, moved.length * dim)
      moved.forEach((row, i) => y0.set(run.y0.subarray(row * dim, (row + 1) * dim), i * dim))
      advance(() => pullEvaluation(params, moved, started, engine.write(y0, [moved.length, dim]), bars))
      gradient.y0.set(engine.read(bars.y))
      gradient.params.push(...Object.values(bars.sums).map((sum) => engine.read(sum)))
      if (wantTimes) gradient.times.set(interpolator.slopes(run.paths, run.path, run.theta, run.size.map((h) => 1 / h), cotangent))
      addStart(gradient, run, cotangent, good, wantTimes)
    })
    return gradient
  }

  /** Adds what reaches y0 from the outputs at the first time, and sets the gradients of the times there. */
  function addStart(gradient: Gradient, { table: { times, offsets }, slope, rows }: Run, cotangent: Value, good: Uint8Array, wantTimes: boolean): void {
    const points: number[] = []
    const owners: number[] = []
    for (let row = 0; row < rows; row++) {
      if (good[row] === 0) {
        gradient.times.fill(0, offsets[row], offsets[row + 1])
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
      if (wantTimes) gradient.times[point] = point > offsets[row]! ? dot(bars, i * dim, slope!, row * dim) : 0 - dot(gradient.y0, row * dim, slope!, row * dim)
      for (let d = 0; d < dim; d++) gradient.y0[row * dim + d]! += bars[i * dim + d]!
    })
  }

  function dot(a: FloatArray, i: number, b: FloatArray, j: number): number {
    let sum = 0
    for (let d = 0; d < dim; d++) sum += a[i + d]! * b[j + d]!
    return sum
  }
}

/** The field at (t, y), and y itself: inputs `t`, `y`; outputs `k1`, `same`. */
function evaluationGraph(field: Graph, dim: number): Graph {
  const builder = new GraphBuilder()
  const y = builder.input('y', [ROWS, dim])
  builder.output('k1', callField(builder, field, builder.input('t', [ROWS, 1]), y))
  builder.output('same', y)
  return builder.build()
}

/** Where `flags` is 1 and `also` holds. */
function positionsWhere(flags: Uint8Array, also: (i: number) => boolean): Int32Array {
  const out = new Int32Array(flags.length)
  let found = 0
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1 && also(i)) out[found++] = i
  return out.subarray(0, found)
}

function stepSubset(step: StepRecord, index: Int32Array): StepRecord {
  const take = (values: Float64Array): Float64Array => Float64Array.from(index, (i) => values[i]!)
  return { rows: index.map((i) => step.rows[i]!), t: take(step.t), h: take(step.h), end: take(step.end) }
}
