import type { HostScalar, Tape, Taped } from '../engine/autodiff/tape.js'
import type { FloatArray, Value } from '../engine/engine.js'
import { evaluateObjective } from './objective.js'
import { countObserved, type Observations } from './observations.js'
import type { LossOptions, LossResult } from './sequenceModel.js'

/** The log density of what was observed of each series given each sample of z0, from what is on a tape. */
export interface SampleLikelihood {
  readonly inputs: readonly Taped[]
  evaluate(inputs: readonly FloatArray[]): EvaluatedLikelihood
}

/** Its values, and its way back. */
export interface EvaluatedLikelihood {
  /** `[series · samples]`, 0 for series that failed. */
  readonly bySample: Float64Array
  /** Derivatives by the inputs of a function of which those by the values of `bySample` are given. */
  derivatives(bars: Float64Array): readonly ArrayLike<number>[]
}

/** What a variational bound is made of. */
export interface BoundTerms {
  readonly likelihood: SampleLikelihood
  /** KL(q ‖ prior) of each series, `[series, 1]`. */
  readonly kl: Value
  /** log p(z0) − log q(z0) of each sample, `[series · samples, 1]`. */
  readonly logRatio: Value
}

/** The objective of a batch, from the log densities at its points: a loss on the tape. Series that failed are left out. */
export function boundOnTape(
  tape: Tape,
  { likelihood, kl, logRatio }: BoundTerms,
  targets: Observations,
  failed: Uint8Array,
  { objective, beta, samples }: LossOptions,
  latents: number,
): Omit<LossResult, 'solver'> {
  const series = failed.length
  const observed = countObserved(targets, failed)
  return tape.loss([kl, logRatio, ...likelihood.inputs], ([kls, ratios, ...inputs]): HostScalar<Omit<LossResult, 'solver'>> => {
    const evaluated = likelihood.evaluate(inputs)
    const logLikelihood = evaluated.bySample
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
      derivatives: () => [value.kl, value.logRatio, ...evaluated.derivatives(value.logLikelihood)],
    }
  })
}
