import type { Baseline, Estimates } from './baseline.js'
import type { Course } from './course.js'
import { addScores, holdOut, scoreHeldOut, type Scores } from './heldOut.js'

/** What was estimated of all channels, and how good it is. */
export interface BaselineEstimate {
  /** `[channels, …]` by name. */
  readonly parameters: Readonly<Record<string, Float64Array>>
  /** What was found of each channel, in a few words. */
  readonly found: readonly string[]
  /** Log density of a training value, mean over channels, where the estimate maximises one. */
  readonly logLikelihood: number
  /** Negative log densities of hidden values of the validation series. */
  readonly scores: Scores
}

/**
 * Estimates a baseline, channel after channel.
 *
 * @param channels courses of each channel, to estimate from and to choose and score by
 * @param signal listened to before each channel: undefined is given once it says stop
 */
export async function estimateBaseline(
  baseline: Baseline,
  channels: readonly { readonly train: readonly Course[]; readonly valid: readonly Course[] }[],
  seed: number,
  signal?: AbortSignal,
): Promise<BaselineEstimate | undefined> {
  const estimates: Estimates[] = []
  const found: string[] = []
  const densities: number[] = []
  let scores: Scores = { gaps: { sum: 0, count: 0 }, ahead: { sum: 0, count: 0 } }
  for (const { train, valid } of channels) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (signal?.aborted === true) return undefined
    const { parameters, logLikelihood, found: said } = baseline.estimate(train, valid, seed)
    estimates.push(parameters)
    found.push(said)
    if (logLikelihood !== undefined) densities.push(logLikelihood)
    scores = addScores(
      scores,
      scoreHeldOut(holdOut(valid, seed), (shown) => baseline.condition(parameters, shown)),
    )
  }
  return {
    parameters: Object.fromEntries(
      Object.keys(baseline.shapes).map((name) => [name, Float64Array.from(estimates.flatMap((one) => [...one[name]!]))]),
    ),
    found,
    logLikelihood: densities.reduce((a, b) => a + b, 0) / densities.length,
    scores,
  }
}
