import { describe, expect, test } from 'vitest'
import { createModel } from '../../../src/model/createModel.js'
import type { ModelSetup } from '../../../src/model/models.js'
import type { Observations } from '../../../src/model/observations.js'
import type { LossOptions, SamplePaths } from '../../../src/model/sequenceModel.js'
import { initialise } from '../../../src/nn/parameters.js'
import { random } from '../../../src/random.js'
import { referenceEngine } from '../../reference/engine.js'
import { momentsOf } from '../support.js'

const [channels, units] = [2, 3]
const setup: ModelSetup<'ode-rnn'> = {
  kind: 'ode-rnn',
  channels,
  rate: 1.5,
  options: { units, fieldUnits: 4, fieldLayers: 1, rate: 'auto', decoderUnits: 4, residual: 'none' },
}
const options: LossOptions = { objective: 'elbo', beta: 1, samples: 1, noise: () => random(1, 'unused') }
const ask = { samples: 1, noise: options.noise }

/** Rows of different lengths; a cell is missing where its value is NaN. */
function batch(rows: readonly (readonly (readonly [number, number, number])[])[]): Observations {
  const length = Math.max(...rows.map((row) => row.length))
  const cells = rows.length * length * channels
  const out = {
    rows: rows.length,
    length,
    channels,
    lengths: Int32Array.from(rows, (row) => row.length),
    times: new Float64Array(rows.length * length),
    values: new Float64Array(cells),
    mask: new Uint8Array(cells),
  }
  rows.forEach((row, r) =>
    row.forEach(([time, ...values], i) => {
      out.times[r * length + i] = time
      values.forEach((value, c) => {
        const cell = (r * length + i) * channels + c
        out.mask[cell] = Number.isNaN(value) ? 0 : 1
        out.values[cell] = Number.isNaN(value) ? 0 : value
      })
    }),
  )
  return out
}
const shown = batch([
  [
    [0, 0.4, -1],
    [0.05, NaN, 0.3],
    [0.13, 1.1, NaN],
  ],
  [[0, -0.2, 0.6]],
  [
    [0, 1, 1],
    [0.3, 0.5, NaN],
  ],
])
const targets = batch([
  [
    [0, 0.4, -1],
    [0.05, NaN, 0.3],
    [0.09, 0.8, 0.1],
    [0.13, 1.1, NaN],
    [0.2, 0.7, -0.3],
  ],
  [
    [-0.1, 0.3, 0.2],
    [0, -0.2, 0.6],
    [0.01, NaN, 0.5],
  ],
  [
    [0, 1, 1],
    [0.3, 0.5, NaN],
  ],
])
const model = createModel(referenceEngine(), setup)
const weights = initialise(model.specs, 3)

/** What the model is, written once more in plain loops for one row: mean and deviation of each channel at each time asked for. */
function byHand(known: readonly (readonly [number, number, number])[], asked: readonly number[]): { mean: number[]; sd: number[] }[] {
  const product = (x: readonly number[], name: string, b: string): number[] => {
    const [w, bias] = [weights[name]!, weights[b]!]
    return Array.from(bias, (start, j) => x.reduce((sum, value, i) => sum + value * w[i * bias.length + j]!, start))
  }
  const perceptron = (x: readonly number[], name: string): number[] =>
    product(product(x, `${name}.w0`, `${name}.b0`).map(Math.tanh), `${name}.w1`, `${name}.b1`)
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
  const emit = (h: readonly number[]): { mean: number[]; sd: number[] } => {
    const raw = perceptron(h, 'decoder')
    return { mean: raw.slice(0, channels), sd: raw.slice(channels).map((x) => Math.log1p(Math.exp(x)) + 1e-3) }
  }
  const read = (h: readonly number[], values: readonly number[]): number[] => {
    const input = [...values.map((v) => (Number.isNaN(v) ? 0 : v)), ...values.map((v) => (Number.isNaN(v) ? 0 : 1))]
    const gates = product([...input, ...h], 'gru.gates.w', 'gru.gates.b').map(sigmoid)
    const [update, reset] = [gates.slice(0, units), gates.slice(units)]
    const candidate = product([...input, ...h.map((value, j) => value * reset[j]!)], 'gru.candidate.w', 'gru.candidate.b').map(Math.tanh)
    return h.map((value, j) => update[j]! * value + (1 - update[j]!) * candidate[j]!)
  }
  /** The state at a time, from what is known before it: equal Euler steps of at most 1/50 from row to row, steps of 1/50 after the last. */
  const stateAt = (time: number): number[] => {
    let h = Array<number>(units).fill(0)
    let now = known[0]?.[0] ?? 0
    const move = (to: number, step: number): void => {
      while (now < to - 1e-9) {
        const slope = perceptron(h, 'field')
        const gap = Math.min(step, to - now)
        h = h.map((value, j) => value + gap * setup.rate * slope[j]!)
        now += gap
      }
    }
    for (const [at, ...values] of known) {
      const step = (at - now) / Math.ceil((at - now) * 50 - 1e-9)
      move(Math.min(at, time), step)
      if (at >= time) return h
      now = at
      h = read(h, values)
    }
    move(time, 1 / 50)
    return h
  }
  return asked.map((time) => emit(stateAt(time)))
}

