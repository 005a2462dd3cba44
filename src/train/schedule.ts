export interface LearningRateSchedule {
  readonly learningRate: number
  /** Factor per step. */
  readonly decay: number
  /** Least rate, as a fraction of the first. */
  readonly floor: number
}

/** Learning rate of a step (from 0): exponential decay down to a floor. */
export const learningRateAt = ({ learningRate, decay, floor }: LearningRateSchedule, step: number): number =>
  learningRate * Math.max(floor, decay ** step)

/**
 * Weight of the KL term in an epoch (from 0): rises linearly from 0 to 1 over the first `warmup` epochs, so that the
 * decoder learns to use z0 before q(z0) is pulled to the prior (Bowman et al. 2016).
 */
export const betaAt = (epoch: number, warmup: number): number => (warmup <= 0 ? 1 : Math.min(1, epoch / warmup))
