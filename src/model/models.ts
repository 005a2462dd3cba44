import { z } from 'zod'
import type { ParameterSpecs } from '../nn/parameters.js'
import { baselineParameters } from './baselines/baselineParameters.js'
import { baselines, type BaselineName } from './baselines/index.js'
import { latentOdeKind } from './latentOdeOptions.js'
import { filterKinds } from './filters/filterKinds.js'
import type { FilterName } from './filters/index.js'
import { modelKind, type DataFacts, type ModelKind } from './modelKind.js'
import { MOST_WEIGHTS } from './limits.js'

/** The kinds of models that are trained. A new one has a line here and one in `createModel.ts`, a filter one in `filters/index.ts`. */
const trained = { 'latent-ode': latentOdeKind, ...filterKinds } satisfies Record<TrainedName, ModelKind>

const noOptions = z.strictObject({})

/** A baseline as a kind of model. It has no options: what there is to choose it chooses by validation. */
const baselineKind = (name: BaselineName) =>
  modelKind({
    label: baselines[name].label,
    describe: baselines[name].describe,
    options: noOptions,
    estimated: true,
    parameters: (_, { channels }) => baselineParameters(baselines[name], channels),
  })

/** Every kind of model by name. */
export const models = {
  ...trained,
  ...(Object.fromEntries(Object.keys(baselines).map((name) => [name, baselineKind(name as BaselineName)])) as Readonly<
    Record<BaselineName, ReturnType<typeof baselineKind>>
  >),
}

/** The name of a kind that is trained. */
export type TrainedName = 'latent-ode' | FilterName
/** The name of a kind of model. */
export type ModelName = keyof typeof models
/** Options of any of them; a baseline has none. */
export type ModelOptions = { [Name in TrainedName]: z.output<(typeof models)[Name]['options']> }[TrainedName] | Record<never, never>

/** The names of all kinds of models. */
export const modelNames = Object.keys(models) as ModelName[]

/** Those that are compared, and chosen among, where none is named. */
export const usualModels = modelNames.filter((name) => (models[name] as ModelKind).byName !== true)

/** What a model is made from. Plain data: it can be sent to another thread. */
export interface ModelSetup<Name extends ModelName = ModelName> extends DataFacts {
  readonly kind: Name
  readonly options: ModelOptions
}

/** Whether a model is trained, not estimated in one go. */
export const isTrained = (setup: ModelSetup): setup is ModelSetup<TrainedName> => Object.hasOwn(trained, setup.kind)

/** Shapes and starting values of the weights. */
export const modelParameters = ({ kind, options, ...data }: ModelSetup): ParameterSpecs => models[kind].parameters(options, data)

/** Why a model of these sizes is not made; undefined if it is not too large. Nothing is allocated to find out. */
export function tooLarge(setup: ModelSetup): string | undefined {
  const count = Object.values(modelParameters(setup)).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  if (count <= MOST_WEIGHTS) return undefined
  const sizes = Object.entries(setup.options)
    .filter((entry): entry is [string, number] => /units$|latents/i.test(entry[0]) && typeof entry[1] === 'number')
    .sort(([, a], [, b]) => b - a)
  const largest = sizes.slice(0, 2).map(([name, size]) => `${name} ${size}`)
  return (
    `a model of ${setup.channels.toLocaleString('en-US')} channels and these sizes learns ${count.toLocaleString('en-US')} numbers, ` +
    `more than ${MOST_WEIGHTS.toLocaleString('en-US')}${largest.length === 0 ? '' : `; its largest sizes are ${largest.join(' and ')}`}`
  )
}