const logDensity = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI)
const row = (o: Observations, r: number): [number, number, number][] =>
  Array.from({ length: o.lengths[r]! }, (_, i) => {
    const cell = (r * o.length + i) * channels
    return [o.times[r * o.length + i]!, o.mask[cell] ? o.values[cell]! : NaN, o.mask[cell + 1] ? o.values[cell + 1]! : NaN]
  })

test('a time that is far from all others, shown or asked for, is an error, not a wait', () => {
  const near = batch([[[0, 1, 1]]])
  expect(() => model.predict(weights, near, [Float64Array.of(0.1, 1e9)], ask)).toThrow(
    /1\.0e\+9 times as far apart as the longest series.*mistyped/,
  )
  expect(() =>
    model.loss(
      weights,
      batch([
        [
          [0, 1, 1],
          [1e7, 2, 2],
        ],
      ]),
      batch([
        [
          [0, 1, 1],
          [1e7, 2, 2],
        ],
      ]),
      options,
    ),
  ).toThrow(/1\.0e\+7 times as far apart/)
})

describe('the model in plain loops', () => {
  // Float64 on both sides; sums of some dozen terms.
  test('predicts the same', () => {
    const times = [[-0.2, 0, 0.05, 0.07, 0.13, 0.5], [0.3], [0.1, 0.3, 0.3]].map((t) => Float64Array.from(t))
    model.predict(weights, shown, times, ask).forEach((said, r) => {
      expect(said.failed).toBe(false)
      const { means, noise } = momentsOf(said, times[r]!.length, channels)
      byHand(row(shown, r), [...times[r]!]).forEach(({ mean, sd }, i) =>
        mean.forEach((m, c) => {
          expect(means[i * channels + c]).toBeCloseTo(m, 12)
          expect(noise[i * channels + c]).toBeCloseTo(sd[c]!, 12)
        }),
      )
    })
  })

  test('has the same loss: each target given what was shown before it', () => {
    let [sum, count] = [0, 0]
    for (let r = 0; r < shown.rows; r++) {
      const list = row(targets, r)
      byHand(
        row(shown, r),
        list.map(([time]) => time),
      ).forEach(({ mean, sd }, i) =>
        list[i]!.slice(1).forEach((x, c) => {
          if (Number.isNaN(x)) return
          sum += logDensity(x, mean[c]!, sd[c]!)
          count++
        }),
      )
    }
    const { loss, observed, logLikelihood, kl, series } = model.loss(weights, shown, targets, options)
    // ½ log 2π is a number of the Graph, to the seven digits of float32.
    expect(loss).toBeCloseTo(-sum / count, 6)
    expect([observed, series, kl]).toEqual([count, 3, 0])
    expect(logLikelihood).toBeCloseTo(sum, 5)
  })
})

test('the gradient is written to the arrays given, whatever was in them', () => {
  const { gradient } = model.gradient(weights, shown, targets, options)
  const into = Object.fromEntries(Object.entries(gradient).map(([name, { length }]) => [name, new Float64Array(length).fill(NaN)]))
  expect(model.gradient(weights, shown, targets, { ...options, into }).gradient).toBe(into)
  expect(into).toEqual(gradient)
})

