import { BLOCK, type Kernel } from './kernel.js'

/**
 * Hands out the memory of a kernel. Sizes are rounded up to four steps per doubling, and what is freed is kept for the
 * next of its size, so that a repeated computation asks for no more memory than its first round.
 */
export class Heap {
  readonly #free = new Map<number, number[]>()
  #top = 0
  #f32!: Float32Array
  #f64!: Float64Array
  #i32!: Int32Array
  #buffer: ArrayBuffer | undefined

  constructor(readonly kernel: Kernel) {}

  /** Block where an array of `blocks` blocks may lie. */
  take(blocks: number): number {
    const size = roundedUp(blocks)
    const free = this.#free.get(size)?.pop()
    if (free !== undefined) return free
    const at = this.#top
    if (at + size >= this.kernel.blocks) this.kernel.grow(at + size)
    this.#top += size
    return at
  }

  give(at: number, blocks: number): void {
    const size = roundedUp(blocks)
    const free = this.#free.get(size)
    if (free) free.push(at)
    else this.#free.set(size, [at])
  }

  /** Bytes handed out at any time so far, freed ones included. */
  get bytes(): number {
    return this.#top * BLOCK
  }

  // The memory moves when it grows: a view is good until the next `take`.
  get f32(): Float32Array { this.#renew(); return this.#f32 }
  get f64(): Float64Array { this.#renew(); return this.#f64 }
  get i32(): Int32Array { this.#renew(); return this.#i32 }

  #renew(): void {
    const { buffer, base } = this.kernel
    if (buffer === this.#buffer) return
    this.#buffer = buffer
    const bytes = Math.floor((buffer.byteLength - base) / 8) * 8
    this.#f32 = new Float32Array(buffer, base, bytes / 4)
    this.#f64 = new Float64Array(buffer, base, bytes / 8)
    this.#i32 = new Int32Array(buffer, base, bytes / 4)
  }
}

/** The least of 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, … that is not below `blocks`. */
function roundedUp(blocks: number): number {
  if (blocks <= 4) return Math.max(1, blocks)
  const step = 2 ** (29 - Math.clz32(blocks - 1))
  return Math.ceil(blocks / step) * step
}
