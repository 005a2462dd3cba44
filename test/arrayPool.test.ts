import { describe, expect, it } from 'vitest'
import { ArrayPool } from '../src/arrayPool.js'

describe('a pool of arrays', () => {
  it('lends zeros of the length asked for, and the same memory again after a loan has ended', () => {
    const pool = new ArrayPool()
    const first = pool.loan()
    const array = first.take('float64', 100).fill(7)
    const integers = first.take('int32', 3)
    expect(array).toEqual(new Float64Array(100).fill(7))
    expect(integers).toEqual(new Int32Array(3))
    first.end()
    const second = pool.loan()
    const again = second.take('float64', 90)
    expect(again.buffer).toBe(array.buffer)
    expect(again).toEqual(new Float64Array(90))
    // Not while it is lent.
    expect(second.take('float64', 90).buffer).not.toBe(array.buffer)
    expect(second.take('float32', 90).buffer).not.toBe(array.buffer)
  })

  it('chooses the least that is long enough, and drops the longest where none is', () => {
    const pool = new ArrayPool()
    const loan = pool.loan()
    const [small, large] = [loan.take('int32', 10), loan.take('int32', 1000)]
    loan.end()
    const next = pool.loan()
    expect(next.take('int32', 9).buffer).toBe(small.buffer)
    expect(next.take('int32', 9).buffer).toBe(large.buffer)
    next.end()
    const larger = pool.loan()
    const grown = larger.take('int32', 2000)
    expect([small.buffer, large.buffer]).not.toContain(grown.buffer)
    expect(larger.take('int32', 500).buffer).not.toBe(large.buffer)
  })

  it('a loan that ends twice gives back once', () => {
    const pool = new ArrayPool()
    const loan = pool.loan()
    loan.take('float32', 10)
    loan.end()
    loan.end()
    const other = pool.loan()
    expect(other.take('float32', 10).buffer).not.toBe(other.take('float32', 10).buffer)
  })
})
