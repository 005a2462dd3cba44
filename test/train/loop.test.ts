import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import type { Series } from '../../src/data/series.js'
import type { Engine } from '../../src/engine/engine.js'
import { nativeEngine } from '../../src/engine/select.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import type { GradientResult, SequenceModel } from '../../src/model/sequenceModel.js'
import { constant } from '../../src/nn/parameters.js'
import { fit, resumeFit } from '../../src/train/fit.js'
import { startTraining, train, type TrainingData, type TrainingEvents } from '../../src/train/loop.js'
import { trainingOptions } from '../../src/train/options.js'
import { referenceEngine } from '../reference/engine.js'

const series = (id: string): Series => ({
  id,
  times: Float64Array.of(0, 1, 2),
  values: Float64Array.of(1, 2, 3),
  mask: Uint8Array.of(1, 1, 1),
})
const data: TrainingData = {
  channels: 1,
  scale: { origin: 'first', earliest: 0, span: 2, rate: 1 },
  train: ['a', 'b', 'c', 'd'].map(series),
  valid: [series('v')],
}
const options = trainingOptions.parse({
  epochs: 6,
  batchSize: 2,
  minSteps: 1,
  learningRate: 0.1,
  learningRateFloor: 1,
  averaging: 0,
  budget: 'none',
  klWarmup: 0,
  patience: 0,
  clip: 1e9,
})

/** A model with one weight and the loss (w − 3)²; `spoil` changes what a gradient call gives. */
function quadratic(
  spoil: (result: GradientResult, call: number) => GradientResult = (r) => r,
  validation: (w: number) => number = (w) => (w - 3) ** 2,
): SequenceModel {
  let calls = 0
  const solver = { evaluations: 7, accepted: 1, rejected: 0, rows: 2, failed: 0, smallestStep: 0.1 }
  return {
    name: 'quadratic',
    specs: { w: { shape: [1], initialise: constant(0) } },
    gradient({ w }) {
      const loss = (w![0]! - 3) ** 2
      return spoil(
        { loss, logLikelihood: -loss, kl: 0, observed: 1, series: 2, solver, gradient: { w: Float64Array.of(2 * (w![0]! - 3)) } },
        ++calls,
      )
    },
    loss: ({ w }) => ({ loss: NaN, logLikelihood: -validation(w![0]!), kl: 0, observed: 1, series: 1, solver }),
    predict: () => [],
  }
}

const run = async (model: SequenceModel, changes: Partial<typeof options> = {}, events: TrainingEvents = {}) => {
  const all = { ...options, ...changes }
  return train(referenceEngine(), model, data, all, startTraining(model, all), events)
}

