import type { SeriesSet } from '../data/series.js'
import { onAxis } from '../data/times/onAxis.js'
import { collectReport as collect, type CollectOptions as ReportContentsOptions } from '../report/collect.js'
import { collectComparison as collectBoth, type CompareOptions as ComparisonContentsOptions } from '../report/comparison/collect.js'
import type { ComparisonContents } from '../report/comparison/contents.js'
import { compareEvaluations as compare, type EvaluationComparison } from '../report/comparison/evaluations.js'
import type { ReportContents } from '../report/contents.js'
import type { EvaluationResult } from '../train/evaluate.js'
import { engineOf, type EngineOptions } from './engines.js'
import type { Model } from './model.js'

/** What a report shows, and what computes. */
export interface CollectOptions extends ReportContentsOptions, EngineOptions {}
/** What a comparison shows, and what computes. */
export interface CompareOptions extends ComparisonContentsOptions, EngineOptions {}

/**
 * Runs a model on a data set and gathers everything a report shows, in the data's units.
 *
 * @throws DataError `NoChannel` if the data lack a channel of the model; UserError `NoForecast` if no series could be forecast
 */
export async function collectReport(model: Model, data: SeriesSet, options: CollectOptions): Promise<ReportContents> {
  return collect(await engineOf(options), model.fitted, onAxis(data, model.fitted.time), options)
}

/**
 * Runs two models on the same series, which neither has seen, and gathers what a report on both shows.
 *
 * @throws UserError `DifferentChannels`, `DifferentTimes`, `DifferentWindows`, `NoSharedTest`; `TrainedOn` where a series to
 *   draw is not among those that neither has seen
 */
export async function collectComparison(
  models: readonly [Model, Model],
  data: SeriesSet,
  options: CompareOptions,
): Promise<ComparisonContents> {
  return collectBoth(await engineOf(options), [models[0].fitted, models[1].fitted], onAxis(data, models[0].fitted.time), options)
}

/**
 * Compares two evaluations of the same task, value by value: a difference that is small beside either error can be
 * certain, since both models meet the same easy and hard values. Errors are on the first model's scale.
 *
 * @param labels what the models are called
 * @throws UserError `NotComparable` where tasks or channels differ, or no value was scored under both
 */
export const compareEvaluations = (
  models: readonly [Model, Model],
  evaluations: readonly [EvaluationResult, EvaluationResult],
  labels: readonly [string, string] = ['first', 'second'],
): EvaluationComparison => compare([models[0].fitted, models[1].fitted], evaluations, labels)
