import type { z } from 'zod'
import type { ParameterSpecs } from '../nn/parameters.js'
import { latentOdeKind } from './latentOdeOptions.js'
import { odeRnnKind } from './odeRnnOptions.js'
import type { DataFacts } from './modelKind.js'

/** Every kind of model by name. A new one has a line here and one in `createModel.ts`. */
export const models = { 'latent-ode': latentOdeKind, 'ode-rnn': odeRnnKind }

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
