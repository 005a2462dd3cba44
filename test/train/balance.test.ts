import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SeriesSet } from '../../src/data/series.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import type { Engine } from '../../src/engine/engine.js'
import { selectEngine } from '../../src/engine/select.js'
import { channelWeights, countByChannel } from '../../src/train/balance.js'
import { fit, resumeFit } from '../../src/train/fit.js'
import { readModel, writeModel } from '../../src/train/modelFile.js'
import { updateFit } from '../../src/train/updateFit.js'

const totals = (counts: readonly number[], weights: readonly number[]): number[] => counts.map((count, c) => count * weights[c]!)
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

describe('weights of channels', () => {
  test('values: none', () => expect(channelWeights([100, 50, 10], 'values')).toBeUndefined())

  test('channels: each counts a third of all values', () => {
    // A third of 160, by the channel's values.
    const weights = channelWeights([100, 50, 10], 'channels')!
    const expected = [160 / 300, 160 / 150, 160 / 30]
    weights.forEach((weight, c) => expect(weight).toBeCloseTo(expected[c]!, 12))
  })

  test('root: a channel of four times as many values counts twice as much', () => {
    // In proportion to 1/10 and 1/5, of which 100 and 25 values have 15; together they have 125.
    const weights = channelWeights([100, 25], 'root')!
    expect(weights[0]).toBeCloseTo(125 / 150, 12)
    expect(weights[1]).toBeCloseTo(125 / 75, 12)
  })

  test('a channel of next to nothing does not lead the training; the total is kept', () => {
    // Half of 1,001 for each would be weights of 0.5005 and 500.5; the latter is bounded by 10, then both are raised by 1001 / 510.5.
    const weights = channelWeights([1000, 1], 'channels')!
    expect(weights[0]).toBeCloseTo((0.5005 * 1001) / 510.5, 12)
    expect(weights[1]).toBeCloseTo((10 * 1001) / 510.5, 12)
    expect(sum(totals([1000, 1], weights))).toBeCloseTo(1001, 9)
  })

  test.each(['values', 'root', 'channels'] as const)('channels of equally many values, %s: none', (balance) => {
    expect(channelWeights([7, 7, 7], balance)).toBeUndefined()
    expect(channelWeights([7], balance)).toBeUndefined()
  })

  test('values are counted where they were observed', () => {
    const series = [
      { id: 'a', times: Float64Array.of(0, 1), values: new Float64Array(4), mask: Uint8Array.of(1, 0, 1, 1) },
      { id: 'b', times: Float64Array.of(0), values: new Float64Array(2), mask: Uint8Array.of(1, 0) },
    ]
    expect(countByChannel(series, 2)).toEqual([3, 1])
  })
})

describe('a fit', () => {
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
    klWarmup: 0,
  } as const
  const whole = simulateOscillators({ count: 16, points: 8, seed: 4 })
  /** Of the second channel every fourth value. */
  const set: SeriesSet = {
    ...whole,
    series: whole.series.map(({ mask, ...one }) => ({ ...one, mask: mask.map((cell, i) => (i % 2 === 1 && i % 8 !== 1 ? 0 : cell)) })),
  }
  let engine: Engine
  let folder: string
  beforeAll(async () => {
    engine = await selectEngine()
    folder = await mkdtemp(join(tmpdir(), 'latent-ode-'))
  })
  afterAll(async () => {
    engine.dispose()
    await rm(folder, { recursive: true })
  })

  test('decides weights from the training series, and its file has them', async () => {
    const { fitted } = await fit(engine, set, { ...tiny, balance: 'channels' })
    // 8 values against 2 of each series: half of 10, by these.
    expect(fitted.channelWeights!.map((weight) => Number(weight.toPrecision(12)))).toEqual([0.625, 2.5])
    const path = join(folder, 'weights.safetensors')
    await writeModel(path, fitted)
    expect(await readModel(path)).toEqual(fitted)
    expect((await fit(engine, set, { ...tiny, balance: 'values' })).fitted).not.toHaveProperty('channelWeights')
  })

  test.each(['latent-ode', 'ode-rnn'] as const)('%s: the loss that is trained and judged by has them', async (model) => {
    const sizes = model === 'latent-ode' ? tiny : { epochs: 2, batchSize: 8, minSteps: 1, units: 4, fieldUnits: 4, decoderUnits: 0 }
    const [values, channels] = [
      await fit(engine, set, { ...sizes, model, balance: 'values' }),
      await fit(engine, set, { ...sizes, model, balance: 'channels' }),
    ]
    for (const loss of ['trainLoss', 'validLoss'] as const)
      expect(channels.fitted.history[0]![loss]).not.toBeCloseTo(values.fitted.history[0]![loss], 3)
  })

  test('goes on with them from a checkpoint, to the same bits, and from a finished model', async () => {
    const options = { ...tiny, epochs: 3, balance: 'channels' } as const
    const uninterrupted = await fit(engine, set, options)
    const checkpoint = join(folder, 'stopped.safetensors')
    const stop = new AbortController()
    await fit(engine, set, options, { checkpoint, signal: stop.signal, onStep: ({ step }) => step === 2 && stop.abort() })
    const { fitted } = await resumeFit(engine, set, checkpoint)
    expect(fitted.parameters).toEqual(uninterrupted.fitted.parameters)
    expect(fitted.channelWeights).toEqual([0.625, 2.5])

    const grown: SeriesSet = { ...set, series: [...set.series, ...whole.series.map((one) => ({ ...one, id: `new ${one.id}` }))] }
    const { fitted: after } = await updateFit(engine, grown, fitted, { epochs: 1 })
    expect(after.channelWeights).toEqual([0.625, 2.5])
    await expect(updateFit(engine, grown, fitted, { balance: 'values' })).rejects.toMatchObject({
      code: 'FromOption',
      message: expect.stringContaining(
        'The option "balance" is "values", but the model to go on from has settled it: "channels".',
      ) as string,
    })
  })
})
