import { fromTable as fromArquero } from '../../src/data/tables.js'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/data/fingerprint.js'
import { readSeries } from '../../src/data/read.js'
import type { Series, SeriesSet, TimeAxis } from '../../src/data/series.js'
import { compareEvaluations } from '../../src/report/comparison/evaluations.js'
import { evaluate } from '../../src/train/evaluate.js'
import { fit } from '../../src/train/fit.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import { predict } from '../../src/train/predict.js'
import { toDanfo, toTable, writeTable } from '../../src/train/tables.js'
import { referenceEngine, type ReferenceEngine } from '../reference/engine.js'

const series = (id: string, times: readonly number[], values: readonly number[]): Series => ({
  id,
  times: Float64Array.from(times),
  values: Float64Array.from(values, (v) => (Number.isNaN(v) ? 0 : v)),
  mask: Uint8Array.from(values, (v) => (Number.isNaN(v) ? 0 : 1)),
})
const days: TimeAxis = { kind: 'date', unit: 'day', epoch: '2024-02-28T00:00:00Z', dateOnly: true }
const set: SeriesSet = {
  channels: ['x'],
  time: { kind: 'number' },
  idColumn: 'id',
  timeColumn: 'time',
  series: [series('a', [0, 1, 2, 4], [10, 12, NaN, 16]), series('b', [5, 7], [9, 11])],
}
const dated: SeriesSet = { ...set, time: days, idColumn: 'who', timeColumn: 'seen' }

let engine: ReferenceEngine
/** A model whose weights are 0 but the decoder's bias: it says N(1.5, 0.5²) of every normalised value, N(13, 1) of x. */
let constant: FittedModel
beforeAll(async () => {
  engine = referenceEngine()
  const { fitted } = await fit(engine, set, {
    epochs: 1,
    minSteps: 1,
    samples: 1,
    validationSamples: 1,
    noise: 0.5,
    residual: 'none',
    latents: 2,
    encoderUnits: 2,
    encoderFieldUnits: 2,
    fieldUnits: 2,
    decoderUnits: 0,
    transform: 'none',
  })
  const parameters = Object.fromEntries(
    Object.entries(fitted.parameters).map(([name, values]) => [
      name,
      new Float64Array(values.length).fill(name === 'decoder.b0' ? 1.5 : 0),
    ]),
  )
  constant = {
    ...fitted,
    parameters,
    normalisation: { channels: [{ channel: 'x', transform: { kind: 'none' }, mean: 10, sd: 2, rawMean: 10 }], timeScale: 10 },
    scale: { ...fitted.scale, span: 10 },
    split: { train: [], valid: [], test: [] },
  }
})
afterAll(() => engine.dispose())

