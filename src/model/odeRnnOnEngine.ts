import { zeroValue } from '../engine/arrays.js'
import { differentiable } from '../engine/autodiff/differentiable.js'
import type { DifferentiableScan } from '../engine/autodiff/scan.js'
import type { Tape, TapedScan, TapedScanInputs } from '../engine/autodiff/tape.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import type { KernelName } from '../statespace/kernel.js'
import type { SampleLikelihood } from './bound.js'
import { rowTimes, type Observations } from './observations.js'
import { traceEmitted, tracePredicted, traceScales, traceScored } from './odeRnnGraphs.js'
import type { OdeRnnSizes } from './odeRnnOptions.js'
import { residualLikelihood, residualProcess, scaleNames, type ResidualProcess } from './residual.js'
import { entryWidth, type Walk } from './walk.js'

/** Runs the steps of an ODE-RNN, all rows of a walk together. */
export interface OdeRnnSteps {
  /** Log density of each row's targets, weighted by channel, `[rows]`: of a walk that was planned through what is shown, and them. */
  score(tape: Tape, walk: Walk, targets: Observations, shown: Observations): SampleLikelihood
  /** What is said in each step. */
  predict(tape: Tape, walk: Walk, rows: number): OdeRnnPrediction
}

/** What each step says of each row, `[steps, rows, ·]`. */
export interface OdeRnnPrediction {
  /** Of the targets: mean and standard deviation, the latter without that of a residual process. */
  readonly mean: FloatArray
  readonly sd: FloatArray
  /** The state after the step. */
  readonly state: FloatArray
  /** Of each channel, if they have one. */
  readonly residuals: readonly ResidualProcess[] | undefined
}

export function createOdeRnnSteps(engine: Engine, sizes: OdeRnnSizes): OdeRnnSteps {
  const { channels, units, residual, channelWeights } = sizes
  const step = { carried: { h: 'state' }, stepped: ['entry'] }
  const scored = differentiable(engine, () => traceScored(sizes), { ...step, outputs: ['logDensity'] })
  const emitted = differentiable(engine, () => traceEmitted(sizes), { ...step, steppedOutputs: ['mean', 'sd'] })
  const predicted = differentiable(engine, () => tracePredicted(sizes), step)
  const ownScales = residual === 'none' ? [] : scaleNames(residual)
  const scales =
    residual === 'none'
      ? undefined
      : differentiable(engine, () => traceScales(channels, residual), { inputs: ['one'], wrt: [], outputs: ownScales })

  function scan(
    tape: Tape,
    piece: DifferentiableScan,
    { fill, count }: Walk,
    rows: number,
    wanted: Pick<TapedScanInputs, 'summed' | 'stepped'> = {},
  ): TapedScan {
    const start = { h: zeroValue(engine, [rows, units]) }
    const entry = engine.writeStack(fill, count, [rows, entryWidth(channels)])
    return tape.scan(piece, { start, stacks: { entry }, steps: count, ...wanted })
  }

  /** The residual process's scales, in the order of `scaleNames`. */
  function scalesOn(tape: Tape): Value[] {
    const values: Record<string, Value> = tape.call(scales!, { one: engine.write([1], [1, 1]) })
    return ownScales.map((name) => values[name]!)
  }

  /** Of targets that are independent of each other, given what was shown before each. */
  function independent(tape: Tape, walk: Walk, { rows }: Observations): SampleLikelihood {
    const { sums } = scan(tape, scored, walk, rows, { summed: ['logDensity'] })
    return {
      inputs: [sums['logDensity']!],
      evaluate: ([logDensity]) => ({ bySample: new Float64Array(logDensity!), derivatives: (bars) => [bars] }),
    }
  }

  /** Of targets that have a residual process in common: those up to the last row shown together, each later one given these. */
  function joint(tape: Tape, kernel: KernelName, walk: Walk, targets: Observations, shown: Observations): SampleLikelihood {
    const { rows } = targets
    const { steps } = scan(tape, emitted, walk, rows, { stepped: ['mean', 'sd'] })
    const of = {
      targets,
      points: Array.from({ length: rows }, (_, row) => walk.places(row)),
      samples: 1,
      failed: new Uint8Array(rows),
      channels: Array.from({ length: channels }, (_, channel) => channel),
      weights: channelWeights,
      knownUntil: rowTimes(shown).map((times) => times.at(-1) ?? -Infinity),
    }
    return {
      inputs: [steps['mean']!, steps['sd']!, ...scalesOn(tape)],
      evaluate: ([mean, sd, ...numbers]) => residualLikelihood(kernel, { mean: mean!, sd: sd!, scales: numbers }, of, tape),
    }
  }

  /** The residual process of each channel. */
  function residualsOn(tape: Tape): readonly ResidualProcess[] | undefined {
    if (residual === 'none') return undefined
    const numbers = scalesOn(tape).map((value) => engine.read(value))
    return Array.from({ length: channels }, (_, channel) => residualProcess(residual, numbers, channel))
  }

  return {
    score: (tape, walk, targets, shown) =>
      residual === 'none' ? independent(tape, walk, targets) : joint(tape, residual, walk, targets, shown),
    predict(tape, walk, rows) {
      const [outputs] = scan(tape, predicted, walk, rows).outputs
      const of = (name: string): FloatArray => engine.readStack(outputs![name]!)
      return { mean: of('mean'), sd: of('sd'), state: of('after'), residuals: residualsOn(tape) }
    },
  }
}
