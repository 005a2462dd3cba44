import { baselines, type BaselineName } from '../model/baselines/index.js'

/** The baselines that an option like `gp,mixed` names; none of `none`. */
export const stackOf = (option: string): BaselineName[] => (option === 'none' ? [] : (option.split(',') as BaselineName[]))

/** Whether it names baselines, each once, or is `none`. */
export function isStackOption(option: string): boolean {
  const names = stackOf(option)
  return names.every((name) => Object.hasOwn(baselines, name)) && new Set(names).size === names.length
}
