/** A node of a quadrature over [0, 1]. */
export interface GaussNode {
  readonly theta: number
  readonly weight: number
}

/** Gauss–Legendre's quadrature over [0, 1] that is exact for polynomials of degree `order` and more. */
export function gaussNodes(order: number): GaussNode[] {
  const count = Math.ceil((order + 1) / 2)
  return Array.from({ length: count }, (_, i) => {
    // Newton's method for the roots of the Legendre polynomial, from the usual starting values.
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5))
    let slope = 1
    for (let iteration = 0; iteration < 50; iteration++) {
      const [value, derivative] = legendre(count, x)
      slope = derivative
      const step = value / derivative
      x -= step
      if (Math.abs(step) < 1e-16) break
    }
    return { theta: (1 - x) / 2, weight: 1 / ((1 - x * x) * slope * slope) }
  })
}

/** The Legendre polynomial of a degree at x, and its derivative, by the three-term recurrence. */
function legendre(degree: number, x: number): [number, number] {
  let [before, value] = [1, x]
  for (let n = 2; n <= degree; n++) [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n]
  return [value, (degree * (x * value - before)) / (x * x - 1)]
}
