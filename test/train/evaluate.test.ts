import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/data/fingerprint.js'
import type { Series, SeriesSet } from '../../src/data/series.js'
import { latentOdeParameters } from '../../src/model/latentOdeConfig.js'
import { evaluate, type EvaluationOptions } from '../../src/train/evaluate.js'
import { forecast, withChannels } from '../../src/train/forecast.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import { latentOdeConfig, latentOdeOptions } from '../../src/model/latentOdeOptions.js'
import { trainingOptions } from '../../src/train/options.js'
import { referenceEngine, type ReferenceEngine } from '../reference/engine.js'

const series = (id: string, times: readonly number[], values: readonly number[]): Series => ({
  id,
  times: Float64Array.from(times),
  values: Float64Array.from(values),
  mask: Uint8Array.from(values, (v) => (Number.isNaN(v) ? 0 : 1)),
})

const set: SeriesSet = {
  channels: ['x'],
  time: { kind: 'number' },
  idColumn: 'id',
  timeColumn: 'time',
  series: [series('a', [0, 1, 2, 3], [10, 12, 14, 16]), series('b', [5], [10]), series('c', [0, 8, 10], [8, NaN, 12])],
}

/** A model whose weights are all 0 but the decoder's bias: it says N(1.5, 0.5²) of every normalised value. */
function constantModel(changes: Partial<FittedModel> = {}): FittedModel {
  const model = latentOdeOptions.parse({
    noise: 0.5,
    residual: 'none',
    latents: 2,
    encoderUnits: 2,
    encoderFieldUnits: 2,
    fieldUnits: 2,
    decoderUnits: 0,
  })
  const parameters = Object.fromEntries(
    Object.entries(latentOdeParameters(latentOdeConfig(model, { channels: 1, rate: 1 }))).map(([name, { shape }]) => [
      name,
      new Float64Array(shape.reduce((a, b) => a * b, 1)),
    ]),
  )
  parameters['decoder.b0']![0] = 1.5
  return {
    kind: 'latent-ode',
    model,
    training: trainingOptions.parse({}),
    channels: ['x'],
    time: set.time,
    idColumn: 'id',
    timeColumn: 'time',
    scale: { origin: 'first', earliest: 0, span: 10, rate: 1 },
    normalisation: { channels: [{ channel: 'x', transform: { kind: 'none' }, mean: 10, sd: 2, rawMean: 10 }], timeScale: 10 },
    split: { train: ['b'], valid: [], test: ['a', 'c'] },
    fingerprint: 'other data',
    history: [],
    keptEpoch: 0,
    version: '0',
    engine: 'reference',
    parameters,
    ...changes,
  }
}

let engine: ReferenceEngine
beforeAll(() => {
  engine = referenceEngine()
})
afterAll(() => engine.dispose())

