import type { SeriesSet } from '../data/series.js'
import type { ModelName } from '../model/models.js'
import { compareModels, type CompareEvents, type ModelComparison } from '../train/compareModels.js'
import { threadCount } from '../train/threadCount.js'
import { engineOf, type EngineOptions } from './engines.js'
import type { FitSettings } from './fitSettings.js'

/** Which models are compared and how they are fitted; options of a fit go to the models that have them. */
export interface CompareModelsOptions extends Omit<FitSettings, 'model'>, EngineOptions, CompareEvents {
  /** Default the usual ones: all but the filters other than ode-rnn. */
  readonly models?: readonly ModelName[]
  /** Number of splits and fits of each: with `seed`, and those that follow it. Default 1. */
  readonly seeds?: number
}

/**
 * Fits several models to the same training series, scores them on the same held-out values of the test series, and says which
 * does better and how sure that is: differences from the best have 95 % intervals by a paired bootstrap over series.
 *
 *     const { extrapolation } = await compare(visits, { models: ['latent-ode', 'ode-rnn'], seeds: 3 })
 *     console.log(extrapolation?.winner.nll ?? 'no clear winner')
 *
 * @param data what `read`, `fromTable` or a simulator gave
 * @throws UserError `Option` for a model or an option that there is not, or that means nothing to any of the models;
 *   `NoTestSeries` where the split keeps no series for testing; and as `fit`
 */
export async function compare(data: SeriesSet, options: CompareModelsOptions = {}): Promise<ModelComparison> {
  const { engine, dtype, threads, signal, onFit, onStep, onEpoch, onMember, onNotice, ...settings } = options
  const events = { threads: threadCount(threads, process.env), signal, onFit, onStep, onEpoch, onMember, onNotice }
  return compareModels(await engineOf({ engine, dtype }), data, settings, events)
}