test('the gradient is that of central differences', () => {
  // Float64, step 1e-6: error of order 1e-9 of the loss's curvature, and rounding of 1e-10.
  const { gradient, loss } = model.gradient(weights, shown, targets, options)
  expect(model.loss(weights, shown, targets, options).loss).toBe(loss)
  const stream = random(9, 'coordinates')
  for (const name of Object.keys(model.specs)) {
    const i = stream.integer(weights[name]!.length)
    const at = (delta: number): number => {
      const moved = { ...weights, [name]: weights[name]!.slice() }
      moved[name]![i]! += delta
      return model.loss(moved, shown, targets, options).loss
    }
    const difference = (at(1e-6) - at(-1e-6)) / 2e-6
    expect(Math.abs(gradient[name]![i]! - difference), `${name}[${i}] ${difference}`).toBeLessThan(1e-7 * Math.max(1, Math.abs(difference)))
  }
})

test('what comes later, and what is shown at the same time, has no influence', () => {
  const times = [Float64Array.of(0, 0.04, 0.05, 0.06)]
  const predict = (later: number): SamplePaths =>
    model.predict(
      weights,
      batch([
        [
          [0, 0.4, -1],
          [0.05, later, 0.3],
          [0.13, 1.1, NaN],
        ],
      ]),
      times,
      ask,
    )[0]!
  const [one, other] = [predict(0.2), predict(5)].map((paths) => momentsOf(paths, times[0]!.length, channels).means) as [
    Float64Array,
    Float64Array,
  ]
  expect(other.subarray(0, 3 * channels)).toEqual(one.subarray(0, 3 * channels))
  expect(other.subarray(3 * channels)).not.toEqual(one.subarray(3 * channels))
})

test('rows do not see each other, and other times asked for change nothing', () => {
  const times = [Float64Array.of(0.4), Float64Array.of(0.4), Float64Array.of(0.4)]
  const together = model.predict(weights, shown, times, ask)
  for (let r = 0; r < 3; r++) {
    const [alone] = model.predict(weights, batch([row(shown, r)]), [Float64Array.of(0.4)], ask)
    expect(momentsOf(together[r]!, 1, channels)).toEqual(momentsOf(alone!, 1, channels))
  }
  const [more] = model.predict(weights, batch([row(shown, 0)]), [Float64Array.of(-1, 0.01, 0.05, 0.383, 0.39, 0.4, 0.4, 0.6)], ask)
  const { means } = momentsOf(more!, 8, channels)
  expect(means.subarray(5 * channels, 6 * channels)).toEqual(momentsOf(together[0]!, 1, channels).means)
  expect(means.subarray(6 * channels, 7 * channels)).toEqual(momentsOf(together[0]!, 1, channels).means)
})

test.each([NaN, Infinity, 1e38])('what was not observed has no influence when it is %d', (garbage) => {
  const spoil = (o: Observations): Observations => ({ ...o, values: o.values.map((v, cell) => (o.mask[cell] === 1 ? v : garbage)) })
  const [clean, spoiled] = [
    model.gradient(weights, shown, targets, options),
    model.gradient(weights, spoil(shown), spoil(targets), options),
  ]
  expect(spoiled.loss).toBe(clean.loss)
  expect(spoiled.gradient).toEqual(clean.gradient)
})

test('a series of which nothing is shown is what the state says that no observation has touched', () => {
  const none: Observations = { ...batch([[[0, 0, 0]]]), lengths: Int32Array.of(0), mask: new Uint8Array(channels) }
  const [path] = model.predict(weights, none, [Float64Array.of(-0.3, 0, 0.1)], ask)
  byHand([], [-0.3, 0, 0.1]).forEach(({ mean }, i) => mean.forEach((m, c) => expect(path!.component(0, i, c).mean).toBeCloseTo(m, 12)))
  expect(path!.posterior.mean).toEqual(new Float64Array(units))
})

test('a time that is none is a failure of its series, not a walk without end', () => {
  const paths = model.predict(weights, batch([[[0, 1, 1]], [[0, 1, 1]]]), [Float64Array.of(NaN), Float64Array.of(0)], ask)
  expect(paths.map(({ failed }) => failed)).toEqual([true, false])
})

test('a state that runs to infinity is a failure that says so, of that series alone', () => {
  const wild = { ...weights, 'field.b1': new Float64Array(units).fill(1e308) }
  const [bad, good] = model.predict(wild, batch([[[0, 1, 1]], [[0, 1, 1]]]), [Float64Array.of(9), Float64Array.of(0)], ask)
  expect([bad!.failed, good!.failed]).toEqual([true, false])
  expect(bad!.solver.error?.message).toContain('infinite or NaN')
})
