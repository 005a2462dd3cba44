import { quantileSorted } from 'simple-statistics'
import type { Series } from './series.js'

/** Share of a typical series' span that first times may be spread over. */
const SPREAD = 0.5
/** How far an early first time may lie before a typical one, as a share of a typical span: a model that goes by time walks from there. */
const REACH = 1

/**
 * Whether series begin at about the same time, so that a time means the same in all of them: the age of children measured at the
 * same ages, hours since admission, weeks of a study. Then what happens at a time can be learnt as such. Series that begin anywhere,
 * such as calendar dates of admission, share none.
 */
export function sharesClock(series: readonly Pick<Series, 'times'>[]): boolean {
  const used = series.filter(({ times }) => times.length > 0)
  if (used.length < 2) return false
  const firsts = Float64Array.from(used, ({ times }) => times[0]!).sort()
  const spans = Float64Array.from(used, ({ times }) => times[times.length - 1]! - times[0]!).sort()
  const [low, middle, high] = [0.1, 0.5, 0.9].map((p) => quantileSorted(Array.from(firsts), p)) as [number, number, number]
  const typical = quantileSorted(Array.from(spans), 0.5)
  return typical > 0 && high - low <= SPREAD * typical && middle - firsts[0]! <= REACH * typical
}
