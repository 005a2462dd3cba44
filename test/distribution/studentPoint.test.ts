import { expect, test } from 'vitest'
import { student } from '../../src/distribution/studentPoint.js'

// Values of published tables.
test.each([
  [1, 12.706],
  [10, 2.228],
  [30, 2.042],
  [31, 2.0395],
  [40, 2.0211],
  [60, 2.0003],
  [120, 1.9799],
  [1e6, 1.96],
])("Student's 97.5 %% point, %i degrees of freedom", (degrees, expected) => {
  expect(Math.abs(student(degrees) - expected)).toBeLessThan(1e-3)
})
