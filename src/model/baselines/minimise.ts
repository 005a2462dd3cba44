/** How a function is minimised. */
export interface MinimiseOptions {
  /** Size of the first simplex, default 0.7. */
  readonly step?: number
  /** Most evaluations of the function, default 300. */
  readonly evaluations?: number
  /** Difference of the function over the simplex at which it is done, default 1e-4. */
  readonly tolerance?: number
}

interface Vertex {
  readonly x: number[]
  readonly value: number
}

/**
 * A minimum of a function of a few numbers, without derivatives: the simplex of Nelder and Mead (1965), with their coefficients. What
 * is not finite counts as infinite.
 */
export function minimise(
  f: (x: readonly number[]) => number,
  start: readonly number[],
  { step = 0.7, evaluations = 300, tolerance = 1e-4 }: MinimiseOptions = {},
): Vertex {
  let used = 0
  const at = (x: number[]): Vertex => {
    used++
    const value = f(x)
    return { x, value: Number.isFinite(value) ? value : Infinity }
  }
  const simplex = [at([...start]), ...start.map((_, i) => at(start.map((x, j) => (i === j ? x + step : x))))]
  const sort = (): void => void simplex.sort((a, b) => a.value - b.value)
  sort()
  const last = start.length
  while (used < evaluations && !(simplex[last]!.value - simplex[0]!.value < tolerance)) {
    const worst = simplex[last]!
    const centre = start.map((_, j) => simplex.slice(0, last).reduce((sum, { x }) => sum + x[j]!, 0) / last)
    const along = (factor: number): Vertex => at(centre.map((c, j) => c + factor * (worst.x[j]! - c)))
    const reflected = along(-1)
    if (reflected.value < simplex[0]!.value) {
      const expanded = along(-2)
      simplex[last] = expanded.value < reflected.value ? expanded : reflected
    } else if (reflected.value < simplex[last - 1]!.value) {
      simplex[last] = reflected
    } else {
      const contracted = along(reflected.value < worst.value ? -0.5 : 0.5)
      if (contracted.value < Math.min(worst.value, reflected.value)) simplex[last] = contracted
      else {
        const best = simplex[0]!
        for (let i = 1; i <= last; i++) simplex[i] = at(simplex[i]!.x.map((x, j) => (x + best.x[j]!) / 2))
      }
    }
    sort()
  }
  return simplex[0]!
}