describe('the loop', () => {
  test('Adam’s first steps move by the learning rate towards the minimum', async () => {
    const state = await run(quadratic(), { epochs: 1 })
    // Two batches: the first Adam step is exactly the rate, the second very nearly.
    expect(state.step).toBe(2)
    expect(state.parameters.w![0]).toBeCloseTo(0.2, 3)
  })

  test('a loss that is not finite undoes the step before it and halves the rate', async () => {
    const notices: string[] = []
    const weights: number[] = []
    const model = quadratic((r, call) => (call === 3 ? { ...r, loss: NaN } : r))
    const state = await run(
      model,
      { epochs: 2 },
      { onNotice: (text, kind) => notices.push(`${kind}: ${text}`), onStep: (s) => weights.push(s.parameters.w![0]!) },
    )
    expect(notices).toHaveLength(1)
    expect(notices[0]).toMatch(/^warning: Epoch 2, step 3: the loss is not finite.*undone.*halved to 0\.05/)
    expect(weights[2]).toBe(weights[0])
    expect(weights[3]! - weights[2]!).toBeCloseTo(0.05, 2)
    expect(state.rateFactor).toBe(0.5)
  })

  test('a gradient that is not finite is caught too', async () => {
    const notices: string[] = []
    await run(
      quadratic((r, call) => (call === 2 ? { ...r, gradient: { w: Float64Array.of(Infinity) } } : r)),
      { epochs: 2 },
      { onNotice: (m) => notices.push(m) },
    )
    expect(notices[0]).toMatch(/the gradient is not finite/)
  })

  test('training that never gets a finite loss ends with an error that says what to do', async () => {
    await expect(
      run(
        quadratic((r) => ({ ...r, loss: NaN })),
        { epochs: 100 },
      ),
    ).rejects.toThrow(/^All 20 steps of training were undone: .* not finite.*so there is no model/)
  })

  test('where every step is undone there is nothing to keep, and that is an error', async () => {
    const never = quadratic((r) => ({ ...r, loss: NaN }))
    await expect(run(never, { epochs: 3 })).rejects.toMatchObject({
      name: 'TrainingFailure',
      code: 'NothingLearned',
      message:
        'All 6 steps of training were undone: each time the loss or its gradient was not finite. Nothing was learned, so there is no ' +
        'model.',
    })
    // One step is taken, the next undoes it: the weights are the first ones.
    await expect(
      run(
        quadratic((r, call) => (call === 1 ? r : { ...r, loss: Infinity })),
        { epochs: 1 },
      ),
    ).rejects.toThrow(/^All 2 steps of training were undone/)
  })

  test('weights that no step has made are not the best, whatever their validation loss', async () => {
    // The first epoch is undone; the validation loss is least where training starts, at 0.
    const state = await run(
      quadratic(
        (r, call) => (call <= 2 ? { ...r, loss: NaN } : r),
        (w) => w * w,
      ),
      { epochs: 3 },
    )
    expect(state.best!.epoch).toBe(2)
    expect(state.best!.parameters.w![0]).toBeGreaterThan(0)
  })

  test('an epoch whose loss is no number is never the best', async () => {
    // Without validation series the training loss says; that of the first epoch is not finite.
    const all = { ...options, epochs: 3 }
    const model = quadratic((r, call) => (call === 1 || call === 2 ? { ...r, loss: NaN } : r))
    const state = await train(referenceEngine(), model, { ...data, valid: [] }, all, startTraining(model, all))
    expect(state.best).toMatchObject({ epoch: 3, loss: state.history[2]!.trainLoss })
    // A validation loss that is none is not compared with training losses.
    const spoilt = await run(
      quadratic(undefined, (w) => (w < 0.3 ? NaN : 100 + w)),
      { epochs: 4 },
    )
    expect(Number.isNaN(spoilt.history[0]!.validLoss)).toBe(true)
    expect(spoilt.best).toMatchObject({ epoch: 2, loss: spoilt.history[1]!.validLoss })
  })

  test('rows that fail are counted; up to 5 % are left out with a notice, more end the run with the solver’s error', async () => {
    const failing = (failed: number) =>
      quadratic((r) => ({ ...r, solver: { ...r.solver, rows: 100, failed, error: new Error('StepTooSmall at t = 0.3') } }))
    const notices: string[] = []
    await run(failing(5), { epochs: 1 }, { onNotice: (m) => notices.push(m) })
    expect(notices[0]).toMatch(/failed for 10 of 200 rows \(5 %\).*left out.*StepTooSmall at t = 0\.3/)
    await expect(run(failing(6), { epochs: 1 })).rejects.toThrow(/failed for 12 of 200 rows \(6 %\)\. The first: StepTooSmall at t = 0\.3/)
  })

  test('training ends when the validation loss no longer improves, and the best weights are kept', async () => {
    // The validation loss is least at w = 0.4, which is passed in epoch 2.
    const state = await run(
      quadratic(undefined, (w) => (w - 0.4) ** 2),
      { epochs: 50, patience: 3 },
    )
    expect(state.best!.epoch).toBe(2)
    expect(state.history).toHaveLength(5)
    expect(state.best!.parameters.w![0]).toBeCloseTo(0.4, 2)
  })

  test('without validation series the last of the warm-up is kept, as long as nothing can be compared', async () => {
    const all = { ...options, epochs: 3, klWarmup: 10 }
    const state = await train(referenceEngine(), quadratic(), { ...data, valid: [] }, all, startTraining(quadratic(), all))
    expect(state.best!.epoch).toBe(3)
  })

  test('a small set is passed over until the epoch has its steps, in another order each time', async () => {
    const orders: string[] = []
    const model = quadratic()
    const watched: SequenceModel = {
      ...model,
      gradient(parameters, conditioning, ...rest) {
        orders.push(Array.from(conditioning.lengths).join())
        return model.gradient(parameters, conditioning, ...rest)
      },
    }
    const state = await run(watched, { epochs: 2, minSteps: 5, conditioning: 'mixed' })
    // Two batches a pass: three passes make six steps.
    expect(state.step).toBe(12)
    expect(new Set(orders).size).toBeGreaterThan(1)
  })

  test('the KL term gains its weight over the warm-up', async () => {
    const state = await run(quadratic(), { epochs: 6, klWarmup: 4 })
    expect(state.history.map(({ beta }) => beta)).toEqual([0, 0.25, 0.5, 0.75, 1, 1])
  })

  test('weights are kept in the scalars of the engine', async () => {
    const third = { ...quadratic(), specs: { w: { shape: [1], initialise: constant(1 / 3) } } }
    expect(startTraining(third, options).parameters).toEqual({ w: Float32Array.of(1 / 3) })
    const state = startTraining(third, options, 'float64')
    expect(state.parameters).toEqual({ w: Float64Array.of(1 / 3) })
    await train(referenceEngine(), third, data, { ...options, epochs: 1 }, state)
    expect(state.parameters['w']).toBeInstanceOf(Float64Array)
    expect(state.previous!.parameters['w']).toBeInstanceOf(Float64Array)
  })

  test('weights with a decay shrink, the norm of the gradient is clipped', async () => {
    const still = {
      ...quadratic((r) => ({ ...r, gradient: { w: Float64Array.of(0) } })),
      specs: { w: { shape: [1, 1], initialise: constant(0) } },
    }
    const state = startTraining(still, options)
    state.parameters.w![0] = 1
    await train(referenceEngine(), still, data, { ...options, epochs: 1, weightDecay: 0.5 }, state)
    expect(state.parameters.w![0]).toBeCloseTo((1 - 0.1 * 0.5) ** 2, 6)
    const clipped = await run(quadratic(), { epochs: 1, clip: 1e-3 })
    expect(clipped.history[0]!.gradientNorm).toBeGreaterThan(5)
    // First moments of Adam: 0.1 · 1e-3, then 0.9 of it and 0.1 · 1e-3 more.
    expect(clipped.moments.first.w![0]).toBeCloseTo(-(0.9 * 1e-4 + 1e-4), 9)
  })

  test('clip auto bounds a step by those before it: an outlying gradient moves little more than the others', async () => {
    const spiked = quadratic((r, call) => ({ ...r, gradient: { w: Float64Array.of(call === 3 ? -1e6 : -2) } }))
    const state = await run(spiked, { epochs: 2, clip: 'auto' })
    expect(state.norms).toEqual([2, 2, 1e6, 2])
    // Moments 0.9 m + 0.1 g of g = 2, 2, 6 (three times the median), 2.
    const moment = [2, 2, 6, 2].reduce((m, g) => 0.9 * m + 0.1 * g, 0)
    expect(state.moments.first.w![0]).toBeCloseTo(-moment, 5)
  })

  test('what is validated and kept is the running average of the weights', async () => {
    const seen: number[] = []
    const state = await run(
      quadratic(undefined, (w) => (seen.push(w), (w - 3) ** 2)),
      { epochs: 1, averaging: 0.05 },
    )
    const [first, second] = [0.1, state.parameters.w![0]!]
    // Of the first weights, which no step has made, nothing is kept; then 1/10 of the average would be, but 0.05 is less.
    expect(state.average.w![0]).toBeCloseTo(0.05 * first + 0.95 * second, 5)
    expect(new Set(seen)).toEqual(new Set([state.average.w![0]]))
    expect(state.best!.parameters.w).toEqual(state.average.w)
  })

  test('where the loss gets no better the learning rate is cut, training goes on from the best weights, and ends at the floor', async () => {
    // The validation loss is least at w = 0.4, which is passed in epoch 2.
    const state = await run(
      quadratic(undefined, (w) => (w - 0.4) ** 2),
      { epochs: undefined, patience: 2, learningRateCut: 0.5, learningRateFloor: 0.5 },
    )
    expect(state.ending).toBe('rest')
    expect(state.history.map(({ learningRate }) => learningRate)).toEqual([0.1, 0.1, 0.1, 0.1, 0.05, 0.05])
    expect(state.best!.epoch).toBe(2)
  })

  test('a budget ends training after the step in which it is used up, but not before the least number of steps', async () => {
    let clock = 0
    const slow = quadratic((r) => ((clock += 10), r))
    const state = await run(slow, { epochs: undefined, budget: '25s' }, { now: () => clock })
    // Steps end at 10, 20 and 30 s.
    expect([state.step, state.ending, state.history.length]).toEqual([3, 'budget', 2])
    expect(state.history[1]!.seconds).toBe(10)
    const least = await run(slow, { epochs: undefined, budget: '1s', minSteps: 5 }, { now: () => clock })
    expect([least.step, least.ending]).toEqual([5, 'budget'])
  })

  test('a budget that is not used up changes nothing', async () => {
    const [bounded, free] = [await run(quadratic(), { budget: '2h' }), await run(quadratic())]
    expect(bounded.parameters).toEqual(free.parameters)
    expect(bounded.ending).toBe('epochs')
  })
})

