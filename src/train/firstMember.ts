import { parametersOfMember } from '../model/members.js'
import type { FittedModel } from './modelFile.js'

/** The first of the trainings that a model is made of, as a model of its own that is averaged with nothing; a model of one as it is. */
export function firstMember(fitted: FittedModel): FittedModel {
  const { ensemble, stack: _, calibration: __, ...one } = fitted
  return ensemble === undefined ? fitted : { ...one, parameters: parametersOfMember(0, fitted.parameters) }
}
