import { LatentOdeError } from '../errors.js'
import type { RowStatus } from './rowStatus.js'

/**
 * A solve was asked for wrongly, or failed. `code` is `StepTooSmall`, `MaxSteps` or `NonFinite` for a row that
 * failed (then `row` and `status` say which and how), `Times`, `Option`, `Shape`, `Complex`, `Input`, `Signal`, `Jump`, `Event`, `Tableau`,
 * `Replay`,
 * `NotRecorded` or `Disposed` for a request that makes no sense.
 */
export class SolverError extends LatentOdeError {
  constructor(
    code: string,
    message: string,
    readonly row?: number,
    readonly status?: RowStatus,
  ) {
    super(code, message)
  }
}
