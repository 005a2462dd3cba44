import { describe, expect, test } from 'vitest'
import type { Estimates } from '../../../src/model/baselines/baseline.js'
import { gp } from '../../../src/model/baselines/gp.js'
import { conditionGaussian, logDensity, type LinearGaussian } from '../../../src/model/baselines/linearGaussian.js'
import { mixed } from '../../../src/model/baselines/mixed.js'
import { random } from '../../../src/random.js'
import { kernels } from '../../../src/statespace/kernel.js'
import { denseConditional, denseLogDensity, denseSpline, type DenseGaussian } from './dense.js'

const times = [0.05, 0.1, 0.31, 0.33, 0.6, 0.72]
const values = [0.4, -0.1, 1.2, 0.9, -0.6, 0.2]
const asked = [-0.2, 0.05, 0.2, 0.32, 0.6, 0.9, 1.4]
const shown = { times: Float64Array.from(times), values: Float64Array.from(values) }
const numbers = (count: number, purpose: string): number[] => {
  const stream = random(3, purpose)
  return Array.from({ length: count }, () => stream.normal())
}

const ou = (variance: number, length: number, gap: number): number => variance * Math.exp(-Math.abs(gap) / length)
const matern = (variance: number, length: number, gap: number): number => {
  const x = (Math.sqrt(3) * Math.abs(gap)) / length
  return variance * (1 + x) * Math.exp(-x)
}

/** A curve, a level and a slope of each series, and a Matérn process. */
const model: LinearGaussian = {
  mean: (time) => Math.sin(3 * time),
  effects: 2,
  columns(time, into, at) {
    into[at] = 0.7
    into[at + 1] = 0.4 * time
  },
  process: { kernel: kernels.matern32, scales: { variance: 0.5, length: 0.3 } },
  noise: 0.09,
}
const dense: DenseGaussian = {
  mean: (time) => Math.sin(3 * time),
  covariance: (a, b) => 0.49 + 0.16 * a * b + matern(0.5, 0.3, a - b),
  noise: 0.09,
}

describe('random effects and a process', () => {
  test('log density is that of the dense formula', () => {
    expect(logDensity(model, shown)).toBeCloseTo(denseLogDensity(dense, times, values), 8)
  })

  test.each([0, 1, 6])('given %i values, means and deviations are those of the dense formula', (count) => {
    const some = { times: shown.times.subarray(0, count), values: shown.values.subarray(0, count) }
    const { means, sds } = conditionGaussian(model, some).at(Float64Array.from(asked))
    const { means: right, covariance } = denseConditional(dense, times.slice(0, count), values.slice(0, count), asked)
    asked.forEach((_, i) => {
      expect(means[i]).toBeCloseTo(right[i]!, 8)
      expect(sds[i]).toBeCloseTo(Math.sqrt(covariance.get(i, i)), 8)
    })
  })

  test.each([true, false])('draws have the joint distribution of the dense formula, noise: %s', (noise) => {
    const { means, covariance } = denseConditional(dense, times, values, asked)
    const stream = random(1, 'draws')
    const conditioned = conditionGaussian(model, shown)
    const count = 4000
    const draws = Array.from({ length: count }, () => conditioned.draw!(Float64Array.from(asked), stream, noise))
    asked.forEach((_, i) => {
      for (let j = 0; j <= i; j++) {
        const wanted = covariance.get(i, j) - (i === j && !noise ? dense.noise : 0)
        const found = draws.reduce((sum, draw) => sum + (draw[i]! - means[i]!) * (draw[j]! - means[j]!), 0) / count
        // The standard error of a covariance is at most sqrt(2) of the variances' root of products over sqrt(count).
        const error = Math.sqrt((2 * covariance.get(i, i) * covariance.get(j, j)) / count)
        expect(Math.abs(found - wanted)).toBeLessThan(4.5 * error)
      }
    })
  })
})

describe('gp', () => {
  const curve = numbers(19, 'curve')
  const estimates = (kernel: 'ou' | 'matern32'): Estimates => {
    const one = (x: number): Float64Array => Float64Array.of(x)
    const other = kernel === 'ou' ? 'matern32' : 'ou'
    return {
      range: Float64Array.of(0, 1),
      curve: Float64Array.from(curve),
      level: one(0.3),
      [`${kernel}.variance`]: one(0.6),
      [`${kernel}.length`]: one(0.25),
      [`${other}.variance`]: one(0),
      [`${other}.length`]: one(1),
      noise: one(0.04),
    }
  }
  test.each([
    ['ou', ou],
    ['matern32', matern],
  ] as const)('predicts as the dense formula does: %s', (kernel, covariance) => {
    const right = denseConditional(
      { mean: denseSpline(0, 1, curve), covariance: (a, b) => 0.3 + covariance(0.6, 0.25, a - b), noise: 0.04 },
      times,
      values,
      asked,
    )
    const { means, sds } = gp.condition(estimates(kernel), shown).at(Float64Array.from(asked))
    asked.forEach((_, i) => {
      expect(means[i]).toBeCloseTo(right.means[i]!, 8)
      expect(sds[i]).toBeCloseTo(Math.sqrt(right.covariance.get(i, i)), 8)
    })
  })
})

test('mixed predicts as the dense marginal of its random curves does', () => {
  const [curve, roots] = [numbers(19, 'curve'), numbers(19 * 19, 'roots')]
  // Two random curves: the other columns of the root are 0.
  roots.forEach((_, i) => (roots[i] = i % 19 < 2 ? roots[i]! : 0))
  const random = [0, 1].map((column) =>
    denseSpline(
      0,
      1,
      Array.from({ length: 19 }, (_, i) => roots[i * 19 + column]!),
    ),
  )
  const right = denseConditional(
    { mean: denseSpline(0, 1, curve), covariance: (a, b) => random.reduce((sum, one) => sum + one(a) * one(b), 0), noise: 0.2 },
    times,
    values,
    asked,
  )
  const { means, sds } = mixed
    .condition(
      {
        range: Float64Array.of(0, 1),
        curve: Float64Array.from(curve),
        effects: Float64Array.from(roots),
        noise: Float64Array.of(0.2),
      },
      shown,
    )
    .at(Float64Array.from(asked))
  asked.forEach((_, i) => {
    expect(means[i]).toBeCloseTo(right.means[i]!, 8)
    expect(sds[i]).toBeCloseTo(Math.sqrt(right.covariance.get(i, i)), 8)
  })
})
