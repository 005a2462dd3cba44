/**
 * Free stretches of a memory, in blocks, lowest first. Neighbours become one, so
 * that what several small arrays leave can hold a larger one.
 */
export class Gaps {
  readonly #starts: number[] = []
  readonly #ends: number[] = []

  /** Cuts `blocks` from the lowest stretch that has them; undefined if none does. */
  take(blocks: number): number | undefined {
    for (let i = 0; i < this.#starts.length; i++) {
      const start = this.#starts[i]!
      if (this.#ends[i]! - start < blocks) continue
      if (this.#ends[i]! - start === blocks) this.#remove(i)
      else this.#starts[i] = start + blocks
      return start
    }
    return undefined
  }

  give(start: number, blocks: number): void {
    const end = start + blocks
    let i = 0
    while (i < this.#starts.length && this.#starts[i]! < start) i++
    const [joinsLower, joinsUpper] = [i > 0 && this.#ends[i - 1] === start, this.#starts[i] === end]
    if (joinsLower && joinsUpper) {
      this.#ends[i - 1] = this.#ends[i]!
      this.#remove(i)
    } else if (joinsLower) this.#ends[i - 1] = end
    else if (joinsUpper) this.#starts[i] = start
    else {
      this.#starts.splice(i, 0, start)
      this.#ends.splice(i, 0, end)
    }
  }

  /** Start of the stretch that ends at `end`, the end of the memory; `end` itself if there is none. */
  lastUpTo(end: number): number {
    return this.#ends.at(-1) === end ? this.#starts.at(-1)! : end
  }

  /** Forgets the last stretch. */
  dropLast(): void {
    this.#starts.pop()
    this.#ends.pop()
  }

  #remove(i: number): void {
    this.#starts.splice(i, 1)
    this.#ends.splice(i, 1)
  }
}