describe('scores, computed by hand', () => {
  // Of `a`, normalised 0, 1, 2, 3, the rows at 0 and 1 are shown (half of the span is 1.5). Errors of the model at 2 and
  // 3: 0.5 and 1.5. Of `c`, the row at 0 is shown, the one at 8 has no value, that at 10 is 12, normalised 1: error −0.5.
  const density = (error: number): number => -0.5 * (error / 0.5) ** 2 - Math.log(0.5) - 0.5 * Math.log(2 * Math.PI)

  test('extrapolation', () => {
    const { evaluation, points } = evaluate(engine, constantModel(), set, fingerprint(set), { task: 'extrapolation', samples: 4 })
    expect(evaluation).toMatchObject({
      task: 'extrapolation',
      scoring: 'held-out',
      split: 'all',
      series: 2,
      skipped: 1,
      trainedOn: 0,
      points: 3,
    })
    expect(evaluation.mse).toBeCloseTo((0.25 + 2.25 + 0.25) / 3, 10)
    expect(evaluation.nll).toBeCloseTo(-(density(0.5) + density(1.5) + density(0.5)) / 3, 10)
    // In units of the sd the values stand at 1, 3 and −1: none within the central half (0.674), two within 90 % (1.645).
    expect(evaluation.coverage).toEqual({ '50': 0, '90': 2 / 3 })
    expect(evaluation.baselines.mean.mse).toBeCloseTo((4 + 9 + 1) / 3, 10)
    // Last value: 1 for `a`; −1 for `c`. Linear interpolation would be the same, so there is none.
    expect(evaluation.baselines.locf.mse).toBeCloseTo((1 + 4 + 4) / 3, 10)
    expect(Object.keys(evaluation.baselines)).toEqual(['mean', 'locf'])
    // Two series are too few for an interval.
    const against = { baseline: 'locf', low: NaN, high: NaN, series: 2 }
    expect(evaluation.against).toEqual({ ...against, change: expect.closeTo(2.75 / 9 - 1, 10) as number })
    expect(evaluation.channels.x!.against).toEqual(evaluation.against)
    const x = evaluation.channels.x!
    expect(x.mseOriginal).toBeCloseTo(4 * evaluation.mse, 10)
    expect(x.nllOriginal).toBeCloseTo(evaluation.nll + Math.log(2), 10)
    expect(x.baselines.mean.mseOriginal).toBeCloseTo((16 + 36 + 4) / 3, 10)
    expect(points.map(({ gap }) => gap)).toEqual([1, 2, 10])
    // The last rows shown are at 1 and at 0.
    expect(points.map(({ ahead }) => ahead)).toEqual([1, 2, 10])
  })

  // The model says 13 of everything, and the largest value of the file is 16.
  test('published scoring of extrapolation: what was not shown, by series, on the scale (x − min) / max', () => {
    const { evaluation, points } = evaluate(engine, constantModel(), set, fingerprint(set), {
      task: 'extrapolation',
      scoring: 'published',
      samples: 4,
    })
    expect([evaluation.points, points.length]).toEqual([3, 3])
    // Of `a` 14 and 16: (1 + 9)/2 = 5; of `c` 12: 1. Pooled it would be 11/3.
    expect(evaluation.mseOriginal).toBeCloseTo(3, 10)
    expect(evaluation.mse).toBeCloseTo(3 / 256, 10)
    expect(evaluation.channels.x!.mse).toBeCloseTo(3 / 256, 10)
    // Mean 10: (16 + 36)/2 and 4. Last value, 12 and 8: (4 + 16)/2 and 16.
    expect(evaluation.baselines.mean.mseOriginal).toBeCloseTo((26 + 4) / 2, 10)
    expect(evaluation.baselines.locf.mse).toBeCloseTo((10 + 16) / 2 / 256, 10)
  })

  test('published scoring of interpolation: also what was shown', () => {
    const { evaluation } = evaluate(engine, constantModel(), set, fingerprint(set), {
      task: 'interpolation',
      scoring: 'published',
      samples: 4,
    })
    expect(evaluation.points).toBe(6)
    // Of `a` 10, 12, 14, 16: (9 + 1 + 1 + 9)/4 = 5; of `c` 8 and 12: (25 + 1)/2 = 13.
    expect(evaluation.mse).toBeCloseTo(9 / 256, 10)
  })

  test('published scoring is of each sample of z0, not of their mean', () => {
    const constant = constantModel()
    const model = {
      ...constant,
      parameters: Object.fromEntries(
        Object.entries(constant.parameters).map(([name, p]) => [name, Float64Array.from(p, (_, i) => Math.sin(i + name.length))]),
      ),
    }
    const one = { ...set, series: [set.series[0]!] }
    const { evaluation } = evaluate(engine, model, one, 'another', { task: 'extrapolation', scoring: 'published', samples: 5 })
    const [predicted] = [
      ...forecast(engine, model, [{ series: one.series[0]!, rows: Int32Array.of(0, 1), times: Float64Array.of(2, 3) }], { samples: 5 }),
    ]
    const squares = [14, 16].flatMap((value, i) => predicted!.distribution(i, 0).components.map(({ mean }) => (mean - value) ** 2))
    expect(squares).toHaveLength(10)
    expect(evaluation.mse).toBeCloseTo(squares.reduce((a, b) => a + b) / 10 / 256, 10)
    // Of the mean it would be less, by the spread of the samples.
    const ofMean = (evaluate(engine, model, one, 'another', { task: 'extrapolation', samples: 5 }).evaluation.mse * 4) / 256
    expect(evaluation.mse).toBeGreaterThan(ofMean * 1.0001)
  })

  test('interpolation shows a random half of the rows, rounded down, at least one', () => {
    const { evaluation, points } = evaluate(engine, constantModel(), set, fingerprint(set), {
      task: 'interpolation',
      shown: 0.5,
      samples: 2,
    })
    // Two of the four rows of `a`; of `c` one of three is shown, and of the two others at most one has no value.
    expect(points.filter((p) => p.series === 'a')).toHaveLength(2)
    expect(points.filter((p) => p.series === 'c').length).toBeGreaterThanOrEqual(1)
    expect(evaluation.series).toBe(2)
    const again = evaluate(engine, constantModel(), set, fingerprint(set), { task: 'interpolation', shown: 0.5, samples: 2 })
    expect(again.points).toEqual(points)
    const few = evaluate(engine, constantModel(), set, fingerprint(set), { task: 'interpolation', shown: 0.1, samples: 2 })
    expect(few.points.filter((p) => p.series === 'a')).toHaveLength(3)
  })

  describe('shown and cut', () => {
    const scored = (options: Omit<EvaluationOptions, 'samples'>) =>
      evaluate(engine, constantModel(), set, fingerprint(set), { ...options, samples: 2 })

    // `a` has rows at 0, 1, 2, 3; `b` one at 5; `c` at 0, 8 (without a value) and 10.
    test.each([
      [{ shown: 0 }, { a: [0, 1, 2, 3], b: [5], c: [0, 10] }, 0],
      [{ cut: '0 rows' }, { a: [0, 1, 2, 3], b: [5], c: [0, 10] }, 0],
      [{ cut: '1 row' }, { a: [1, 2, 3], c: [10] }, 1],
      [{ cut: '3 rows' }, { a: [3] }, 2],
      [{ cut: 'next 2' }, { a: [2, 3], b: [5], c: [10] }, 0],
      [{ cut: 'next 1' }, { a: [3], b: [5], c: [10] }, 0],
      [{ cut: 0 }, { a: [1, 2, 3], c: [10] }, 1],
      [{ cut: 'at 2' }, { a: [3], b: [5], c: [10] }, 0],
      [{ cut: 'at 5' }, { c: [10] }, 2],
      [{ cut: 'after 2' }, { a: [3], c: [10] }, 1],
    ] as const)('%j: these are scored', (protocol, times, skipped) => {
      const task = 'shown' in protocol ? 'interpolation' : 'extrapolation'
      const { evaluation, points } = scored({ task, ...protocol })
      const timesOf = (id: string): number[] => points.filter((point) => point.series === id).map(({ time }) => time)
      expect(Object.fromEntries(points.map((point) => [point.series, timesOf(point.series)]))).toEqual(times)
      expect(evaluation).toMatchObject({ skipped, series: Object.keys(times).length })
    })

    test.each([
      [0.1, 3],
      [0.25, 3],
      [0.5, 2],
      [0.75, 1],
    ])('a fraction %d of four rows: %d are held out', (shown, count) => {
      expect(scored({ task: 'interpolation', shown }).points.filter((p) => p.series === 'a')).toHaveLength(count)
    })

    test('where nothing is shown, baselines are the mean, and nothing lies ahead', () => {
      const { evaluation, points } = scored({ task: 'extrapolation', cut: '0 rows' })
      for (const { gap, ahead, baselines } of points) {
        expect([gap, ahead]).toEqual([-1, NaN])
        expect(baselines).toEqual({ mean: 0, locf: 0, linear: 0 })
      }
      expect(evaluation.against!.baseline).toBe('mean')
    })

    test('what nothing is left after is said', () => {
      expect(() => scored({ task: 'extrapolation', cut: '4 rows' })).toThrow(
        'The cut "4 rows" leaves nothing to score: of each of the 3 series the model is shown all rows. Cut earlier, like 0.5 for half of each span.',
      )
    })

    test.each([
      [{ task: 'extrapolation', shown: 0.3 }, 'The option shown goes with the task interpolation.'],
      [{ task: 'interpolation', cut: 0.3 }, 'The option cut goes with the task extrapolation.'],
      [
        { task: 'interpolation', shown: 1 },
        'The option shown is 1; it is the fraction of the rows that the model is shown, from 0 to below 1.',
      ],
      [{ task: 'interpolation', shown: NaN }, 'The option shown is NaN;'],
      [{ task: 'extrapolation', cut: 0.3, scoring: 'published' }, 'Scoring as published is of the second half of each span'],
      [{ task: 'extrapolation', cut: 'half' }, 'The cut "half" is none.'],
    ] as const)('%j is an error', (options, message) => expect(() => scored(options)).toThrow(message))

    test('published scoring takes a fraction, and the cut that it has', () => {
      expect(scored({ task: 'interpolation', shown: 0.25, scoring: 'published' }).evaluation.points).toBe(6)
      expect(scored({ task: 'extrapolation', cut: 0.5, scoring: 'published' }).evaluation).toEqual(
        scored({ task: 'extrapolation', scoring: 'published' }).evaluation,
      )
    })
  })

  test('under a logarithm, errors in original units are of the log-normal mean', () => {
    const normalisation = {
      channels: [{ channel: 'x', transform: { kind: 'log' as const, offset: 0, floor: 1 }, mean: 2, sd: 0.5, rawMean: 9 }],
      timeScale: 10,
    }
    const { points } = evaluate(engine, constantModel({ normalisation }), set, fingerprint(set), { task: 'extrapolation', samples: 3 })
    // log x ~ N(2 + 0.5 · 1.5, (0.5 · 0.5)²): mean exp(2.75 + 0.03125).
    expect(points[0]!.mean).toBeCloseTo(Math.exp(2.75 + 0.03125), 8)
    expect(points[0]!.sd).toBeCloseTo(Math.exp(2.75 + 0.03125) * Math.sqrt(Math.expm1(0.0625)), 8)
    const z = (Math.log(14) - 2) / 0.5
    expect(points[0]!.logDensity).toBeCloseTo(density(z - 1.5), 10)
    expect(points[0]!.originalLogDensity).toBeCloseTo(density(z - 1.5) - Math.log(14 * 0.5), 10)
    expect(points[0]!.originalBaselines).toEqual({ mean: 9, locf: 12, linear: 12 })
  })
})

