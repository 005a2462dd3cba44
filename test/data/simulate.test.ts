import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readSeries } from '../../src/data/read.js'
import type { SeriesSet } from '../../src/data/series.js'
import { csvOf } from './support.js'
import { followLogs, simulateLotkaVolterra } from '../../src/data/simulate/lotkaVolterra.js'
import { oscillate, simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { simulatePeriodic } from '../../src/data/simulate/periodic.js'
import { simulateSpirals } from '../../src/data/simulate/spirals.js'
import { fingerprint } from '../../src/data/fingerprint.js'

const simulators = { simulatePeriodic, simulateSpirals, simulateOscillators, simulateLotkaVolterra }

describe('every simulator', () => {
  for (const [name, simulate] of Object.entries(simulators)) {
    it(`${name} is the same for the same seed, to the bit, and another for another`, () => {
      expect(fingerprint(simulate({ count: 5, seed: 7 }))).toBe(fingerprint(simulate({ count: 5, seed: 7 })))
      expect(fingerprint(simulate({ count: 5, seed: 8 }))).not.toBe(fingerprint(simulate({ count: 5, seed: 7 })))
    })
    it(`${name}: a series does not depend on how many there are`, () => {
      expect(simulate({ count: 8, seed: 1 }).series.slice(0, 3)).toEqual(simulate({ count: 3, seed: 1 }).series)
    })
    it(`${name} has the counts asked for, and ascending times within the span`, () => {
      const { series, channels } = simulate({ count: 4, points: 30, span: 2 })
      expect(series.map(({ id }) => id)).toEqual(['0', '1', '2', '3'])
      for (const { times, values, mask } of series) {
        expect(times.length).toBe(30)
        expect(values.length).toBe(30 * channels.length)
        expect(mask.every((m) => m === 1)).toBe(true)
        expect(times.every((t, i) => t >= 0 && t <= 2 && (i === 0 || t > times[i - 1]!))).toBe(true)
      }
    })
    it(`${name}: noise has the standard deviation asked for and leaves times alone`, () => {
      const scale = simulate === simulateLotkaVolterra ? Math.log : (x: number): number => x
      const [noisy, exact] = [0.05, 0].map((noise) => simulate({ count: 40, points: 50, noise, seed: 3 }))
      const residuals = noisy!.series.flatMap(({ values }, s) =>
        Array.from(values, (v, i) => scale(v) - scale(exact!.series[s]!.values[i]!)),
      )
      expect(noisy!.series.map(({ times }) => times)).toEqual(exact!.series.map(({ times }) => times))
      // At least 2,000 draws: the estimate has a relative standard error of at most 1/sqrt(4000) = 1.6 %; five of those.
      const sd = Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / residuals.length)
      expect(sd / 0.05).toBeGreaterThan(0.92)
      expect(sd / 0.05).toBeLessThan(1.08)
    })
    it(`${name} leaves out rows and cells`, () => {
      const { series, channels } = simulate({ count: 60, points: 40, rowsObserved: 0.5, cellsObserved: 0.4, seed: 2 })
      const rows = series.reduce((sum, { times }) => sum + times.length, 0)
      // Binomial(2400, 0.5): sd 24.5; five of them.
      expect(Math.abs(rows - 1200)).toBeLessThan(123)
      for (const { mask, values } of series) {
        for (let row = 0; row < mask.length; row += channels.length)
          expect(mask.subarray(row, row + channels.length).includes(1)).toBe(true)
        expect(values.every((v, cell) => mask[cell] === 1 || v === 0)).toBe(true)
      }
      const seen = series.reduce((sum, { mask }) => sum + mask.reduce((a, b) => a + b, 0), 0)
      // One cell of a row always stays; each other stays with chance 0.4.
      const expected = rows * (1 + 0.4 * (channels.length - 1))
      expect(Math.abs(seen - expected)).toBeLessThan(5 * Math.sqrt(rows))
    })
    it(`${name} survives being written and read`, async () => {
      const set = simulate({ count: 12, points: 10, cellsObserved: 0.7, seed: 4 })
      const again = await readSeries(Readable.from([Buffer.from(await csvOf(set))]))
      expect(again.set).toEqual(set)
    })
    it(`${name} refuses what cannot be`, () => {
      expect(() => simulate({ count: 0 })).toThrow('The option count is 0, which is not a positive whole number. Correct it.')
      expect(() => simulate({ points: 1.5 })).toThrow('points')
      expect(() => simulate({ span: -1 })).toThrow('span')
      expect(() => simulate({ noise: NaN })).toThrow('noise')
      expect(() => simulate({ cellsObserved: 0 })).toThrow('cellsObserved')
    })
  }
  it('regular times are shared and evenly spaced', () => {
    for (const { times } of simulatePeriodic({ count: 3, points: 6, regular: true }).series) expect([...times]).toEqual([0, 1, 2, 3, 4, 5])
  })
})

it('the periodic set solves x″ = −(2πf)² x with amplitude 1 and a frequency in [0.4, 0.8]', () => {
  const { series } = simulatePeriodic({ count: 50, points: 501, regular: true, noise: 0 })
  for (const { times, values } of series) {
    // Three equidistant points of any sinusoid: x(t+h) + x(t−h) = 2 cos(ωh) x(t).
    const h = times[1]! - times[0]!
    const at = values.findIndex((v) => Math.abs(v) > 0.9)
    const i = Math.max(at, 1)
    const cosine = (values[i + 1]! + values[i - 1]!) / (2 * values[i]!)
    const frequency = Math.acos(cosine) / h / (2 * Math.PI)
    expect(frequency).toBeGreaterThan(0.4 - 1e-9)
    expect(frequency).toBeLessThan(0.8 + 1e-9)
    const residual = values
      .subarray(1, 500)
      .reduce((most, x, k) => Math.max(most, Math.abs(values[k + 2]! + values[k]! - 2 * cosine * x)), 0)
    expect(residual).toBeLessThan(1e-9)
    // At 0 the phase is N(1, 0.1): sin within six standard deviations; amplitude 1: sin² + cos² from two samples.
    expect(values[0]!).toBeGreaterThan(Math.sin(0.4))
    const sine = (values[1]! - cosine * values[0]!) / Math.sqrt(1 - cosine * cosine)
    expect(Math.hypot(values[0]!, sine)).toBeCloseTo(1, 8)
  }
})

