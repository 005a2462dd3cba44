/** So many norms are remembered, and their median is what others are measured by. */
export const REMEMBERED = 50
/** `auto` lets pass what is up to so many times the median: a step is bounded by those before it, not by the scale of the loss. */
const AUTO_FACTOR = 3

/**
 * Greatest norm that a gradient may have; a larger one is scaled down to it.
 *
 * @param clip a norm, or `auto`
 * @param norms of the gradients before, unclipped; with none, `auto` lets everything pass
 */
export function clipLimit(clip: number | 'auto', norms: readonly number[]): number {
  if (clip !== 'auto') return clip
  if (norms.length === 0) return Infinity
  const sorted = [...norms].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (AUTO_FACTOR * (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!)) / 2
}

/** The norms to remember after another. */
export const remember = (norms: readonly number[], norm: number): number[] => [...norms.slice(1 - REMEMBERED), norm]
