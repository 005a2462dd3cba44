import { SolverError } from '../errors.js'
import type { Steps } from '../types.js'
import { noFailures, type Counts, type StepControl } from './stepControl.js'

/** Takes recorded steps again, whatever their error. */
export function replayControl(steps: Steps, counts: Counts, evaluationsPerStep: number): StepControl {
  let position = 0
  return {
    propose: () => steps[position++],
    judge(step) {
      return Uint8Array.from(step.h, (h, i) => {
        if (h === 0) return 0
        const row = step.rows[i]!
        counts.evaluations[row]! += evaluationsPerStep
        counts.accepted[row]!++
        counts.smallestStep[row] = Math.min(counts.smallestStep[row]!, Math.abs(h))
        return 1
      })
    },
    forget() {
      // Each step has its own history with it.
    },
    failures: () => noFailures,
  }
}

/** How many steps of each row a recording has. */
export function stepsOfRows(steps: Steps, rows: number): Int32Array {
  const count = new Int32Array(rows)
  for (const { rows: present, h } of steps) present.forEach((row, i) => (count[row]! += h[i] === 0 ? 0 : 1))
  return count
}

export function checkedReplay(steps: Steps, rows: Int32Array): Steps {
  const present = new Set(steps.flatMap(({ rows: recorded }) => [...recorded]))
  const missing = rows.find((row) => !present.has(row))
  const foreign = [...present].find((row) => !rows.includes(row))
  if (missing !== undefined)
    throw new SolverError('Replay', `The recorded steps have none for row ${missing}. Replay a solve of the same rows and spans.`, missing)
  if (foreign !== undefined)
    throw new SolverError(
      'Replay',
      `The recorded steps have some for row ${foreign}, which has no way to go here. Replay a solve of the same rows and spans.`,
      foreign,
    )
  return steps
}
