import { expect, test } from 'vitest'
import { sparkline } from '../../src/cli/terminal/sparkline.js'

test('eight heights between the least and the most', () => {
  // 0..7 of eight values: the 90th percentile (nearest rank, ⌈0.9·8⌉ = 8th) is the greatest.
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 20, true)).toBe('▁▂▃▄▅▆▇█')
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 20, false)).toBe('_.,-~=+#')
  // 7·1/3 = 2.33, 7·2/3 = 4.67.
  expect(sparkline([-30, -20, -10, 0], 20, true)).toBe('▁▃▆█')
})

test('a few huge values at the start do not flatten the rest', () => {
  // Of 20 values the 18th smallest is the top: 1e9 and 1e6 are drawn as high as 17.
  const losses = [1e9, 1e6, ...Array.from({ length: 18 }, (_, i) => 17 - i)]
  expect(sparkline(losses, 20, true)).toBe('████▇▇▆▆▆▅▅▄▄▃▃▃▂▂▁▁')
})

test('more values than signs: means of neighbours', () => {
  expect(sparkline([0, 2, 6, 8, 3, 5], 3, true)).toBe('▁█▅') // means 1, 7, 4
  expect(sparkline([8, NaN, 6, 2, NaN, NaN], 3, true)).toBe('█▁ ') // means 8, 4, none
})

test('values that do not differ lie low; where none is known there is nothing', () => {
  expect(sparkline([3, 3, 3], 9, true)).toBe('▁▁▁')
  expect(sparkline([NaN, Infinity], 9, true)).toBe('')
  expect(sparkline([], 9, true)).toBe('')
})
