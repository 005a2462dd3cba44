import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { csvOf } from './support.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'

test('datasets/oscillators.csv is what its command makes', async () => {
  const shipped = await readFile(new URL('../../datasets/oscillators.csv', import.meta.url), 'utf8')
  expect(await csvOf(simulateOscillators({ count: 200, points: 16, noise: 0.15, seed: 3 }))).toBe(shipped)
})
