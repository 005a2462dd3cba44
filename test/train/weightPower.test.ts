import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fit, load, simulateSpirals, type Model, type SeriesSet } from '../../src/index.js'
import { modelSettings } from '../../src/report/settings.js'
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js'
import { modelBytes } from '../../src/train/modelFile.js'
import { bestPower, weightPowers, type PowerPoint } from '../../src/train/weightPower.js'

/**
 * Values that are N(5, 1) or N(-5, 1), each told at its mean, where the first of two samples says one and has nearly all the weight: of
 * every `count` series the last is the other.
 */
function points({ series, count, weight = 0.999 }: { series: number; count: number; weight?: number }): PowerPoint[] {
  return Array.from({ length: series }, (_, s) => {
    const first = s % count !== count - 1
    return [0, 1].map((task): PowerPoint => ({
      series: s,
      task,
      logDensities: weightPowers.map((power) => {
        const [a, b] = [weight ** power, (1 - weight) ** power]
        return Math.log((first ? a : b) / (a + b))
      }),
    }))
  }).flat()
}

describe('the power', () => {
  test('is 1 where the weights are right', () => {
    expect(bestPower(points({ series: 40, count: 1000 }))).toBe(1)
  })

  test('is that with which the samples count as often as they are right: half of them, a tenth', () => {
    // .999^p : .001^p is 0.67 : 0.33 for p = 0.1, 0.89 : 0.11 for 0.3, 0.98 : 0.02 for 0.6.
    expect(bestPower(points({ series: 400, count: 2 }))).toBe(0.1)
    expect(bestPower(points({ series: 400, count: 10 }))).toBe(0.3)
  })

  test('is 1 where what is gained may be chance: one series of 20 says so', () => {
    // Of the best power, 0.6 or below, the gain is all of one series: its standard error is as large as its mean.
    expect(bestPower(points({ series: 20, count: 20 }))).toBe(1)
  })

  test('a small gain that is sure is taken before a larger one that is not', () => {
    // Of 0.6 the gain is 0.1 in every series; of 0.1 it is 2 or -1.6, on average 0.2 with a standard error of 0.41.
    const some = Array.from({ length: 20 }, (_, s): PowerPoint => ({
      series: s,
      task: 0,
      logDensities: [-1, -0.9, -1, s % 2 === 0 ? 1 : -2.6],
    }))
    expect(bestPower(some)).toBe(0.6)
  })

  test('is 1 with fewer series than five, and with none', () => {
    expect(bestPower(points({ series: 4, count: 2 }))).toBe(1)
    expect(bestPower([])).toBe(1)
  })

  test('tasks count the same, however many values they have', () => {
    // Gaps have ten values a series and say 1; ahead is one value a series and says 0.1 by more than they do.
    const said = (log: readonly number[], task: number, series: number): PowerPoint => ({ series, task, logDensities: log })
    const both = Array.from({ length: 10 }, (_, s) => [
      ...Array.from({ length: 10 }, () => said([0, -0.1, -0.2, -0.3 - 0.01 * s], 0, s)),
      said([-1, -0.8, -0.6, -0.1], 1, s),
    ]).flat()
    expect(bestPower(both)).toBe(0.1)
  })

  test('a value that no sample explains is left out', () => {
    const bad: PowerPoint = { series: 0, task: 0, logDensities: weightPowers.map(() => -Infinity) }
    expect(bestPower([...points({ series: 400, count: 2 }), bad])).toBe(0.1)
  })
})

describe('a model', () => {
  // After one epoch q(z0) is far from the posterior.
  const small = {
    latents: 2,
    encoderUnits: 4,
    encoderFieldUnits: 4,
    fieldUnits: 4,
    decoderUnits: 0,
    epochs: 1,
    minSteps: 1,
    samples: 1,
    threads: 1,
    stack: 'none',
    calibrate: false,
  }
  const folder = mkdtempSync(join(tmpdir(), 'power-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let set: SeriesSet
  let model: Model
  beforeAll(async () => {
    set = simulateSpirals({ count: 60, points: 12 })
    model = await fit(set, small)
  }, 60_000)

  test('has the power in its file, and forecasts by it', async () => {
    expect(model.fitted.weightPower).toBeLessThan(1)
    const path = join(folder, 'model.safetensors')
    await model.save(path)
    const back = await load(path)
    expect(back.fitted.weightPower).toBe(model.fitted.weightPower)
    const asked = { ids: [set.series[0]!.id], horizon: 5 }
    const said = (await model.predict(set, asked)).series
    expect((await back.predict(set, asked)).series).toEqual(said)
    const other = await withPower(0.6)
    expect((await other.predict(set, asked)).series).not.toEqual(said)
  })

  test('is told in words only where it is below 1', async () => {
    const told = (one: Model): unknown => modelSettings(one.fitted).find(({ label }) => label === 'Samples of z0')?.value
    expect(told(model)).toBe(`weighted by how well they explain what is shown, to the power ${model.fitted.weightPower}`)
    expect(told(await withPower(undefined))).toBeUndefined()
  })

  test('of several trainings, and of folds, has one, too', async () => {
    const pair = await fit(set, { ...small, ensemble: 2 })
    expect(pair.fitted.weightPower).toBeLessThan(1)
    const folded = await fit(set, { ...small, folds: 3 })
    expect(folded.fitted.weightPower).toBeLessThan(1)
  })

  test('without a residual process has none: its samples have no weights', async () => {
    expect((await fit(set, { ...small, residual: 'none' })).fitted.weightPower).toBeUndefined()
  })

  test('that is trained further has it chosen anew', async () => {
    const start = await withPower(0.45)
    expect((await fit(set, { from: start, epochs: 1, threads: 1 })).fitted.weightPower).not.toBe(0.45)
  })

  test.each([0, -0.5, 1.5, 'half'])('a file with the power %j is refused', async (power) => {
    await expect(withPower(power)).rejects.toThrow(/weightPower/)
  })

  /** The model with another power in its file. */
  async function withPower(power: unknown): Promise<Model> {
    const file = decodeSafetensors(modelBytes(model.fitted), 'model')
    const json = JSON.parse(file.metadata['latent-ode']!) as Record<string, unknown>
    const path = join(folder, `${String(power)}.safetensors`)
    writeFileSync(path, encodeSafetensors({ ...file, metadata: { 'latent-ode': JSON.stringify({ ...json, weightPower: power }) } }))
    return load(path)
  }
})
