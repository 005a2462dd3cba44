import type { Engine } from '../engine/engine.js'
import { createLatentOde } from './latentOde.js'
import { latentOdeConfig, type LatentOdeOptions } from './latentOdeOptions.js'
import type { DataFacts } from './modelKind.js'
import type { ModelName, ModelOptions, ModelSetup } from './models.js'
import { createOdeRnn } from './odeRnn.js'
import type { OdeRnnOptions } from './odeRnnOptions.js'
import type { SequenceModel } from './sequenceModel.js'

/** What makes each kind of model. Apart from `models`, as it needs TensorFlow.js, which takes a while to load. */
const creators: Readonly<Record<ModelName, (engine: Engine, options: ModelOptions, data: DataFacts) => SequenceModel>> = {
  'latent-ode': (engine, options, data) => createLatentOde(engine, latentOdeConfig(options as LatentOdeOptions, data)),
  'ode-rnn': (engine, options, data) => createOdeRnn(engine, { ...(options as OdeRnnOptions), ...data }),
}

/**
 * Makes a model on an engine; its weights are given to `loss`, `gradient` and `predict`.
 *
 * @param engine where it computes
 * @param setup which model, its options, and what of the data it depends on
 */
export const createModel = (engine: Engine, { kind, options, ...data }: ModelSetup): SequenceModel => creators[kind](engine, options, data)
