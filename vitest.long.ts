/**
 * Tests that take long where `npm test` is to be quick: they compile C++, run every example of the documents, fit many
 * models, read thousands of series or solve thousands of ODEs. `npm run test:slow` has them.
 */
export const longTests = [
  'test/bench/threads.test.ts',
  'test/cli/reportFile.test.ts',
  'test/cli/specialFiles.test.ts',
  'test/cli/totalFailure.test.ts',
  'test/data/realData.test.ts',
  'test/docs/apiReference.test.ts',
  'test/docs/examples.test.ts',
  'test/engine/compileTime.test.ts',
  'test/engine/fuzz.test.ts',
  'test/engine/kernelLoading.test.ts',
  'test/fuzz/mutations.test.ts',
  'test/kernel/gemm.test.ts',
  'test/kernel/math.test.ts',
  'test/ode/accuracy.test.ts',
  'test/ode/fixedSteps.test.ts',
  'test/ode/gradients.test.ts',
  'test/ode/peers/detest.test.ts',
  'test/ode/peers/diffrax.test.ts',
  'test/ode/peers/odex.test.ts',
  'test/ode/peers/scipy.test.ts',
  'test/ode/peers/stiff.test.ts',
  'test/ode/peers/torchdiffeq.test.ts',
  'test/ode/steps.test.ts',
  'test/train/mutatedFiles.test.ts',
]
