import type { z } from 'zod'
import type { ParameterSpecs } from '../nn/parameters.js'
import { latentOdeKind } from './latentOdeOptions.js'
import { odeRnnKind } from './odeRnnOptions.js'
import type { DataFacts } from './modelKind.js'
import { MOST_WEIGHTS } from './limits.js'

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

/** Why a model of these sizes is not made; undefined if it is not too large. Nothing is allocated to find out. */
export function tooLarge(setup: ModelSetup): string | undefined {
  const count = Object.values(modelParameters(setup)).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  if (count <= MOST_WEIGHTS) return undefined
  const sizes = Object.entries(setup.options)
    .filter((entry): entry is [string, number] => /units$|latents/i.test(entry[0]) && typeof entry[1] === 'number')
    .sort(([, a], [, b]) => b - a)
  return `a model of ${setup.channels.toLocaleString('en-US')} channels and these sizes learns ${count.toLocaleString('en-US')} numbers, more than ${MOST_WEIGHTS.toLocaleString('en-US')}; its largest sizes are ${sizes
    .slice(0, 2)
    .map(([name, size]) => `${name} ${size}`)
    .join(' and ')}`
}
