import * as tf from '@tensorflow/tfjs-core'
import { differentiable, RESIDUAL_NUMBERS, type NamedValues } from '../engine/differentiable.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { ROWS } from '../graph/shape.js'
import { trace } from '../graph/trace.js'
import { newArray } from '../ode/paths.js'
import { gaussianLogDensity } from '../nn/gaussian.js'
import { gruCell } from '../nn/gru.js'
import { mlp, type Parameters } from '../nn/mlp.js'
import { parameterShapes } from '../nn/parameters.js'
import { EULER_STEP, stepsOf } from './gaps.js'
import { countObserved, rowTimes, type Observations } from './observations.js'
import { odeRnnParameters, type OdeRnnSizes } from './odeRnnOptions.js'
import { gradientArrays, uploadParameters, zeroParameters } from './parameterValues.js'
import type { GradientOptions, GradientResult, LossResult, ParameterArrays, SamplePaths, SequenceModel, SolverTotals } from './sequenceModel.js'

/** Least standard deviation of a prediction, in units of the channel's standard deviation. */
const SD_FLOOR = 1e-3
/**
 * ODE-RNN as a forecaster (Rubanova, Chen and Duvenaud 2019, section 3.1, algorithm 1), run forward: the hidden state
 * follows dh/dt = rate f(h) by Euler steps and a GRU updates it at each observation that is shown, reading
 * `[values, mask]`. A decoder maps the state to mean and standard deviation of each channel; at an observation that is
 * the state *before* the update, between Euler's points the straight line. The loss is the negative log density of all targets given what was shown before them;
 * where nothing is shown any more the state goes on by the ODE alone, as in a forecast. The state begins at 0 at the
 * first observation shown, and says of all earlier times what it says there.
 */
