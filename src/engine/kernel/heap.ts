import { Gaps } from './gaps.js'
import { BLOCK, type Kernel } from './kernel.js'

/** Size class from which an array is large: 64 KiB. */
const LARGE = sizeClass(1024)

/**
 * Hands out the memory of a kernel. Sizes are rounded up to four steps per doubling. What is freed is kept for the next
 * of its size if it is small, else for whatever fits: large arrays are few, and of other sizes in every batch. A
 * repeated computation finds every array a place where it had one, so it asks for no more memory than its first round:
 * large arrays go to the lowest place, and small ones never take from what large ones left.
 */
export class Heap {
  /** Places of small arrays that are free, by size class. */
  readonly #free: number[][] = []
  readonly #gaps = new Gaps()
  #top = 0
  /** The whole memory. It moves when it grows: a view is good until the next `take`. */
  f32 = new Float32Array(0)
  f64 = new Float64Array(0)
  i32 = new Int32Array(0)

  constructor(readonly kernel: Kernel) {
    this.#renew()
  }

  /** Block where an array of a size class may lie. */
  take(sizeClass: number): number {
    if (sizeClass < LARGE) return this.#free[sizeClass]?.pop() ?? this.#reach(this.#top, blocksOfClass(sizeClass))
    const blocks = blocksOfClass(sizeClass)
    return this.#gaps.take(blocks) ?? this.#atTheEnd(blocks)
  }

  give(at: number, sizeClass: number): void {
    if (sizeClass >= LARGE) return this.#gaps.give(at, blocksOfClass(sizeClass))
    const free = this.#free[sizeClass]
    if (free) free.push(at)
    else this.#free[sizeClass] = [at]
  }

  /** A large array where the memory handed out ends, and before it if that is free. */
  #atTheEnd(blocks: number): number {
    const at = this.#gaps.lastUpTo(this.#top)
    const joins = at < this.#top
    this.#reach(at, blocks)
    if (joins) this.#gaps.dropLast()
    return at
  }

  /** Makes sure that there are `blocks` at `at`, and counts them as handed out. */
  #reach(at: number, blocks: number): number {
    if (at + blocks >= this.kernel.blocks) {
      this.kernel.grow(at + blocks)
      this.#renew()
    }
    this.#top = at + blocks
    return at
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

/** Number of the least of the sizes 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, … that is not below `blocks`. */
export function sizeClass(blocks: number): number {
  if (blocks <= 4) return Math.max(1, blocks) - 1
  // More than any machine has must have a size, too, to be refused by.
  const doublings = blocks > 2 ** 31 ? Math.floor(Math.log2(blocks - 1)) - 2 : 29 - Math.clz32(blocks - 1)
  return 4 * doublings + Math.ceil(blocks / 2 ** doublings) - 1
}

/** The size of that number. */
function blocksOfClass(number: number): number {
  if (number < 4) return number + 1
  const doublings = (number >> 2) - 1
  return ((number & 3) + 5) * 2 ** doublings
}
