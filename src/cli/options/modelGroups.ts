import { latentOdeOptions } from '../../model/latentOdeOptions.js'
import { models, type ModelName } from '../../model/models.js'
import { kebab } from '../parsing/options.js'

/** Options of the latent ODE, which other models may share. */
export const sharedModelOptions = Object.keys(latentOdeOptions.shape)

/** Options that only other models have, under headings that say whose they are and which those models have besides. */
export const ownGroups: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...ownersOfOptions()].map(([owners, own]) => {
    const names = owners.split(', ')
    const others = [...new Set(names.flatMap(optionsOf))].filter((key) => !own.includes(key))
    const besides = others.map((key) => {
      const some = names.filter((name) => optionsOf(name).includes(key))
      return some.length === names.length ? kebab(key) : `${kebab(key)} (${some.join(', ')})`
    })
    return [`${names.length === 1 ? 'Model' : 'Models'} ${owners}, besides ${besides.join(', ')}`, own]
  }),
)

/** The options that the latent ODE does not have, by the names of the models that do. */
function ownersOfOptions(): ReadonlyMap<string, readonly string[]> {
  const all = Object.keys(models)
  const own = [...new Set(all.flatMap(optionsOf))].filter((key) => !Object.hasOwn(latentOdeOptions.shape, key))
  const groups = new Map<string, string[]>()
  for (const key of own) {
    const owners = all.filter((name) => optionsOf(name).includes(key)).join(', ')
    groups.set(owners, [...(groups.get(owners) ?? []), key])
  }
  return groups
}

function optionsOf(name: string): readonly string[] {
  return Object.keys(models[name as ModelName].options.shape)
}
