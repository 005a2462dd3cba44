import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { differentiable, type NamedValues } from '../engine/differentiable.js'
import type { Engine, Value } from '../engine/engine.js'
import { ROWS } from '../graph/shape.js'
import { trace } from '../graph/trace.js'
import { gaussianLogDensity } from '../nn/gaussian.js'
import { gruCell } from '../nn/gru.js'
import { gruParameters, mlpParameters } from '../nn/layers.js'
import { mlp, type Parameters } from '../nn/mlp.js'
import { parameterShapes, type ParameterSpecs } from '../nn/parameters.js'
import { latentOdeOptions } from './latentOdeOptions.js'
import { modelKind, type DataFacts } from './modelKind.js'
import type { Observations } from './observations.js'
import type { GradientResult, LossResult, ParameterArrays, SamplePaths, SequenceModel, SolverTotals } from './sequenceModel.js'

const options = z.strictObject({
  units: z.number().int().positive().default(32).describe('Size of the hidden state'),
  ...latentOdeOptions.pick({ fieldUnits: true, fieldLayers: true, rate: true, decoderUnits: true }).shape,
})
type Sizes = z.output<typeof options> & DataFacts

/** Longest Euler step, in the model's time unit: that of the latent ODE's encoder. */
const LONGEST_STEP = 1 / 50
/** Least standard deviation of a prediction, in units of the channel's standard deviation. */
const SD_FLOOR = 1e-3
/** Numbers that a recorded walk may keep beside its states: 256 MiB of float32. */
const RESIDUAL_NUMBERS = 2 ** 26

const odeRnnParameters = ({ channels, units, fieldUnits, fieldLayers, decoderUnits }: Sizes): ParameterSpecs => ({
  ...mlpParameters('field', [units, ...Array<number>(fieldLayers).fill(fieldUnits), units], { outputGain: 0.3 }),
  ...gruParameters('gru', 2 * channels, units),
  ...mlpParameters('decoder', [units, ...(decoderUnits > 0 ? [decoderUnits] : []), 2 * channels]),
})

/**
 * ODE-RNN as a forecaster (Rubanova, Chen and Duvenaud 2019, section 3.1, algorithm 1), run forward: the hidden state
 * follows dh/dt = rate f(h) by Euler steps and a GRU updates it at each observation that is shown, reading
 * `[values, mask]`. A decoder maps the state to mean and standard deviation of each channel; at an observation that is
 * the state *before* the update. The loss is the negative log density of all targets given what was shown before them;
 * where nothing is shown any more the state goes on by the ODE alone, as in a forecast. The state begins at 0 at the
 * first observation shown, and says of all earlier times what it says there.
 */
