import type { Value } from '../engine.js'
import type { Handle, Runtime } from './tfjsBackend.js'

/** An array of a tfjs engine. */
export class TfjsValue implements Value {
  freed = false
  constructor(
    readonly shape: readonly number[],
    readonly handle: Handle,
    readonly owner: TfjsArrays,
  ) {}
}

/** The arrays of an engine that are not freed. */
export class TfjsArrays {
  readonly #alive = new Set<TfjsValue>()

  constructor(readonly runtime: Runtime) {}

  own(handle: Handle, shape: readonly number[]): TfjsValue {
    const value = new TfjsValue(shape, handle, this)
    this.#alive.add(value)
    return value
  }

  owns(value: unknown): value is TfjsValue {
    return value instanceof TfjsValue && value.owner === this && !value.freed
  }

  wasFreed(value: unknown): boolean {
    return value instanceof TfjsValue && value.owner === this && value.freed
  }

  release(values: Iterable<TfjsValue>): void {
    const { runtime } = this
    runtime.within(() => {
      for (const value of values) {
        if (!this.#alive.delete(value)) continue
        value.freed = true
        runtime.free(value.handle)
      }
    })
  }

  releaseAll(): void {
    this.release(this.#alive)
  }

  get size(): number {
    return this.#alive.size
  }
}
