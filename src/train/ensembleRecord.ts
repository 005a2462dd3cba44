import type { EpochRecord } from './records.js'

/** How one of several trainings of a model went. */
export interface MemberRecord {
  readonly seed: number
  readonly history: readonly EpochRecord[]
  /** Epoch whose weights the member has. */
  readonly keptEpoch: number
}

/** Several trainings of one model, whose forecasts are mixed, each counting the same. They differ by their seed. */
export interface Ensemble {
  /** Those that are done. */
  readonly members: readonly MemberRecord[]
  /**
   * Ids of the series that each member was validated with, in the order of members, while it was trained on the others. Without it all have
   * the same series to train on and to validate.
   */
  readonly folds?: readonly (readonly string[])[]
}

/** How many trainings a model is made of; 1 for one that is no ensemble. */
export const ensembleSize = ({
  ensemble,
  training,
}: {
  readonly ensemble?: Ensemble | undefined
  readonly training: { readonly ensemble: number }
}): number => (ensemble === undefined ? 1 : (ensemble.folds?.length ?? training.ensemble))
