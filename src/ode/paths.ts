import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { compileProgram, type Program } from './program.js'
import { interpolationGraph, interpolationPullback } from './step.js'
import { degreeOf, type Tableau } from './tableau.js'

/** Points that are interpolated at a time where the result need not be one array: what lies between stays in the cache. */
const chunk = 4096

/** Dense output compiled for an engine. A path is `[(1 + degree)·dim]` numbers, see `pathWeights`. */
export interface Interpolator {
  /** Numbers in a path. */
  readonly width: number
  /** The points of paths `path[i]` at `theta[i]`, `[points, dim]`, as one array of the engine. */
  interpolate(paths: FloatArray, path: Int32Array, theta: Float64Array): Value
  /** The same, read, a part at a time. */
  read(paths: FloatArray, path: Int32Array, theta: Float64Array): FloatArray
  /** rate·⟨cotangent, d/dθ⟩ for each point, `[points]`; `cotangent` `[points, dim]`. */
  slopes(paths: FloatArray, path: Int32Array, theta: Float64Array, rate: Float64Array, cotangent: Value): Float64Array
  /** Cotangents `[m, dim]` of points at `theta` as cotangents of their paths, added up by `row`: `[rows, width]`. */
  pull(cotangent: Value, theta: Float64Array, row: Int32Array, rows: number): Value
}

export function createInterpolator(engine: Engine, tableau: Tableau, dim: number): Interpolator {
  const degree = degreeOf(tableau)
  const width = (1 + degree) * dim
  const compile = (graph: () => Parameters<typeof compileProgram>[1]): (() => Program) => lazily(() => compileProgram(engine, graph()))
  const program = compile(() => interpolationGraph(degree, dim, false))
  const slopeProgram = compile(() => interpolationGraph(degree, dim, true))
  const backward = compile(() => interpolationPullback(degree, dim))

  /** Runs `part` for consecutive ranges of points; within it everything but what it reads is freed. */
  function inParts(points: number, part: (from: number, to: number) => void): void {
    for (let from = 0; from < points; from += chunk) engine.scope(() => part(from, Math.min(points, from + chunk)))
  }
  const write = (paths: FloatArray): Value => engine.write(paths, [paths.length / width, width])
  const column = (numbers: Float64Array): Value => engine.write(numbers, [numbers.length, 1])

  return {
    width,
    interpolate(paths, path, theta) {
      const result: Value[] = []
      engine.scope(() => {
        result.push(program().run({}, { path: engine.gather(write(paths), path), theta: column(theta) }, path.length)['output']!)
        return result
      })
      return result[0]!
    },
    read(paths, path, theta) {
      const out = newArray(engine, path.length * dim)
      engine.scope(() => {
        const all = write(paths)
        inParts(path.length, (from, to) => {
          const { output } = program().run({}, { path: engine.gather(all, path.subarray(from, to)), theta: column(theta.subarray(from, to)) }, to - from)
          out.set(engine.read(output!), from * dim)
        })
      })
      return out
    },
    slopes(paths, path, theta, rate, cotangent) {
      const out = new Float64Array(path.length)
      engine.scope(() => {
        const all = write(paths)
        inParts(path.length, (from, to) => {
          const bars = from === 0 && to === path.length ? cotangent : engine.gather(cotangent, Int32Array.from({ length: to - from }, (_, i) => from + i))
          const { slope } = slopeProgram().run({}, {
            path: engine.gather(all, path.subarray(from, to)), theta: column(theta.subarray(from, to)), rate: column(rate.subarray(from, to)), cotangent: bars,
          }, to - from)
          out.set(engine.read(slope!), from)
        })
      })
      return out
    },
    pull(cotangent, theta, row, rows) {
      const { bars } = backward().run({}, { cotangent, theta: column(theta) }, row.length)
      return engine.scatterAdd(bars!, row, rows)
    },
  }
}

/** Paths laid end to end, `[count, width]`, growing. */
export class Paths {
  #numbers: FloatArray
  #length = 0

  /** @param expected how many there will be, roughly */
  constructor(private readonly engine: Engine, private readonly width: number, expected: number) {
    this.#numbers = newArray(engine, (64 + expected) * width)
  }

  get count(): number {
    return this.#length / this.width
  }

  /** Adds row `i` of `rows` `[n, width]` wherever `chosen[i]` is 1. */
  add(rows: FloatArray, chosen: Uint8Array): void {
    const { width } = this
    this.#reserve(rows.length)
    for (let i = 0; i < chosen.length;) {
      // Runs of chosen rows are copied at once.
      let end = i
      while (end < chosen.length && chosen[end] === 1) end++
      if (end > i) {
        this.#numbers.set(rows.subarray(i * width, end * width), this.#length)
        this.#length += (end - i) * width
      }
      i = end + 1
    }
  }

  /** Adds a path that stands still at `y` `[dim]`. */
  addConstant(y: FloatArray): void {
    this.#reserve(this.width)
    this.#numbers.fill(0, this.#length, this.#length + this.width)
    this.#numbers.set(y, this.#length)
    this.#length += this.width
  }

  /** All of them, not copied. */
  numbers(): FloatArray {
    return this.#numbers.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#numbers.length) return
    const larger = newArray(this.engine, Math.max(2 * this.#numbers.length, this.#length + more))
    larger.set(this.numbers())
    this.#numbers = larger
  }
}

/** An array of the engine's kind of number. */
export const newArray = ({ dtype }: Pick<Engine, 'dtype'>, length: number): FloatArray =>
  dtype === 'float32' ? new Float32Array(length) : new Float64Array(length)
