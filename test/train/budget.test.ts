import { expect, test } from 'vitest'
import { budgetSeconds } from '../../src/train/budget.js'

test('a length of time is a number and a unit', () => {
  expect(['30s', '5m', '2h', '1.5m'].map((text) => budgetSeconds(text, 1))).toEqual([30, 300, 7200, 90])
  expect(budgetSeconds('none', 1)).toBe(Infinity)
})

test('auto grows with the data, from 100 s for up to 10,000 values to 9 minutes for 500,000, and to an hour', () => {
  expect([1, 10_000].map((values) => budgetSeconds('auto', values))).toEqual([100, 100])
  expect(budgetSeconds('auto', 500_000)).toBeCloseTo(540, 9)
  expect(budgetSeconds('auto', 1e9)).toBe(3600)
})

test.each(['5', '5 m', '0s', 'm', '-5m', '5d', 'soon'])('%j is refused', (text) => {
  expect(() => budgetSeconds(text, 1)).toThrow(/The budget is ".*", but must be a time above 0 like 30s, 5m or 2h\./)
})
