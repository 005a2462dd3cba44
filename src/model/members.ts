import type { ParameterSpecs } from '../nn/parameters.js'
import type { ParameterArrays } from './sequenceModel.js'

/** The name of a member's number among those of all. */
const named = (member: number, name: string): string => `member.${member}.${name}`

/** Shapes of the numbers of several models that are alike, called by their names among those of all. */
export const memberParameters = (specs: ParameterSpecs, count: number): ParameterSpecs =>
  Object.fromEntries(
    Array.from({ length: count }, (_, member) => Object.entries(specs).map(([name, spec]) => [named(member, name), spec] as const)).flat(),
  )

/** The numbers of all members as they stand beside one another. */
export const joinMembers = (members: readonly ParameterArrays[]): ParameterArrays =>
  Object.fromEntries(members.flatMap((numbers, member) => Object.entries(numbers).map(([name, array]) => [named(member, name), array])))

/** The numbers of one of several members by their own names; those of a model that has no members as they are. */
export function parametersOfMember(member: number, parameters: ParameterArrays): ParameterArrays {
  const prefix = named(member, '')
  const own = Object.entries(parameters).filter(([name]) => name.startsWith(prefix))
  return own.length === 0 ? parameters : Object.fromEntries(own.map(([name, array]) => [name.slice(prefix.length), array]))
}
