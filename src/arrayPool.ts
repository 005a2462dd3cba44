/** Kinds of arrays in a pool. */
const kinds = { float64: Float64Array, float32: Float32Array, int32: Int32Array } as const
type Kind = keyof typeof kinds
type Made<K extends Kind> = InstanceType<(typeof kinds)[K]>

/** What is asked for is made this much larger, so that it serves next time, when a little more may be asked for. */
const margin = 1.25

/** Arrays lent by a pool. A loan that nobody ends is forgotten with its arrays. */
export interface Loan {
  /** An array of zeros. */
  take<K extends Kind>(kind: K, length: number): Made<K>
  /** Gives all of them back; nobody may look at them any more. */
  end(): void
}

/**
 * Typed arrays that are used again. The memory of a typed array lies outside of JavaScript's heap: to make some
 * megabytes of them with every step has the garbage collector walk the whole heap every few steps.
 */
export class ArrayPool {
  readonly #free: { readonly [K in Kind]: Made<K>[] } = { float64: [], float32: [], int32: [] }

  loan(): Loan {
    const lent: (() => void)[] = []
    return {
      take: (kind, length) => {
        const whole = this.#take(kind, length)
        lent.push(() => this.#free[kind].push(whole))
        return whole.subarray(0, length).fill(0) as Made<typeof kind>
      },
      end() {
        for (const giveBack of lent.splice(0)) giveBack()
      },
    }
  }

  /** The least that is long enough. If none is, the longest gives way to one that is: no more are kept than were ever lent at once. */
  #take<K extends Kind>(kind: K, length: number): Made<K> {
    const free: Made<K>[] = this.#free[kind]
    let found = -1
    for (let i = 0; i < free.length; i++) {
      const [candidate, best] = [free[i]!.length, free[found]?.length ?? -1]
      if (found < 0 || (best < length ? candidate > best : candidate >= length && candidate < best)) found = i
    }
    const [kept] = found < 0 ? [] : free.splice(found, 1)
    return kept && kept.length >= length ? kept : (new kinds[kind](Math.ceil(length * margin)) as Made<K>)
  }
}
