import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import type { Engine } from '../../src/engine/engine.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { createLatentOde } from '../../src/model/latentOde.js'
import type { GradientResult, SequenceModel, SolverTotals } from '../../src/model/sequenceModel.js'
import { initialise } from '../../src/nn/parameters.js'
import { hash } from '../../src/random.js'
import { noiseSource, type LossTask } from '../../src/train/lossTask.js'
import { latentOdeConfig, latentOdeOptions } from '../../src/model/latentOdeOptions.js'
import { allRows, observationsOf, select, type Selection } from '../../src/train/selection.js'
import { combineLosses, cutBatch, runHere, shardCount, share } from '../../src/train/shards.js'

describe('the cut into shards', () => {
  test.each([
    [0, 1],
    [1, 1],
    [20, 1],
    [31, 1],
    [32, 2],
    [50, 2],
    [63, 2],
    [64, 4],
    [127, 4],
    [128, 8],
    [255, 8],
    [1000, 8],
  ])('%i rows: %i', (rows, shards) => {
    expect(shardCount(rows)).toBe(shards)
    const cut = cutBatch(
      Array.from({ length: rows }, (_, i) => i),
      'elbo',
    )
    expect(cut.flat()).toEqual(Array.from({ length: rows }, (_, i) => i))
    const sizes = cut.map(({ length }) => length)
    expect(sizes).toHaveLength(shards)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  })

  test('an objective that mixes the rows of a batch keeps it whole', () => {
    const rows = Array.from({ length: 100 }, (_, i) => i)
    expect(cutBatch(rows, 'rubanova')).toEqual([rows])
    expect(cutBatch(rows, 'iwae')).toHaveLength(4)
  })
})

describe('a batch from its shards', () => {
  const totals: SolverTotals = { evaluations: 10, accepted: 4, rejected: 1, rows: 6, failed: 0, smallestStep: 0.5 }
  const shard = (changes: Partial<GradientResult> = {}): GradientResult => ({
    loss: 1,
    logLikelihood: -2,
    kl: 3,
    observed: 30,
    series: 2,
    solver: totals,
    gradient: { w: Float64Array.of(1, -1) },
    ...changes,
  })
  const other = shard({
    loss: 5,
    logLikelihood: -7,
    kl: 1,
    observed: 10,
    series: 1,
    gradient: { w: Float64Array.of(9, 3) },
    solver: { ...totals, evaluations: 40, rows: 3, failed: 2, smallestStep: 0.1, error: new Error('StepTooSmall') },
  })

  test('means over observed values are weighted by how many each shard has, sums are added', () => {
    const { solver, ...sums } = combineLosses([shard(), other])
    // (30 · 1 + 10 · 5) / 40
    expect(sums).toEqual({ loss: 2, logLikelihood: -9, kl: 4, observed: 40, series: 3 })
    expect([share(shard(), 40), share(other, 40)]).toEqual([0.75, 0.25])
    // (6 · 10 + 3 · 40) / 9
    expect(solver).toEqual({
      evaluations: 20,
      accepted: 8,
      rejected: 2,
      rows: 9,
      failed: 2,
      smallestStep: 0.1,
      error: new Error('StepTooSmall'),
    })
  })

  test('one shard is the batch', () => {
    const only = shard()
    expect(combineLosses([only])).toBe(only)
    expect(share(only, 30)).toBe(1)
  })

  test('nothing observed: a loss of 0, and no part of the gradient', () => {
    const empty = shard({ loss: 0, observed: 0 })
    expect(combineLosses([empty, empty])).toMatchObject({ loss: 0, observed: 0 })
    expect(share(empty, 0)).toBe(0)
  })

  test('a shard that is not finite makes the batch so', () => {
    expect(combineLosses([shard(), shard({ loss: NaN })])).toMatchObject({ loss: NaN })
  })
})

/** The loss of a batch and its gradient, the mean of its shards' by their weights. */
function wholeBatch(parts: readonly GradientResult[]) {
  const combined = combineLosses(parts)
  const gradient = Object.fromEntries(
    Object.entries(parts[0]!.gradient).map(([name, g]) => [
      name,
      g.map((_, i) => parts.reduce((sum, part) => sum + share(part, combined.observed) * part.gradient[name]![i]!, 0)),
    ]),
  )
  return { ...combined, gradient }
}

