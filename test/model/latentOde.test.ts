import { describe, expect, test } from 'vitest'
import { createLatentOde } from '../../src/model/latentOde.js'
import type { AdjointName } from '../../src/ode/types.js'
import type { LatentOdeConfig } from '../../src/model/latentOdeConfig.js'
import { objectives } from '../../src/model/objective.js'
import type { Observations } from '../../src/model/observations.js'
import type { LossOptions, ParameterArrays, SamplePaths } from '../../src/model/sequenceModel.js'
import { initialise } from '../../src/nn/parameters.js'
import { random } from '../../src/random.js'
import { referenceEngine } from '../reference/engine.js'
import { momentsOf } from './support.js'

const config: LatentOdeConfig = {
  encoder: 'ode-rnn',
  posterior: 'gaussian',
  dynamics: 'mlp',
  likelihood: ['gaussian', 'gaussian'],
  channels: 2,
  latents: 3,
  encoderUnits: 4,
  encoderFieldUnits: 5,
  encoderStep: 0.2,
  fieldUnits: 5,
  fieldLayers: 1,
  rate: 1.5,
  timeDependent: false,
  decoderUnits: 4,
  noise: 'learned',
  residual: 'none',
  method: 'rk4',
  stepSize: 0.25,
  rtol: 1e-6,
  atol: 1e-8,
  adjoint: 'discrete',
  maxSteps: 1000,
}

/** Three series of different lengths; some cells missing; some targets before the origin. */
function batch(times: readonly (readonly number[])[], seed: number): Observations {
  const stream = random(seed, 'batch')
  const length = Math.max(...times.map((t) => t.length))
  const cells = times.length * length * config.channels
  const out = {
    rows: times.length,
    length,
    channels: config.channels,
    lengths: Int32Array.from(times, (t) => t.length),
    times: new Float64Array(times.length * length),
    values: new Float64Array(cells),
    mask: new Uint8Array(cells),
  }
  times.forEach((row, r) =>
    row.forEach((t, i) => {
      out.times[r * length + i] = t
      for (let c = 0; c < config.channels; c++) {
        const cell = (r * length + i) * config.channels + c
        out.mask[cell] = stream.uniform() < 0.8 ? 1 : 0
        out.values[cell] = out.mask[cell] === 1 ? stream.normal() : 0
      }
    }),
  )
  return out
}
const conditioning = batch([[0, 0.3, 0.9], [0, 0.05], [0]], 1)
const targets = batch(
  [
    [0, 0.1, 0.3, 0.9, 1.2],
    [-0.3, -0.1, 0, 0.05],
    [0, 0.7],
  ],
  2,
)
const options = (objective: LossOptions['objective']): LossOptions => ({
  objective,
  beta: 0.7,
  samples: 2,
  noise: (row) => random(5, 'noise', row),
})

/** With these all values of the batch are above 0 in the data's own units; the formulas of counts hold between whole numbers, too. */
const scales = [
  { mean: 4, sd: 1.2 },
  { mean: 5, sd: 1.1 },
]

