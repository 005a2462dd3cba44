import type { Engine, FloatArray, Value } from '../engine/engine.js'
import type { NamedValues } from '../engine/autodiff/program.js'
import { slopesOf, type Stepper } from './stepper.js'
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

/** A row at a time: what the field is told of it there, its state `[dim]`, and the size of its steps. */
export interface Standing {
  readonly time: number
  readonly y: FloatArray
  readonly h: number
}

/**
 * Whether stability bounds the steps of rows, all of them looked at together.
 * Hairer and Wanner (Solving ODEs II, IV.2) estimate |hλ| from two stages that a stiff component drives apart; so that a
 * step need not give its stages out, here a component is driven apart by itself: v ← J v with differences of f, the
 * nonlinear power method of Sommeijer, Shampine and Verwer (RKC, J. Comp. Appl. Math. 88, 1998). Undefined for rows whose
 * steps are smaller than stability asks for, or whose component grows.
 *
 * @param inputs of these rows, `[n, width]`, if the field has some
 */
export function stiffnessOf(
  { engine, start, method, dim }: Pick<Stepper, 'engine' | 'start' | 'method' | 'dim'>,
  params: NamedValues,
  rows: readonly Standing[],
  tolerance: Tolerance,
  inputs?: Value,
): (Stiffness | undefined)[] {
  const n = rows.length
  const times = rows.map(({ time }) => time)
  const field = (states: readonly ArrayLike<number>[]): FloatArray[] =>
    engine.scope(() => {
      const y = engine.write(
        states.flatMap((state) => Array.from(state)),
        [n, dim],
      )
      const [carried] = start().run(params, n, [engine.write(times, [n, 1]), y, inputs ?? y])
      const slopes = slopesOf(engine.read(carried!), n, dim)
      return states.map((_, i) => slopes.subarray(i * dim, (i + 1) * dim))
    })
  const eigenvalues = largestEigenvalues(
    engine,
    field,
    rows.map(({ y }) => y),
    tolerance,
  )
  const limit = method.stabilityLimit
  return eigenvalues.map((eigenvalue, i) => {
    const product = Math.abs(rows[i]!.h) * (eigenvalue?.magnitude ?? 0)
    return eigenvalue && eigenvalue.real < 0 && product >= close * limit ? { product, limit } : undefined
  })
}

interface Eigenvalue {
  readonly magnitude: number
  readonly real: number
}

/** The eigenvalues of the largest magnitude of a field's Jacobian at states, roughly; undefined where the field is not finite. */
function largestEigenvalues(
  engine: Engine,
  field: (states: readonly ArrayLike<number>[]) => FloatArray[],
  states: readonly FloatArray[],
  tolerance: Tolerance,
): (Eigenvalue | undefined)[] {
  const slopes = field(states)
  const searches = states.map((y, i) => new PowerMethod(y, slopes[i]!, perturbations(engine, y, tolerance)))
  for (let i = 0; i < iterations; i++) {
    const found = field(searches.map((search) => search.probe()))
    searches.forEach((search, row) => search.see(found[row]!))
  }
  return searches.map((search) => search.eigenvalue())
}

/** The power method with differences of a field `f` around `y`, of sizes `scale`. */
class PowerMethod {
  readonly #lengths: number[] = []
  #before: readonly number[] = []
  #unit: readonly number[]
  #image: readonly number[] | undefined

  constructor(
    readonly y: FloatArray,
    readonly f: FloatArray,
    readonly scale: readonly number[],
  ) {
    this.#unit = normalized(Array.from(y, (_, i) => 1 + ((i * 0.618) % 1)))
  }

  /** Where the field is wanted next. */
  probe(): ArrayLike<number> {
    const { y, scale } = this
    if (this.#image && this.#length > 0) [this.#before, this.#unit] = [this.#unit, normalized(this.#image)]
    return y.map((value, d) => value + scale[d]! * this.#unit[d]!)
  }

  /** Takes the field there. What was found not to be finite, or 0, stays so. */
  see(g: FloatArray): void {
    const { f, scale } = this
    if (this.#image && !(this.#length > 0 && Number.isFinite(this.#length))) return
    this.#image = Array.from(g, (value, d) => (value - f[d]!) / scale[d]!)
    this.#lengths.push(Math.hypot(...this.#image))
  }

  /** The length of the latest image. */
  get #length(): number {
    return this.#lengths.at(-1)!
  }

  eigenvalue(): Eigenvalue | undefined {
    if (!Number.isFinite(this.#length)) return undefined
    if (this.#length === 0) return { magnitude: 0, real: 0 }
    return {
      magnitude: geometricMean(this.#lengths.slice(iterations / 2)),
      real: realPart(this.#before, this.#unit, this.#image!, this.#lengths.at(-2)!),
    }
  }
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
