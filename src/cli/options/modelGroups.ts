import { latentOdeOptions } from '../../model/latentOdeOptions.js'
import { models } from '../../model/models.js'
import { kebab } from '../parsing/options.js'

/** Options of the latent ODE, which other models may share. */
export const sharedModelOptions = Object.keys(latentOdeOptions.shape)

/** Options that only other models have, under headings that say which they share with the latent ODE. */
export const ownGroups: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(models)
    .map(([name, { options }]) => {
      const keys = Object.keys(options.shape)
      const shared = keys.filter((key) => Object.hasOwn(latentOdeOptions.shape, key))
      return [`Model ${name}, besides ${shared.map(kebab).join(', ')}`, keys.filter((key) => !shared.includes(key))] as const
    })
    .filter(([, own]) => own.length > 0),
)