describe('gradient of the loss', () => {
  // Central differences in float64 with step 1e-6: error of order 1e-9 of the loss's curvature, and rounding of 1e-10.
  test.each(
    objectives.flatMap(
      (o) =>
        [
          [o, {}],
          [o, { timeDependent: true, decoderUnits: 0, fieldLayers: 2, noise: 0.3, method: 'midpoint' }],
          [o, { encoder: 'rnn', likelihood: ['student-t', 'student-t'] }],
          [o, { likelihood: ['student-t', 'gaussian'] }],
          [o, { dynamics: 'semilinear' }],
          [o, { dynamics: 'semilinear', timeDependent: true, fieldLayers: 2 }],
          [o, { dynamics: 'second-order', latents: 4 }],
          [o, { dynamics: 'second-order', latents: 2, timeDependent: true, method: 'midpoint' }],
          [o, { dynamics: 'gated' }],
          [o, { dynamics: 'gated', timeDependent: true, fieldLayers: 2 }],
          [o, { dynamics: 'linear', latents: 4 }],
          [o, { dynamics: 'linear', latents: 2, rate: 7, residual: 'ou' }],
          [o, { residual: 'ou' }],
          [o, { residual: 'matern32', noise: 'state' }],
          [o, { residual: 'ou', noise: 0.4, likelihood: ['student-t', 'gaussian'] }],
          [o, { noise: 'state', likelihood: ['gaussian', 'student-t'] }],
          [o, { likelihood: ['bernoulli', 'poisson'], scales }],
          [o, { likelihood: ['negative-binomial', 'zero-inflated'], scales }],
          [o, { likelihood: ['negative-binomial', 'zero-inflated'], scales, noise: 'state', channelWeights: [0.3, 2.5] }],
          [o, { likelihood: ['bernoulli', 'gaussian'], scales, residual: 'ou' }],
          [o, { channelWeights: [0.3, 2.5] }],
          [o, { channelWeights: [0.3, 2.5], residual: 'ou', likelihood: ['student-t', 'gaussian'] }],
          [o, { channelWeights: [0.3, 2.5], residual: 'matern32', noise: 'state' }],
        ] as const,
    ),
  )('%s, %o', (objective, changes) => {
    const model = createLatentOde(referenceEngine(), { ...config, ...changes } as LatentOdeConfig)
    const parameters: ParameterArrays = initialise(model.specs, 3)
    const { gradient, loss } = model.gradient(parameters, conditioning, targets, options(objective))
    expect(model.loss(parameters, conditioning, targets, options(objective)).loss).toBe(loss)
    const stream = random(9, 'coordinates')
    for (const name of Object.keys(model.specs)) {
      const i = stream.integer(parameters[name]!.length)
      const at = (delta: number): number => {
        const moved = { ...parameters, [name]: parameters[name]!.slice() }
        moved[name]![i]! += delta
        return model.loss(moved, conditioning, targets, options(objective)).loss
      }
      const difference = (at(1e-6) - at(-1e-6)) / 2e-6
      expect(Math.abs(gradient[name]![i]! - difference), `${name}[${i}] ${difference}`).toBeLessThan(
        1e-7 * Math.max(1, Math.abs(difference)),
      )
    }
  })

  // Nothing is shown of one series, or of none of them: z0 comes from the prior, and there is nothing for the encoder to learn.
  test.each(objectives.flatMap((o) => [[o, [[0, 0.3, 0.9], [], [0]]] as const, [o, [[], [], []]] as const]))(
    '%s, shown %j',
    (objective, shown) => {
      const model = createLatentOde(referenceEngine(), { ...config, residual: 'ou' })
      const parameters: ParameterArrays = initialise(model.specs, 3)
      const known = batch(shown, 1)
      const { gradient, kl } = model.gradient(parameters, known, targets, options(objective))
      const nothing = shown.every(({ length }) => length === 0)
      if (nothing) expect(kl).toBe(0)
      for (const name of Object.keys(model.specs)) {
        const i = Math.floor(parameters[name]!.length / 2)
        const at = (delta: number): number => {
          const moved = { ...parameters, [name]: parameters[name]!.slice() }
          moved[name]![i]! += delta
          return model.loss(moved, known, targets, options(objective)).loss
        }
        const difference = (at(1e-6) - at(-1e-6)) / 2e-6
        expect(Math.abs(gradient[name]![i]! - difference), `${name}[${i}] ${difference}`).toBeLessThan(
          1e-7 * Math.max(1, Math.abs(difference)),
        )
        if (nothing && /^(encoder|posterior)/.test(name)) expect(gradient[name]!.every((slope) => slope === 0)).toBe(true)
      }
    },
  )

  test('is written to the arrays given, whatever was in them', () => {
    const model = createLatentOde(referenceEngine(), config)
    const parameters = initialise(model.specs, 3)
    const { gradient } = model.gradient(parameters, conditioning, targets, options('elbo'))
    const into = Object.fromEntries(Object.entries(gradient).map(([name, { length }]) => [name, new Float64Array(length).fill(NaN)]))
    expect(model.gradient(parameters, conditioning, targets, { ...options('elbo'), into }).gradient).toBe(into)
    expect(into).toEqual(gradient)
  })

  test('the adjoints of an adaptive method agree at tight tolerances', () => {
    const gradientOf = (adjoint: AdjointName) => {
      const model = createLatentOde(referenceEngine(), { ...config, method: 'dopri5', rtol: 1e-9, atol: 1e-11, adjoint })
      return model.gradient(initialise(model.specs, 3), conditioning, targets, options('elbo')).gradient
    }
    const [discrete, continuous, interpolated] = [gradientOf('discrete'), gradientOf('continuous'), gradientOf('interpolated')]
    for (const [name, g] of Object.entries(discrete))
      for (const other of [continuous, interpolated]) g.forEach((x, i) => expect(other[name]![i]).toBeCloseTo(x, 6))
  })
})

describe('what was not observed', () => {
  test.each([NaN, Infinity, -Infinity, 1e38])('has no influence when it is %d', (garbage) => {
    const model = createLatentOde(referenceEngine(), config)
    const parameters = initialise(model.specs, 3)
    const spoil = (o: Observations): Observations => ({ ...o, values: o.values.map((v, cell) => (o.mask[cell] === 1 ? v : garbage)) })
    const clean = model.gradient(parameters, conditioning, targets, options('elbo'))
    const spoiled = model.gradient(parameters, spoil(conditioning), spoil(targets), options('elbo'))
    expect(spoiled.loss).toBe(clean.loss)
    expect(spoiled.gradient).toEqual(clean.gradient)
  })
})

describe('a batch', () => {
  test('a series’ prediction does not depend on its batch-mates', () => {
    const model = createLatentOde(referenceEngine(), { ...config, method: 'dopri5' })
    const parameters = initialise(model.specs, 3)
    const times = [Float64Array.of(-0.5, 0, 0.4, 2), Float64Array.of(1), Float64Array.of(0, 0.1)]
    const noise = (ids: readonly number[]) => ({ samples: 3, noise: (row: number) => random(5, 'noise', ids[row]!) })
    const together = model.predict(parameters, conditioning, times, noise([0, 1, 2]))
    const width = conditioning.length * config.channels
    for (const r of [0, 1, 2]) {
      const alone: Observations = {
        ...conditioning,
        rows: 1,
        lengths: conditioning.lengths.slice(r, r + 1),
        times: conditioning.times.slice(r * conditioning.length, (r + 1) * conditioning.length),
        values: conditioning.values.slice(r * width, (r + 1) * width),
        mask: conditioning.mask.slice(r * width, (r + 1) * width),
      }
      const meansOf = (paths: SamplePaths) => momentsOf(paths, times[r]!.length, config.channels).means
      expect(meansOf(model.predict(parameters, alone, [times[r]!], noise([r]))[0]!)).toEqual(meansOf(together[r]!))
    }
  })

  test('leaves nothing behind in the engine', () => {
    const engine = referenceEngine()
    const model = createLatentOde(engine, config)
    const parameters = initialise(model.specs, 3)
    model.gradient(parameters, conditioning, targets, options('elbo'))
    const before = engine.live()
    for (let i = 0; i < 3; i++) model.gradient(parameters, conditioning, targets, options('iwae'))
    expect(engine.live()).toBe(before)
  })
})
