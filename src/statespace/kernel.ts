/** Covariances of a residual process, by name. */
export const kernelNames = ['car2', 'ou', 'matern32'] as const
export type KernelName = (typeof kernelNames)[number]

/** How far a process strays, and how long it remembers. */
export interface KernelScales {
  /** Variance at any one time. */
  readonly variance: number
  /** Length scale, in the unit of the times. */
  readonly length: number
  /** Of `car2`, above 0 and below 1: how smooth its courses are. */
  readonly smoothness?: number
}

/** Derivatives by the scales of a kernel, to which those of a part are added. */
export interface ScaleGradient {
  length: number
  smoothness: number
}

/**
 * A stationary Gaussian process as a linear system of two states, the first of which is the process itself (Särkkä and Solin 2019,
 * section 12.3). From one time to another a gap later, states move by `[[a, b], [c, d]]`; at any one time they are independent, with
 * variances `variance` and `variance · rate`.
 *
 * - `ou`, Ornstein–Uhlenbeck: covariance `variance · exp(−gap / length)`; continuous, without a slope. One state only.
 * - `matern32`: `variance · (1 + λ gap) exp(−λ gap)` with `λ = √3 / length`; it has a slope, its second state.
 * - `car2`, a continuous autoregression of order 2 with real rates `λ = 1 / length` and `μ = λ / smoothness` (Brockwell 2001):
 *   `variance · (μ exp(−λ gap) − λ exp(−μ gap)) / (μ − λ)`. As smoothness goes to 0 it becomes `ou`, as it goes to 1 `matern32` with
 *   `√3` times its length.
 */
export interface Kernel {
  readonly name: KernelName
  /** 1 or 2. */
  readonly states: number
  /** Variance of the second state for a process of variance 1. */
  rate(scales: KernelScales): number
  /** Adds the derivatives of `bar · rate`. */
  rateBack(scales: KernelScales, bar: number, into: ScaleGradient): void
  /** Writes `a, b, c, d` at `into[at]` and on. */
  transition(gap: number, scales: KernelScales, into: Float64Array, at: number): void
  /** Adds the derivatives of a function of `a, b, c, d` whose derivatives by these are given. */
  transitionBack(gap: number, scales: KernelScales, a: number, b: number, c: number, d: number, into: ScaleGradient): void
}

const ou: Kernel = {
  name: 'ou',
  states: 1,
  rate: () => 0,
  rateBack() {
    // It has no second state.
  },
  transition(gap, { length }, into, at) {
    into[at] = Math.exp(-gap / length)
    into[at + 1] = into[at + 2] = into[at + 3] = 0
  },
  transitionBack(gap, { length }, a, _b, _c, _d, into) {
    into.length += a * Math.exp(-gap / length) * (gap / (length * length))
  },
}

const matern32: Kernel = {
  name: 'matern32',
  states: 2,
  rate: ({ length }) => 3 / (length * length),
  rateBack({ length }, bar, into) {
    into.length += (-6 * bar) / (length * length * length)
  },
  transition(gap, { length }, into, at) {
    const rate = Math.sqrt(3) / length
    const decay = Math.exp(-rate * gap)
    into[at] = decay * (1 + rate * gap)
    into[at + 1] = decay * gap
    into[at + 2] = -decay * rate * rate * gap
    into[at + 3] = decay * (1 - rate * gap)
  },
  transitionBack(gap, { length }, a, b, c, d, into) {
    const rate = Math.sqrt(3) / length
    const decay = Math.exp(-rate * gap)
    const byRate = decay * gap * (-a * rate * gap - b * gap + c * rate * (rate * gap - 2) - d * (2 - rate * gap))
    into.length += (byRate * -rate) / length
  },
}

/** `(1 − exp(−x)) / x` and its derivative's companion `(that − 1) / x`, for x from 0 on. */
function divided(x: number): readonly [number, number] {
  // The series, where the differences would cancel.
  if (x < 1e-2) return [1 - x / 2 + (x * x) / 6 - x ** 3 / 24, -0.5 + x / 6 - (x * x) / 24 + x ** 3 / 120]
  const first = -Math.expm1(-x) / x
  return [first, (first - 1) / x]
}

/** The rates λ and μ. */
function ratesOf({ length, smoothness = NaN }: KernelScales): readonly [number, number] {
  return [1 / length, 1 / (length * smoothness)]
}

const car2: Kernel = {
  name: 'car2',
  states: 2,
  rate(scales) {
    const [slow, fast] = ratesOf(scales)
    return slow * fast
  },
  rateBack(scales, bar, into) {
    const { length, smoothness = NaN } = scales
    const rate = this.rate(scales)
    into.length -= (2 * bar * rate) / length
    into.smoothness -= (bar * rate) / smoothness
  },
  transition(gap, scales, into, at) {
    const [slow, fast] = ratesOf(scales)
    const decay = Math.exp(-slow * gap)
    // b = (exp(−λ gap) − exp(−μ gap)) / (μ − λ); the others follow from it.
    const b = decay * gap * divided((fast - slow) * gap)[0]
    into[at] = decay + slow * b
    into[at + 1] = b
    into[at + 2] = -slow * fast * b
    into[at + 3] = decay - fast * b
  },
  transitionBack(gap, scales, a, b, c, d, into) {
    const { length, smoothness = NaN } = scales
    const [slow, fast] = ratesOf(scales)
    const decay = Math.exp(-slow * gap)
    const [first, second] = divided((fast - slow) * gap)
    const value = decay * gap * first
    const ofValue = a * slow + b - c * slow * fast - d * fast
    // ∂b/∂λ = (b − gap exp(−λ gap)) / (μ − λ), and ∂b/∂μ = (gap exp(−μ gap) − b) / (μ − λ).
    const square = decay * gap * gap
    const ofSlow = (a + d) * -gap * decay + a * value - c * fast * value + ofValue * square * second
    const ofFast = -c * slow * value - d * value - ofValue * square * (first + second)
    into.length -= (ofSlow * slow + ofFast * fast) / length
    into.smoothness -= (ofFast * fast) / smoothness
  },
}

/** Every kernel by name. */
export const kernels: Readonly<Record<KernelName, Kernel>> = { car2, ou, matern32 }
