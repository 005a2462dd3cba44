/** Iterations at most; bisection alone would take 60. */
const MOST = 100

/**
 * Roots of several functions on [0, 1] at once: function i is `from[i]` at 0 and `to[i]` at 1, of opposite signs, or 0 at 1. Chandrupatla's
 * method (Adv. Eng. Software 28, 1997): inverse quadratic interpolation where that can be trusted, else bisection.
 *
 * @param functions the values of all functions, each at its own place
 * @param spacing how far apart places may be that count as one
 */
export function findRoots(
  functions: (places: Float64Array) => Float64Array,
  from: readonly number[],
  to: readonly number[],
  spacing: number,
): Float64Array {
  const n = from.length
  // Between a (the latest place) and b lies the root; c is the place before a.
  const a = new Float64Array(n).fill(1)
  const b = new Float64Array(n)
  const c = new Float64Array(n)
  const fa = Float64Array.from(to)
  const fb = Float64Array.from(from)
  const fc = Float64Array.from(from)
  const share = new Float64Array(n).fill(0.5)
  const done = Uint8Array.from(to, (value) => (value === 0 ? 1 : 0))
  for (let iteration = 0; iteration < MOST && done.includes(0); iteration++) {
    const places = a.map((at, i) => (done[i] ? at : at + share[i]! * (b[i]! - at)))
    const values = functions(places)
    for (let i = 0; i < n; i++) {
      if (done[i]) continue
      const [x, fx] = [places[i]!, values[i]!]
      if (Math.sign(fx) === Math.sign(fa[i]!)) {
        c[i] = a[i]!
        fc[i] = fa[i]!
      } else {
        c[i] = b[i]!
        fc[i] = fb[i]!
        b[i] = a[i]!
        fb[i] = fa[i]!
      }
      a[i] = x
      fa[i] = fx
      const width = Math.abs(b[i]! - a[i]!)
      if (fx === 0 || width <= 2 * spacing) done[i] = 1
      else share[i] = nextShare(a[i]!, b[i]!, c[i]!, fa[i]!, fb[i]!, fc[i]!, Math.min(0.5, spacing / width))
    }
  }
  return a.map((at, i) => (Math.abs(fa[i]!) <= Math.abs(fb[i]!) ? at : b[i]!))
}

/** Which part of the way from a to b to go. */
function nextShare(a: number, b: number, c: number, fa: number, fb: number, fc: number, least: number): number {
  const xi = (a - b) / (c - b)
  const phi = (fa - fb) / (fc - fb)
  const trusted = phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi
  const share = trusted ? (fa / (fb - fa)) * (fc / (fb - fc)) + ((c - a) / (b - a)) * (fa / (fc - fa)) * (fb / (fc - fb)) : 0.5
  return Math.min(1 - least, Math.max(least, share))
}
