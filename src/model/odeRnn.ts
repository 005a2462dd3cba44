import { ArrayPool } from '../arrayPool.js'
import { Normal } from '../distribution/normal.js'
import { allFinite, zeroValue } from '../engine/arrays.js'
import { differentiable } from '../engine/autodiff/differentiable.js'
import type { DifferentiableScan } from '../engine/autodiff/scan.js'
import type { Tape, TapedScan } from '../engine/autodiff/tape.js'
import type { Engine, FloatArray } from '../engine/engine.js'
import { countObserved, rowTimes, type Observations } from './observations.js'
import { odeRnnParameters, type OdeRnnSizes } from './odeRnnOptions.js'
import { runForward, runGradient, type Runtime } from './onTape.js'
import type { LossResult, SamplePaths, SequenceModel } from './sequenceModel.js'
import { tracePredicted, traceScored } from './odeRnnGraphs.js'
import { entryWidth, planWalk, type Walk } from './walk.js'

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
  const { channels, units } = sizes
  const runtime: Runtime = { engine, specs: odeRnnParameters(sizes), pool: new ArrayPool() }
  const step = { carried: { h: 'state' }, stepped: ['entry'] }
  const scored = differentiable(engine, () => traceScored(sizes), { ...step, outputs: ['logDensity'] })
  const predicted = differentiable(engine, () => tracePredicted(sizes), step)

  function scan(tape: Tape, piece: DifferentiableScan, { fill, count }: Walk, rows: number, summed?: readonly string[]): TapedScan {
    const start = { h: zeroValue(engine, [rows, units]) }
    const entry = engine.writeStack(fill, count, [rows, entryWidth(channels)])
    return tape.scan(piece, { start, stacks: { entry }, steps: count, ...(summed && { summed }) })
  }

  function lossOf(tape: Tape, shown: Observations, targets: Observations): LossResult {
    const walk = planWalk(shown, rowTimes(targets), targets)
    const { sums } = scan(tape, scored, walk, shown.rows, ['logDensity'])
    const observed = countObserved(targets)
    const total = observed.reduce((a, b) => a + b, 0)
    return tape.loss([sums['logDensity']!], ([logDensity]) => {
      const logLikelihood = new Float64Array(logDensity!).reduce((a, b) => a + b, 0)
      return {
        value: {
          loss: -logLikelihood / (total || 1),
          logLikelihood,
          kl: 0,
          observed: total,
          series: observed.filter((n) => n > 0).length,
          solver: walk.totals,
        },
        derivatives: () => [new Float64Array(shown.rows).fill(-1 / (total || 1))],
      }
    })
  }

  return {
    name: 'ode-rnn',
    specs: runtime.specs,
    loss: (parameters, shown, targets) => runForward(runtime, parameters, (tape) => lossOf(tape, shown, targets)),
    gradient: (parameters, shown, targets, { into }) => runGradient(runtime, parameters, (tape) => lossOf(tape, shown, targets), into),
    predict: (parameters, shown, times) =>
      runForward(runtime, parameters, (tape) => {
        const walk = planWalk(shown, times)
        const [outputs] = scan(tape, predicted, walk, shown.rows).outputs
        const [mean, sd, state] = ['mean', 'sd', 'after'].map((name) => engine.readStack(outputs![name]!)) as [
          FloatArray,
          FloatArray,
          FloatArray,
        ]
        return times.map((asked, row) => pathsOf(walk, row, asked.length, { mean, sd, state }, shown.rows, sizes))
      }),
  }
}

/** What each step says of each row, `[steps, rows, ·]`. */
interface Said {
  readonly mean: FloatArray
  readonly sd: FloatArray
  readonly state: FloatArray
}

/** What is said of one row at the times asked for. */
function pathsOf(
  walk: Walk,
  row: number,
  times: number,
  { mean, sd, state }: Said,
  rows: number,
  { channels, units }: OdeRnnSizes,
): SamplePaths {
  // A time that is none is in no step.
  const at = new Int32Array(times).fill(-1)
  let last = new Float64Array(units)
  for (let step = 0; step < walk.count; step++) {
    const place = step * rows + row
    for (const target of walk.targets[row]![step] ?? []) {
      at[target] = place
    }
    if (walk.shown(step, row)) last = Float64Array.from(state.subarray(place * units, (place + 1) * units))
  }
  const finiteIn = (numbers: FloatArray): boolean =>
    at.every((place) => place >= 0 && allFinite(numbers.subarray(place * channels, (place + 1) * channels)))
  const reached = finiteIn(mean)
  return {
    samples: 1,
    finite: reached && finiteIn(sd),
    component: (_, time, channel) => new Normal(mean[at[time]! * channels + channel]!, sd[at[time]! * channels + channel]!),
    posterior: { mean: last, sd: new Float64Array(units) },
    failed: !reached,
    solver: reached ? walk.totals : { ...walk.totals, error: new Error('The hidden state became infinite or NaN.') },
  }
}
