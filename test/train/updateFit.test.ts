import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SeriesSet } from '../../src/data/series.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import type { Engine } from '../../src/engine/engine.js'
import { selectEngine } from '../../src/engine/select.js'
import { fit } from '../../src/train/fit.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import type { FitOptions } from '../../src/train/options.js'
import { settledOption, updateFit } from '../../src/train/updateFit.js'

const tiny = {
  epochs: 2,
  batchSize: 8,
  minSteps: 1,
  latents: 2,
  encoderUnits: 4,
  encoderFieldUnits: 4,
  fieldUnits: 4,
  decoderUnits: 0,
  samples: 1,
  klWarmup: 5,
} as const
const set = simulateOscillators({ count: 12, points: 6, seed: 4 })
const more = simulateOscillators({ count: 10, points: 6, seed: 5 })
const renamed = (prefix: string, { series, ...rest }: SeriesSet): SeriesSet => ({
  ...rest,
  series: series.map((one) => ({ ...one, id: `${prefix}${one.id}` })),
})

let engine: Engine
let fitted: FittedModel
beforeAll(async () => {
  engine = await selectEngine()
  ;({ fitted } = await fit(engine, set, tiny))
})
afterAll(() => engine.dispose())

describe('going on from a fitted model', () => {
  test('begins with its weights: a rate of next to nothing leaves them where they are', async () => {
    const { fitted: after } = await updateFit(engine, set, fitted, { epochs: 1, learningRate: 1e-12 })
    for (const [name, values] of Object.entries(fitted.parameters))
      after.parameters[name]!.forEach((value, i) => expect(value).toBeCloseTo(values[i]!, 6))
    expect(after.history).toHaveLength(1)
  })

  test('how much was shown is kept for the same conditioning, and means nothing to another', async () => {
    const { fitted: shownLittle } = await fit(engine, set, { ...tiny, epochs: 1, conditioning: 'interpolation', shown: '0.1..0.4' })
    const trainedWith = async (options: Partial<FitOptions>) =>
      (await updateFit(engine, set, shownLittle, { epochs: 1, ...options })).fitted.training
    expect(await trainedWith({})).toMatchObject({ conditioning: 'interpolation', shown: '0.1..0.4' })
    expect(await trainedWith({ shown: 0.5 })).toMatchObject({ shown: 0.5 })
    expect(await trainedWith({ conditioning: 'mixed' })).not.toHaveProperty('shown')
    await expect(trainedWith({ conditioning: 'mixed', shown: 0.5 })).rejects.toMatchObject({ code: 'Option' })
  })

  test('keeps what the model is, and trains anew without a second warm-up', async () => {
    const notices: string[] = []
    const { fitted: after } = await updateFit(engine, set, fitted, { epochs: 3 }, { onNotice: (text) => notices.push(text) })
    for (const part of ['kind', 'model', 'channels', 'normalisation', 'scale', 'split', 'fingerprint'] as const)
      expect(after[part]).toEqual(fitted[part])
    expect(after.training).toEqual({ ...fitted.training, epochs: 3, klWarmup: 0 })
    expect(after.history.map(({ epoch, beta }) => [epoch, beta])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ])
    expect(after.parameters).not.toEqual(fitted.parameters)
    expect(notices[0]).toBe(
      'Goes on from a model of 2 epochs: its weights, channels, normalisation and scale of time are kept. The data are those that it ' +
        'was fitted to.',
    )
  })

  test('series that the model knows stay in their part, also those that are gone; new ones are split', async () => {
    const [first, ...others] = set.series
    const grown = { ...set, series: [...others, ...renamed('new ', more).series] }
    const notices: string[] = []
    const { fitted: after } = await updateFit(engine, grown, fitted, {}, { onNotice: (text) => notices.push(text) })
    for (const part of ['train', 'valid', 'test'] as const)
      expect(after.split[part].filter((id) => !id.startsWith('new'))).toEqual(fitted.split[part])
    expect([...after.split.train, ...after.split.valid, ...after.split.test]).toContain(first!.id)
    expect(after.split.train.filter((id) => id.startsWith('new'))).toHaveLength(6)
    expect(notices[0]).toContain('The data have 10 new series: 6 to train on, 2 to validate, 2 to test; the others stay where they were.')
    expect(after.normalisation).toEqual(fitted.normalisation)
    expect(after.fingerprint).not.toBe(fitted.fingerprint)
  })

  test('known series only, changed: said, and nothing is split', async () => {
    const shorter = { ...set, series: set.series.slice(0, 8) }
    const notices: string[] = []
    const { fitted: after } = await updateFit(
      engine,
      shorter,
      fitted,
      { epochs: 1 },
      { onNotice: (text, kind) => notices.push(`${kind}: ${text}`) },
    )
    expect(after.split).toEqual(fitted.split)
    expect(notices[0]).toMatch(/^notice: /)
    expect(notices[0]).toContain('have no new series: each stays where it was.')
  })

  test('windows of a series that has grown are split by time anew', async () => {
    const long = simulateOscillators({ count: 1, points: 40, seed: 6 })
    const shorten = (rows: number): SeriesSet => ({
      ...long,
      series: long.series.map(({ id, times, values, mask }) => ({
        id,
        times: times.slice(0, rows),
        values: values.slice(0, rows * long.channels.length),
        mask: mask.slice(0, rows * long.channels.length),
      })),
    })
    const before = (await fit(engine, shorten(32), { ...tiny, window: 4 })).fitted
    const notices: string[] = []
    const { fitted: after } = await updateFit(engine, long, before, { epochs: 1 }, { onNotice: (text) => notices.push(text) })
    expect(after.windows).toEqual(before.windows)
    expect(after.split.test[0]).toBe('0 [09]')
    expect(notices[0]).toContain('their windows are split by time anew')
  })

  test('in the scalars of the engine, whatever those of the model', async () => {
    const double = await selectEngine(undefined, { dtype: 'float64' })
    const { fitted: after } = await updateFit(double, set, fitted, { epochs: 1 })
    expect(Object.values(after.parameters)[0]).toBeInstanceOf(Float64Array)
    double.dispose()
  })
})

