// Adds up vitest's JSON reports and prints the closing line `N passed, N failed, N skipped`.
// usage: count-tests.mjs <steps that failed> <report.json>…
import { readFileSync } from 'node:fs'

const [failedSteps, ...files] = process.argv.slice(2)
const total = { passed: 0, failed: 0, skipped: 0 }
for (const file of files) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  total.passed += report.numPassedTests
  total.failed += report.numFailedTests
  total.skipped += report.numPendingTests + report.numTodoTests
}
// A step that failed without a failing test (a type error, a crash) must show in the count too.
const steps = Number(failedSteps)
if (steps > 0 && total.failed === 0) total.failed = steps
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(steps > 0 || total.failed > 0 || total.passed === 0 ? 1 : 0)
