import type { FloatArray } from '../engine/engine.js'
import { SolverError } from './errors.js'
import type { Iteration } from './march.js'
import { interpolationSlopes, interpolationWeights, stagesOf, type Tableau } from './tableau.js'

/** The accepted steps of one row, in order, with what dense output needs. */
export interface Track {
  readonly start: { readonly t: number; readonly y: FloatArray; readonly slope: FloatArray }
  readonly direction: number
  readonly steps: { readonly t: number; readonly h: number; readonly end: number; readonly y: FloatArray; readonly stages: FloatArray }[]
}

/** Adds the accepted rows of an iteration to their tracks; `y` and `stages` are its arrays, read. */
export function extendTracks(tracks: readonly Track[], { step, accepted }: Iteration, y: FloatArray, stages: FloatArray, dim: number): void {
  const width = stages.length / step.rows.length
  step.rows.forEach((row, i) => {
    if (!accepted[i]) return
    tracks[row]!.steps.push({
      t: step.t[i]!, h: step.h[i]!, end: step.end[i]!,
      y: y.slice(i * dim, (i + 1) * dim), stages: stages.slice(i * width, (i + 1) * width),
    })
  })
}

/** Value and derivative of a row's dense output, each `[times, dim]`. Throws a SolverError `Times` outside of its steps. */
export function evaluateTrack(track: Track, tableau: Tableau, row: number, times: ArrayLike<number>): { value: Float64Array; derivative: Float64Array } {
  const { start, direction, steps } = track
  const dim = start.y.length
  const value = new Float64Array(times.length * dim)
  const derivative = new Float64Array(times.length * dim)
  const weights = new Float64Array(stagesOf(tableau))
  const slopes = new Float64Array(stagesOf(tableau))
  const last = steps.at(-1)?.end ?? start.t
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!
    if (!((time - start.t) * direction >= 0 && (time - last) * direction <= 0)) {
      throw new SolverError('Times', `Row ${row} was solved from t = ${start.t} to ${last}; t = ${String(time)} is outside. Ask for a later last time when solving.`, row)
    }
    const step = steps[findStep(track, time)]
    if (step === undefined) {
      value.set(start.y, i * dim)
      derivative.set(start.slope, i * dim)
      continue
    }
    const theta = time === step.end ? 1 : (time - step.t) / step.h
    interpolationWeights(tableau, theta, weights)
    interpolationSlopes(tableau, theta, slopes)
    for (let d = 0; d < dim; d++) {
      let sum = 0
      let slope = 0
      weights.forEach((weight, j) => {
        const k = step.stages[j * dim + d]!
        sum += weight * k
        slope += slopes[j]! * k
      })
      value[i * dim + d] = step.y[d]! + step.h * sum
      derivative[i * dim + d] = slope
    }
  }
  return { value, derivative }
}

/** The first step that ends at `time` or beyond it. */
function findStep({ steps, direction }: Track, time: number): number {
  let low = 0
  let high = steps.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle]!.end - time) * direction >= 0) high = middle
    else low = middle + 1
  }
  return low
}
