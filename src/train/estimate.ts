import { normaliseSeries } from '../data/normalise.js'
import type { Series } from '../data/series.js'
import type { Course } from '../model/baselines/course.js'
import { estimateBaseline } from '../model/baselines/estimateBaseline.js'
import { meanScore } from '../model/baselines/heldOut.js'
import { baselines, type BaselineName } from '../model/baselines/index.js'
import type { TrainingData, TrainingEvents } from './loop.js'
import type { FittedModel, ModelDescription } from './modelFile.js'
import { allRows, modelTimes, select } from './selection.js'

/** What computes a model that is estimated in one go. */
export const HOST = 'host float64'

/**
 * Estimates a model that is not trained, channel after channel.
 *
 * @throws the reason of the signal, once it says stop: there is nothing to go on from
 */
export async function estimate(
  described: ModelDescription,
  data: TrainingData,
  { signal }: Pick<TrainingEvents, 'signal'>,
): Promise<FittedModel> {
  const started = performance.now()
  const [train, valid] = [coursesOf(data.train, data), coursesOf(data.valid, data)]
  const estimated = await estimateBaseline(
    baselines[described.kind as BaselineName],
    described.channels.map((_, c) => ({ train: train[c]!, valid: valid[c]! })),
    described.training.seed,
    signal,
  )
  if (estimated === undefined) throw signal!.reason
  const { parameters, found, logLikelihood, scores } = estimated
  return {
    ...described,
    parameters,
    estimation: {
      logLikelihood,
      gaps: meanScore(scores.gaps),
      ahead: meanScore(scores.ahead),
      found,
      seconds: (performance.now() - started) / 1000,
    },
  }
}

/** The courses of each channel, series after series. */
export function coursesOf(series: readonly Series[], { channels, scale, normalisation }: TrainingData): Course[][] {
  const out = Array.from({ length: channels }, (): Course[] => [])
  for (const one of series) {
    const { times, values, mask } = normalisation ? normaliseSeries(one, normalisation) : one
    const clock = modelTimes(scale, select(one, scale, allRows(one)).origin, times)
    out.forEach((courses, c) => {
      const seen = clock.map((_, row) => mask[row * channels + c]!)
      courses.push({
        times: clock.filter((_, row) => seen[row] === 1),
        values: values.filter((_, i) => i % channels === c && mask[i] === 1),
      })
    })
  }
  return out
}
