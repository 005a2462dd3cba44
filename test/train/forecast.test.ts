import { describe, expect, test } from 'vitest'
import { selectEngine } from '../../src/engine/select.js'
import { UserError } from '../../src/errors.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { fit } from '../../src/train/fit.js'
import { forecast } from '../../src/train/forecast.js'
import type { Forecast, Query } from '../../src/train/forecastTypes.js'

const tiny = {
  epochs: 1,
  minSteps: 1,
  samples: 1,
  validationSamples: 1,
  latents: 2,
  encoderUnits: 4,
  encoderFieldUnits: 4,
  fieldUnits: 4,
  decoderUnits: 4,
}
const set = simulateOscillators({ count: 8, points: 6, seed: 1 })
const engine = await selectEngine()
const { fitted } = await fit(engine, set, tiny)
const [one, two] = set.series

const forecasts = (queries: Query[]): Forecast[] => [...forecast(engine, fitted, queries, { samples: 3 })]

/** The error that is raised, as code and message. */
function raised(body: () => unknown): [string, string] {
  try {
    body()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return [(error as UserError).code, (error as UserError).message]
  }
  throw new Error('nothing was raised')
}

describe('Forecast.distribution', () => {
  const [first, second] = forecasts([
    { series: one!, times: Float64Array.of(100, 200) },
    { series: two!, times: Float64Array.of(7) },
  ])

  test('takes indices that there are', () => {
    const { components } = first!.distribution(1, 1)
    expect(components).toHaveLength(3)
    expect(components.every(({ mean }) => Number.isFinite(mean))).toBe(true)
    expect(Number.isFinite(first!.distribution(0, 0).sd)).toBe(true)
  })

  test.each<[number, number, string]>([
    [
      100,
      0,
      'Time index 100 is out of range: this forecast has 2 times (0 to 1); times are 100, 200. This takes the index of a time, not a ' +
        'time: 0 for 100.',
    ],
    [2, 0, 'Time index 2 is out of range: this forecast has 2 times (0 to 1); times are 100, 200.'],
    [-1, 0, 'Time index -1 is out of range: this forecast has 2 times (0 to 1); times are 100, 200.'],
    [
      0.5,
      0,
      'Time index 0.5 is none: this forecast has 2 times (0 to 1); times are 100, 200. This takes the index of a time, not a time: a ' +
        'whole number.',
    ],
    [
      NaN,
      0,
      'Time index NaN is none: this forecast has 2 times (0 to 1); times are 100, 200. This takes the index of a time, not a time: a ' +
        'whole number.',
    ],
    [0, 2, 'Channel index 2 is out of range: the model has 2 channels (0 to 1); channels are position, velocity.'],
    [
      0,
      'velocity' as never,
      'Channel index "velocity" is none: the model has 2 channels (0 to 1); channels are position, velocity. This takes the index of ' +
        'a channel, not a channel: 1 for velocity.',
    ],
    [
      0,
      undefined as never,
      'Channel index undefined is none: the model has 2 channels (0 to 1); channels are position, velocity. This takes the index of ' +
        'a channel, not a channel: a whole number.',
    ],
  ])('(%s, %s) is refused: there is none, and the next number is of another time or series', (time, channel, message) => {
    expect(raised(() => first!.distribution(time, channel))).toEqual(['BadIndex', message])
  })

  test('a forecast of one time says so', () => {
    expect(raised(() => second!.distribution(7, 0))[1]).toBe(
      'Time index 7 is out of range: this forecast has 1 time (0); the time is 7. This takes the index of a time, not a time: 0 for 7.',
    )
  })
})

