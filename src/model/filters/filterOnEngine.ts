import { zeroValue } from '../../engine/arrays.js'
import { differentiable } from '../../engine/autodiff/differentiable.js'
import type { DifferentiableScan } from '../../engine/autodiff/scan.js'
import type { Tape, Taped, TapedScan, TapedScanInputs } from '../../engine/autodiff/tape.js'
import type { Engine, FloatArray, Value } from '../../engine/engine.js'
import type { KernelName } from '../../statespace/kernel.js'
import type { SampleLikelihood } from '../bound.js'
import { rowTimes, type Observations } from '../observations.js'
import { residualLikelihood, residualProcess, scaleNames, type ResidualProcess } from '../residual.js'
import type { FilterCell } from './cell.js'
import { carriedWidths, nextOf, traceEmitted, tracePredicted, traceScales, traceScored } from './filterGraphs.js'
import type { FilterSizes } from './filterOptions.js'
import { entryWidth, type Walk } from './walk.js'

/** Runs the steps of a filter, all rows of a walk together. */
export interface FilterSteps {
  /** Scores a walk that was planned through what is shown, and the targets. */
  score(tape: Tape, walk: Walk, targets: Observations, shown: Observations): FilterScore
  /** What is said in each step. */
  predict(tape: Tape, walk: Walk, rows: number): FilterPrediction
}

/** What a loss is made of, on a tape. */
export interface FilterScore {
  /** Log density of each row's targets, weighted by channel, `[rows]`. */
  readonly likelihood: SampleLikelihood
  /** The cell's own terms of the loss, of all that a row is shown together, `[rows]`; undefined if it has none. */
  readonly penalty: Taped | undefined
}

/** What each step says of each row, `[steps, rows, ·]`. */
export interface FilterPrediction {
  /** Of the targets: mean and standard deviation, the latter without that of a residual process. */
  readonly mean: FloatArray
  readonly sd: FloatArray
  /** The state after the step. */
  readonly state: FloatArray
  /** Of each channel, if they have one. */
  readonly residuals: readonly ResidualProcess[] | undefined
}

export function createFilterSteps(engine: Engine, cell: FilterCell, sizes: FilterSizes): FilterSteps {
  const { channels, residual, channelWeights } = sizes
  const carried = carriedWidths(cell, sizes)
  const step = { carried: Object.fromEntries(Object.keys(carried).map((name) => [name, nextOf(name)])), stepped: ['entry'] }
  const penalties = cell.penalised?.(sizes) ? ['penalty'] : []
  const scored = differentiable(engine, () => traceScored(cell, sizes), { ...step, outputs: ['logDensity', ...penalties] })
  const emitted = differentiable(engine, () => traceEmitted(cell, sizes), { ...step, outputs: penalties, steppedOutputs: ['mean', 'sd'] })
  const predicted = differentiable(engine, () => tracePredicted(cell, sizes), step)
  const ownScales = residual === 'none' ? [] : scaleNames(residual)
  const scales = scalesOf(engine, sizes)

  function scan(
    tape: Tape,
    piece: DifferentiableScan,
    { fill, count }: Walk,
    rows: number,
    wanted: Pick<TapedScanInputs, 'summed' | 'stepped'> = {},
  ): TapedScan {
    const start = Object.fromEntries(Object.entries(carried).map(([name, width]) => [name, zeroValue(engine, [rows, width])]))
    const entry = engine.writeStack(fill, count, [rows, entryWidth(channels)])
    return tape.scan(piece, { start, stacks: { entry }, steps: count, ...wanted })
  }

  /** The residual process's scales, in the order of `scaleNames`. */
  function scalesOn(tape: Tape): Value[] {
    const values: Record<string, Value> = tape.call(scales!, { one: engine.write([1], [1, 1]) })
    return ownScales.map((name) => values[name]!)
  }

  /** Of targets that are independent of each other, given what was shown before each. */
  function independent(tape: Tape, walk: Walk, { rows }: Observations): FilterScore {
    const { sums } = scan(tape, scored, walk, rows, { summed: ['logDensity', ...penalties] })
    return {
      likelihood: {
        inputs: [sums['logDensity']!],
        evaluate: ([logDensity]) => ({ bySample: new Float64Array(logDensity!), derivatives: (bars) => [bars] }),
      },
      penalty: sums['penalty'],
    }
  }

  /** Of targets that have a residual process in common: those up to the last row shown together, each later one given these. */
  function joint(tape: Tape, kernel: KernelName, walk: Walk, targets: Observations, shown: Observations): FilterScore {
    const { rows } = targets
    const { steps, sums } = scan(tape, emitted, walk, rows, { summed: penalties, stepped: ['mean', 'sd'] })
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
      likelihood: {
        inputs: [steps['mean']!, steps['sd']!, ...scalesOn(tape)],
        evaluate: ([mean, sd, ...numbers]) => residualLikelihood(kernel, { mean: mean!, sd: sd!, scales: numbers }, of, tape),
      },
      penalty: sums['penalty'],
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

/** The scales of the residual process, if there is one. */
const scalesOf = (engine: Engine, { channels, residual }: FilterSizes) =>
  residual === 'none'
    ? undefined
    : differentiable(engine, () => traceScales(channels, residual), { inputs: ['one'], wrt: [], outputs: scaleNames(residual) })
