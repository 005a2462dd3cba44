/** Covariances of a residual process, by name. */
export const kernelNames = ['ou', 'matern32'] as const
export type KernelName = (typeof kernelNames)[number]

/** How far a process strays, and how long it remembers. */
export interface KernelScales {
  /** Variance at any one time. */
  readonly variance: number
  /** Length scale, in the unit of the times. */
  readonly length: number
}

/**
 * A stationary Gaussian process as a linear system of two states, the first of which is the process itself (Särkkä and Solin 2019,
 * section 12.3). From one time to another a gap later, states move by `[[a, b], [c, d]]`; at any one time they are independent, with
 * variances `variance` and `rate`.
 *
 * - `ou`, Ornstein–Uhlenbeck: covariance `variance · exp(−gap / length)`; continuous, without a slope. One state only.
 * - `matern32`: `variance · (1 + λ gap) exp(−λ gap)` with `λ = √3 / length`; it has a slope, its second state.
 */
export interface Kernel {
  readonly name: KernelName
  /** 1 or 2. */
  readonly states: number
  /** Variance of the second state for a process of variance 1. */
  rate(length: number): number
  /** Derivative of `rate` by the length. */
  rateByLength(length: number): number
  /** Writes `a, b, c, d` at `into[at]` and on. */
  transition(gap: number, length: number, into: Float64Array, at: number): void
  /** The derivative by the length of a function of `a, b, c, d` whose derivatives by these are given. */
  transitionByLength(gap: number, length: number, a: number, b: number, c: number, d: number): number
}

const ou: Kernel = {
  name: 'ou',
  states: 1,
  rate: () => 0,
  rateByLength: () => 0,
  transition(gap, length, into, at) {
    into[at] = Math.exp(-gap / length)
    into[at + 1] = into[at + 2] = into[at + 3] = 0
  },
  transitionByLength: (gap, length, a) => a * Math.exp(-gap / length) * (gap / (length * length)),
}

const matern32: Kernel = {
  name: 'matern32',
  states: 2,
  rate: (length) => 3 / (length * length),
  rateByLength: (length) => -6 / (length * length * length),
  transition(gap, length, into, at) {
    const rate = Math.sqrt(3) / length
    const decay = Math.exp(-rate * gap)
    into[at] = decay * (1 + rate * gap)
    into[at + 1] = decay * gap
    into[at + 2] = -decay * rate * rate * gap
    into[at + 3] = decay * (1 - rate * gap)
  },
  transitionByLength(gap, length, a, b, c, d) {
    const rate = Math.sqrt(3) / length
    const decay = Math.exp(-rate * gap)
    const byRate = decay * gap * (-a * rate * gap - b * gap + c * rate * (rate * gap - 2) - d * (2 - rate * gap))
    return (byRate * -rate) / length
  },
}

/** Every kernel by name. */
export const kernels: Readonly<Record<KernelName, Kernel>> = { ou, matern32 }