describe('what it refuses', () => {
  test.each([
    [{ latents: 3 }, 'The option "latents" is 3, but the model to go on from has settled it: 2. Leave it out, or fit a new model.'],
    [{ model: 'ode-rnn' as const }, 'The option "model" is "ode-rnn", but the model to go on from has settled it: "latent-ode".'],
    [{ transform: 'log' as const }, 'The option "transform" is "log", but the model to go on from has settled it. Leave it out'],
    [{ window: 4 }, 'The option "window" is 4, but'],
  ])('%o', async (options, message) => {
    await expect(updateFit(engine, set, fitted, options)).rejects.toThrow(message)
    await expect(updateFit(engine, set, fitted, options)).rejects.toMatchObject({ code: 'FromOption' })
  })

  test('repeating what the model has is fine', () => {
    expect(settledOption(fitted, { latents: 2, model: 'latent-ode', epochs: 9, testFraction: 0.3, rate: undefined })).toBeUndefined()
  })

  test('data without a channel of the model', async () => {
    await expect(updateFit(engine, { ...set, channels: ['position', 'speed'] }, fitted)).rejects.toMatchObject({
      code: 'NoChannel',
      message: expect.stringContaining('lacks a column that the model was fitted to: velocity') as string,
    })
  })

  test('data of which nothing is trained on', async () => {
    const held = { ...set, series: set.series.filter(({ id }) => !fitted.split.train.includes(id)) }
    await expect(updateFit(engine, held, fitted)).rejects.toMatchObject({
      code: 'NothingToTrain',
      message: expect.stringContaining('The model keeps all 4 series of the data to validate or to test with') as string,
    })
  })
})
