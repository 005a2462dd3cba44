import { expect, test } from 'vitest'
import { clipLimit, remember, REMEMBERED } from '../../src/train/clipping.js'

test('a number is a limit whatever came before', () => expect(clipLimit(0.5, [100, 100])).toBe(0.5))

test('auto is three times the median of the norms before; without any there is no limit', () => {
  expect(clipLimit('auto', [])).toBe(Infinity)
  expect(clipLimit('auto', [4])).toBe(12)
  expect(clipLimit('auto', [1, 100, 2])).toBe(6)
  expect(clipLimit('auto', [4, 1, 1e9, 2])).toBe(9)
})

test('the last fifty are remembered, in their order', () => {
  let norms: readonly number[] = []
  for (let norm = 1; norm <= 60; norm++) norms = remember(norms, norm)
  expect([norms.length, norms[0], norms.at(-1)]).toEqual([REMEMBERED, 11, 60])
})