const folder = mkdtempSync(join(tmpdir(), 'latent-ode-tables-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('predictions', () => {
  test('by default run from the first observation to a quarter past the last', () => {
    const predictions = predict(engine, constant, set, { points: 6, samples: 3 })
    expect(predictions).toMatchObject({
      channels: ['x'],
      time: { kind: 'number' },
      idColumn: 'id',
      timeColumn: 'time',
      trainedSpan: 10,
      failed: [],
    })
    expect(predictions.series.map(({ id, times }) => [id, [...times]])).toEqual([
      ['a', [0, 1, 2, 3, 4, 5]],
      ['b', [5, 5.5, 6, 6.5, 7, 7.5]],
    ])
    expect(predictions.observed.map(({ series: { id }, shown }) => [id, shown])).toEqual([
      ['a', 4],
      ['b', 2],
    ])
  })
  test('are those of the distribution: a normal one here, whose quantiles are known', () => {
    const [
      {
        channels: [x],
      },
    ] = predict(engine, constant, set, { ids: ['b'], times: [8], samples: 3 }).series as unknown as [
      { channels: [Record<string, Float64Array>] },
    ]
    // Quantiles of the standard normal: 1.6448536, 0.6744898; seven digits are kept.
    const expected = { mean: 13, sd: 1, q05: 13 - 1.6448536, q25: 13 - 0.6744898, q50: 13, q75: 13 + 0.6744898, q95: 13 + 1.6448536 }
    for (const [name, value] of Object.entries(expected)) expect(x[name]![0], name).toBeCloseTo(value, 5)
  })
  test('take the horizon, the part that is shown, and series by id', () => {
    const {
      series: [only],
      observed,
    } = predict(engine, constant, set, { ids: ['a'], shown: 0.5, horizon: 2, points: 7, samples: 1 })
    expect([...only!.times]).toEqual([0, 1, 2, 3, 4, 5, 6])
    // Half of the span of `a` ends at 2.
    expect(observed[0]!.shown).toBe(3)
  })
  test('at times of their own: by id, or those of another data set; in any order, each once', () => {
    const times = new Map([
      ['b', [9, 6, 9]],
      ['a', [3]],
    ])
    expect(predict(engine, constant, set, { times, samples: 1 }).series.map(({ id, times: own }) => [id, [...own]])).toEqual([
      ['b', [6, 9]],
      ['a', [3]],
    ])
    const other = { series: [series('b', [5.5, 8], [0, 0])] }
    expect(predict(engine, constant, set, { times: other, samples: 1 }).series.map(({ id, times: own }) => [id, [...own]])).toEqual([
      ['b', [5.5, 8]],
    ])
    expect(() => predict(engine, constant, set, { times: new Map([['z', [1]]]) })).toThrow(
      'The data have no series "z". The option times names series as the data do.',
    )
    expect(() => predict(engine, constant, set, { times, ids: ['a', 'b', 'a'] })).not.toThrow()
    expect(() => predict(engine, constant, set, { times: new Map([['b', [1]]]), ids: ['a'] })).toThrow(
      'The option ids names the series "a", but the option times has none for it.',
    )
  })
  test('quantiles that are asked for are columns of the table; displays keep the usual ones', () => {
    const predictions = predict(engine, constant, set, { ids: ['b'], times: [8], samples: 3, quantiles: [0.9, 0.025] })
    const [row] = toTable(predictions).objects() as Record<string, number>[]
    expect(Object.keys(row!)).toEqual(['id', 'time', 'channel', 'mean', 'sd', 'q90', 'q02.5'])
    // N(13, 1); z(0.9) = 1.2815516, z(0.975) = 1.9599640.
    expect(row!['q90']).toBeCloseTo(13 + 1.2815516, 5)
    expect(row!['q02.5']).toBeCloseTo(13 - 1.959964, 5)
    expect(predictions.series[0]!.channels[0]!.q05![0]).toBeCloseTo(13 - 1.6448536, 5)
    expect(() => predict(engine, constant, set, { quantiles: [95] })).toThrow(
      'The option quantiles holds 95, but a quantile is named by a probability above 0 and below 1: 0.95 for 95 %.',
    )
  })
  test('sample paths make a table of their own', () => {
    const { paths } = predict(engine, constant, dated, { times: [0, 4], paths: 500 })
    expect(paths).toMatchObject({ count: 500, channels: ['x'] })
    const drawn = toTable(paths!)
    expect(drawn.columnNames()).toEqual(['id', 'time', 'channel', 'path', 'value'])
    expect(drawn.numRows()).toBe(2 * 2 * 500)
    expect(drawn.object(1)).toMatchObject({ id: 'a', time: new Date('2024-02-28T00:00:00Z'), channel: 'x', path: 2 })
    // N(13, 1): the mean of 1000 has a standard error of 0.03.
    const values = Array.from(paths!.paths[0]!.values)
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 13)).toBeLessThan(0.13)
    expect(() => predict(engine, constant, set, { paths: 0 })).toThrow('The option paths is 0; it is a whole number from 1 on.')
  })
  test('refuse what makes no sense', () => {
    expect(() => predict(engine, constant, set, { ids: ['z'] })).toThrow(
      'The data have no series "z". The option ids names series as the data do.',
    )
    for (const options of [{ shown: 0 }, { shown: 2 }, { horizon: -1 }, { horizon: NaN }, { points: 1 }])
      expect(() => predict(engine, constant, set, options)).toThrow(/^The option (shown|horizon|points) is /)
  })
})

