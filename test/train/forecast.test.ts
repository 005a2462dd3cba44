import { describe, expect, test } from 'vitest'
import { selectEngine } from '../../src/engine/select.js'
import { UserError } from '../../src/errors.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { fit } from '../../src/train/fit.js'
import { forecast, type Forecast, type Query } from '../../src/train/forecast.js'

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

describe('Forecast.mixture', () => {
  const [first, second] = forecasts([
    { series: one!, times: Float64Array.of(100, 200) },
    { series: two!, times: Float64Array.of(7) },
  ])

  test('takes indices that there are', () => {
    expect(first!.mixture(1, 1).means).toHaveLength(3)
    expect(Array.from(first!.mixture(1, 1).means).every(Number.isFinite)).toBe(true)
    expect(Number.isFinite(first!.mixture(0, 0).sd)).toBe(true)
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
    expect(raised(() => first!.mixture(time, channel))).toEqual(['BadIndex', message])
  })

  test('a forecast of one time says so', () => {
    expect(raised(() => second!.mixture(7, 0))[1]).toBe(
      'Time index 7 is out of range: this forecast has 1 time (0); the time is 7. This takes the index of a time, not a time: 0 for 7.',
    )
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
