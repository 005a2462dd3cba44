import { ArrayPool } from '../../arrayPool.js'
import { Normal } from '../../distribution/normal.js'
import { allFinite } from '../../engine/arrays.js'
import type { Tape } from '../../engine/autodiff/tape.js'
import type { Engine, FloatArray } from '../../engine/engine.js'
import { countObserved, rowTimes, type Observations } from '../observations.js'
import { runForward, runGradient, type Runtime } from '../onTape.js'
import { samplePathsOf, unionOf, type DecodedTimes } from '../samplePathsOf.js'
import type { LossResult, SamplePaths, SequenceModel } from '../sequenceModel.js'
import type { FilterCell } from './cell.js'
import { createFilterSteps, type FilterPrediction } from './filterOnEngine.js'
import type { FilterSizes } from './filterOptions.js'
import { filterParameters } from './filterParameters.js'
import { filterCells, type FilterName } from './index.js'
import { planWalk, type Walk } from './walk.js'

/**
 * A filter as a forecaster: a hidden state changes between observations, and an observation that is shown updates it, both as the
 * cell says. A decoder maps the state to mean and standard deviation of each channel; at an observation that is
 * the state *before* the update. The loss is the
 * negative log density of all targets given what was shown before them, and what the cell adds to it;
 * where nothing is shown any more the state goes on as it does between observations, as in a forecast. The state begins at 0 at the
 * first observation shown, and says of all earlier times what it says there.
 *
 * With a residual process, what targets leave of their means is Gaussian with the covariance of process and noise. Means follow from
 * what is shown alone, so this is a density of the targets, and a forecast is its conditional: the process given what all values that
 * are shown leave of their means, later ones too. The loss is the negative log density of all targets up to the last row shown
 * together, and of each later one given these, as a forecast of it: trained on their joint density as well, means strayed further ahead.
 */
export function createFilter(engine: Engine, name: FilterName, sizes: FilterSizes): SequenceModel {
  const cell: FilterCell = filterCells[name]
  const runtime: Runtime = { engine, specs: filterParameters(cell, sizes), pool: new ArrayPool() }
  const steps = createFilterSteps(engine, cell, sizes)

  function lossOf(tape: Tape, shown: Observations, targets: Observations): LossResult {
    const walk = planWalk(cell.gaps, shown, rowTimes(targets), targets)
    const { likelihood, penalty } = steps.score(tape, walk, targets, shown)
    const observed = countObserved(targets)
    const total = observed.reduce((a, b) => a + b, 0)
    return tape.loss([...likelihood.inputs, ...(penalty ? [penalty] : [])], (numbers) => {
      const { bySample, derivatives } = likelihood.evaluate(numbers.slice(0, likelihood.inputs.length))
      const logLikelihood = bySample.reduce((a, b) => a + b, 0)
      const kl = penalty ? new Float64Array(numbers.at(-1)!).reduce((a, b) => a + b, 0) : 0
      const share = (sign: 1 | -1): Float64Array => new Float64Array(shown.rows).fill(sign / (total || 1))
      return {
        value: {
          loss: (kl - logLikelihood) / (total || 1),
          logLikelihood,
          kl,
          observed: total,
          series: observed.filter((n) => n > 0).length,
          solver: walk.totals,
        },
        derivatives: () => [...derivatives(share(-1)), ...(penalty ? [share(1)] : [])],
      }
    })
  }

  return {
    name,
    specs: runtime.specs,
    loss: (parameters, shown, targets) => runForward(runtime, parameters, (tape) => lossOf(tape, shown, targets)),
    gradient: (parameters, shown, targets, { into }) => runGradient(runtime, parameters, (tape) => lossOf(tape, shown, targets), into),
    predict: (parameters, shown, asked) =>
      runForward(runtime, parameters, (tape) => {
        const known = rowTimes(shown)
        const at = asked.map((times, row) => unionOf(times, sizes.residual === 'none' ? new Float64Array(0) : known[row]!))
        const times = at.map((union) => union.times)
        const walk = planWalk(cell.gaps, shown, times)
        const said = steps.predict(tape, walk, shown.rows)
        return at.map((union, row) => pathsOf(walk, row, union, said, shown, sizes))
      }),
  }
}

/** What is said of one row at the times asked for. */
function pathsOf(
  walk: Walk,
  row: number,
  at: DecodedTimes,
  { mean, sd, state, residuals }: FilterPrediction,
  shown: Observations,
  { channels, units }: FilterSizes,
): SamplePaths {
  // A time that is none is in no step.
  const points = walk.places(row)
  let last = new Float64Array(units)
  for (let step = 0; step < walk.count; step++) {
    const place = step * shown.rows + row
    if (walk.shown(step, row)) last = Float64Array.from(state.subarray(place * units, (place + 1) * units))
  }
  const finiteIn = (numbers: FloatArray): boolean =>
    points.every((point) => point >= 0 && allFinite(numbers.subarray(point * channels, (point + 1) * channels)))
  const reached = finiteIn(mean)
  const finite = reached && finiteIn(sd) && (residuals ?? []).every(({ variance, length }) => Number.isFinite(variance + length))
  const normal = (point: number, channel: number): Normal => new Normal(mean[point * channels + channel]!, sd[point * channels + channel]!)
  const decoded = { at: normal, finite, residual: (channel: number) => residuals?.[channel] }
  return {
    ...(residuals
      ? samplePathsOf({ decoded, at, points, samples: 1, channels, shown, row, logRatio: [0] })
      : { samples: 1, finite, component: (_, time, channel) => normal(points[at.asked[time]!]!, channel) }),
    posterior: { mean: last, sd: new Float64Array(units) },
    failed: !reached,
    solver: reached ? walk.totals : { ...walk.totals, error: new Error('The hidden state became infinite or NaN.') },
  }
}