describe('tables', () => {
  test('of a set: a row for each time, null where nothing was observed; and back', () => {
    expect(toTable(set).objects()).toEqual([
      { id: 'a', time: 0, x: 10 },
      { id: 'a', time: 1, x: 12 },
      { id: 'a', time: 2, x: null },
      { id: 'a', time: 4, x: 16 },
      { id: 'b', time: 5, x: 9 },
      { id: 'b', time: 7, x: 11 },
    ])
    const whole = { ...dated, series: dated.series.map((one) => (one.id === 'a' ? series('a', [0, 1, 4], [10, 12, 16]) : one)) }
    expect(fingerprint(fromArquero(toTable(whole), { id: 'who', time: 'seen' }).set)).toBe(fingerprint(whole))
    expect(toTable(whole).object()).toEqual({ who: 'a', seen: new Date('2024-02-28T00:00:00Z'), x: 10 })
  })
  test('of predictions: a row for each series, time and channel', () => {
    const table = toTable(predict(engine, constant, dated, { points: 2, samples: 2, horizon: 0 }))
    expect(table.columnNames()).toEqual(['id', 'time', 'channel', 'mean', 'sd', 'q05', 'q25', 'q50', 'q75', 'q95'])
    expect(table.numRows()).toBe(4)
    expect(table.object(1)).toMatchObject({ id: 'a', time: new Date('2024-03-03T00:00:00Z'), channel: 'x', mean: 13 })
  })
  test('of an evaluation: a row for each scored value, dates where the axis is given', () => {
    const result = evaluate(engine, constant, dated, 'other', { task: 'extrapolation', samples: 2 })
    const table = toTable(result, { time: dated.time })
    expect(table.objects()).toMatchObject([
      {
        id: 'a',
        time: new Date('2024-03-03T00:00:00Z'),
        channel: 'x',
        observed: 16,
        mean: 13,
        sd: 1,
        normalisedObserved: 3,
        normalisedMean: 1.5,
        gap: 3,
        baselineMean: 10,
        baselineLast: 12,
        baselineLinear: 12,
      },
      { id: 'b', observed: 11, baselineLast: 9 },
    ])
    expect(toTable(result.points).get('time', 0)).toBe(4)
  })
  test('of danfojs get columns: dates as texts, NaN where nothing was observed', () => {
    const frame = toDanfo(dated, {
      DataFrame: class {
        constructor(readonly columns: Record<string, unknown[]>) {}
      },
    })
    expect(frame.columns).toEqual({
      who: ['a', 'a', 'a', 'a', 'b', 'b'],
      seen: ['2024-02-28', '2024-02-29', '2024-03-01', '2024-03-03', '2024-03-04', '2024-03-06'],
      x: [10, 12, NaN, 16, 9, 11],
    })
  })
  test('of times beyond any calendar are refused', () =>
    expect(() => toTable(predict(engine, constant, dated, { ids: ['b'], times: [1e9], samples: 1 }))).toThrow(
      'The time 1000000000 days after 2024-02-28T00:00:00Z is beyond any calendar.',
    ))
  test('of anything else are refused', () =>
    expect(() => toTable({} as never)).toThrow('This is no data set, no predictions and no evaluation'))
})

describe('files', () => {
  test.each(['csv', 'parquet', 'pq', 'arrow', 'feather'])(
    '.%s of a set reads back the same; nothing else is left in the folder',
    async (ending) => {
      const path = join(folder, `set.${ending}`)
      const whole = {
        ...dated,
        series: dated.series.map((one) => (one.id === 'a' ? series('a', [0, 1.25, 4], [10, 0.1, 16]) : one)),
        time: { ...days, dateOnly: false } as TimeAxis,
      }
      await writeTable(path, whole)
      expect(fingerprint((await readSeries(path, { id: 'who' })).set)).toBe(fingerprint(whole))
      expect(readdirSync(folder).filter((name) => name.includes(`.${ending}.`))).toEqual([])
    },
  )
  test('of predictions as CSV are what predict writes', async () => {
    const path = join(folder, 'predictions.csv')
    await writeTable(path, predict(engine, constant, dated, { ids: ['b'], times: [8], samples: 1 }))
    const [header, row] = readFileSync(path, 'utf8').split('\n')
    expect(header).toBe('id,time,channel,mean,sd,q05,q25,q50,q75,q95')
    expect(row).toMatch(/^b,2024-03-07,x,13,1,11\.35/)
  })
  test('into a folder that is not there', async () => {
    await expect(writeTable(join(folder, 'no/where.parquet'), set)).rejects.toMatchObject({ code: 'CannotWrite' })
  })
})

test('comparisons: paired differences, by hand', () => {
  const shifted = { ...constant, parameters: { ...constant.parameters, 'decoder.b0': Float64Array.of(2) } }
  const score = (model: FittedModel, task: 'extrapolation' | 'interpolation' = 'extrapolation') =>
    evaluate(engine, model, set, 'other', { task, samples: 1 })
  // Normalised values 3 (a) and 0.5 (b). Errors of the first: 1.5², 1; of the second: 1, 1.5².
  const { compared, labels, task } = compareEvaluations([constant, shifted], [score(constant), score(shifted)], ['low', 'high'])
  expect([labels, task]).toEqual([['low', 'high'], 'extrapolation'])
  expect(compared.scores.map(({ mse }) => mse)).toEqual([1.625, 1.625])
  // Differences −1.25 and 1.25: mean 0, standard error sqrt(2/1 · (1.25² + 1.25²))/2 = 1.25.
  expect(compared.mse).toMatchObject({ difference: 0, series: 2, lower: 1, higher: 1 })
  expect(compared.mse.standardError).toBeCloseTo(1.25, 12)
  expect(() => compareEvaluations([constant, shifted], [score(constant), score(shifted, 'interpolation')])).toThrow(
    'The first evaluation is one of extrapolation, the second of interpolation. Evaluate both models at the same task.',
  )
})