export function createOdeRnn(engine: Engine, sizes: OdeRnnSizes): SequenceModel {
  const { channels, units, rate } = sizes
  const specs = odeRnnParameters(sizes)
  const names = Object.keys(specs)
  const width = entryWidth(channels)
  const part = (entry: tf.Tensor, from: number, size: number): tf.Tensor => tf.slice(entry, [0, from], [-1, size])
  const emit = (h: tf.Tensor, parameters: Parameters): { mean: tf.Tensor; sd: tf.Tensor } => {
    const raw = mlp(h, parameters, 'decoder')
    return { mean: part(raw, 0, channels), sd: tf.add(tf.softplus(part(raw, channels, channels)), SD_FLOOR) }
  }
  const shapes = { h: [ROWS, units], entry: [ROWS, width], ...parameterShapes(specs) }

  /** A step of all rows: a prediction some way ahead, a move over the entry's gap, an update where something is shown. */
  const step = differentiable(engine, trace(({ h, entry, ...parameters }) => {
    const slope = tf.mul(rate, mlp(h!, parameters, 'field'))
    const ahead = (gap: tf.Tensor): tf.Tensor => tf.add(h!, tf.mul(gap, slope))
    const { mean, sd } = emit(ahead(part(entry!, 0, 1)), parameters)
    const density = gaussianLogDensity(part(entry!, 3 + 2 * channels, channels), mean, sd)
    const moved = ahead(part(entry!, 1, 1))
    const updated = gruCell(part(entry!, 3, 2 * channels), moved, parameters, 'gru')
    return {
      state: tf.add(moved, tf.mul(part(entry!, 2, 1), tf.sub(updated, moved))),
      logDensity: tf.sum(tf.where(tf.greater(part(entry!, 3 + 3 * channels, channels), 0.5), density, tf.zerosLike(density)), 1, true),
      mean, sd,
    }
  }, shapes), { wrt: ['h'], parameters: names, outputs: ['state', 'logDensity'] })

  function run(parameters: ParameterArrays, conditioning: Observations, targets: Observations, withGradient: boolean, into?: GradientOptions['into']): GradientResult {
    let result!: GradientResult
    engine.scope(() => {
      const { rows } = conditioning
      const values = uploadParameters(engine, specs, parameters)
      const walk = planWalk(conditioning, rowTimes(targets), targets)
      const entry = newArray(engine, rows * width)
      const fitting = withGradient ? Math.floor(RESIDUAL_NUMBERS / Math.max(1, rows * step.residualsPerRow)) : 0
      const inputs: NamedValues[] = []
      const residuals: (readonly Value[])[] = []
      const logDensity = new Float64Array(rows)
      let h = engine.write(new Float64Array(rows * units), [rows, units])
      for (let i = 0; i < walk.count; i++) {
        walk.fill(i, entry)
        const given = { h, entry: engine.write(entry, [rows, width]) }
        const { outputs, residuals: kept } = withGradient ? step.record(given, values, rows) : { outputs: step.forward(given, values, rows), residuals: [] }
        engine.read(outputs.logDensity!).forEach((value, row) => (logDensity[row]! += value))
        engine.free(outputs.logDensity!, outputs.mean!, outputs.sd!)
        if (withGradient) inputs.push(given)
        else engine.free(given.h, given.entry)
        // What does not fit is computed again on the way back.
        if (i < fitting) residuals.push(kept)
        else engine.free(...kept)
        h = outputs.state!
      }
      const observed = countObserved(targets)
      const total = observed.reduce((a, b) => a + b, 0)
      const logLikelihood = logDensity.reduce((a, b) => a + b, 0)
      result = {
        loss: -logLikelihood / (total || 1), logLikelihood, kl: 0, observed: total,
        series: observed.filter((n) => n > 0).length, solver: walk.totals, gradient: {},
      }
      if (withGradient) {
        const bars = engine.write(new Float64Array(rows).fill(-1 / (total || 1)), [rows, 1])
        let bar = engine.write(new Float64Array(rows * units), [rows, units])
        let sums: Record<string, Value> = zeroParameters(engine, specs)
        for (let i = inputs.length - 1; i >= 0; i--) {
          const pulled = step.pullback(inputs[i]!, values, { state: bar, logDensity: bars }, sums, rows, residuals[i])
          engine.free(bar, ...(residuals[i] ?? []))
          bar = pulled.inputs.h!
          sums = pulled.accumulators
        }
        const gradient = into ?? gradientArrays(specs)
        for (const name of names) gradient[name]!.set(engine.read(sums[name]!))
        result = { ...result, gradient }
      }
    })
    return result
  }

  return {
    name: 'ode-rnn',
    specs,
    loss: (parameters, conditioning, targets): LossResult => run(parameters, conditioning, targets, false),
    gradient: (parameters, conditioning, targets, { into }) => run(parameters, conditioning, targets, true, into),
    predict(parameters, conditioning, times): SamplePaths[] {
      let paths: SamplePaths[] = []
      engine.scope(() => {
        const { rows } = conditioning
        const values = uploadParameters(engine, specs, parameters)
        const walk = planWalk(conditioning, times)
        const entry = newArray(engine, rows * width)
        const blank = (size: number): Float64Array => new Float64Array(size).fill(Number.NaN)
        const found = times.map(({ length }) => ({ means: blank(length * channels), noise: blank(length * channels), state: new Float64Array(units) }))
        let h = engine.write(new Float64Array(rows * units), [rows, units])
        for (let i = 0; i < walk.count; i++) {
          walk.fill(i, entry)
          const given = { h, entry: engine.write(entry, [rows, width]) }
          const outputs = step.forward(given, values, rows)
          const [mean, sd, state] = [engine.read(outputs.mean!), engine.read(outputs.sd!), engine.read(outputs.state!)]
          found.forEach((path, row) => {
            for (const target of walk.targets[row]![i] ?? []) {
              path.means.set(mean.subarray(row * channels, (row + 1) * channels), target * channels)
              path.noise.set(sd.subarray(row * channels, (row + 1) * channels), target * channels)
            }
            if (entry[row * width + 2] === 1) path.state = Float64Array.from(state.subarray(row * units, (row + 1) * units))
          })
          engine.free(given.h, given.entry, outputs.mean!, outputs.sd!, outputs.logDensity!)
          h = outputs.state!
        }
        paths = found.map(({ means, noise, state }) => {
          const failed = means.some((value) => !Number.isFinite(value))
          return {
            means, noise, posterior: { mean: state, sd: new Float64Array(units) }, failed,
            solver: failed ? { ...walk.totals, error: new Error('The hidden state became infinite or NaN.') } : walk.totals,
          }
        })
      })
      return paths
    },
  }
}

