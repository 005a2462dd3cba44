import { describe, expect, test } from 'vitest'
import { ConditionedProcess } from '../../src/statespace/condition.js'
import { kernelNames, kernels, type KernelName, type KernelScales } from '../../src/statespace/kernel.js'
import { SequenceLikelihood } from '../../src/statespace/logLikelihood.js'
import { random } from '../../src/random.js'
import { covariance, gaussianLogDensity, solve } from './dense.js'

const times = Float64Array.from([0.1, 0.35, 0.35, 0.4, 0.9, 1.7, 1.75])
const values = Float64Array.from([0.3, -0.2, 0.1, 0.5, 1.2, -0.7, -0.4])
const noise = Float64Array.from([0.05, 0.02, 0.3, 0.01, 0.2, 0.04, 0.11])
const scales = { variance: 0.7, length: 0.45, smoothness: 0.3 }
const asked = Float64Array.from([-0.5, 0.1, 0.35, 0.6, 1.7, 2, 9])

const gram = (name: KernelName, using = scales, noises = noise): number[][] =>
  Array.from(times, (t, i) => Array.from(times, (u, j) => covariance(name, using)(t - u) + (i === j ? noises[i]! : 0)))

/** Log density of the first values, and of each later one given these. */
function dense(name: KernelName, known: number, using = scales, x = values, noises = noise): number {
  const matrix = gram(name, using, noises)
  const of = (entries: readonly number[]): number =>
    gaussianLogDensity(
      entries.map((i) => entries.map((j) => matrix[i]![j]!)),
      entries.map((i) => x[i]!),
    )
  const first = Array.from({ length: known }, (_, i) => i)
  return Array.from(x.keys())
    .slice(known)
    .reduce((sum, later) => sum + of([...first, later]) - of(first), of(first))
}

