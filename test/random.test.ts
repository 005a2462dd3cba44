import { describe, expect, test } from 'vitest'
import { philox4x32, random } from '../src/random.js'

describe('Philox4x32-10', () => {
  // Known answers distributed with Random123 (Salmon et al. 2011), kat_vectors.
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('counter %j, key %j', (counter, key, expected) => {
    const out = new Uint32Array(4)
    philox4x32(out, ...(counter as [number, number, number, number]), ...(key as [number, number]))
    expect([...out]).toEqual(expected)
  })
})

describe('streams', () => {
  test('the same name gives the same numbers, another name others', () => {
    const draw = (purpose: string, index: number) => {
      const r = random(7, purpose, index)
      return [r.uniform(), r.normal(), r.normal()]
    }
    expect(draw('noise', 3)).toEqual(draw('noise', 3))
    expect(draw('noise', 3)).not.toEqual(draw('noise', 4))
    expect(draw('noise', 3)).not.toEqual(draw('split', 3))
  })

  test('moments of the uniform and the normal (20,000 draws, five standard errors)', () => {
    const r = random(1, 'moments')
    const n = 20_000
    const u = Array.from({ length: n }, () => r.uniform())
    const z = Array.from({ length: n }, () => r.normal())
    const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length
    expect(Math.abs(mean(u) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n))
    expect(Math.abs(mean(z))).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(mean(z.map((x) => x * x)) - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
  })

  test('shuffle permutes', () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8]
    const shuffled = random(2, 'order').shuffle(items)
    expect([...shuffled].sort()).toEqual(items)
    expect(shuffled).not.toEqual(items)
  })
})

test('normals are drawn many at a time as they are one by one', () => {
  const one = random(4, 'many', 2, 3)
  const expected = Array.from({ length: 40 }, () => one.normal())
  const many = random(4, 'many', 2, 3)
  const out = new Float64Array(42).fill(9)
  let at = 1
  for (const count of [3, 0, 1, 4, 5, 7, 2, 1, 17]) many.normals(out, at, (at += count))
  expect([...out]).toEqual([9, ...expected, 9])
  expect(many.normal()).toBe(one.normal())
  expect(many.uniform()).toBe(one.uniform())
})
