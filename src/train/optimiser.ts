/** First and second moments of the gradient, by parameter. */
export interface Moments {
  readonly first: Record<string, Float64Array>
  readonly second: Record<string, Float64Array>
}

export const optimisers = ['adam', 'adamax'] as const
export type OptimiserName = (typeof optimisers)[number]

export interface UpdateOptions {
  readonly optimiser: OptimiserName
  readonly learningRate: number
  /** Number of this update, from 1: corrects the bias of young moments. */
  readonly step: number
  /** Decay of the weights towards 0, decoupled from the gradient (Loshchilov and Hutter 2019); default 0. */
  readonly weightDecay?: number
}

const [FIRST_DECAY, SECOND_DECAY, EPSILON] = [0.9, 0.999, 1e-8]

export const zeroMoments = (parameters: Readonly<Record<string, ArrayLike<number>>>): Moments => {
  const zeros = (): Record<string, Float64Array> => Object.fromEntries(Object.entries(parameters).map(([name, { length }]) => [name, new Float64Array(length)]))
  return { first: zeros(), second: zeros() }
}

/** Updates parameters and moments in place: Adam or Adamax (Kingma and Ba 2015, algorithms 1 and 2). */
export function update(
  parameters: Readonly<Record<string, Float32Array | Float64Array>>,
  gradient: Readonly<Record<string, Float64Array>>,
  moments: Moments,
  { optimiser, learningRate, step, weightDecay = 0 }: UpdateOptions,
): void {
  const rate = learningRate / (1 - FIRST_DECAY ** step)
  const secondCorrection = 1 - SECOND_DECAY ** step
  const kept = 1 - learningRate * weightDecay
  for (const [name, p] of Object.entries(parameters)) {
    const [g, m, v] = [gradient[name]!, moments.first[name]!, moments.second[name]!]
    for (let i = 0; i < p.length; i++) m[i] = FIRST_DECAY * m[i]! + (1 - FIRST_DECAY) * g[i]!
    if (optimiser === 'adam') {
      for (let i = 0; i < p.length; i++) {
        v[i] = SECOND_DECAY * v[i]! + (1 - SECOND_DECAY) * g[i]! * g[i]!
        p[i] = p[i]! * kept - (rate * m[i]!) / (Math.sqrt(v[i]! / secondCorrection) + EPSILON)
      }
    } else {
      for (let i = 0; i < p.length; i++) {
        v[i] = Math.max(SECOND_DECAY * v[i]!, Math.abs(g[i]!))
        p[i] = p[i]! * kept - (rate * m[i]!) / (v[i]! + EPSILON)
      }
    }
  }
}

/** Scales the gradient in place so that its norm is at most `limit`; returns the norm it had. */
export function clipGradient(gradient: Readonly<Record<string, Float64Array>>, limit: number): number {
  let squares = 0
  for (const g of Object.values(gradient)) for (let i = 0; i < g.length; i++) squares += g[i]! * g[i]!
  const norm = Math.sqrt(squares)
  if (norm > limit) {
    const factor = limit / norm
    for (const g of Object.values(gradient)) for (let i = 0; i < g.length; i++) g[i]! *= factor
  }
  return norm
}