/** Numbers of one row's step: how far ahead to predict, the gap to move over, whether something is shown (1 or 0), its values, its mask, the target's values, its mask. */
const entryWidth = (channels: number): number => 3 + 4 * channels

/** Steps of all rows, aligned at their first; a row that is done rests, with gap 0 and nothing shown. */
interface Walk {
  readonly count: number
  /** Writes a step's entries, `[rows, entryWidth]`. */
  fill(step: number, into: FloatArray): void
  /** By row and step, the indices of the targets that are predicted there. */
  readonly targets: readonly (readonly (readonly number[] | undefined)[])[]
  readonly totals: SolverTotals
}

/** Plans each row's walk through what is shown and the times asked for; `scored` has the values of the latter, if they are known. */
function planWalk(shown: Observations, times: readonly Float64Array[], scored?: Observations): Walk {
  const { rows, channels } = shown
  const known = rowTimes(shown)
  const plans = times.map((asked, row) => planRow(known[row]!, asked))
  const count = plans.reduce((most, { length }) => Math.max(most, length), 0)
  const width = entryWidth(channels)
  const copy = ({ length, values, mask }: Observations, row: number, index: number, numbers: FloatArray, at: number): number => {
    let seen = 0
    for (let c = 0; c < channels; c++) {
      const cell = (row * length + index) * channels + c
      if (mask[cell] === 0) continue
      numbers[at + c] = values[cell]!
      numbers[at + channels + c] = 1
      seen = 1
    }
    return seen
  }
  let [moves, smallest] = [0, Infinity]
  for (const plan of plans) {
    for (const { gap } of plan) if (gap > 0) [moves, smallest] = [moves + 1, Math.min(smallest, gap)]
  }
  return {
    count,
    fill(step, into) {
      into.fill(0)
      plans.forEach((plan, row) => {
        const entry = plan[step]
        if (entry === undefined) return
        const { ahead, gap, read, targets } = entry
        const at = row * width
        into[at] = ahead
        into[at + 1] = gap
        if (read >= 0) into[at + 2] = copy(shown, row, read, into, at + 3)
        if (scored && targets.length > 0) copy(scored, row, targets[0]!, into, at + 3 + 2 * channels)
      })
    },
    targets: plans.map((plan) => plan.map(({ targets }) => targets)),
    totals: { evaluations: moves / Math.max(1, rows), accepted: moves, rejected: 0, rows, failed: 0, smallestStep: smallest },
  }
}

interface Step {
  /** How far from the state its targets are. */
  readonly ahead: number
  /** How far the state moves. */
  readonly gap: number
  /** Index of the observation that is read then; −1: none. */
  readonly read: number
  readonly targets: readonly number[]
}

/**
 * One row's steps. Where the state goes is settled by what is shown: each gap in equal parts, after the last
 * observation in parts of the longest step. Targets are looked at from there, so that asking for more of them changes
 * nothing; one at the time of an observation is predicted before that is read.
 */
function planRow(shown: Float64Array, asked: Float64Array): Step[] {
  const steps: Step[] = []
  let next = 0
  /** From `now` on over `gap`, past the targets up to `end`, to an observation or none. */
  const cross = (now: number, gap: number, end: number, read: number): void => {
    let [ahead, targets]: [number, number[]] = [gap, []]
    while (next < asked.length && asked[next]! <= end) {
      if (targets.length > 0 && asked[next] !== asked[targets[0]!]) {
        steps.push({ ahead, gap: 0, read: -1, targets })
        targets = []
      }
      ahead = asked[next] === end ? gap : Math.max(0, Math.min(gap, asked[next]! - now))
      targets.push(next++)
    }
    steps.push({ ahead, gap, read, targets })
  }
  let now = shown[0] ?? 0
  shown.forEach((time, i) => {
    const parts = stepsOf(time - now, EULER_STEP)
    const gap = (time - now) / parts
    for (let part = 1; part < parts; part++) cross(now + (part - 1) * gap, gap, now + part * gap, -1)
    cross(now + (parts - 1) * gap, gap, time, i)
    now = time
  })
  for (let part = 0; Number.isFinite(asked[next]); part++) {
    // How many are left does not matter here, but that they are not too many.
    stepsOf(asked[next]! - now, EULER_STEP)
    const from = now + part * EULER_STEP
    cross(from, EULER_STEP, from + EULER_STEP, -1)
  }
  return steps
}
