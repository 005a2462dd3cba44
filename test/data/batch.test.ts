import { describe, expect, it } from 'vitest'
import { batchPositions, pickRows, toBatch } from '../../src/data/batch.js'
import type { Series } from '../../src/data/series.js'

const p: Series = { id: 'p', times: Float64Array.from([1, 2, 4]), values: Float64Array.from([1, NaN, 3, 4, Infinity, 6]), mask: Uint8Array.from([1, 0, 1, 1, 0, 1]) }
const q: Series = { id: 'q', times: Float64Array.from([7]), values: Float64Array.from([8, 1e38]), mask: Uint8Array.from([1, 0]) }

describe('a batch', () => {
  it('is padded, with 0 in every unobserved cell', () => {
    const batch = toBatch([p, q], 2)
    expect(batch).toMatchObject({ ids: ['p', 'q'], rows: 2, length: 3, channels: 2 })
    expect([...batch.lengths]).toEqual([3, 1])
    expect([...batch.times]).toEqual([1, 2, 4, 7, 7, 7])
    expect([...batch.values]).toEqual([1, 0, 3, 4, 0, 6, 8, 0, 0, 0, 0, 0])
    expect([...batch.mask]).toEqual([1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0])
  })
  it('of nothing is empty', () => expect(toBatch([], 2)).toMatchObject({ rows: 0, length: 0 }))
})

describe('an epoch', () => {
  it('has every series once', () => {
    for (const size of [1, 4, 10, 50]) {
      const positions = batchPositions(10, { size, seed: 1 })
      expect(positions.map((batch) => batch.length)).toEqual({ 1: Array(10).fill(1), 4: [4, 4, 2], 10: [10], 50: [10] }[size])
      expect(positions.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    }
  })
  it('is the same for the same seed and epoch, another for others', () => {
    const order = (seed: number, epoch: number): number[] => batchPositions(30, { seed, epoch }).flat()
    expect(order(1, 2)).toEqual(order(1, 2))
    expect(order(1, 3)).not.toEqual(order(1, 2))
    expect(order(2, 2)).not.toEqual(order(1, 2))
  })
  it('keeps the order where asked', () => {
    expect(batchPositions(5, { size: 2, shuffle: false })).toEqual([[0, 1], [2, 3], [4]])
  })
  it('refuses a size that is none', () => expect(() => batchPositions(5, { size: 0 })).toThrow('The batch size 0 is no positive whole number'))
})

describe('rows of a series', () => {
  it('can be picked', () => {
    expect(pickRows(p, [0, 2])).toEqual({ id: 'p', times: Float64Array.from([1, 4]), values: Float64Array.from([1, NaN, Infinity, 6]), mask: Uint8Array.from([1, 0, 0, 1]) })
    expect(pickRows(p, [])).toEqual({ id: 'p', times: new Float64Array(0), values: new Float64Array(0), mask: new Uint8Array(0) })
  })
})
