export const objectives = ['elbo', 'iwae', 'rubanova'] as const
/** `elbo` and `iwae` are bounds of the log likelihood; `rubanova` is the formula of the paper's released code. */
export type Objective = (typeof objectives)[number]

/** What an objective is made of: log likelihoods by sample, and the terms of the prior. */
export interface ObjectiveInputs {
  readonly series: number
  readonly samples: number
  readonly latents: number
  /** `sum_observed log p(x | z_k)`, `[series, samples]`. */
  readonly logLikelihood: Float64Array
  /** `log p(z_k) − log q(z_k)`, `[series, samples]`. */
  readonly logRatio: Float64Array
  /** KL(q ‖ p), `[series]`. */
  readonly kl: Float64Array
  /** Observed values per series, `[series]`; series with 0 are left out. */
  readonly observed: Float64Array
  /** Weight of the prior terms. */
  readonly beta: number
}

/** A loss to be minimised and its derivatives. */
export interface ObjectiveValue {
  /** The negative bound per observed value. */
  readonly loss: number
  readonly logLikelihood: Float64Array
  readonly logRatio: Float64Array
  readonly kl: Float64Array
}

/**
 * The training objective, from per-sample log likelihoods, with its derivatives.
 *
 * - `elbo`: mean over samples of the log likelihood, minus beta KL(q ‖ p) (Kingma and Welling 2014, eq. 3).
 * - `iwae`: `log mean_k exp[ log p(x|z_k) + beta (log p(z_k) − log q(z_k)) ]` (Burda et al. 2016, eq. 8).
 * - `rubanova`: `logsumexp_k( LL_k − beta KL )` with LL_k the batch mean of the mean log likelihood per observed value
 *   and KL the mean over batch and latents. It is not a bound; it reproduces published numbers.
 */
export function evaluateObjective(kind: Objective, inputs: ObjectiveInputs): ObjectiveValue {
  return kind === 'rubanova' ? rubanova(inputs) : bound(kind, inputs)
}

function bound(kind: 'elbo' | 'iwae', { series, samples, logLikelihood, logRatio, kl, observed, beta }: ObjectiveInputs): ObjectiveValue {
  const total = observed.reduce((a, b) => a + b, 0) || 1
  const out = {
    logLikelihood: new Float64Array(series * samples),
    logRatio: new Float64Array(series * samples),
    kl: new Float64Array(series),
  }
  let sum = 0
  for (let s = 0; s < series; s++) {
    if (observed[s] === 0) continue
    const of = (k: number): number => s * samples + k
    if (kind === 'elbo') {
      for (let k = 0; k < samples; k++) {
        sum += logLikelihood[of(k)]! / samples
        out.logLikelihood[of(k)] = -1 / (samples * total)
      }
      sum -= beta * kl[s]!
      out.kl[s] = beta / total
    } else {
      const weights = Float64Array.from({ length: samples }, (_, k) => logLikelihood[of(k)]! + beta * logRatio[of(k)]!)
      sum += logSumExp(weights) - Math.log(samples)
      softmax(weights).forEach((w, k) => {
        out.logLikelihood[of(k)] = -w / total
        out.logRatio[of(k)] = (-beta * w) / total
      })
    }
  }
  return { loss: -sum / total, ...out }
}

function rubanova({ series, samples, latents, logLikelihood, kl, observed, beta }: ObjectiveInputs): ObjectiveValue {
  const used = observed.reduce((count, n) => count + (n > 0 ? 1 : 0), 0) || 1
  const terms = new Float64Array(samples)
  for (let s = 0; s < series; s++) {
    if (observed[s] === 0) continue
    for (let k = 0; k < samples; k++) terms[k]! += (logLikelihood[s * samples + k]! / observed[s]! - (beta * kl[s]!) / latents) / used
  }
  const weights = softmax(terms)
  const out = {
    logLikelihood: new Float64Array(series * samples),
    logRatio: new Float64Array(series * samples),
    kl: new Float64Array(series),
  }
  for (let s = 0; s < series; s++) {
    if (observed[s] === 0) continue
    for (let k = 0; k < samples; k++) out.logLikelihood[s * samples + k] = -weights[k]! / (observed[s]! * used)
    out.kl[s] = beta / (latents * used)
  }
  return { loss: -logSumExp(terms), ...out }
}

function logSumExp(x: Float64Array): number {
  const top = Math.max(...x)
  return Number.isFinite(top) ? top + Math.log(x.reduce((sum, v) => sum + Math.exp(v - top), 0)) : top
}

function softmax(x: Float64Array): Float64Array {
  const total = logSumExp(x)
  return x.map((v) => Math.exp(v - total))
}
