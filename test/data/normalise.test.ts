import { describe, expect, it } from 'vitest'
import {
  denormaliseValue,
  domainNotices,
  fitNormalisation,
  logDensityShift,
  normaliseSeries,
  normaliseValue,
  type ChannelNormalisation,
} from '../../src/data/normalise.js'
import { pickSeries } from '../../src/data/batch.js'
import type { SeriesSet } from '../../src/data/series.js'
import { chooseTransform, logTransform, moments } from '../../src/data/transform.js'
import { random } from '../../src/random.js'

function setOf(columns: (number | null)[][], channels = columns.map((_, c) => `c${c}`)): SeriesSet {
  const rows = columns[0]!.length
  const cells = Array.from(
    { length: rows * columns.length },
    (_, cell) => columns[cell % columns.length]![Math.floor(cell / columns.length)]!,
  )
  return {
    channels,
    time: { kind: 'number' },
    idColumn: 'id',
    timeColumn: 'time',
    series: [
      {
        id: 'p',
        times: Float64Array.from({ length: rows }, (_, i) => i * 10),
        values: Float64Array.from(cells, (v) => v ?? 0),
        mask: Uint8Array.from(cells, (v) => (v === null ? 0 : 1)),
      },
    ],
  }
}

const normal = (seed: number, count: number): Float64Array => {
  const stream = random(seed, 'test')
  return Float64Array.from({ length: count }, () => stream.normal())
}

const log: ChannelNormalisation = { channel: 'x', transform: { kind: 'log', offset: 0, floor: 0.01 }, mean: 1.5, sd: 0.7, rawMean: 5 }
const plain: ChannelNormalisation = { channel: 'x', transform: { kind: 'none' }, mean: 1.5, sd: 0.7, rawMean: 5 }

describe('fitting', () => {
  it('mean and sd of observed values, by hand', () => {
    const { channels, timeScale } = fitNormalisation(
      setOf([
        [1, null, 2, 3, 6],
        [null, -5, 5, null, null],
      ]),
      { transform: 'none' },
    )
    // Mean 3, squared deviations 4 + 1 + 0 + 9 = 14 over 4 values; mean 0, 50 over 2.
    expect(channels.map(({ mean }) => mean)).toEqual([3, 0])
    expect(channels[0]!.sd).toBeCloseTo(Math.sqrt(14 / 4), 15)
    expect(channels[1]!.sd).toBe(5)
    // Under a logarithm the plain mean is kept as well.
    expect(fitNormalisation(setOf([[1, null, 2, 3, 6]]), { transform: 'log' }).channels[0]!.rawMean).toBe(3)
    expect(timeScale).toBe(40)
  })
  it('garbage in unobserved cells changes nothing, to the bit', () => {
    const set = setOf([
      [1, null, 2, 3, 6, null, null, null],
      [null, 5, 5.5, null, null, 7, 8, 9],
    ])
    const expected = fitNormalisation(set)
    for (const garbage of [NaN, Infinity, -Infinity, 1e38, -1, 1e308]) {
      const dirty = {
        ...set,
        series: set.series.map((one) => ({ ...one, values: one.values.map((v, cell) => (one.mask[cell] === 1 ? v : garbage)) })),
      }
      expect(fitNormalisation(dirty)).toEqual(expected)
      const normalised = ({ series }: typeof set) => series.map((one) => normaliseSeries(one, expected))
      expect(normalised(dirty)).toEqual(normalised(set))
    }
  })
  it('large offsets cost no digits', () => {
    expect(moments(Float64Array.from([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]))).toEqual({ mean: 1e9 + 10, sd: Math.sqrt(22.5) })
  })
  it('values at the ends of float64 have moments like any other', () => {
    for (const unit of [2 ** 1000, 2 ** -1000, 2 ** 400, 1])
      expect(moments(Float64Array.from([unit, 3 * unit, 5 * unit, 7 * unit]))).toEqual({ mean: 4 * unit, sd: Math.sqrt(5) * unit })
    expect(moments(new Float64Array(3))).toEqual({ mean: 0, sd: 0 })
    expect(moments(new Float64Array(0)).mean).toBeNaN()
  })
  it('a channel that never changes in training has a finite scale', () => {
    const { channels } = fitNormalisation(
      setOf([
        [4, 4, 4],
        [0, 0, 0],
      ]),
      { transform: 'none' },
    )
    expect(channels.map(({ sd }) => sd)).toEqual([4, 1])
  })
  it('a single row has the time scale 1', () => expect(fitNormalisation(setOf([[4]])).timeScale).toBe(1))
  it('spans of 1e12 and 1e-12 are scales like any other', () => {
    for (const span of [1e12, 1e-12]) {
      const set = setOf([[1, 2]])
      expect(fitNormalisation({ ...set, series: [{ ...set.series[0]!, times: Float64Array.from([0, span]) }] }).timeScale).toBe(span)
    }
  })
  it('a channel without a training value is refused', () => {
    expect(() => fitNormalisation(pickSeries(setOf([[1, 2]]), []))).toThrow(
      'The channel "c0" has no observed value in the training series. Leave it out with --values, give more series, or choose ' +
        'another --seed.',
    )
  })
  it('is plain data', () => {
    const fitted = fitNormalisation(
      setOf([
        [1, 10, 100, 1000],
        [-1, 0, 1, 2],
      ]),
    )
    expect(JSON.parse(JSON.stringify(fitted))).toEqual(fitted)
  })
})