describe('the model', () => {
  let engine: Engine
  let model: SequenceModel
  beforeAll(async () => {
    engine = await tfjsEngine()
    model = createLatentOde(
      engine,
      latentOdeConfig(
        latentOdeOptions.parse({
          latents: 2,
          encoderUnits: 4,
          encoderFieldUnits: 4,
          fieldUnits: 4,
          decoderUnits: 4,
          method: 'rk4',
          stepSize: 0.1,
        }),
        { channels: 2, rate: scale.rate },
      ),
    )
  })
  afterAll(() => engine.dispose())

  const scale = { origin: 'first', earliest: 0, span: 10, rate: 1 } as const
  const set = simulateOscillators({ count: 33, points: 5, seed: 4, rowsObserved: 0.7 })
  const batch = set.series.map((series) => select(series, scale, allRows(series)))
  const task = (rows: readonly Selection[], objective: LossTask['objective']): LossTask => ({
    conditioning: observationsOf(rows, 2, scale),
    targets: observationsOf(rows, 2, scale),
    objective,
    beta: 0.7,
    samples: 2,
    noise: { seed: 1, purpose: 'noise', step: 3, series: Uint32Array.from(rows, ({ series }) => hash(series.id)) },
  })

  test.each(['elbo', 'iwae'] as const)('%s: the shards of a batch come to what the whole batch does', async (objective) => {
    const parameters = initialise(model.specs, 1)
    const whole = wholeBatch(await runHere(model).gradients(parameters, [task(batch, objective)]))
    const cut = cutBatch(batch, objective).map((rows) => task(rows, objective))
    expect(cut).toHaveLength(2)
    const parts = wholeBatch(await runHere(model).gradients(parameters, cut))
    expect(parts).toMatchObject({ observed: whole.observed, series: whole.series })
    // Sums of some hundred float32 terms in another order.
    expect(parts.loss).toBeCloseTo(whole.loss, 5)
    expect(parts.kl).toBeCloseTo(whole.kl, 4)
    const norm = Math.hypot(...Object.values(whole.gradient).flatMap((g) => [...g]))
    expect(norm).toBeGreaterThan(0.01)
    const difference = Math.hypot(
      ...Object.entries(whole.gradient).flatMap(([name, g]) => [...g].map((x, i) => x - parts.gradient[name]![i]!)),
    )
    expect(difference / norm).toBeLessThan(1e-5)
    const { loss } = combineLosses(await runHere(model).losses(parameters, cut))
    expect(loss).toBeCloseTo(whole.loss, 5)
  })

  test('every call writes its gradients where the one before did, each shard’s apart', async () => {
    const runner = runHere(model)
    const tasks = cutBatch(batch, 'elbo').map((rows) => task(rows, 'elbo'))
    const first = (await runner.gradients(initialise(model.specs, 1), tasks)).map(({ gradient }) => gradient)
    const second = (await runner.gradients(initialise(model.specs, 2), tasks)).map(({ gradient }) => gradient)
    expect(first).toHaveLength(2)
    for (const name of Object.keys(model.specs)) {
      expect(first[0]![name]).not.toBe(first[1]![name])
      for (const shard of [0, 1]) expect(second[shard]![name]).toBe(first[shard]![name])
    }
    expect(second).toEqual((await runHere(model).gradients(initialise(model.specs, 2), tasks)).map(({ gradient }) => gradient))
  })

  test('the noise of a row follows from seed, purpose, step and series, not from its place', () => {
    const noise = { seed: 1, purpose: 'noise', step: 3, series: Uint32Array.of(5, 9) }
    const draw = (keys: LossTask['noise'], row: number): number => noiseSource(keys)(row).normal()
    expect(draw({ ...noise, series: Uint32Array.of(9) }, 0)).toBe(draw(noise, 1))
    const others = [
      noise,
      { ...noise, seed: 2 },
      { ...noise, purpose: 'other' },
      { ...noise, step: 4 },
      { ...noise, step: undefined },
      { ...noise, series: Uint32Array.of(6) },
    ].map((keys) => draw(keys, 0))
    expect(new Set(others).size).toBe(6)
  })
})
