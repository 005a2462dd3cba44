/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011). A draw is a pure function of (seed, purpose, indices, position), so there is no generator state to save
 * and the order in which numbers are asked for does not matter. Writes four words to `out`, for counter c and key k.
 */
export function philox4x32(out: Uint32Array, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void {
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(0xd2511f53, c0) >>> 0
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0
    const high0 = upperHalf(0xd2511f53 * c0, low0)
    c0 = (upperHalf(0xcd9e8d57 * c2, low1) ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/**
 * The upper 32 bits of a product of 64, rounded to a double, whose lower 32 are known: without them the
 * product is a multiple of 2^32 that the rounding has moved by a tiny part of that.
 */
const upperHalf = (product: number, low: number): number => ((product - low) * 2 ** -32 + 0.5) >>> 0

/** A stream of random numbers; two streams with different names never overlap. */
export interface RandomStream {
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number
  /** Standard normal (Box–Muller). */
  normal(): number
  /** Writes as many of them to `into`, from `from` up to `to`. */
  normals(into: Float32Array | Float64Array, from: number, to: number): void
  /** Uniform on 0, 1, …, n − 1. */
  integer(n: number): number
  /** A new array with the items in random order (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[]
}

/**
 * The stream named by a seed, a purpose and up to two indices, such as `random(seed, 'noise', step, row)`.
 *
 * @param seed a non-negative integer below 2^32
 */
export const random = (seed: number, purpose: string, index = 0, subIndex = 0): RandomStream =>
  new PhiloxStream(index >>> 0, subIndex >>> 0, seed >>> 0, hash(purpose))

/** Hundreds of them are made for each batch: an object without functions of its own. */
class PhiloxStream implements RandomStream {
  readonly #words = new Uint32Array(4)
  #block = 0
  #used = 4
  #spare: number | undefined

  constructor(
    readonly index: number,
    readonly subIndex: number,
    readonly seed: number,
    readonly purpose: number,
  ) {}

  #word(): number {
    if (this.#used === 4) {
      philox4x32(this.#words, this.#block++, this.index, this.subIndex, 0, this.seed, this.purpose)
      this.#used = 0
    }
    return this.#words[this.#used++]!
  }

  uniform(): number {
    return ((this.#word() >>> 5) * 67108864 + (this.#word() >>> 6)) / 9007199254740992
  }

  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare
      this.#spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    const angle = 2 * Math.PI * this.uniform()
    this.#spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  normals(into: Float32Array | Float64Array, from: number, to: number): void {
    let i = from
    if (i < to && this.#spare !== undefined) into[i++] = this.normal()
    for (; i + 1 < to; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
      const angle = 2 * Math.PI * this.uniform()
      into[i] = radius * Math.cos(angle)
      into[i + 1] = radius * Math.sin(angle)
    }
    if (i < to) into[i] = this.normal()
  }

  integer(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  shuffle<T>(items: readonly T[]): T[] {
    const out = [...items]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      ;[out[i], out[j]] = [out[j]!, out[i]!]
    }
    return out
  }
}

/** FNV-1a, 32 bits. */
export function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