it('spirals: the radius is 0.3 of the unwound angle, one turn a unit of time, both ways round', () => {
  const { series } = simulateSpirals({ count: 20, points: 400, noise: 0, regular: true })
  series.forEach(({ times, values }, s) => {
    const sign = s % 2 === 0 ? 1 : -1
    for (let i = 0; i + 1 < times.length; i++) {
      const [x, y, u, v] = [values[2 * i]!, values[2 * i + 1]!, values[2 * i + 2]!, values[2 * i + 3]!]
      const turned = Math.atan2(x * v - y * u, x * u + y * v)
      expect(turned).toBeCloseTo(sign * 2 * Math.PI * (times[i + 1]! - times[i]!), 9)
      expect(Math.hypot(u, v) - Math.hypot(x, y)).toBeCloseTo(0.3 * turned, 9)
      // The direction is the angle that the radius says.
      expect(Math.cos(Math.hypot(x, y) / 0.3)).toBeCloseTo(x / Math.hypot(x, y), 9)
    }
  })
})

describe('oscillators', () => {
  it('start where they are put', () => {
    const [x, v] = oscillate(Float64Array.from([0]), 1.3, 0.1, 0.7, -0.4)
    expect(x).toBeCloseTo(0.7, 15)
    expect(v).toBeCloseTo(-0.4, 15)
  })
  it('without damping keep their energy', () => {
    const out = oscillate(
      Float64Array.from({ length: 100 }, (_, i) => i * 0.37),
      1.7,
      0,
      0.7,
      -0.4,
    )
    for (let i = 0; i < 100; i++)
      expect(0.5 * out[2 * i + 1]! ** 2 + 0.5 * (1.7 * out[2 * i]!) ** 2).toBeCloseTo(0.5 * 0.16 + 0.5 * (1.7 * 0.7) ** 2, 12)
  })
  it('solve the equation: finite differences of position are velocity, of velocity the force', () => {
    const [omega, ratio, h] = [1.4, 0.15, 1e-4]
    for (const t of [0.3, 2, 7.7]) {
      const out = oscillate(Float64Array.from([t - h, t, t + h]), omega, ratio, 0.9, 0.2)
      // Central differences: error of the order h² = 1e-8.
      expect((out[4]! - out[0]!) / (2 * h)).toBeCloseTo(out[3]!, 6)
      expect((out[5]! - out[1]!) / (2 * h)).toBeCloseTo(-2 * ratio * omega * out[3]! - omega * omega * out[2]!, 6)
    }
  })
})

describe('predators and prey', () => {
  const rates = { growth: 0.55, predation: 0.028, death: 0.8, reproduction: 0.024 }
  it('keep Volterra’s constant of motion', () => {
    const times = Float64Array.from({ length: 60 }, (_, i) => i * 0.7)
    const out = followLogs(times, rates, [Math.log(30), Math.log(4)])
    const constant = (i: number): number =>
      rates.reproduction * Math.exp(out[2 * i]!) -
      rates.death * out[2 * i]! +
      rates.predation * Math.exp(out[2 * i + 1]!) -
      rates.growth * out[2 * i + 1]!
    for (let i = 1; i < 60; i++) expect(constant(i)).toBeCloseTo(constant(0), 9)
  })
  it('stay at rest where they balance', () => {
    const out = followLogs(Float64Array.from([0, 5, 50]), rates, [Math.log(0.8 / 0.024), Math.log(0.55 / 0.028)])
    for (let i = 0; i < 3; i++) {
      expect(Math.exp(out[2 * i]!)).toBeCloseTo(0.8 / 0.024, 9)
      expect(Math.exp(out[2 * i + 1]!)).toBeCloseTo(0.55 / 0.028, 9)
    }
  })
  it('near the balance go round with period 2π/√(growth · death)', () => {
    const period = (2 * Math.PI) / Math.sqrt(0.55 * 0.8)
    const rest: [number, number] = [Math.log(0.8 / 0.024), Math.log(0.55 / 0.028)]
    const out = followLogs(Float64Array.from([0, period]), rates, [rest[0] + 1e-4, rest[1]])
    expect(out[2]! - rest[0]).toBeCloseTo(1e-4, 8)
    expect(out[3]! - rest[1]).toBeCloseTo(0, 8)
  })
  it('are always positive', () => {
    for (const { values } of simulateLotkaVolterra({ count: 20, noise: 1 }).series) expect(values.every((v) => v > 0)).toBe(true)
  })
})

it('a set of dates without ids is written as dates', async () => {
  const set: SeriesSet = {
    channels: ['x'],
    time: { kind: 'date', unit: 'day', epoch: '2024-01-01T00:00:00Z', dateOnly: true },
    idColumn: '',
    timeColumn: 'day',
    series: [{ id: 'only', times: Float64Array.from([0, 60]), values: Float64Array.from([1, 2]), mask: Uint8Array.from([1, 0]) }],
  }
  expect(await csvOf(set)).toBe('day,x\n2024-01-01,1\n2024-03-01,\n')
})
