import type { FilterName } from '../../../src/model/filters/index.js'

/** Weights by name, row-major. */
export type Weights = Readonly<Record<string, Float64Array>>
/** A row of two channels; a missing value is NaN. */
export type Row = readonly [time: number, ...values: number[]]

/** What the formulas are of: one short series of two channels. */
export interface Plain {
  readonly weights: Weights
  readonly units: number
  readonly rate: number
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const present = (x: number): number => (Number.isNaN(x) ? 0 : x)
const maskOf = (values: readonly number[]): number[] => values.map((x) => (Number.isNaN(x) ? 0 : 1))

/** `x W + b`; without a bias, of `width` columns. */
function affine(weights: Weights, x: readonly number[], w: string, b: string): number[] {
  const bias = weights[b]!
  return Array.from(bias, (start, j) => x.reduce((sum, value, i) => sum + value * weights[w]![i * bias.length + j]!, start))
}

function perceptron(weights: Weights, x: readonly number[], name: string): number[] {
  return affine(weights, affine(weights, x, `${name}.w0`, `${name}.b0`).map(Math.tanh), `${name}.w1`, `${name}.b1`)
}

/** A GRU's update gate u and candidate c. */
function gates(weights: Weights, x: readonly number[], h: readonly number[], name: string): { u: number[]; c: number[] } {
  const both = affine(weights, [...x, ...h], `${name}.gates.w`, `${name}.gates.b`).map(sigmoid)
  const [u, r] = [both.slice(0, h.length), both.slice(h.length)]
  const c = affine(weights, [...x, ...h.map((value, j) => value * r[j]!)], `${name}.candidate.w`, `${name}.candidate.b`).map(Math.tanh)
  return { u, c }
}

function gru(weights: Weights, x: readonly number[], h: readonly number[]): number[] {
  const { u, c } = gates(weights, x, h, 'gru')
  return h.map((value, j) => u[j]! * value + (1 - u[j]!) * c[j]!)
}

/** Mean and deviation of each channel, by a decoder with one hidden layer. */
export function decode(weights: Weights, h: readonly number[]): { mean: number[]; sd: number[] } {
  const raw = perceptron(weights, h, 'decoder')
  const half = raw.length / 2
  return { mean: raw.slice(0, half), sd: raw.slice(half).map((x) => Math.log1p(Math.exp(x)) + 1e-3) }
}

/** The hidden state at a time, before a row that stands there is read, given the rows before it. */
export type StateAt = (plain: Plain, known: readonly Row[], time: number) => number[]

/** Equal steps of at most 1/50 from row to row, steps of 1/50 after the last, the last of them cut. */
const inSteps =
  (
    step: (plain: Plain, h: readonly number[], gap: number) => number[],
    read: (plain: Plain, h: number[], values: number[]) => number[],
  ): StateAt =>
  (plain, known, time) => {
    let h = Array<number>(plain.units).fill(0)
    let now = known[0]?.[0] ?? 0
    const move = (to: number, longest: number): void => {
      while (now < to - 1e-9) {
        const gap = Math.min(longest, to - now)
        h = step(plain, h, gap)
        now += gap
      }
    }
    for (const [at, ...values] of known) {
      move(Math.min(at, time), (at - now) / Math.ceil((at - now) * 50 - 1e-9))
      if (at >= time) return h
      now = at
      h = read(plain, h, values)
    }
    move(time, 1 / 50)
    return h
  }

/** The rows before a time, each with the time since the row before it (0 of the first), and the time since the last of them. */
function before(known: readonly Row[], time: number): { rows: { gap: number; values: number[] }[]; since: number } {
  const rows = known.filter(([at]) => at < time)
  return {
    rows: rows.map(([at, ...values], i) => ({ gap: at - (rows[i - 1]?.[0] ?? at), values })),
    since: rows.length === 0 ? 0 : time - rows.at(-1)![0],
  }
}

const plainInput = (values: readonly number[]): number[] => [...values.map(present), ...maskOf(values)]

/** x, mean, log variance and error of each channel through four rectified features, missing channels 0. */
export function gruBayes({ weights }: Plain, h: number[], values: number[]): number[] {
  const { mean, sd } = decode(weights, h)
  const channels = values.length
  const features = Array.from({ length: 4 }, (_, f) =>
    values.map((x, c) => {
      if (Number.isNaN(x)) return 0
      const inputs = [x, mean[c]!, Math.log(sd[c]! ** 2), (x - mean[c]!) / sd[c]!]
      const sum = inputs.reduce((total, input, k) => total + input * weights['features.w']![(4 * k + f) * channels + c]!, 0)
      return Math.max(0, sum + weights['features.b']![f * channels + c]!)
    }),
  )
  return gru(weights, features.flat(), h)
}

/** Each cell's formula, in plain loops over numbers. */
export const stateAt: Readonly<Record<FilterName, StateAt>> = {
  'ode-rnn': inSteps(
    ({ weights, rate }, h, gap) => {
      const slope = perceptron(weights, h, 'field')
      return h.map((value, j) => value + gap * rate * slope[j]!)
    },
    ({ weights }, h, values) => gru(weights, plainInput(values), h),
  ),
  'rnn-delta': ({ weights, units, rate }, known, time) =>
    before(known, time).rows.reduce(
      (h, { gap, values }) => gru(weights, [...plainInput(values), rate * gap], h),
      Array<number>(units).fill(0),
    ),
  'rnn-decay': ({ weights, units, rate }, known, time) => {
    const decayed = (h: number[], gap: number): number[] =>
      h.map((value, j) => value * Math.exp(-Math.max(0, weights['decay.w']![j]! * rate * gap + weights['decay.b']![j]!)))
    const { rows, since } = before(known, time)
    return decayed(
      rows.reduce((h, { gap, values }) => gru(weights, plainInput(values), decayed(h, gap)), Array<number>(units).fill(0)),
      since,
    )
  },
  'gru-d': ({ weights, units, rate }, known, time) => {
    const { rows, since } = before(known, time)
    // Equation 2 of Che et al.: the time since each channel's last value, by the mask of the row before.
    const delta = (known[0] ?? [0, NaN, NaN]).slice(1).map(() => 0)
    const last = delta.map(() => 0)
    const decayed = (h: number[]): number[] =>
      affine(
        weights,
        delta.map((d) => rate * d),
        'decay.w',
        'decay.b',
      ).map((exponent, j) => h[j]! * Math.exp(-Math.max(0, exponent)))
    let h = Array<number>(units).fill(0)
    rows.forEach(({ gap, values }, i) => {
      delta.forEach((d, c) => (delta[c] = i === 0 ? 0 : Number.isNaN(rows[i - 1]!.values[c]!) ? d + gap : gap))
      const input = values.map((x, c) => {
        const exponent = weights['inputDecay.w']![c]! * rate * delta[c]! + weights['inputDecay.b']![c]!
        return Number.isNaN(x) ? last[c]! * Math.exp(-Math.max(0, exponent)) : x
      })
      h = gru(weights, [...input, ...maskOf(values)], decayed(h))
      values.forEach((x, c) => {
        if (!Number.isNaN(x)) last[c] = x
      })
    })
    delta.forEach((d, c) => (delta[c] = since + (Number.isNaN(rows.at(-1)?.values[c] ?? NaN) ? d : 0)))
    return decayed(h)
  },
  'gru-ode-bayes': inSteps(({ weights, rate }, h, gap) => {
    const { u, c } = gates(weights, [], h, 'flow')
    return h.map((value, j) => c[j]! + (value - c[j]!) * Math.exp(-gap * rate * (1 - u[j]!)))
  }, gruBayes),
}
