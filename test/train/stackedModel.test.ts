import { writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { fit, load, simulateSpirals, type Model, type SeriesSet } from '../../src/index.js'
import { ownParameters } from '../../src/model/stack.js'
import { encodeSafetensors, decodeSafetensors } from '../../src/train/safetensors.js'
import { modelBytes } from '../../src/train/modelFile.js'

const small = {
  latents: 2,
  encoderUnits: 4,
  encoderFieldUnits: 4,
  fieldUnits: 4,
  decoderUnits: 0,
  epochs: 2,
  minSteps: 1,
  samples: 1,
  threads: 1,
}
let set: SeriesSet
let model: Model
let alone: Model
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stacked-'))
  set = simulateSpirals({ count: 30, points: 12 })
  model = await fit(set, small)
  alone = await fit(set, { ...small, stack: 'none' })
}, 60_000)

describe('a fit', () => {
  test('has weights that sum to 1, for both channels, of itself and of three others', () => {
    const { stack } = model.fitted
    expect(stack!.members).toEqual(['gp', 'mixed', 'last'])
    for (const channels of stack!.weights) {
      expect(channels).toHaveLength(2)
      for (const weights of channels) expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10)
    }
  })

  test('without a stack trains to the same weights, and forecasts something else', async () => {
    expect(alone.fitted.stack).toBeUndefined()
    expect(ownParameters(model.fitted.parameters)).toEqual(alone.fitted.parameters)
    const [mse, own] = await Promise.all([model, alone].map(async (one) => (await one.evaluate({ task: 'interpolation' })).evaluation.mse))
    expect(mse).not.toBe(own)
    // After two epochs it knows nothing yet; a Gaussian process does.
    expect(mse).toBeLessThan(own!)
  })

  test('is read back whole', async () => {
    const path = join(folder, 'model.safetensors')
    await model.save(path)
    const back = await load(path)
    expect(back.fitted.stack).toEqual(model.fitted.stack)
    expect(back.fitted.parameters).toEqual(model.fitted.parameters)
    const asked = { ids: [set.series[0]!.id] }
    expect((await back.predict(set, asked)).series).toEqual((await model.predict(set, asked)).series)
  })

  test('goes on from itself: what it is averaged with is learned anew', async () => {
    const further = await fit(set, { from: model, epochs: 1, stack: 'mixed', threads: 1 })
    expect(further.fitted.stack!.members).toEqual(['mixed'])
    expect(Object.keys(further.fitted.parameters).filter((name) => name.startsWith('stack.gp'))).toEqual([])
  })

  test.each(['gp,gp', 'gp, mixed', 'latent-ode', ''])('refuses the stack %j', async (stack) => {
    await expect(fit(set, { ...small, stack })).rejects.toThrow(
      /"stack" is .*none, or baselines with commas between, like gp,mixed \(gp, mixed, last, linear, trend\)/,
    )
  })

  test('with one series to validate has none, and says nothing of it', async () => {
    const few = await fit({ ...set, series: set.series.slice(0, 6) }, { ...small, validFraction: 0.2, testFraction: 0 })
    expect(few.fitted.split.valid).toHaveLength(1)
    expect(few.fitted.stack).toBeUndefined()
  })
})

describe('a file whose stack is damaged is refused', () => {
  const damage: Readonly<Record<string, [change: (stack: Record<string, unknown>) => void, message: RegExp]>> = {
    weights: [(stack) => ((stack['weights'] as number[][][])[0]![0]![0] = 0.9), /its weights do not sum to 1/],
    channels: [(stack) => (stack['weights'] as number[][][]).forEach((some) => some.pop()), /its channels are not those of the model/],
    distances: [(stack) => (stack['distances'] as number[]).push(99), /not equally long/],
    members: [(stack) => (stack['members'] = ['gp', 'gp', 'last']), /stands there twice/],
    unknown: [(stack) => (stack['members'] = ['gp', 'mixed', 'boosting']), /stack/],
    tensors: [(stack) => (stack['members'] = ['gp', 'mixed', 'linear']), /"stack\.linear\.\w+" are missing/],
  }

  test.each(Object.entries(damage))('%s', async (name, [change, message]) => {
    const file = decodeSafetensors(modelBytes(model.fitted), 'model')
    const json = JSON.parse(file.metadata['latent-ode']!) as { stack: Record<string, unknown> }
    change(json.stack)
    const path = join(folder, `${name}.safetensors`)
    writeFileSync(path, encodeSafetensors({ ...file, metadata: { 'latent-ode': JSON.stringify(json) } }))
    await expect(load(path)).rejects.toThrow(message)
  })
})