describe('which series are scored', () => {
  test('of data that were fitted to, the test series; --all overrides', () => {
    const own = constantModel({ fingerprint: fingerprint(set), split: { train: ['a', 'b'], valid: [], test: ['c'] } })
    expect(evaluate(engine, own, set, fingerprint(set), { task: 'extrapolation', samples: 2 }).evaluation).toMatchObject({
      split: 'test',
      series: 1,
    })
    expect(evaluate(engine, own, set, fingerprint(set), { task: 'extrapolation', samples: 2, all: true }).evaluation).toMatchObject({
      split: 'all',
      series: 2,
      trainedOn: 1,
    })
    // The same series with a row more are other data; that they were trained on shows in their ids.
    expect(evaluate(engine, own, set, 'another', { task: 'extrapolation', samples: 2 }).evaluation).toMatchObject({
      split: 'all',
      trainedOn: 1,
    })
  })

  test('without test series it says what to do', () => {
    const own = constantModel({ fingerprint: fingerprint(set), split: { train: ['a', 'b', 'c'], valid: [], test: [] } })
    expect(() => evaluate(engine, own, set, fingerprint(set), { task: 'extrapolation' })).toThrow(/fitted to all 3 series.*--all/)
    const short = { ...set, series: [set.series[1]!] }
    expect(() => evaluate(engine, constantModel(), short, 'x', { task: 'extrapolation' })).toThrow(/two rows/)
  })
})

