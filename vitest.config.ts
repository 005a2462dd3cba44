import { defineConfig } from 'vitest/config'
import { longTests } from './vitest.long.js'

export default defineConfig({
  // Every core: one is left free by default, which on two means one file after the other.
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/slow/**', 'test/browser/**', 'test/notebooks/**', ...longTests],
    testTimeout: 60_000,
    maxWorkers: '100%',
  },
})
