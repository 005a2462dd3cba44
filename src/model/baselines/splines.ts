/** A stretch of time cut into equal segments: where cubic B-splines live. What lies outside counts as its nearer end. */
export interface SplineGrid {
  readonly from: number
  readonly to: number
  readonly segments: number
}

/** How many cubic B-splines there are. */
export const splineCount = ({ segments }: Pick<SplineGrid, 'segments'>): number => segments + 3

/**
 * The four uniform cubic B-splines that are not 0 at a time (de Boor 1978): their values go to `into[at]` and on. They add up to 1.
 *
 * @returns the index of the first of them
 */
export function splinesAt({ from, to, segments }: SplineGrid, time: number, into: Float64Array, at = 0): number {
  const place = to > from ? (segments * (Math.min(to, Math.max(from, time)) - from)) / (to - from) : 0
  const first = Math.min(segments - 1, Math.floor(place))
  const f = place - first
  const g = 1 - f
  into[at] = (g * g * g) / 6
  into[at + 1] = (f * f * (3 * f - 6) + 4) / 6
  into[at + 2] = (g * g * (3 * g - 6) + 4) / 6
  into[at + 3] = (f * f * f) / 6
  return first
}

/** The value at a time of a curve with these coefficients, from `coefficients[at]` on. */
export function splineValue(grid: SplineGrid, coefficients: Float64Array, time: number): number {
  const first = splinesAt(grid, time, four)
  return (
    four[0]! * coefficients[first]! +
    four[1]! * coefficients[first + 1]! +
    four[2]! * coefficients[first + 2]! +
    four[3]! * coefficients[first + 3]!
  )
}
const four = new Float64Array(4)

/**
 * The penalty of P-splines (Eilers and Marx 1996), `[count, count]`: the sum of squared second differences of the coefficients, 0 for a
 * straight line, and a trace of a ridge, without which what no time speaks of would be undetermined.
 */
export function smoothnessPenalty(count: number): Float64Array {
  const out = new Float64Array(count * count)
  for (let i = 0; i < count; i++) out[i * count + i] = RIDGE
  const difference = [1, -2, 1]
  for (let row = 0; row + 2 < count; row++) {
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) out[(row + a) * count + row + b]! += difference[a]! * difference[b]!
    }
  }
  return out
}
const RIDGE = 1e-4
