import { EngineError } from '../../errors.js'
import { formatShape } from '../../graph/shape.js'
import type { Held, Stack, Value } from '../engine.js'
import type { RawEngine } from '../rawEngine.js'

/** How deep `scope` looks for arrays and stacks in what its body returns: `[[value]]`, not `[[[value]]]`. */
const DEPTH = 2
/** Up to so many it takes less time to look through a list than to make a set. */
const FEW = 8

/** Whose arrays and stacks are, and how long they live: what was freed, what scopes free. */
export class Ownership<V extends Value, S extends Stack> {
  #disposed = false
  /** What was made in the innermost scope. */
  #scope: (V | S)[] | undefined

  constructor(readonly raw: RawEngine<V, S>) {}

  /** @throws EngineError `Disposed` */
  requireUsable(): void {
    if (this.#disposed) throw new EngineError('Disposed', `The ${this.raw.name} engine was disposed of and cannot make arrays any more.`)
  }

  /** @throws EngineError `Disposed`, `Foreign`, `Freed` */
  value(value: Value, what: string): V {
    if (this.#disposed || !this.raw.owns(value)) throw this.#refusal(value, what)
    return value
  }

  /** @throws EngineError `Disposed`, `Foreign`, `Freed` */
  stack(stack: Stack, what: string): S {
    if (this.#disposed || !this.raw.ownsStack(stack)) throw this.#refusal(stack, what)
    return stack
  }

  /** An input of a Graph, by its name. @throws EngineError `Disposed`, `Foreign`, `Freed` */
  input(value: Value | undefined, name: string): V {
    if (this.#disposed || !this.raw.owns(value)) throw this.#refusal(value, `Input "${name}"`)
    return value
  }

  #refusal(held: Held | undefined, what: string): EngineError {
    const { raw } = this
    if (this.#disposed) return new EngineError('Disposed', `${what} is used after the ${raw.name} engine was disposed of.`)
    if (held === undefined || !raw.wasFreed(held)) return new EngineError('Foreign', `${what} was not made by this ${raw.name} engine.`)
    const shape = 'steps' in held ? raw.stackShape(held as S) : held.shape
    return new EngineError('Freed', `${what}, of shape ${formatShape(shape)}, is used after it was freed.`)
  }

  /** What was just made, which the innermost scope frees. */
  made<T extends V | S>(held: T): T {
    this.#scope?.push(held)
    return held
  }

  scope<T>(body: () => T): T {
    const made: (V | S)[] = []
    const outer = this.#scope
    this.#scope = made
    const kept: unknown[] = []
    try {
      const result = body()
      if (typeof result === 'object') this.#keep(result, kept, DEPTH)
      return result
    } finally {
      this.#scope = outer
      // Nothing is left to free once the engine is gone.
      if (!this.#disposed) this.#leave(made, kept, outer)
    }
  }

  /** Frees what was made in a scope, and hands what is kept to the one around it. */
  #leave(made: (V | S)[], kept: readonly unknown[], outer: (V | S)[] | undefined): void {
    if (kept.length > 0) {
      const set = kept.length > FEW ? new Set(kept) : undefined
      let left = 0
      for (const held of made) {
        if (set ? set.has(held) : kept.includes(held)) outer?.push(held)
        else made[left++] = held
      }
      made.length = left
    }
    this.raw.release(made)
  }

  /** Notes the arrays and stacks in what a scope returns. @throws EngineError `Scope` for a promise */
  #keep(result: unknown, kept: unknown[], depth: number): void {
    if (typeof result !== 'object' || result === null) return
    if (this.raw.owns(result) || this.raw.ownsStack(result)) kept.push(result)
    else if (depth === 0 || ArrayBuffer.isView(result)) return
    else if (Array.isArray(result)) for (const one of result) this.#keep(one, kept, depth - 1)
    else if (isRecord(result)) for (const name in result) this.#keep(result[name], kept, depth - 1)
    else if (result instanceof Promise) {
      // It may well fail on what is freed now; this error says why.
      result.catch(() => {})
      throw new EngineError('Scope', 'The body of a scope must not be async: what it makes would be freed before it has ended.')
    }
  }

  /** Frees arrays and stacks. @throws EngineError `Disposed`, `Foreign`, `Freed`, and then frees none */
  free(held: readonly Held[]): void {
    for (const one of held) {
      if ('steps' in one) this.stack(one, 'A stack to be freed')
      else this.value(one, 'An array to be freed')
    }
    this.raw.release(held as readonly (V | S)[])
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    this.raw.dispose()
  }
}

/** An object written in braces, or one without a prototype. */
function isRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
