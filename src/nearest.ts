/**
 * The candidate closest to `name` by edit distance (Damerau 1964, letters compared without case), or undefined
 * where none is close: more than a third of the longer name would have to change, and neither contains the other.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase()
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    const other = candidate.toLowerCase()
    const contained = Math.min(wanted.length, other.length) >= 3 && (other.includes(wanted) || wanted.includes(other))
    const distance = contained ? 1 : editDistance(wanted, other)
    const allowed = contained ? 1 : Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3))
    if (distance <= allowed && distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The least number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`, no letter edited twice. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1, swapped ? beforePrevious[j - 2]! + 1 : Infinity))
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length]!
}
