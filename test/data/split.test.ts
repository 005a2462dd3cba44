import { describe, expect, it } from 'vitest'
import { splitSeries } from '../../src/data/split.js'
import { random } from '../../src/random.js'

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `s${i}`)
const sizes = (count: number, options = {}): number[] => {
  const { train, valid, test } = splitSeries(ids(count), options)
  expect([...train, ...valid, ...test].sort()).toEqual(ids(count).sort())
  return [train.length, valid.length, test.length]
}

describe('sizes', () => {
  it('of many', () => expect(sizes(1000)).toEqual([700, 150, 150]))
  it('of few', () =>
    expect([1, 2, 3, 5, 10].map((count) => sizes(count))).toEqual([
      [1, 0, 0],
      [1, 0, 1],
      [1, 1, 1],
      [3, 1, 1],
      [6, 2, 2],
    ]))
  it('as asked', () => {
    expect(sizes(10, { valid: 0, test: 0.2 })).toEqual([8, 0, 2])
    expect(sizes(10, { valid: 0, test: 0 })).toEqual([10, 0, 0])
    expect(sizes(10, { valid: 0.45, test: 0.45 })[0]).toBeGreaterThan(0)
  })
})

describe('who goes where', () => {
  it('is the same every time and in any order of the series', () => {
    const split = splitSeries(ids(50), { seed: 3 })
    expect(splitSeries(ids(50), { seed: 3 })).toEqual(split)
    expect(splitSeries(random(9, 'order').shuffle(ids(50)), { seed: 3 })).toEqual(split)
  })
  it('differs between seeds', () => expect(splitSeries(ids(50), { seed: 4 })).not.toEqual(splitSeries(ids(50), { seed: 3 })))
  it('is fair: over 400 seeds each of 10 series is tested about as often', () => {
    const counts = new Map(ids(10).map((id) => [id, 0]))
    for (let seed = 0; seed < 400; seed++) for (const id of splitSeries(ids(10), { seed }).test) counts.set(id, counts.get(id)! + 1)
    // Binomial(400, 0.2): mean 80, sd 8; five standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 80)).toBeLessThan(40)
  })
})

it('refuses what cannot be', () => {
  expect(() => splitSeries([])).toThrow('There are no series to split')
  expect(() => splitSeries(['a', 'a'])).toThrow('The id "a" stands for two series')
  for (const options of [{ test: 1 }, { valid: 0.5, test: 0.5 }, { test: -0.1 }, { valid: NaN }])
    expect(() => splitSeries(['a'], options)).toThrow(/sum to less than 1/)
})
