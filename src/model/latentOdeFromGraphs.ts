import { ArrayPool } from '../arrayPool.js'
import type { Tape } from '../engine/autodiff/tape.js'
import type { Engine } from '../engine/engine.js'
import { boundOnTape } from './bound.js'
import { followDynamics } from './dynamics/paths.js'
import { correlatedGroup } from './emission.js'
import { createEmission } from './emissionOnEngine.js'
import { encoders } from './encoders/index.js'
import type { Graphs } from './graphs.js'
import { latentOdeParameters, type LatentOdeConfig } from './latentOdeConfig.js'
import { rowTimes, unseenRows, type Observations } from './observations.js'
import { runForward, runGradient, type Runtime } from './onTape.js'
import { posteriors } from './posteriors/index.js'
import { readableBy } from './readable.js'
import { planSamples, pointsOf, type SamplePlan } from './samplePlan.js'
import { samplePathsOf, unionOf } from './samplePathsOf.js'
import type { LossOptions, LossResult, SamplePaths, SequenceModel } from './sequenceModel.js'

/** A latent ODE that runs on an engine, made of Graphs that were traced from the same `config`. */
export function latentOdeFromGraphs(engine: Engine, config: LatentOdeConfig, graphs: Graphs): SequenceModel {
  const { channels, latents } = config
  const encode = encoders[config.encoder].create(engine, config, graphs)
  const readable = readableBy(config)
  const infer = posteriors[config.posterior].create(engine, config, graphs)
  const follow = followDynamics(engine, config, graphs)
  const emission = createEmission(engine, config, graphs)
  const hasResidual = correlatedGroup(config) !== undefined
  const runtime: Runtime = { engine, specs: latentOdeParameters(config), pool: new ArrayPool() }

  /** From what was observed to the latent paths at `times`: encode, draw z0, follow the dynamics. */
  function latentPaths(
    tape: Tape,
    shown: Observations,
    times: readonly Float64Array[],
    { samples, noise }: Pick<LossOptions, 'samples' | 'noise'>,
  ) {
    const q = infer(tape, encode(tape, readable(shown)), unseenRows(shown))
    const { z, logRatio } = q.sample(samples, noise)
    const plan = planSamples(times, samples, tape.loan)
    const { outputs, failed, totals } = follow(tape, tape.gather(z, plan.source), plan.times)
    return { q, logRatio, plan, totals, paths: outputs, failed: failedSeries(plan, failed, shown.rows, samples) }
  }

  function lossOf(tape: Tape, shown: Observations, targets: Observations, options: LossOptions): LossResult {
    const { q, logRatio, plan, totals, paths, failed } = latentPaths(tape, shown, rowTimes(targets), options)
    const likelihood = emission.score(tape, paths, { targets, plan, samples: options.samples, failed })
    return { ...boundOnTape(tape, { likelihood, kl: q.kl, logRatio }, targets, failed, options, latents), solver: totals }
  }

  return {
    name: 'latent-ode',
    specs: runtime.specs,
    loss: (parameters, shown, targets, options) => runForward(runtime, parameters, (tape) => lossOf(tape, shown, targets, options)),
    gradient: (parameters, shown, targets, options) =>
      runGradient(runtime, parameters, (tape) => lossOf(tape, shown, targets, options), options.into),
    predict: (parameters, shown, asked, options) =>
      runForward(runtime, parameters, (tape): SamplePaths[] => {
        const known = rowTimes(shown)
        const at = asked.map((times, s) => unionOf(times, hasResidual ? known[s]! : new Float64Array(0)))
        const times = at.map((union) => union.times)
        const { q, logRatio, plan, totals, paths, failed } = latentPaths(tape, shown, times, options)
        const decoded = emission.decode(tape, paths)
        const { mean, sd } = q.moments()
        const ratios = engine.read(logRatio)
        const points = pointsOf(plan, times, options.samples)
        return at.map((union, row) => {
          const { samples } = options
          const series = {
            decoded,
            at: union,
            points: points[row]!,
            samples,
            channels,
            shown,
            row,
            logRatio: ratios.slice(row * samples, (row + 1) * samples),
          }
          return {
            ...samplePathsOf(series),
            posterior: { mean: mean.slice(row * latents, (row + 1) * latents), sd: sd.slice(row * latents, (row + 1) * latents) },
            failed: failed[row] === 1,
            solver: totals,
          }
        })
      }),
  }
}

/** 1 for each series of which any sample failed, from the solver rows that did. */
function failedSeries(plan: SamplePlan, rowsFailed: Int32Array, rows: number, samples: number): Uint8Array {
  const failed = new Uint8Array(rows)
  for (const row of rowsFailed) failed[Math.floor(plan.source[row]! / samples)] = 1
  return failed
}