describe('Forecast.paths', () => {
  const times = Float64Array.of(1, 2, 5)
  const [asked] = [...forecast(engine, fitted, [{ series: one!, times }], { samples: 400 })]
  const width = set.channels.length
  const value = (paths: Float64Array, path: number, time: number, channel: number): number =>
    paths[(path * times.length + time) * width + channel]!
  const column = (paths: Float64Array, time: number, channel: number): number[] =>
    Array.from({ length: paths.length / (times.length * width) }, (_, path) => value(paths, path, time, channel))
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  const sd = (numbers: readonly number[]): number => Math.sqrt(mean(numbers.map((x) => (x - mean(numbers)) ** 2)))
  const correlation = (a: readonly number[], b: readonly number[]): number =>
    mean(a.map((x, i) => (x - mean(a)) * (b[i]! - mean(b)))) / (sd(a) * sd(b))

  test('without noise and without a residual, path k is the course of sample k at all times and channels', async () => {
    const plain = await fit(engine, set, { ...tiny, residual: 'none' })
    const [asked] = [...forecast(engine, plain.fitted, [{ series: one!, times }], { samples: 400 })]
    const paths = asked!.paths(400, { noise: false })
    for (let time = 0; time < 3; time++)
      for (let channel = 0; channel < 2; channel++)
        expect(column(paths, time, channel)).toEqual(asked!.distribution(time, channel).components.map((one) => one.quantile(0.5)))
  })

  test('margins are the distributions', () => {
    const paths = asked!.paths(8000)
    for (let time = 0; time < 3; time++) {
      for (let channel = 0; channel < 2; channel++) {
        const [said, drawn] = [asked!.distribution(time, channel), column(paths, time, channel)]
        // Standard errors: 1/89 of the standard deviation for the mean, 1/126 for the standard deviation, 0.005 for a share.
        expect(Math.abs(mean(drawn) - said.mean)).toBeLessThan(0.05 * said.sd)
        expect(Math.abs(sd(drawn) / said.sd - 1)).toBeLessThan(0.035)
        for (const p of [0.1, 0.5, 0.9]) {
          const quantile = said.quantile(p)
          expect(Math.abs(drawn.filter((x) => x <= quantile).length / drawn.length - p)).toBeLessThan(0.02)
        }
      }
    }
  })

  test('they are joint: over time and channels they vary together as the samples do, less for the noise', () => {
    const [courses, paths] = [asked!.paths(400, { noise: false }), asked!.paths(8000)]
    for (const [a, b] of [
      [
        [0, 0],
        [1, 0],
      ],
      [
        [0, 0],
        [2, 0],
      ],
      [
        [1, 0],
        [1, 1],
      ],
    ] as [[number, number], [number, number]][]) {
      const ofSamples = correlation(column(courses, ...a), column(courses, ...b))
      const share = ([time, channel]: [number, number]): number =>
        sd(column(courses, time, channel)) / asked!.distribution(time, channel).sd
      // Independent noise only widens both. The standard error of a correlation of 8000 is at most 0.011.
      expect(Math.abs(correlation(column(paths, ...a), column(paths, ...b)) - ofSamples * share(a) * share(b))).toBeLessThan(0.045)
    }
  })

  test('they are the same when asked again, of fewer, and among other series', () => {
    const paths = asked!.paths(5)
    expect(asked!.paths(5)).toEqual(paths)
    expect(asked!.paths(2)).toEqual(paths.subarray(0, 12))
    const again = [
      ...forecast(
        engine,
        fitted,
        [
          { series: two!, times },
          { series: one!, times },
        ],
        { samples: 400 },
      ),
    ][1]!
    expect(again.paths(5)).toEqual(paths)
    expect([...forecast(engine, fitted, [{ series: one!, times }], { samples: 400, seed: 2 })][0]!.paths(5)).not.toEqual(paths)
  })

  test.each([0, -1, 1.5, NaN])('%s is no number of paths', (count) => {
    expect(raised(() => asked!.paths(count))).toEqual([
      'BadPaths',
      `The number of sample paths is ${count}, but must be a whole number above 0.`,
    ])
  })
})

describe('a query', () => {
  test.each<[Partial<Query>, string, string]>([
    [{ rows: Int32Array.of(0, 6) }, 'BadIndex', 'Row index 6 is out of range: the series "1" has 6 rows (0 to 5).'],
    [{ rows: Int32Array.of(-1) }, 'BadIndex', 'Row index -1 is out of range: the series "1" has 6 rows (0 to 5).'],
    [{ rows: Int32Array.of(2, 1) }, 'BadQuery', 'The rows to show of the series "1" must ascend, each once, but 1 follows 2.'],
    [{ rows: Int32Array.of(1, 1) }, 'BadQuery', 'The rows to show of the series "1" must ascend, each once, but 1 follows 1.'],
    [{ times: Float64Array.of(2, 1) }, 'BadQuery', 'The times to predict the series "1" at must ascend, but 1 follows 2. Sort them.'],
    [{ times: Float64Array.of(1, NaN) }, 'BadQuery', 'The times to predict the series "1" at must be finite numbers, but one is NaN.'],
  ])('%o is refused', (change, code, message) => {
    expect(raised(() => forecasts([{ series: { ...one!, id: '1' }, times: Float64Array.of(1), ...change }]))).toEqual([code, message])
  })

  test('rows need not be all, nor times distinct', () => {
    expect(forecasts([{ series: one!, rows: Int32Array.of(0, 3), times: Float64Array.of(1, 1, 4) }])[0]!.times).toHaveLength(3)
    expect(forecasts([{ series: one!, rows: new Int32Array(0), times: Float64Array.of(1) }])[0]!.error).toBeUndefined()
  })
})
