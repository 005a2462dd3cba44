import { Normal } from '../distribution/normal.js'
import type { Distribution } from '../distribution/distribution.js'
import type { Scale } from '../distribution/onScale.js'
import { allFinite } from '../engine/arrays.js'
import { differentiable } from '../engine/autodiff/differentiable.js'
import { runNamed } from '../engine/autodiff/program.js'
import type { Tape } from '../engine/autodiff/tape.js'
import type { Engine, Executable, FloatArray, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { simplify } from '../graph/simplify.js'
import type { KernelName } from '../statespace/kernel.js'
import type { EvaluatedLikelihood, SampleLikelihood } from './bound.js'
import { correlatedGroup, groupsOf, scalesOf, scoresDensity, type EmissionConfig, type Group } from './emission.js'
import type { Graphs } from './graphs.js'
import { rowTimes, type Observations } from './observations.js'
import { residualLikelihood, residualProcess, scaleNames, type ResidualProcess } from './residual.js'
import { cellsOf, pointsOf, spreadBySample, sumBySample, type SamplePlan } from './samplePlan.js'

/** Runs the decoder and the likelihoods. */
export interface Emission {
  /** Log density of each series' observed values, weighted by channel, given each sample of z0: from latent paths `[points, latents]`. */
  score(tape: Tape, paths: Value, scored: ScoredPaths): SampleLikelihood
  /** The distribution of each channel for each row of z. */
  decode(tape: Tape, z: Value): Decoded
}

/** What latent paths are scored against. */
export interface ScoredPaths {
  readonly targets: Observations
  readonly plan: SamplePlan
  readonly samples: number
  /** 1 for series that are left out. */
  readonly failed: Uint8Array
}

/** Distributions on the normalised scale, without the residual process. */
export interface Decoded {
  /** By row of z and channel. */
  at(row: number, channel: number): Distribution
  /** Whether all their parameters are finite. */
  readonly finite: boolean
  /** The residual process of a channel, if it has one: then `at` is a Normal. */
  residual(channel: number): ResidualProcess | undefined
}

export function createEmission(engine: Engine, config: EmissionConfig, graphs: Graphs): Emission {
  const { channels, channelWeights: weights } = config
  const groups = groupsOf(config)
  const correlated = correlatedGroup(config)
  const byState = config.noise === 'state'
  const decoder = lazily((): Executable => engine.compile(simplify(graphs['decoder']!)))
  const dense = scoresDensity(config)
  const emission = differentiable(engine, graphs['emission']!, {
    inputs: dense ? ['z', 'x', 'mask'] : ['z'],
    wrt: ['z'],
    outputs: [...(dense ? ['density'] : []), ...(correlated ? ['mean'] : []), ...(correlated && byState ? ['sd'] : [])],
  })
  const scales =
    correlated &&
    differentiable(engine, graphs['residual']!, {
      inputs: ['one'],
      wrt: [],
      outputs: [...scaleNames(correlated.kernel), ...(byState ? [] : ['sd'])],
    })
  const scalesOn = (tape: Tape): Record<string, Value> => (scales ? tape.call(scales, { one: engine.write([1], [1, 1]) }) : {})

  const scalesRead = (values: Readonly<Record<string, Value>>, kernel: KernelName): FloatArray[] =>
    scaleNames(kernel).map((name) => engine.read(values[name]!))

  return {
    score(tape, paths, scored) {
      const { targets, plan, samples, failed } = scored
      const inputs: Record<string, Value> = { z: paths, ...(dense && cellsAt(tape, engine, scored, channels)) }
      const said = tape.call(emission, inputs as Record<'z' | 'x' | 'mask', Value>)
      const told: Record<string, Value> = { ...scalesOn(tape), ...said }
      const ofResidual = correlated ? ['mean', 'sd', ...scaleNames(correlated.kernel)] : []
      return {
        inputs: [...(dense ? ['density'] : []), ...ofResidual].map((name) => told[name]!),
        evaluate(numbers) {
          const density = dense ? densitiesBySample(numbers[0]!, scored, tape) : undefined
          if (!correlated) return density!
          const [mean, noise, ...ownScales] = numbers.slice(dense ? 1 : 0)
          const residual = residualLikelihood(
            correlated.kernel,
            { mean: mean!, sd: noise!, scales: ownScales },
            { targets, points: pointsOf(plan, rowTimes(targets), samples), samples, failed, channels: correlated.channels, weights },
            tape,
          )
          return density ? sumOf(density, residual) : residual
        },
      }
    },

    decode(tape, z) {
      const rows = z.shape[0]!
      const outputs = runNamed(decoder(), { ...tape.parameters, z }, rows)
      let finite = true
      const places: {
        readonly group: Group
        readonly column: number
        readonly parameters: readonly FloatArray[]
        readonly scales: Scale[]
      }[] = []
      for (const group of groups) {
        const names = Object.keys(outputs).filter((name) => name.startsWith(`${group.name}.`))
        const parameters = names.map((name) => engine.read(outputs[name]!))
        const own = scalesOf(config, group)
        finite &&= parameters.every(allFinite)
        group.channels.forEach((channel, column) => (places[channel] = { group, column, parameters, scales: own }))
      }
      const ownScales = correlated ? scalesRead(scalesOn(tape), correlated.kernel) : []
      finite &&= ownScales.every(allFinite)
      return {
        finite,
        at(row, channel) {
          const { group, column, parameters, scales } = places[channel]!
          const width = group.channels.length
          // What does not depend on the state is there once.
          return group.likelihood.component(
            parameters.map((numbers) => numbers[numbers.length === width ? column : row * width + column]!),
            scales[column]!,
          )
        },
        residual(channel) {
          const { group, column } = places[channel]!
          if (group.name !== correlated?.name) return undefined
          return residualProcess(correlated.kernel, ownScales, column)
        },
      }
    },
  }
}

/** Values and mask of the targets at each point of the plan. */
function cellsAt(tape: Tape, engine: Engine, { targets, plan, samples }: ScoredPaths, channels: number): { x: Value; mask: Value } {
  const cells = cellsOf(plan, targets, samples, tape.loan.take('int32', plan.entry.length))
  const table = [targets.rows * targets.length, channels]
  return { x: engine.gather(engine.write(targets.values, table), cells), mask: engine.gather(engine.write(targets.mask, table), cells) }
}

/** Log densities of points, added up for each sample. */
function densitiesBySample(densities: FloatArray, { targets, plan, samples, failed }: ScoredPaths, tape: Tape): EvaluatedLikelihood {
  return {
    bySample: sumBySample(densities, plan, failed, targets.rows, samples),
    derivatives: (bars) => [spreadBySample(bars, plan, failed, samples, tape.loan.take(tape.engine.dtype, densities.length))],
  }
}

const sumOf = (one: EvaluatedLikelihood, other: EvaluatedLikelihood): EvaluatedLikelihood => ({
  bySample: one.bySample.map((value, i) => value + other.bySample[i]!),
  derivatives: (bars) => [...one.derivatives(bars), ...other.derivatives(bars)],
})

/** The mean and the standard deviation of a distribution that is known to be normal. */
export function normalOf(distribution: Distribution): Normal {
  if (!(distribution instanceof Normal)) throw new Error('A channel with a residual process has a normal likelihood.')
  return distribution
}
