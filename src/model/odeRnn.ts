import * as tf from '@tensorflow/tfjs-core'
import { zeroValue } from '../engine/arrays.js'
import type { NamedValues } from '../engine/autodiff/differentiable.js'
import { differentiableScan, type ScanInputs } from '../engine/autodiff/differentiableScan.js'
import type { Engine, FloatArray } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { ROWS } from '../graph/shape.js'
import { trace } from '../graph/trace.js'
import { gaussianLogDensity } from '../nn/gaussian.js'
import { gruCell } from '../nn/gru.js'
import { mlp, type Parameters } from '../nn/mlp.js'
import { parameterShapes } from '../nn/parameters.js'
import { EULER_STEP, stepsOf } from './gaps.js'
import { countObserved, rowTimes, type Observations } from './observations.js'
import { odeRnnParameters, type OdeRnnSizes } from './odeRnnOptions.js'
import { gradientArrays, uploadParameters, zeroParameters } from './parameterValues.js'
import type {
  GradientOptions,
  GradientResult,
  LossResult,
  ParameterArrays,
  SamplePaths,
  SequenceModel,
  SolverTotals,
} from './sequenceModel.js'

/** Least standard deviation of a prediction, in units of the channel's standard deviation. */
const SD_FLOOR = 1e-3
/**
 * ODE-RNN as a forecaster (Rubanova, Chen and Duvenaud 2019, section 3.1, algorithm 1), run forward: the hidden state
 * follows dh/dt = rate f(h) by Euler steps and a GRU updates it at each observation that is shown, reading
 * `[values, mask]`. A decoder maps the state to mean and standard deviation of each channel; at an observation that is
 * the state *before* the update, between Euler's points the straight line. The loss is the
 * negative log density of all targets given what was shown before them;
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
  const stepOf = ({
    h,
    entry,
    ...parameters
  }: Readonly<Record<string, tf.Tensor>>): { state: tf.Tensor; mean: tf.Tensor; sd: tf.Tensor } => {
    const slope = tf.mul(rate, mlp(h!, parameters, 'field'))
    const ahead = (gap: tf.Tensor): tf.Tensor => tf.add(h!, tf.mul(gap, slope))
    const moved = ahead(part(entry!, 1, 1))
    const updated = gruCell(part(entry!, 3, 2 * channels), moved, parameters, 'gru')
    return { state: tf.add(moved, tf.mul(part(entry!, 2, 1), tf.sub(updated, moved))), ...emit(ahead(part(entry!, 0, 1)), parameters) }
  }
  const scored = lazily(() =>
    differentiableScan(
      engine,
      trace((inputs) => {
        const { entry } = inputs
        const { state, mean, sd } = stepOf(inputs)
        const density = gaussianLogDensity(part(entry!, 3 + 2 * channels, channels), mean, sd)
        return {
          state,
          logDensity: tf.sum(tf.where(tf.greater(part(entry!, 3 + 3 * channels, channels), 0.5), density, tf.zerosLike(density)), 1, true),
        }
      }, shapes),
      { carried: { h: 'state' }, stepped: ['entry'], parameters: names, outputs: ['logDensity'] },
    ),
  )
  const predicted = lazily(() =>
    differentiableScan(
      engine,
      trace((inputs) => {
        const { state, mean, sd } = stepOf(inputs)
        return { state, after: tf.add(state, 0), mean, sd }
      }, shapes),
      { carried: { h: 'state' }, stepped: ['entry'], parameters: names },
    ),
  )

  const inputsOf = (parameters: NamedValues, { fill, count }: Walk, rows: number): ScanInputs => ({
    start: { h: zeroValue(engine, [rows, units]) },
    stacks: { entry: engine.writeStack(fill, count, [rows, width]) },
    parameters,
    rows,
    steps: count,
  })

  function run(
    parameters: ParameterArrays,
    conditioning: Observations,
    targets: Observations,
    withGradient: boolean,
    into?: GradientOptions['into'],
  ): GradientResult {
    let result!: GradientResult
    engine.scope(() => {
      const { rows } = conditioning
      const values = uploadParameters(engine, specs, parameters)
      const walk = planWalk(conditioning, rowTimes(targets), targets)
      const inputs = inputsOf(values, walk, rows)
      const recording = withGradient ? scored().record(inputs) : undefined
      const logDensity = new Float64Array(rows)
      for (const { outputs } of recording?.parts ?? [scored().forward(inputs)])
        engine.readStack(outputs.logDensity!).forEach((value, i) => (logDensity[i % rows]! += value))
      const observed = countObserved(targets)
      const total = observed.reduce((a, b) => a + b, 0)
      const logLikelihood = logDensity.reduce((a, b) => a + b, 0)
      result = {
        loss: -logLikelihood / (total || 1),
        logLikelihood,
        kl: 0,
        observed: total,
        series: observed.filter((n) => n > 0).length,
        solver: walk.totals,
        gradient: {},
      }
      if (recording) {
        const bars = {
          end: { h: zeroValue(engine, [rows, units]) },
          outputs: { logDensity: engine.write(new Float64Array(rows).fill(-1 / (total || 1)), [rows, 1]) },
        }
        const { accumulators: sums } = recording.pullback(bars, zeroParameters(engine, specs))
        const gradient = into ?? gradientArrays(engine, specs)
        for (const name of names) engine.read(sums[name]!, gradient[name])
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
        const blank = (size: number): Float64Array => new Float64Array(size).fill(Number.NaN)
        const found = times.map(({ length }) => ({
          means: blank(length * channels),
          noise: blank(length * channels),
          state: new Float64Array(units),
        }))
        const { outputs } = predicted().forward(inputsOf(values, walk, rows))
        const [means, sds, states] = [outputs.mean!, outputs.sd!, outputs.after!].map((stack) => engine.readStack(stack)) as [
          FloatArray,
          FloatArray,
          FloatArray,
        ]
        for (let i = 0; i < walk.count; i++) {
          found.forEach((path, row) => {
            const [at, state] = [(i * rows + row) * channels, (i * rows + row) * units]
            for (const target of walk.targets[row]![i] ?? []) {
              path.means.set(means.subarray(at, at + channels), target * channels)
              path.noise.set(sds.subarray(at, at + channels), target * channels)
            }
            if (walk.shown(i, row)) path.state = Float64Array.from(states.subarray(state, state + units))
          })
        }
        paths = found.map(({ means, noise, state }) => {
          const failed = means.some((value) => !Number.isFinite(value))
          return {
            means,
            noise,
            posterior: { mean: state, sd: new Float64Array(units) },
            failed,
            solver: failed ? { ...walk.totals, error: new Error('The hidden state became infinite or NaN.') } : walk.totals,
          }
        })
      })
      return paths
    },
  }
}

/**
 * Numbers of one row's step: how far ahead to predict, the gap to move over, whether something
 * is shown (1 or 0), its values, its mask, the target's values, its mask.
 */
const entryWidth = (channels: number): number => 3 + 4 * channels

/** Steps of all rows, aligned at their first; a row that is done rests, with gap 0 and nothing shown. */
interface Walk {
  readonly count: number
  /** Writes a step's entries, `[rows, entryWidth]`. */
  fill(step: number, into: FloatArray): void
  /** Whether a row is shown an observation at the end of a step. */
  shown(step: number, row: number): boolean
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
    shown(step, row) {
      const read = plans[row]![step]?.read ?? -1
      const cell = (row * shown.length + read) * channels
      return read >= 0 && shown.mask.subarray(cell, cell + channels).includes(1)
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
