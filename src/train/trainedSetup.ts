import { UserError } from '../errors.js'
import { isTrained, type ModelSetup, type TrainedName } from '../model/models.js'
import { setupOf, type ModelDescription } from './modelFile.js'

/**
 * What a model to go on with is made from.
 *
 * @throws UserError `NotTrained` for one that is estimated in one go
 */
export function trainedSetup(described: ModelDescription): ModelSetup<TrainedName> {
  const setup = setupOf(described)
  if (isTrained(setup)) return setup
  throw new UserError(
    'NotTrained',
    `A model of the kind ${described.kind} is estimated in one go, so there is no training to go on with. Fit it anew, to all of the ` +
      `data: latent-ode fit <data> --model ${described.kind}.`,
  )
}
