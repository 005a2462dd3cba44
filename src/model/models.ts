import type { z } from 'zod'
import type { Engine } from '../engine/engine.js'
import type { ParameterSpecs } from '../nn/parameters.js'
import { latentOde } from './latentOde.js'
import { odeRnn } from './odeRnn.js'
import type { DataFacts } from './modelKind.js'
import type { SequenceModel } from './sequenceModel.js'

/** Every kind of model by name. A new one is a file and a line here. */
export const models = { 'latent-ode': latentOde, 'ode-rnn': odeRnn }

/** The name of a kind of model. */
export type ModelName = keyof typeof models
/** Options of any of them. */
export type ModelOptions = { [Name in ModelName]: z.output<(typeof models)[Name]['options']> }[ModelName]

/** The names of all kinds of models. */
export const modelNames = Object.keys(models) as ModelName[]

/** What a model is made from. Plain data: it can be sent to another thread. */
export interface ModelSetup extends DataFacts {
  readonly kind: ModelName
  readonly options: ModelOptions
}

/** Shapes and starting values of the weights. */
export const modelParameters = ({ kind, options, ...data }: ModelSetup): ParameterSpecs => models[kind].parameters(options, data)

/**
 * Makes a model on an engine; its weights are given to `loss`, `gradient` and `predict`.
 *
 * @param engine where it computes
 * @param setup which model, its options, and what of the data it depends on
 */
export const createModel = (engine: Engine, { kind, options, ...data }: ModelSetup): SequenceModel => models[kind].create(engine, options, data)
