import type { Engine } from '../engine/engine.js'
import { createLatentOde } from './latentOde.js'
import { latentOdeConfig, type LatentOdeOptions } from './latentOdeOptions.js'
import { createBaseline } from './baselines/createBaseline.js'
import { baselines, type BaselineName } from './baselines/index.js'
import { isTrained, type ModelSetup, type TrainedName } from './models.js'
import { createFilter } from './filters/filter.js'
import { filterSizes } from './filters/filterOptions.js'
import { isFilter } from './filters/index.js'
import type { Forecaster, SequenceModel } from './sequenceModel.js'

/**
 * Makes a model on an engine; its weights are given to `loss`, `gradient` and `predict`. Apart from `models`, as it needs TensorFlow.js,
 * which takes a while to load.
 *
 * @param engine where it computes
 * @param setup which model, its options, and what of the data it depends on
 */
export const createModel = (engine: Engine, { kind, options, ...data }: ModelSetup<TrainedName>): SequenceModel =>
  isFilter(kind)
    ? createFilter(engine, kind, filterSizes(options, data))
    : createLatentOde(engine, latentOdeConfig(options as LatentOdeOptions, data))

/** Makes what forecasts: a model, or a baseline, which has no use for the engine. */
export const createForecaster = (engine: Engine, setup: ModelSetup): Forecaster =>
  isTrained(setup) ? createModel(engine, setup) : createBaseline(setup.kind, baselines[setup.kind as BaselineName], setup.channels)
