import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { newArray } from '../engine/arrays.js'
import type { NamedValues } from '../engine/autodiff/program.js'
import type { Stepper } from './stepper.js'
import type { Tolerance } from './tolerance.js'

/** What makes a row stiff for a method. */
export interface Stiffness {
  /** |hλ|: the size of its steps times the largest eigenvalue of the field's Jacobian. */
  readonly product: number
  /** Up to which |hλ| the method is stable, for λ < 0. */
  readonly limit: number
}

/** Above this part of the limit the steps count as bounded by it: they come and go around it. */
const close = 0.7

/** Directions tried; the second half counts. */
const iterations = 16

/**
 * Whether stability bounds the steps `h` of a row, at its state `y` `[dim]` and what the field is told of the time there.
 * Hairer and Wanner (Solving ODEs II, IV.2) estimate |hλ| from two stages that a stiff component drives apart; so that a
 * step need not give its stages out, here a component is driven apart by itself: v ← J v with differences of f, the
 * nonlinear power method of Sommeijer, Shampine and Verwer (RKC, J. Comp. Appl. Math. 88, 1998). Undefined where the
 * steps are smaller than stability asks for, or the component grows.
 */
export function stiffnessOf(
  { engine, start, method }: Pick<Stepper, 'engine' | 'start' | 'method'>,
  params: NamedValues,
  time: number,
  y: FloatArray,
  h: number,
  tolerance: Tolerance,
  inputs?: Value,
): Stiffness | undefined {
  const dim = y.length
  const field = (state: FloatArray): FloatArray =>
    engine.scope(() => {
      const y = engine.write(state, [1, dim])
      const [carried] = start().run(params, 1, [engine.write([time], [1, 1]), y, inputs ?? y])
      return engine.read(carried!).subarray(0, dim)
    })
  const eigenvalue = largestEigenvalue(engine, field, y, tolerance)
  if (!eigenvalue) return undefined
  const limit = method.stabilityLimit
  const product = Math.abs(h) * eigenvalue.magnitude
  return eigenvalue.real < 0 && product >= close * limit ? { product, limit } : undefined
}

/** The eigenvalue of the largest magnitude of a field's Jacobian, roughly; undefined where the field is not finite. */
function largestEigenvalue(
  engine: Engine,
  field: (state: FloatArray) => FloatArray,
  y: FloatArray,
  tolerance: Tolerance,
): { magnitude: number; real: number } | undefined {
  const scale = perturbations(engine, y, tolerance)
  const f = field(y)
  let unit = normalized(Array.from(y, (_, i) => 1 + ((i * 0.618) % 1)))
  let before = unit
  const lengths: number[] = []
  for (let i = 0; i < iterations; i++) {
    const moved = newArray(engine, y.length)
    for (let d = 0; d < y.length; d++) moved[d] = y[d]! + scale[d]! * unit[d]!
    const g = field(moved)
    const image = Array.from(g, (value, d) => (value - f[d]!) / scale[d]!)
    const length = Math.hypot(...image)
    if (!Number.isFinite(length)) return undefined
    if (length === 0) return { magnitude: 0, real: 0 }
    lengths.push(length)
    if (i < iterations - 1) [before, unit] = [unit, normalized(image)]
    else return { magnitude: geometricMean(lengths.slice(iterations / 2)), real: realPart(before, unit, image, lengths.at(-2)!) }
  }
  return undefined
}

/** How far each component is moved: by the tolerance, below which nothing of the field matters, but not by rounding errors. */
function perturbations({ dtype }: Engine, y: FloatArray, { rtol, atol }: Tolerance): number[] {
  const least = Math.sqrt(dtype === 'float32' ? 2 ** -23 : Number.EPSILON)
  let largest = 0
  for (let d = 0; d < y.length; d++) largest = Math.max(largest, Math.abs(y[d]!))
  return Array.from(
    y,
    (value, d) =>
      Math.max((typeof atol === 'number' ? atol : atol[d % atol.length]!) + rtol * Math.abs(value), least * Math.abs(value)) ||
      least * (largest || 1),
  )
}

/** Re λ of the largest eigenvalue or pair from `a`, J a = `length`·b and J b = c: c·length = p·length·b + q·a has λ² = pλ + q. */
function realPart(a: readonly number[], b: readonly number[], c: readonly number[], length: number): number {
  const [ab, ac, bc] = [dot(a, b), dot(a, c), dot(b, c)]
  const apart = 1 - ab * ab
  if (apart < 1e-6) return bc
  const p = (bc - ab * ac) / apart
  const q = ((ac - ab * bc) / apart) * length
  const square = p * p + 4 * q
  if (square < 0) return p / 2
  const [low, high] = [(p - Math.sqrt(square)) / 2, (p + Math.sqrt(square)) / 2]
  // Of two that are about as large, as z and its adjoint have them, the one that decays bounds the steps.
  return -low > 0.8 * Math.abs(high) ? low : high
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
const normalized = (v: readonly number[]): number[] => {
  const length = Math.hypot(...v)
  return v.map((x) => x / length)
}
const geometricMean = (list: readonly number[]): number => Math.exp(list.reduce((sum, x) => sum + Math.log(x), 0) / list.length)
