import type { HostScalar, Tape } from '../engine/autodiff/tape.js'
import type { Value } from '../engine/engine.js'
import { evaluateObjective } from './objective.js'
import { countObserved, type Observations } from './observations.js'
import { spreadBySample, sumBySample, type SamplePlan } from './samplePlan.js'
import type { LossOptions, LossResult } from './sequenceModel.js'

/** What a variational bound is made of. */
export interface BoundTerms {
  /** Log density of what was observed at each point of the plan, `[points, 1]`. */
  readonly density: Value
  /** KL(q ‖ prior) of each series, `[series, 1]`. */
  readonly kl: Value
  /** log p(z0) − log q(z0) of each sample, `[series · samples, 1]`. */
  readonly logRatio: Value
}

/** The objective of a batch, from the log densities at its points: a loss on the tape. Series that failed are left out. */
export function boundOnTape(
  tape: Tape,
  { density, kl, logRatio }: BoundTerms,
  targets: Observations,
  plan: SamplePlan,
  failed: Uint8Array,
  { objective, beta, samples }: LossOptions,
  latents: number,
): Omit<LossResult, 'solver'> {
  const series = failed.length
  const observed = countObserved(targets, failed)
  return tape.loss([density, kl, logRatio], ([densities, kls, ratios]): HostScalar<Omit<LossResult, 'solver'>> => {
    const logLikelihood = sumBySample(densities!, plan, failed, series, samples)
    const klOf = new Float64Array(kls!)
    const value = evaluateObjective(objective, {
      series,
      samples,
      latents,
      beta,
      logLikelihood,
      kl: klOf,
      observed,
      logRatio: new Float64Array(ratios!),
    })
    return {
      value: {
        loss: value.loss,
        logLikelihood: logLikelihood.reduce((a, b) => a + b, 0) / samples,
        kl: klOf.reduce((sum, v, s) => sum + (observed[s]! > 0 ? v : 0), 0),
        observed: observed.reduce((a, b) => a + b, 0),
        series: observed.reduce((n, o) => n + (o > 0 ? 1 : 0), 0),
      },
      derivatives: () => [
        spreadBySample(value.logLikelihood, plan, failed, samples, tape.loan.take(tape.engine.dtype, densities!.length)),
        value.kl,
        value.logRatio,
      ],
    }
  })
}