describe('forecasts', () => {
  test('do not depend on the other series asked about', () => {
    const fitted = constantModel()
    const weights = Object.fromEntries(
      Object.entries(fitted.parameters).map(([name, p]) => [name, Float64Array.from(p, (_, i) => Math.sin(i + name.length))]),
    )
    const model = { ...fitted, parameters: weights }
    const query = (s: Series) => ({ series: s, times: Float64Array.of(-1, 4, 20) })
    const means = (queries: ReturnType<typeof query>[]) =>
      [...forecast(engine, model, queries, { samples: 3 })].map(
        ({ id, distribution }) => [id, distribution(1, 0).components.map(({ mean }) => mean)] as const,
      )
    const together = new Map(means(set.series.map(query)))
    for (const s of set.series) expect(means([query(s)])[0]![1]).toEqual(together.get(s.id))
    expect(new Set(together.get('a')!).size).toBe(3)
  })

  test('a series without any observation gets the prior', () => {
    const [nothing] = [...forecast(engine, constantModel(), [{ series: series('n', [], []), times: Float64Array.of(1) }], { samples: 2 })]
    expect(nothing!.distribution(0, 0).components.map(({ normalised: { mean } }) => mean)).toEqual([1.5, 1.5])
  })

  test('channels are found by name; a missing one is named', () => {
    const wide: SeriesSet = {
      ...set,
      channels: ['y', 'x'],
      series: [{ id: 'a', times: Float64Array.of(0), values: Float64Array.of(1, 2), mask: Uint8Array.of(1, 0) }],
    }
    expect(withChannels(wide, ['x']).series[0]).toMatchObject({ values: Float64Array.of(2), mask: Uint8Array.of(0) })
    expect(() => withChannels(wide, ['x', 'bili'], 'v.csv')).toThrow(
      /v\.csv lacks a column that the model was fitted to: bili\. It has y, x\./,
    )
  })
})
