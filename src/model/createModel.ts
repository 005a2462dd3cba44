import type { Engine } from '../engine/engine.js'
import { createLatentOde } from './latentOde.js'
import { latentOdeConfig, type LatentOdeOptions } from './latentOdeOptions.js'
import type { DataFacts } from './modelKind.js'
import { createBaseline } from './baselines/createBaseline.js'
import { baselines, type BaselineName } from './baselines/index.js'
import { isTrained, type ModelOptions, type ModelSetup, type TrainedName } from './models.js'
import { createOdeRnn } from './odeRnn.js'
import { odeRnnSizes, type OdeRnnOptions } from './odeRnnOptions.js'
import type { Forecaster, SequenceModel } from './sequenceModel.js'

/** What makes each kind of model. Apart from `models`, as it needs TensorFlow.js, which takes a while to load. */
const creators: Readonly<Record<TrainedName, (engine: Engine, options: ModelOptions, data: DataFacts) => SequenceModel>> = {
  'latent-ode': (engine, options, data) => createLatentOde(engine, latentOdeConfig(options as LatentOdeOptions, data)),
  'ode-rnn': (engine, options, data) => createOdeRnn(engine, odeRnnSizes(options as OdeRnnOptions, data)),
}

/**
 * Makes a model on an engine; its weights are given to `loss`, `gradient` and `predict`.
 *
 * @param engine where it computes
 * @param setup which model, its options, and what of the data it depends on
 */
export const createModel = (engine: Engine, { kind, options, ...data }: ModelSetup<TrainedName>): SequenceModel =>
  creators[kind](engine, options, data)

/** Makes what forecasts: a model, or a baseline, which has no use for the engine. */
export const createForecaster = (engine: Engine, setup: ModelSetup): Forecaster =>
  isTrained(setup) ? createModel(engine, setup) : createBaseline(setup.kind, baselines[setup.kind as BaselineName], setup.channels)
