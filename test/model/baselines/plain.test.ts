import { expect, test } from 'vitest'
import type { Estimates } from '../../../src/model/baselines/baseline.js'
import { last } from '../../../src/model/baselines/last.js'
import { linear } from '../../../src/model/baselines/linear.js'
import { trend } from '../../../src/model/baselines/trend.js'
import { denseConditional } from './dense.js'

const shown = { times: Float64Array.of(1, 2, 4), values: Float64Array.of(0.5, -1, 3) }
const nothing = { times: new Float64Array(0), values: new Float64Array(0) }
const scalars = (numbers: Readonly<Record<string, number>>): Estimates =>
  Object.fromEntries(Object.entries(numbers).map(([name, x]) => [name, Float64Array.of(x)]))
/** The least variance that there is, which is in each. */
const LEAST = 1e-6

test('last: the last value, less and less certain; the population before the first', () => {
  const estimates = scalars({ fresh: 0.1, spread: 2, memory: 3, population: 1.5 })
  const { means, sds } = last.condition(estimates, shown).at(Float64Array.of(0.9, 1, 1.5, 4, 10))
  expect([...means]).toEqual([0, 0.5, 0.5, 3, 3])
  const after = (gap: number): number => Math.sqrt(LEAST + 0.1 + 2 * (1 - Math.exp(-gap / 3)))
  const wanted = [Math.sqrt(1.5), after(0), after(0.5), after(0), after(6)]
  wanted.forEach((sd, i) => expect(sds[i]).toBeCloseTo(sd, 12))
  expect([...last.condition(estimates, nothing).at(Float64Array.of(3)).means]).toEqual([0])
})

test('linear: between neighbours a bridge, outside the nearest value', () => {
  const estimates = scalars({ noise: 0.1, rate: 0.8, spread: 2, memory: 3, population: 1.5 })
  const { means, sds } = linear.condition(estimates, shown).at(Float64Array.of(0, 1.25, 2, 3, 4, 7))
  ;[0.5, 0.125, -1, 1, 3, 3].forEach((mean, i) => expect(means[i]).toBeCloseTo(mean, 12))
  const outside = (gap: number): number => LEAST + 0.2 + 2 * (1 - Math.exp(-gap / 3))
  const inside = (left: number, right: number): number => {
    const weight = left / (left + right)
    return LEAST + 0.1 * (1 + weight ** 2 + (1 - weight) ** 2) + (0.8 * left * right) / (left + right)
  }
  const wanted = [outside(1), inside(0.25, 0.75), inside(0, 2), inside(1, 1), outside(0), outside(3)]
  wanted.forEach((variance, i) => expect(sds[i]! ** 2).toBeCloseTo(variance, 12))
  const alone = linear.condition(estimates, nothing).at(Float64Array.of(3))
  expect([alone.means[0], alone.sds[0]]).toEqual([0, Math.sqrt(1.5)])
})

test('trend: a Bayesian line, which levels off outside of what is shown', () => {
  const estimates = scalars({ noise: 0.2, level: 1.2, slope: 0.6, damping: 2, drift: 0.3 })
  const asked = [-2, 1, 3, 5, 40]
  const { means, sds } = trend.condition(estimates, shown).at(Float64Array.from(asked))
  const centre = 7 / 3
  const gone = (distance: number): number => 2 * (1 - Math.exp(-Math.max(0, distance) / 2))
  const along = (time: number): number => Math.min(4, Math.max(1, time)) + gone(time - 4) - gone(1 - time) - centre
  const right = denseConditional(
    { mean: () => 0, covariance: (a, b) => 1.44 + 0.36 * along(a) * along(b), noise: 0.2 + LEAST },
    [...shown.times],
    [...shown.values],
    asked,
  )
  asked.forEach((time, i) => {
    expect(means[i]).toBeCloseTo(right.means[i]!, 9)
    expect(sds[i]! ** 2).toBeCloseTo(right.covariance.get(i, i) + 0.3 * (gone(time - 4) + gone(1 - time)), 9)
  })
})

test('trend: of a series of which nothing is known it says the population', () => {
  const estimates = scalars({ noise: 0.2, level: 1.2, slope: 0.6, damping: 2, drift: 0.3 })
  const { means, sds } = trend.condition(estimates, nothing).at(Float64Array.of(-1, 5))
  expect([...means]).toEqual([0, 0])
  sds.forEach((sd) => expect(sd ** 2).toBeCloseTo(1.44 + 0.2 + LEAST, 12))
})
