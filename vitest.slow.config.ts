import { defineConfig } from 'vitest/config'
import { longTests } from './vitest.long.js'

export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts', ...longTests],
    testTimeout: 1_800_000,
    hookTimeout: 300_000,
    // Every core. What is measured in these tests is time of computing, memory, or the best of several.
    maxWorkers: '100%',
  },
})