describe('the choice of a logarithm', () => {
  it('log-normal values get one, normal ones do not', () => {
    const z = normal(1, 2000)
    expect(chooseTransform(z.map((v) => Math.exp(3 + v)))).toMatchObject({ kind: 'log', offset: 0 })
    expect(chooseTransform(z.map((v) => 100 + v))).toEqual({ kind: 'none' })
    expect(chooseTransform(z.map((v) => 10 + v))).toEqual({ kind: 'none' })
  })
  it('does not depend on the unit', () => {
    const values = normal(2, 500).map((v) => Math.exp(v))
    for (const unit of [1e-12, 1e12]) expect(chooseTransform(values.map((v) => v * unit)).kind).toBe('log')
  })
  it('zeros and negative values never get one by themselves', () => {
    const values = normal(3, 500).map((v) => Math.exp(2 * v))
    expect(chooseTransform(Float64Array.from([0, ...values]))).toEqual({ kind: 'none' })
    expect(chooseTransform(Float64Array.from([-1e-9, ...values]))).toEqual({ kind: 'none' })
  })
  it('neither do a handful of values', () => expect(chooseTransform(Float64Array.from([1, 3]))).toEqual({ kind: 'none' }))
  it('asked for, zeros are taken with half the smallest positive value, negative values are refused', () => {
    expect(logTransform(Float64Array.from([0, 4, 1, 9]))).toEqual({ kind: 'log', offset: 0.5, floor: 0.25 })
    expect(logTransform(Float64Array.from([4, 1, 9]))).toEqual({ kind: 'log', offset: 0, floor: 0.5 })
    expect(() => fitNormalisation(setOf([[-1, 2, 3]]), { transform: 'log' })).toThrow(
      'The channel "c0" has values below zero or nothing above it, so it has no logarithm. Use --transform auto or --transform none.',
    )
  })
})

describe('there and back', () => {
  it('values', () => {
    for (const channel of [plain, log, { ...log, transform: { kind: 'log', offset: 2, floor: 1 } as const }]) {
      for (const value of [0.001, 0.5, 1, 7, 12345])
        expect(denormaliseValue(channel, normaliseValue(channel, value)) / value).toBeCloseTo(1, 10)
    }
  })
  it('a logarithm by hand', () => expect(normaliseValue(log, Math.E ** 2)).toBeCloseTo((2 - 1.5) / 0.7, 14))
  it('values that a logarithm cannot take stand at the floor, and that is told', () => {
    expect(normaliseValue(log, 0)).toBe(normaliseValue(log, 0.01))
    expect(normaliseValue(log, -5)).toBe(normaliseValue(log, 0.01))
    expect(normaliseValue(log, 0.005)).toBeLessThan(normaliseValue(log, 0.01))
    expect(domainNotices(setOf([[0, -5, 1]], ['x']), { channels: [log], timeScale: 1 })).toEqual([
      '2 values of the channel "x" are not above 0, unlike all it was fitted to; the model reads 0.01 there.',
    ])
    expect(domainNotices(setOf([[0, -5, 1]], ['x']), { channels: [plain], timeScale: 1 })).toEqual([])
  })
  it('the density shift is the logarithm of the derivative', () => {
    for (const channel of [plain, log]) {
      for (const value of [0.3, 2, 40]) {
        const h = value * 1e-5
        const slope = (normaliseValue(channel, value + h) - normaliseValue(channel, value - h)) / (2 * h)
        // Central differences of smooth functions at h = 1e-5: error about h² = 1e-10.
        expect(logDensityShift(channel, value)).toBeCloseTo(Math.log(slope), 8)
      }
    }
  })
  it('a density stays a density: it integrates to 1 in the original units', () => {
    let total = 0
    for (let u = -12; u < 12; u += 0.001) {
      const value = Math.exp(u)
      const z = normaliseValue(log, value)
      total += Math.exp(-0.5 * z * z - 0.5 * Math.log(2 * Math.PI) + logDensityShift(log, value)) * value * 0.001
    }
    expect(total).toBeCloseTo(1, 6)
  })
  it('of a series: cells by channel, 0 where nothing was observed', () => {
    const {
      series: [one],
    } = setOf(
      [
        [2, null, 0.5],
        [3, 7, null],
      ],
      ['x', 'y'],
    )
    const other = { ...plain, channel: 'y', mean: 5, sd: 4 }
    const { values, ...rest } = normaliseSeries(one!, { channels: [plain, other], timeScale: 1 })
    expect([...values]).toEqual(
      [2, 3, null, 7, 0.5, null].map((value, cell) => (value === null ? 0 : normaliseValue(cell % 2 === 0 ? plain : other, value))),
    )
    expect(rest).toMatchObject({ id: one!.id, times: one!.times, mask: one!.mask })
  })
})
