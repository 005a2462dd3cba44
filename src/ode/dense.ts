import type { FloatArray } from '../engine/engine.js'
import { SolverError } from './errors.js'
import type { StepRecord } from './types.js'

/** The accepted steps of one row, in order, and where their paths stand. */
export interface Track {
  readonly start: { readonly t: number; readonly y: FloatArray; readonly slope: FloatArray }
  readonly direction: number
  /** `segment` is that of the inputs by row that the row stood in. */
  readonly steps: { readonly t: number; readonly h: number; readonly end: number; readonly path: number; readonly segment: number }[]
}

/** Adds the accepted rows of an iteration to their tracks; the paths of its rows stand from `path` on. */
export function extendTracks(
  tracks: readonly Track[],
  { rows, t, h, end }: StepRecord,
  accepted: Uint8Array,
  path: number,
  segments?: Int32Array,
): void {
  rows.forEach((row, i) => {
    if (accepted[i]) tracks[row]!.steps.push({ t: t[i]!, h: h[i]!, end: end[i]!, path: path + i, segment: segments?.[i] ?? 0 })
  })
}

/**
 * Value and derivative of a row's dense output, each `[times, dim]`. `paths` `[·, (1 + degree)·dim]`.
 *
 * @throws SolverError `Times` outside of its steps
 */
export function evaluateTrack(
  track: Track,
  paths: FloatArray,
  degree: number,
  row: number,
  times: ArrayLike<number>,
): { value: Float64Array; derivative: Float64Array } {
  const { start, direction, steps } = track
  const dim = start.y.length
  const value = new Float64Array(times.length * dim)
  const derivative = new Float64Array(times.length * dim)
  const last = steps.at(-1)?.end ?? start.t
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!
    if (!((time - start.t) * direction >= 0 && (time - last) * direction <= 0)) {
      throw new SolverError(
        'Times',
        `Row ${row} was solved from t = ${start.t} to ${last}; t = ${String(time)} is outside. Ask for a later last time when solving.`,
        row,
      )
    }
    const step = steps[findStep(track, time)]
    // What happens at the first time is behind it.
    if (time === start.t) value.set(start.y, i * dim)
    if (step === undefined) {
      value.set(start.y, i * dim)
      derivative.set(start.slope, i * dim)
      continue
    }
    const theta = time === step.end ? 1 : (time - step.t) / step.h
    const at = step.path * (1 + degree) * dim
    for (let d = 0; d < dim; d++) {
      const [y, slope] = pathAt(paths, at + d, dim, degree, theta)
      if (time !== start.t) value[i * dim + d] = y
      derivative[i * dim + d] = slope / step.h
    }
  }
  return { value, derivative }
}

/** One component of a path at θ, and its derivative by θ; its numbers stand at `at`, `at + dim`, … */
export function pathAt(paths: FloatArray, at: number, dim: number, degree: number, theta: number): [number, number] {
  let value = paths[at + degree * dim]!
  let slope = 0
  for (let j = degree - 1; j >= 0; j--) {
    const odd = j % 2 === 1
    const factor = odd ? 1 - theta : theta
    slope = (odd ? -value : value) + factor * slope
    value = paths[at + j * dim]! + factor * value
  }
  return [value, slope]
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