function createOdeRnn(engine: Engine, sizes: Sizes): SequenceModel {
  const { channels, units, rate } = sizes
  const specs = odeRnnParameters(sizes)
  const names = Object.keys(specs)
  const width = 2 + 4 * channels
  const part = (entry: tf.Tensor, from: number, size: number): tf.Tensor => tf.slice(entry, [0, from], [-1, size])
  const move = (h: tf.Tensor, gap: tf.Tensor, parameters: Parameters): tf.Tensor => tf.add(h, tf.mul(tf.mul(gap, rate), mlp(h, parameters, 'field')))
  const emit = (h: tf.Tensor, parameters: Parameters): { mean: tf.Tensor; sd: tf.Tensor } => {
    const raw = mlp(h, parameters, 'decoder')
    return { mean: part(raw, 0, channels), sd: tf.add(tf.softplus(part(raw, channels, channels)), SD_FLOOR) }
  }
  const shapes = { h: [ROWS, units], entry: [ROWS, width], ...parameterShapes(specs) }

  /** A step of all rows: over the entry's gap, a prediction, an update where something is shown. */
  const step = differentiable(engine, trace(({ h, entry, ...parameters }) => {
    const moved = move(h!, part(entry!, 0, 1), parameters)
    const { mean, sd } = emit(moved, parameters)
    const density = gaussianLogDensity(part(entry!, 2 + 2 * channels, channels), mean, sd)
    const updated = gruCell(part(entry!, 2, 2 * channels), moved, parameters, 'gru')
    return {
      state: tf.add(moved, tf.mul(part(entry!, 1, 1), tf.sub(updated, moved))),
      logDensity: tf.sum(tf.where(tf.greater(part(entry!, 2 + 3 * channels, channels), 0.5), density, tf.zerosLike(density)), 1, true),
      mean, sd,
    }
  }, shapes), { wrt: ['h'], parameters: names, outputs: ['state', 'logDensity'] })

  const upload = (parameters: ParameterArrays): Record<string, Value> =>
    Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, engine.write(parameters[name]!, shape)]))

  function run(parameters: ParameterArrays, conditioning: Observations, targets: Observations, withGradient: boolean): GradientResult {
    let result!: GradientResult
    engine.scope(() => {
      const { rows } = conditioning
      const values = upload(parameters)
      const walk = planWalk(conditioning, targetTimes(targets), targets)
      const fitting = withGradient ? Math.floor(RESIDUAL_NUMBERS / Math.max(1, rows * step.residualsPerRow)) : 0
      const inputs: NamedValues[] = []
      const residuals: (readonly Value[])[] = []
      const logDensity = new Float64Array(rows)
      let h = engine.write(new Float64Array(rows * units), [rows, units])
      for (let i = 0; i < walk.count; i++) {
        const given = { h, entry: engine.write(walk.numbers.subarray(i * rows * width, (i + 1) * rows * width), [rows, width]) }
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
        let sums: Record<string, Value> = Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, engine.write(new Float64Array(shape.reduce((a, b) => a * b, 1)), shape)]))
        for (let i = inputs.length - 1; i >= 0; i--) {
          const pulled = step.pullback(inputs[i]!, values, { state: bar, logDensity: bars }, sums, rows, residuals[i])
          engine.free(bar, ...(residuals[i] ?? []))
          bar = pulled.inputs.h!
          sums = pulled.accumulators
        }
        result = { ...result, gradient: Object.fromEntries(names.map((name) => [name, new Float64Array(engine.read(sums[name]!))])) }
      }
    })
    return result
  }

  return {
    name: 'ode-rnn',
    specs,
    loss: (parameters, conditioning, targets): LossResult => run(parameters, conditioning, targets, false),
    gradient: (parameters, conditioning, targets) => run(parameters, conditioning, targets, true),
    predict(parameters, conditioning, times): SamplePaths[] {
      let paths: SamplePaths[] = []
      engine.scope(() => {
        const { rows } = conditioning
        const values = upload(parameters)
        const walk = planWalk(conditioning, times)
        const blank = (size: number): Float64Array => new Float64Array(size).fill(Number.NaN)
        const found = times.map(({ length }) => ({ means: blank(length * channels), noise: blank(length * channels), state: new Float64Array(units) }))
        let h = engine.write(new Float64Array(rows * units), [rows, units])
        for (let i = 0; i < walk.count; i++) {
          const given = { h, entry: engine.write(walk.numbers.subarray(i * rows * width, (i + 1) * rows * width), [rows, width]) }
          const outputs = step.forward(given, values, rows)
          const [mean, sd, state] = [engine.read(outputs.mean!), engine.read(outputs.sd!), engine.read(outputs.state!)]
          found.forEach((path, row) => {
            for (const target of walk.targets[row]![i] ?? []) {
              path.means.set(mean.subarray(row * channels, (row + 1) * channels), target * channels)
              path.noise.set(sd.subarray(row * channels, (row + 1) * channels), target * channels)
            }
            if (walk.numbers[(i * rows + row) * width + 1] === 1) path.state = Float64Array.from(state.subarray(row * units, (row + 1) * units))
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

/** Steps of all rows, aligned at their first; a row that is done rests, with gap 0 and nothing shown. */
interface Walk {
  readonly count: number
  /** `[count, rows, 2 + 4·channels]`: gap, whether something is shown (1 or 0), its values, its mask, the target's values, its mask. */
  readonly numbers: Float64Array
  /** By row and step, the indices of the targets that are predicted there. */
  readonly targets: readonly (readonly (readonly number[] | undefined)[])[]
  readonly totals: SolverTotals
}

/** Plans each row's walk through what is shown and the times asked for; `scored` has the values of the latter, if they are known. */
function planWalk(shown: Observations, times: readonly Float64Array[], scored?: Observations): Walk {
  const { rows, channels } = shown
  const plans = times.map((asked, row) => planRow(shownTimes(shown, row), asked))
  const count = plans.reduce((most, { length }) => Math.max(most, length), 0)
  const width = 2 + 4 * channels
  const numbers = new Float64Array(count * rows * width)
  const copy = ({ length, values, mask }: Observations, row: number, index: number, at: number): number => {
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
  plans.forEach((plan, row) => plan.forEach(({ gap, read, targets }, i) => {
    const at = (i * rows + row) * width
    numbers[at] = gap
    if (gap > 0) [moves, smallest] = [moves + 1, Math.min(smallest, gap)]
    if (read >= 0) numbers[at + 1] = copy(shown, row, read, at + 2)
    if (scored && targets.length > 0) copy(scored, row, targets[0]!, at + 2 + 2 * channels)
  }))
  return {
    count, numbers, targets: plans.map((plan) => plan.map(({ targets }) => targets)),
    totals: { evaluations: moves / Math.max(1, rows), accepted: moves, rejected: 0, rows, failed: 0, smallestStep: smallest },
  }
}

interface Step {
  readonly gap: number
  /** Index of the observation that is read after the prediction; −1: none. */
  readonly read: number
  readonly targets: readonly number[]
}

/** One row's steps: ascending through both lists of times. A target is predicted before an observation of the same time is read. */
function planRow(shown: Float64Array, asked: Float64Array): Step[] {
  const steps: Step[] = []
  let now = shown[0] ?? 0
  let next = 0
  const go = (time: number, read: number, targets: readonly number[]): void => {
    const parts = Math.max(1, Math.ceil((time - now) / LONGEST_STEP - 1e-9))
    const gap = Math.max(0, time - now) / parts
    for (let part = 1; part < parts; part++) steps.push({ gap, read: -1, targets: [] })
    steps.push({ gap, read, targets })
    now = Math.max(now, time)
  }
  /** All targets at this time: it may be asked for more than once. */
  const at = (time: number): number[] => {
    const found: number[] = []
    while (asked[next] === time) found.push(next++)
    return found
  }
  for (const [i, time] of shown.entries()) {
    while (next < asked.length && asked[next]! < time) go(asked[next]!, -1, at(asked[next]!))
    go(time, i, at(time))
  }
  while (next < asked.length) go(asked[next]!, -1, at(asked[next]!))
  return steps
}

const shownTimes = ({ length, lengths, times }: Observations, row: number): Float64Array => times.subarray(row * length, row * length + lengths[row]!)
const targetTimes = (targets: Observations): Float64Array[] => Array.from({ length: targets.rows }, (_, row) => shownTimes(targets, row))

/** Observed values of each row, `[rows]`. */
const countObserved = ({ rows, length, channels, mask }: Observations): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => mask.subarray(row * length * channels, (row + 1) * length * channels).reduce((sum, m) => sum + m, 0))

/** The ODE-RNN, for the table of models. It has no z0, so nothing is sampled and there is no KL term. */
export const odeRnn = modelKind({
  label: 'An ODE-RNN',
  describe: 'each observation is predicted from those before it',
  options,
  fixed: { objective: 'elbo', samples: 1, validationSamples: 1, klWarmup: 0 },
  parameters: (sizes, data) => odeRnnParameters({ ...sizes, ...data }),
  create: (engine, sizes, data) => createOdeRnn(engine, { ...sizes, ...data }),
})
