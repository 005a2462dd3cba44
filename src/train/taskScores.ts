import type { Series } from '../data/series.js'
import type { Engine } from '../engine/engine.js'
import { addPoint, noSums, type ChannelSums } from './channelSums.js'
import { scoreEach, type EvaluationOptions } from './evaluate.js'
import type { FittedModel } from './modelFile.js'
import { holdOut } from './protocol.js'
import type { Evaluation } from './records.js'

/** What a model's forecasts of one task come to, series by series. */
export interface TaskScores {
  readonly task: Evaluation['task']
  readonly series: readonly { readonly id: string; readonly channels: readonly ChannelSums[] }[]
  /** Series that could not be forecast. */
  readonly failed: readonly string[]
}

/**
 * Scores a model on series, and keeps sums only: thousands of values of many models take no room.
 *
 * @param series of the model's channels in its order; those of fewer than two rows are left out
 */
export function taskScores(
  engine: Engine,
  fitted: FittedModel,
  series: readonly Series[],
  options: Pick<EvaluationOptions, 'task' | 'shown' | 'samples' | 'seed'>,
): TaskScores {
  const scored: { id: string; channels: ChannelSums[] }[] = []
  const failed: string[] = []
  const usable = series.filter(({ times }) => times.length >= 2)
  const queries = usable.length === 0 ? [] : holdOut(usable, options, fitted.time, options.seed ?? 1)
  for (const one of scoreEach(engine, fitted, queries, options)) {
    if ('error' in one) {
      failed.push(one.id)
      continue
    }
    const channels = fitted.channels.map(noSums)
    for (const { point, channel } of one.scored) addPoint(channels[channel]!, point)
    scored.push({ id: one.id, channels })
  }
  return { task: options.task, series: scored, failed }
}
