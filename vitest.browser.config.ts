import { defineConfig } from 'vitest/config'

export default defineConfig({
  // A browser for each file: most of the time is spent waiting for pages.
  test: { include: ['test/browser/**/*.test.ts'], testTimeout: 1_800_000, hookTimeout: 300_000, maxWorkers: 4 },
})
