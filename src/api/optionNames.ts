import { UserError } from '../errors.js'
import { nearestName } from '../nearest.js'

/** @throws UserError `Option` for an option that there is none of: in JavaScript nothing else would tell of a slip */
export function requireKnown(what: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown === undefined) return
  const nearest = nearestName(unknown, names)
  throw new UserError(
    'Option',
    `${what} has no option "${unknown}". ${nearest === undefined ? `It has ${names.join(', ')}.` : `Did you mean "${nearest}"?`}`,
  )
}