describe('stopping and going on', () => {
  let engine: Engine
  let folder: string
  beforeAll(async () => {
    engine = await nativeEngine()
    folder = await mkdtemp(join(tmpdir(), 'latent-ode-'))
  })
  afterAll(async () => {
    engine.dispose()
    await rm(folder, { recursive: true })
  })
  const set = simulateOscillators({ count: 12, points: 6, seed: 4 })
  const small = {
    epochs: 4,
    batchSize: 3,
    minSteps: 5,
    latents: 2,
    encoderUnits: 4,
    encoderFieldUnits: 4,
    fieldUnits: 4,
    decoderUnits: 0,
    samples: 2,
    klWarmup: 2,
    folds: 1,
    // What is done with a trained model takes as long as the training, and is no part of it.
    stack: 'none',
    calibrate: false,
  } as const

  test.each([
    ['native', () => nativeEngine(), [1, 4, -1]],
    ['tfjs', () => tfjsEngine(), [4]],
  ] as const)(
    '%s: resumed after any step, weights and history are those of an uninterrupted run, to the bit',
    async (name, open, stops) => {
      const engine = await open()
      const whole = await fit(engine, set, small)
      const state = whole.state!
      for (const stop of stops) {
        const stopAfter = stop < 0 ? state.step + stop : stop
        const checkpoint = join(folder, `${name}.${stopAfter}.safetensors`)
        const abort = new AbortController()
        const part = await fit(engine, set, small, {
          checkpoint,
          signal: abort.signal,
          onStep: ({ step }) => {
            if (step === stopAfter) abort.abort()
          },
        })
        expect(part.finished).toBe(false)
        const notices: string[] = []
        const rest = await resumeFit(engine, set, checkpoint, {}, { onNotice: (m) => notices.push(m) })
        expect(notices.filter((text) => !text.includes('still getting better'))).toEqual([])
        expect(rest.fitted.parameters).toEqual(whole.fitted.parameters)
        expect(rest.state.parameters).toEqual(state.parameters)
        expect(rest.state.moments).toEqual(state.moments)
        for (const key of ['average', 'norms', 'plateau', 'ending'] as const) expect(rest.state[key]).toEqual(state[key])
        const losses = (h: typeof state.history) => h.map(({ trainLoss, validLoss, kl }) => [trainLoss, validLoss, kl])
        expect(losses(rest.state.history)).toEqual(losses(state.history))
      }
      expect((await readdir(folder)).every((file) => file.endsWith('.safetensors'))).toBe(true)
      engine.dispose()
    },
  )

  test('a limit that ended a fit which was getting better is told of; the time that it takes is counted on', async () => {
    const told = async (options: Parameters<typeof fit>[2]): Promise<string[]> => {
      const notices: string[] = []
      await fit(engine, set, { ...small, ...options }, { onNotice: (text, kind) => notices.push(`${kind}: ${text}`) })
      return notices
    }
    expect(await told({ epochs: 2 })).toEqual([
      'notice: The loss was still getting better when --epochs 2 ended training after 12 steps: the model is not yet what it could be. Fit it ' +
        'with --epochs 4 or without a limit, or go on from this model with --from.',
    ])
    expect(await told({ epochs: undefined, budget: '0.001s', residual: 'ou' })).toEqual([
      'notice: The loss was still getting better when --budget 0.001s ended training after 5 steps: the model is not yet what it could be. Fit ' +
        'it with a longer --budget, or go on from this model with --from.',
    ])
    // Nothing gets better at a rate of next to nothing, and that is no news.
    expect(await told({ epochs: 6, learningRate: 1e-9, klWarmup: 0, patience: 4 })).toEqual([])
  })

  test('a fit whose loss is at rest goes on with more patience, not with more epochs', async () => {
    const checkpoint = join(folder, 'rest.safetensors')
    const still = { ...small, epochs: undefined, learningRate: 1e-9, learningRateFloor: 1, klWarmup: 0, patience: 2 }
    const { state } = await fit(engine, set, still, { checkpoint })
    expect([state!.ending, state!.epoch]).toEqual(['rest', 3])
    expect((await resumeFit(engine, set, checkpoint, { epochs: 10 })).state.epoch).toBe(3)
    const longer = await resumeFit(engine, set, checkpoint, { patience: 4 })
    expect([longer.state.ending, longer.state.epoch]).toEqual(['rest', 7])
  })

  test('other data are gone on with, and it is said', async () => {
    const checkpoint = join(folder, 'other.safetensors')
    await fit(engine, set, { ...small, epochs: 1 }, { checkpoint })
    const notices: string[] = []
    const { state } = await resumeFit(
      engine,
      simulateOscillators({ count: 12, points: 6, seed: 5 }),
      checkpoint,
      { epochs: 2 },
      { onNotice: (text, kind) => notices.push(`${kind}: ${text}`) },
    )
    expect(notices[0]).toMatch(/^warning: .*not to the same bits: the data have changed/)
    expect(state.history).toHaveLength(2)
  })

  test('values that were not observed have no influence on a fit', async () => {
    const garbage = [NaN, Infinity, 1e38, -7]
    const gappy = { ...set, series: set.series.map((s) => ({ ...s, mask: s.mask.map((m, i) => (i % 3 === 1 ? 0 : m)) })) }
    const spoiled = {
      ...gappy,
      series: gappy.series.map((s) => ({ ...s, values: s.values.map((v, i) => (s.mask[i] === 1 ? v : garbage[i % 4]!)) })),
    }
    const [clean, dirty] = [await fit(engine, gappy, { ...small, epochs: 2 }), await fit(engine, spoiled, { ...small, epochs: 2 })]
    expect(dirty.fitted.normalisation).toEqual(clean.fitted.normalisation)
    expect(dirty.fitted.parameters).toEqual(clean.fitted.parameters)
  })
})
