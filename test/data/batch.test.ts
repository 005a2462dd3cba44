import { describe, expect, it } from 'vitest'
import { BatchMemory, batchPositions, toBatch } from '../../src/data/batch.js'
import type { Series } from '../../src/data/series.js'

const p: Series = {
  id: 'p',
  times: Float64Array.from([1, 2, 4]),
  values: Float64Array.from([1, NaN, 3, 4, Infinity, 6]),
  mask: Uint8Array.from([1, 0, 1, 1, 0, 1]),
}
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
  it('may have only some of the rows of each series', () => {
    const batch = toBatch([p, q, p], 2, { rows: [[0, 2], [], Int32Array.of(1)] })
    expect([...batch.lengths]).toEqual([2, 0, 1])
    expect([...batch.times]).toEqual([1, 4, 0, 0, 2, 2])
    expect([...batch.values]).toEqual([1, 0, 0, 6, 0, 0, 0, 0, 3, 4, 0, 0])
    expect([...batch.mask]).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0])
  })
  it('shows nothing of the one that was in its memory before', () => {
    const memory = new BatchMemory()
    const first = toBatch([p, q], 2, { memory })
    const second = toBatch([q, q], 2, { memory })
    expect(second).toEqual(toBatch([q, q], 2))
    expect(second.values.buffer).toBe(first.values.buffer)
    expect(toBatch([p, p, q], 2, { memory })).toEqual(toBatch([p, p, q], 2))
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
  it('refuses a size that is none', () =>
    expect(() => batchPositions(5, { size: 0 })).toThrow('The batch size 0 is no positive whole number'))
})
