/** States one after the other, to go back through. Changes of one kind that follow each other, such as the steps of a move, are one. */
export class History<T> {
  readonly #past: T[] = []
  #kind: string | undefined

  constructor(public current: T) {}

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  /** Goes on to another state. `kind` names what is changed; without it the change stands alone. */
  change(next: T, kind?: string): void {
    if (next === this.current) return
    if (kind === undefined || kind !== this.#kind) this.#past.push(this.current)
    this.#kind = kind
    this.current = next
  }

  /** Goes back to the state before the last change, if there is one. */
  undo(): void {
    if (this.#past.length > 0) this.current = this.#past.pop()!
    this.#kind = undefined
  }
}
