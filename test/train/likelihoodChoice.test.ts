import { describe, expect, test } from 'vitest'
import { fit } from '../../src/api/fit.js'
import type { SeriesSet } from '../../src/data/series.js'
import { Bernoulli } from '../../src/distribution/bernoulli.js'
import { NegativeBinomial } from '../../src/distribution/negativeBinomial.js'
import { Normal } from '../../src/distribution/normal.js'
import { random } from '../../src/random.js'
import { pitOf } from '../../src/train/evaluate.js'
import { likelihoodFor, withLikelihoods } from '../../src/train/likelihoodChoice.js'

const draws = (count: number, of: (stream: ReturnType<typeof random>) => number): Float64Array => {
  const stream = random(3, 'draws')
  return Float64Array.from({ length: count }, () => of(stream))
}

describe('the likelihood that values are plainly of', () => {
  const counts = draws(300, (stream) => new NegativeBinomial(2, 0.4).sample(stream))
  test.each<[string, Float64Array, string | undefined]>([
    ['zeros and ones', draws(100, (stream) => (stream.uniform() < 0.1 ? 1 : 0)), 'bernoulli'],
    ['counts', counts, 'negative-binomial'],
    ['sales', draws(100, (stream) => (stream.uniform() < 0.4 ? 0 : Math.exp(stream.normal()))), undefined],
    ['too few zeros and ones', draws(20, (stream) => stream.integer(2)), undefined],
    ['only ones', new Float64Array(100).fill(1), undefined],
    ['0, ½ and 1', draws(100, (stream) => stream.integer(3) / 2), undefined],
    ['differences of counts', counts.map((value) => value - 1), undefined],
    ['counts of at least one', counts.map((value) => value + 1), undefined],
    ['a heart rate in whole numbers, with a fault', draws(300, (stream) => Math.round(80 + 9 * stream.normal())).fill(0, 0, 2), undefined],
    [
      'a breathing rate in whole numbers, with a fault',
      draws(300, (stream) => Math.round(18 + 5 * stream.normal())).fill(0, 0, 1),
      undefined,
    ],
    ['marks from 0 to 4', draws(300, (stream) => Math.max(0, Math.min(4, Math.round(2.5 + 0.8 * stream.normal())))), undefined],
    ['rain on few days', draws(300, (stream) => (stream.uniform() < 0.96 ? 0 : Math.exp(stream.normal()))), undefined],
    ['readings with some zeros', draws(300, (stream) => Math.max(0, 1.5 + stream.normal())), undefined],
  ])('%s', (_, values, expected) => {
    expect(likelihoodFor(values)?.name).toBe(expected)
  })
})

/** The probability of 1 at a time. */
const curve = (t: number): number => 1 / (1 + Math.exp(-2.5 * Math.sin(2 * Math.PI * t)))

/** Series of zeros and ones whose probability of 1 follows a curve. */
const coins: SeriesSet = {
  channels: ['coin'],
  time: { kind: 'number' },
  idColumn: 'id',
  timeColumn: 'time',
  series: Array.from({ length: 60 }, (_, s) => {
    const stream = random(8, 'coins', s)
    const times = Float64Array.from({ length: 40 }, (__, i) => (i + stream.uniform()) / 40)
    return {
      id: `s${s}`,
      times,
      values: times.map((time) => (stream.uniform() < curve(time) ? 1 : 0)),
      mask: new Uint8Array(40).fill(1),
    }
  }),
}

test('a rate that follows a curve is recovered, and fit says what it took the values for', { timeout: 240_000 }, async () => {
  const said: string[] = []
  const model = await fit(coins, {
    epochs: 25,
    seed: 1,
    threads: 1,
    stack: 'none',
    likelihood: 'auto',
    onNotice: (text) => void said.push(text),
  })
  expect(said).toContain('Likelihood: "coin" is bernoulli (only 0 and 1).')
  const [times, ids] = [
    [0.1, 0.25, 0.4, 0.6, 0.75, 0.9],
    ['s0', 's1', 's2', 's3', 's4', 's5'],
  ]
  const forecast = await model.predict(coins, { times, ids })
  const errors = times.map((time) => ids.reduce((sum, id) => sum + forecast.at(id, 'coin', time).mean / ids.length, 0) - curve(time))
  // The curve runs from 0.08 to 0.92; the share of ones in a tenth of the time has a standard error of 0.03.
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.12)
  expect(forecast.at('s0', 'coin', 0.25).quantile(0.5)).toBe(1)
  expect(forecast.at('s0', 'coin', 0.75).quantile(0.5)).toBe(0)
})

test('by default noise is normal, and another likelihood is proposed', () => {
  const { model, said } = withLikelihoods({ likelihood: 'gaussian' } as Parameters<typeof withLikelihoods>[0], coins)
  expect(model).toEqual({ likelihood: 'gaussian' })
  expect(said).toEqual([expect.stringMatching(/^The channel "coin" has only 0 and 1\. .*--likelihood coin=bernoulli/)])
})

test('values that a likelihood gives no probability are refused, by name', async () => {
  const [first, ...others] = coins.series
  const strange = { ...coins, series: [{ ...first!, values: first!.values.map((value, i) => (i === 7 ? 2 : value)) }, ...others] }
  await expect(fit(strange, { epochs: 1, likelihood: 'bernoulli' })).rejects.toThrow(
    expect.objectContaining({
      code: 'Support',
      message:
        'The channel "coin" has 1 value, such as 2, that the likelihood bernoulli gives no probability: it is of values that are 0 or 1. ' +
        'Correct the data, or give the channel another: --likelihood coin=gaussian.',
    }),
  )
})

describe('the probability integral transform', () => {
  test('of what is distributed as was said is uniform, for zeros and ones too', () => {
    const stream = random(5, 'pit')
    const coin = new Bernoulli(0.7)
    const pits = Array.from({ length: 20_000 }, () => pitOf(coin, coin.sample(stream), stream)).sort((a, b) => a - b)
    // Kolmogorov's distance; beyond 1.63 / √n once in a hundred times.
    const distance = Math.max(...pits.map((pit, i) => Math.abs(pit - (i + 0.5) / pits.length)))
    expect(distance).toBeLessThan(1.63 / Math.sqrt(pits.length))
  })

  test('of a density is the distribution function, whatever the stream', () => {
    expect(pitOf(new Normal(0, 1), 0, random(1, 'any'))).toBeCloseTo(0.5, 6)
  })
})
