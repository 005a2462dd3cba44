import { describe, expect, test } from 'vitest'
import type { Baseline } from '../../../src/model/baselines/baseline.js'
import type { Course } from '../../../src/model/baselines/course.js'
import { holdOut, judge, scoreHeldOut } from '../../../src/model/baselines/heldOut.js'
import { baselines, type BaselineName } from '../../../src/model/baselines/index.js'
import { conditionGaussian, type LinearGaussian } from '../../../src/model/baselines/linearGaussian.js'
import { minimise } from '../../../src/model/baselines/minimise.js'
import { random } from '../../../src/random.js'
import { kernels } from '../../../src/statespace/kernel.js'

const names = Object.keys(baselines) as BaselineName[]

/** Courses of a model that is known, at random times from 0 to 1. */
function simulate(model: LinearGaussian, count: number, points: number, seed: number): Course[] {
  const stream = random(seed, 'simulate')
  return Array.from({ length: count }, () => {
    const times = Float64Array.from({ length: points }, () => stream.uniform()).sort()
    const prior = conditionGaussian(model, { times: new Float64Array(0), values: new Float64Array(0) })
    return { times, values: prior.draw!(times, stream, true) }
  })
}

/** How much worse, in nats a hidden value, an estimate predicts than the model that the data are of. */
function regret(baseline: Baseline, model: LinearGaussian): { regret: number; found: string } {
  const [train, valid, test] = [simulate(model, 80, 12, 1), simulate(model, 30, 12, 2), simulate(model, 300, 12, 3)]
  const { parameters, found } = baseline.estimate(train, valid, 1)
  const items = holdOut(test, 5)
  const score = (condition: (shown: Course) => ReturnType<Baseline['condition']>): number => judge(scoreHeldOut(items, condition))
  return {
    regret: score((shown) => baseline.condition(parameters, shown)) - score((shown) => conditionGaussian(model, shown)),
    found,
  }
}

const curve = (time: number): number => Math.sin(4 * time)
const level = { effects: 1, columns: (_: number, into: Float64Array, at: number) => void (into[at] = 0.6) }

describe('an estimate is nearly as good as the model that the data are of', () => {
  // A few dozen numbers from 960 values cost about half a nat for each, spread over them: some hundredths.
  test.each(['ou', 'matern32'] as const)('gp: %s', (kernel) => {
    const model = { mean: curve, ...level, process: { kernel: kernels[kernel], scales: { variance: 0.5, length: 0.3 } }, noise: 0.05 }
    const found = regret(baselines.gp, model)
    expect(found.found).toContain(kernel)
    expect(found.regret).toBeLessThan(0.05)
  })

  test('mixed: levels', () => {
    const found = regret(baselines.mixed, { mean: curve, ...level, noise: 0.1 })
    expect(found.found).toContain('a level')
    expect(found.regret).toBeLessThan(0.03)
  })

  test('mixed: lines', () => {
    const columns = (time: number, into: Float64Array, at: number): void => {
      into[at] = 0.5
      into[at + 1] = 2 * (time - 0.5)
    }
    expect(regret(baselines.mixed, { mean: curve, effects: 2, columns, noise: 0.1 }).regret).toBeLessThan(0.06)
  })
})

test.each(names)('%s: intervals of data that it was not estimated from hold what they say', (name) => {
  const model = { mean: curve, ...level, process: { kernel: kernels.ou, scales: { variance: 0.5, length: 0.3 } }, noise: 0.05 }
  const [train, valid, test] = [simulate(model, 80, 12, 1), simulate(model, 30, 12, 2), simulate(model, 200, 12, 3)]
  const { parameters } = baselines[name].estimate(train, valid, 1)
  let [inside, count] = [0, 0]
  for (const { shown, hidden } of holdOut(test, 5)) {
    const { means, sds } = baselines[name].condition(parameters, shown).at(hidden.times)
    hidden.values.forEach((value, i) => {
      if (Math.abs(value - means[i]!) < 1.645 * sds[i]!) inside++
      count++
    })
  }
  // 2,400 values, six of a task correlated: the standard error of the share is below 0.015.
  expect(inside / count).toBeGreaterThan(0.85)
  expect(inside / count).toBeLessThan(0.95)
})

const course = (times: readonly number[], values: readonly number[]): Course => ({
  times: Float64Array.from(times),
  values: Float64Array.from(values),
})
const line = [0, 0.2, 0.5, 0.9]

describe.each(names)('%s: little or odd data', (name) => {
  const baseline = baselines[name]
  test.each([
    ['one value in each course', [course([0], [1]), course([0.4], [-1]), course([0.9], [0.3])]],
    ['all times equal', [course([0.5], [1]), course([0.5], [-1]), course([0.5], [0.3])]],
    ['a constant channel', [course(line, [0, 0, 0, 0]), course(line, [0, 0, 0, 0]), course(line, [0, 0, 0, 0])]],
    ['a single course', [course(line, [1, 0.2, -0.1, -1])]],
    ['empty courses among them', [course([], []), course(line, [1, 0.2, -0.1, -1]), course([], []), course(line, [0, 1, 0.4, 0.2])]],
  ])('%s', (_, train) => {
    for (const valid of [[], train]) {
      const { parameters } = baseline.estimate(train, valid, 1)
      for (const [key, shape] of Object.entries(baseline.shapes)) {
        expect(parameters[key]).toHaveLength(shape.reduce((a, b) => a * b, 1))
        expect(parameters[key]!.every(Number.isFinite)).toBe(true)
      }
      for (const shown of [course([], []), course([0.3], [2]), train.at(-1)!]) {
        const { means, sds } = baseline.condition(parameters, shown).at(Float64Array.of(-3, 0, 0.25, 0.5, 7))
        expect(means.every(Number.isFinite)).toBe(true)
        expect(sds.every((sd) => sd > 0 && Number.isFinite(sd))).toBe(true)
      }
    }
  })
})

test('minimise finds the minimum of the valley of Rosenbrock, and goes around what is not finite', () => {
  const valley = ([x, y]: readonly number[]): number => (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2
  const { x } = minimise(valley, [-1.2, 1], { tolerance: 1e-12 })
  expect(x[0]).toBeCloseTo(1, 4)
  expect(x[1]).toBeCloseTo(1, 4)
  const { x: positive } = minimise(([a]) => a! - Math.log(a!), [3], { tolerance: 1e-12 })
  expect(positive[0]).toBeCloseTo(1, 4)
})
