import { BLOCK, type Kernel } from './kernel.js'

/**
 * Hands out the memory of a kernel. Sizes are rounded up to four steps per doubling, and what is freed is kept for the
 * next of its size, so that a repeated computation asks for no more memory than its first round.
 */
export class Heap {
  readonly #free = new Map<number, number[]>()
  #top = 0
  /** The whole memory. It moves when it grows: a view is good until the next `take`. */
  f32 = new Float32Array(0)
  f64 = new Float64Array(0)
  i32 = new Int32Array(0)

  constructor(readonly kernel: Kernel) {
    this.#renew()
  }

  /** Block where an array of `blocks` blocks may lie. */
  take(blocks: number): number {
    const size = roundedUp(blocks)
    const free = this.#free.get(size)
    if (free !== undefined && free.length > 0) return free.pop()!
    const at = this.#top
    if (at + size >= this.kernel.blocks) {
      this.kernel.grow(at + size)
      this.#renew()
    }
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

  #renew(): void {
    const { buffer, base } = this.kernel
    const bytes = Math.floor((buffer.byteLength - base) / 8) * 8
    this.f32 = new Float32Array(buffer, base, bytes / 4)
    this.f64 = new Float64Array(buffer, base, bytes / 8)
    this.i32 = new Int32Array(buffer, base, bytes / 4)
  }
}

/** The least of 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, … that is not below `blocks`. */
function roundedUp(blocks: number): number {
  if (blocks <= 4) return Math.max(1, blocks)
  const step = 2 ** (29 - Math.clz32(blocks - 1))
  return Math.ceil(blocks / step) * step
}
