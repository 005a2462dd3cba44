import { extent } from './extent.js'
import type { LatentPoint } from './latentContents.js'

/** Paths may reach so far past the points, in units of the points' own range: one that runs away would squeeze the rest. */
const reach = 0.75

/** What is shown of the two components, `[low, high]` each: every point, and the paths as far as they stay near. */
export function latentExtent(
  points: readonly Pick<LatentPoint, 'at' | 'path'>[],
): readonly [readonly [number, number], readonly [number, number]] {
  const along = (k: 0 | 1): readonly [number, number] => {
    const [low, high] = extent(points.map(({ at }) => at[k]))
    const [from, to] = extent(points.flatMap(({ at, path }) => [at[k], ...path.map((point) => point.at[k])]))
    const range = high - low || to - from || 1
    const [start, end] = [Math.max(from, low - reach * range), Math.min(to, high + reach * range)]
    return end > start ? [start, end] : [start - 1, start + 1]
  }
  return [along(0), along(1)]
}
