import { defineConfig } from 'vitest/config'
import { longTests } from './vitest.long.js'

/**
 * Tests of these folders replace no module and leave their process as it was, so one process runs file after file with the modules
 * that it has: most files take less time than Node, Vitest, TensorFlow.js and the sources do until they are loaded and compiled.
 */
const sharing = ['data', 'distribution', 'graph', 'model', 'statespace'].map((folder) => `test/${folder}/**/*.test.ts`)

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // Models are fitted before the tests of a file, on whatever else the machine has to do.
    hookTimeout: 60_000,
    // Every core: one is left free by default, which on two means one file after the other.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: ['test/slow/**', 'test/browser/**', 'test/notebooks/**', ...longTests, ...sharing],
        },
      },
      { extends: true, test: { name: 'sharing', include: sharing, exclude: longTests, isolate: false } },
    ],
  },
})