describe.each(kernelNames)('%s', (name) => {
  describe.each([times.length, 4, 0])('of values of which %i are known', (known) => {
    const sequence = { count: times.length, known, times, values, noise }

    test('log likelihood: the dense Gaussian formula', () => {
      expect(Math.abs(new SequenceLikelihood(kernels[name]).forward(sequence, scales) - dense(name, known))).toBeLessThan(1e-10)
    })

    test('its derivatives: differences of the dense formula', () => {
      const likelihood = new SequenceLikelihood(kernels[name])
      const gradient = { values: new Float64Array(7), noise: new Float64Array(7), variance: 0, length: 0, smoothness: 0 }
      likelihood.forward(sequence, scales)
      likelihood.backward(sequence, scales, gradient)
      const h = 1e-5
      const slope = (of: (step: number) => number): number => (of(h) - of(-h)) / (2 * h)
      const agree = (one: number, other: number): void => expect(Math.abs(one - other)).toBeLessThan(2e-7 * Math.max(1, Math.abs(other)))
      const moved = (array: typeof values, i: number, step: number): typeof values => array.map((v, j) => (i === j ? v + step : v))
      for (let i = 0; i < 7; i++) {
        agree(
          gradient.values[i]!,
          slope((s) => dense(name, known, scales, moved(values, i, s))),
        )
        agree(
          gradient.noise[i]!,
          slope((s) => dense(name, known, scales, values, moved(noise, i, s))),
        )
      }
      agree(
        gradient.variance,
        slope((s) => dense(name, known, { ...scales, variance: scales.variance + s })),
      )
      agree(
        gradient.length,
        slope((s) => dense(name, known, { ...scales, length: scales.length + s })),
      )
      agree(
        gradient.smoothness,
        slope((s) => dense(name, known, { ...scales, smoothness: scales.smoothness + s })),
      )
    })
  })

  test('given values: mean and variance of the dense formula', () => {
    const k = covariance(name, scales)
    const across = Array.from(times, (t) => Array.from(asked, (u) => k(t - u)))
    const { x } = solve(gram(name), across)
    const process = new ConditionedProcess(kernels[name], scales, times, noise, asked)
    const means = process.means(values)
    asked.forEach((_, q) => {
      const mean = x.reduce((sum, row, i) => sum + row[q]! * values[i]!, 0)
      const variance = scales.variance - x.reduce((sum, row, i) => sum + row[q]! * across[i]![q]!, 0)
      expect(Math.abs(means[q]! - mean)).toBeLessThan(1e-10)
      expect(Math.abs(process.variances[q]! - variance)).toBeLessThan(1e-10)
    })
  })

  test('draws have the mean and the joint covariance of the dense formula', () => {
    const k = covariance(name, scales)
    const at = Float64Array.from([0.6, 1, 1.72])
    const across = Array.from(times, (t) => Array.from(at, (u) => k(t - u)))
    const { x } = solve(gram(name), across)
    const process = new ConditionedProcess(kernels[name], scales, times, noise, at)
    const means = process.means(values)
    const stream = random(7, 'draws')
    const count = 40_000
    const sums = [0, 0, 0]
    const squares = at.length * at.length
    const products = new Float64Array(squares)
    for (let n = 0; n < count; n++) {
      const drawn = process.draw(values, stream)
      drawn.forEach((v, i) => {
        sums[i]! += v
        drawn.forEach((w, j) => (products[i * 3 + j]! += (v - means[i]!) * (w - means[j]!)))
      })
    }
    for (let i = 0; i < 3; i++) {
      const exact = (j: number): number => k(at[i]! - at[j]!) - x.reduce((sum, row, r) => sum + row[i]! * across[r]![j]!, 0)
      expect(Math.abs(sums[i]! / count - means[i]!)).toBeLessThan((5 * Math.sqrt(exact(i))) / Math.sqrt(count))
      for (let j = 0; j < 3; j++)
        expect(Math.abs(products[i * 3 + j]! / count - exact(j))).toBeLessThan((5 * scales.variance * 1.5) / Math.sqrt(count))
    }
  })

  test('without values: the process as it is', () => {
    const process = new ConditionedProcess(kernels[name], scales, [], new Float64Array(0), asked)
    expect([...process.means([])]).toEqual(asked.map(() => 0).reduce<number[]>((all, v) => [...all, v], []))
    for (const variance of process.variances) expect(variance).toBeCloseTo(scales.variance, 12)
  })
})

describe('car2', () => {
  const likelihood = (name: KernelName, using: KernelScales): number =>
    new SequenceLikelihood(kernels[name]).forward({ count: times.length, times, values, noise }, using)

  test('as smoothness goes to 0 it is Ornstein–Uhlenbeck, as it goes to 1 Matérn-3/2', () => {
    expect(likelihood('car2', { ...scales, smoothness: 1e-7 })).toBeCloseTo(likelihood('ou', scales), 5)
    expect(likelihood('car2', { ...scales, smoothness: 1 - 1e-9 })).toBeCloseTo(
      likelihood('matern32', { ...scales, length: Math.sqrt(3) * scales.length }),
      7,
    )
  })

  test.each([0.97, 0.9999, 1 - 1e-12])('its derivatives where the rates are nearly one, at smoothness %d', (smoothness) => {
    const filter = new SequenceLikelihood(kernels.car2)
    const sequence = { count: times.length, times, values, noise }
    const gradient = { values: new Float64Array(7), noise: new Float64Array(7), variance: 0, length: 0, smoothness: 0 }
    filter.forward(sequence, { ...scales, smoothness })
    filter.backward(sequence, { ...scales, smoothness }, gradient)
    const h = 1e-5
    const at = (step: Partial<typeof scales>): number => likelihood('car2', { ...scales, smoothness, ...step })
    expect(gradient.smoothness).toBeCloseTo((at({ smoothness: smoothness + h }) - at({ smoothness: smoothness - h })) / (2 * h), 5)
    expect(gradient.length).toBeCloseTo((at({ length: scales.length + h }) - at({ length: scales.length - h })) / (2 * h), 5)
  })
})
