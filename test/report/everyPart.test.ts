import { beforeAll, describe, expect, test } from 'vitest'
import type { SeriesSet } from '../../src/data/series.js'
import type { Engine } from '../../src/engine/engine.js'
import { nativeEngine } from '../../src/engine/select.js'
import { latentOdePartNames } from '../../src/model/latentOdeOptions.js'
import { collectReport } from '../../src/report/collect.js'
import { renderReport } from '../../src/report/renderReport.js'
import { forecast } from '../../src/train/forecast.js'
import { decodeModel, modelBytes } from '../../src/train/modelFile.js'
import type { FitOptions } from '../../src/train/options.js'
import { sampleFit, sampleSet } from './fittedSample.js'

const { encoder: encoders, posterior: posteriors, dynamics: kinds, likelihood: likelihoods } = latentOdePartNames

/** Every encoder with every kind of dynamics; the other parts take turns, so that each is there. */
const combinations = encoders.flatMap((encoder, e) =>
  kinds.map((dynamics, d) => ({
    encoder,
    dynamics,
    posterior: posteriors[(e + d) % posteriors.length]!,
    likelihood: likelihoods[(e + d) % likelihoods.length]!,
  })),
)

/** The sample with values that the likelihood can give. */
function inSupportOf(likelihood: string): SeriesSet {
  const set = sampleSet()
  const of: Record<string, (value: number) => number> = {
    bernoulli: (value) => (value > 10 ? Number(value > 20) : Number(value > 1)),
    poisson: (value) => Math.round(value),
    'negative-binomial': (value) => Math.round(value),
    'zero-inflated': (value) => Math.max(0, value - 1),
  }
  return { ...set, series: set.series.map((one) => ({ ...one, values: one.values.map(of[likelihood] ?? ((value) => value)) })) }
}

describe('every part with every other', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await nativeEngine()
  })

  test.each(combinations)('$encoder, $dynamics, $likelihood: learns, is written and read, forecasts, is reported', async (parts) => {
    const set = inSupportOf(parts.likelihood)
    const fitted = await sampleFit(engine, set, { ...(parts as Partial<FitOptions>), epochs: 3, stack: 'none' })
    const { history } = fitted
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss)
    const read = decodeModel(modelBytes(fitted), 'parts.model.safetensors')
    expect(read.model).toEqual(fitted.model)
    expect(read.model).toMatchObject(parts)
    const series = set.series[0]!
    const times = Float64Array.of(...series.times, series.times.at(-1)! + 200)
    const numbers = [fitted, read].map((model) => {
      const [said] = [...forecast(engine, model, [{ series, times }], { samples: 5, seed: 1 })]
      expect(said!.error).toBeUndefined()
      return Array.from(times, (_, i) => said!.distribution(i, 0).quantile(0.9))
    })
    expect(numbers[0]!.every(Number.isFinite)).toBe(true)
    expect(numbers[1]).toEqual(numbers[0])
    const page = await renderReport(
      collectReport(engine, fitted, set, { files: { model: 'm', data: 'd' }, series: 2, all: true, samples: 5, generated: new Date(0) }),
    )
    expect(page).toContain(parts.dynamics)
  })
})
