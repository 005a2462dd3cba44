/** A thing in an order that others are put into, see {@link Order}. */
interface Link<T> {
  readonly thing: T
  rank: number
  before: Link<T> | undefined
  after: Link<T> | undefined
}

/** Things in an order: any can be put right before another, and which of two comes first is told at once. */
export class Order<T> {
  readonly #links = new Map<T, Link<T>>()
  #first: Link<T> | undefined
  #last: Link<T> | undefined

  has(thing: T): boolean {
    return this.#links.has(thing)
  }

  /** Grows from the first to the last; only good for comparing until something is put in between. */
  rank(thing: T): number {
    return this.#links.get(thing)!.rank
  }

  append(thing: T): void {
    const link = { thing, rank: (this.#last?.rank ?? 0) + 1, before: this.#last, after: undefined }
    if (this.#last) this.#last.after = link
    else this.#first = link
    this.#last = link
    this.#links.set(thing, link)
  }

  /** Takes a thing's place. */
  replace(thing: T, by: T): void {
    const { rank, before, after } = this.#links.get(thing)!
    const link = { thing: by, rank, before, after }
    if (before) before.after = link
    else this.#first = link
    if (after) after.before = link
    else this.#last = link
    this.#links.delete(thing)
    this.#links.set(by, link)
  }

  remove(thing: T): void {
    const { before, after } = this.#links.get(thing)!
    if (before) before.after = after
    else this.#first = after
    if (after) after.before = before
    else this.#last = before
    this.#links.delete(thing)
  }

  /** Puts a thing that is among them right before another. */
  moveBefore(thing: T, other: T): void {
    this.remove(thing)
    const after = this.#links.get(other)!
    const { before } = after
    const rank = ((before?.rank ?? after.rank - 2) + after.rank) / 2
    const link = { thing, rank, before, after }
    if (before) before.after = link
    else this.#first = link
    after.before = link
    this.#links.set(thing, link)
    if (rank === after.rank || rank === before?.rank) this.#rankAnew()
  }

  /** Where no number is left between two. */
  #rankAnew(): void {
    let rank = 0
    for (let link = this.#first; link; link = link.after) link.rank = ++rank
  }
}
