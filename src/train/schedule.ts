/** What the learning rate follows from: the validation loss, not the clock. */
export interface PlateauOptions {
  /** Epochs without a better loss after which the learning rate is cut, and at its floor training ends; 0: never. */
  readonly patience: number
  /** Factor on the learning rate at each cut; its floor as a fraction of the first rate. */
  readonly learningRateCut: number
  readonly learningRateFloor: number
}

/** Where training stands between one better loss and the next. */
export interface Plateau {
  /** The loss that another has to be better than; infinite before there is one. */
  readonly best: number
  /** Epochs since then, or since the last cut. */
  readonly waited: number
  readonly cuts: number
}

/** A loss better by less than this, in nats per observed value, is not worth an epoch. */
export const LEAST_GAIN = 1e-3

export const startPlateau: Plateau = { best: Infinity, waited: 0, cuts: 0 }

/** The plateau after an epoch of this loss; one that is no number is no better than any other. */
export function afterEpoch({ best, waited, cuts }: Plateau, loss: number, { patience }: Pick<PlateauOptions, 'patience'>): Plateau {
  if (loss < best - LEAST_GAIN || (best === Infinity && Number.isFinite(loss))) return { best: loss, waited: 0, cuts }
  return patience > 0 && waited + 1 >= patience ? { best, waited: 0, cuts: cuts + 1 } : { best, waited: waited + 1, cuts }
}

/** The learning rate after so many cuts, as a fraction of the first. */
export const rateAfter = (cuts: number, { learningRateCut, learningRateFloor }: PlateauOptions): number =>
  Math.max(learningRateFloor, learningRateCut ** cuts)

/** Whether the loss has come to rest at the floor of the learning rate, too. */
export const isAtRest = ({ cuts }: Plateau, options: PlateauOptions): boolean =>
  cuts > 0 && options.learningRateCut ** (cuts - 1) <= options.learningRateFloor

/**
 * Weight of the KL term in an epoch (from 0): rises linearly from 0 to 1 over the first `warmup` epochs, so that the
 * decoder learns to use z0 before q(z0) is pulled to the prior (Bowman et al. 2016).
 */
export const betaAt = (epoch: number, warmup: number): number => (warmup <= 0 ? 1 : Math.min(1, epoch / warmup))
