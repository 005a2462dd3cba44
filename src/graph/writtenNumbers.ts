import * as tf from '@tensorflow/tfjs-core'

/**
 * The numbers that a function wrote before TensorFlow.js put them into a Float32Array. TensorFlow.js asks its platform of
 * everything that it makes a tensor of whether it is a typed array; who listens there sees the numbers whole.
 */
export class WrittenNumbers {
  readonly #of = new Map<object, readonly number[]>()
  /** What was asked about since the last tensor was made. */
  #asked: unknown[] = []

  /** Listens until the function that it returns is called. Meanwhile a Float64Array is as good as a list. */
  listen(): () => void {
    const env = tf.env()
    const { platform } = env
    const listening: typeof platform = Object.create(platform) as typeof platform
    listening.isTypedArray = (value): value is Float32Array => {
      const typed = platform.isTypedArray(value) || value instanceof Float64Array
      if (!typed || value instanceof Float64Array) this.#asked.push(value)
      return typed
    }
    env.platform = listening
    return () => {
      env.platform = platform
    }
  }

  /** Finds, for a tensor just made, the numbers that it was made of. */
  match(dataId: object, rounded: Float32Array): void {
    const asked = this.#asked
    this.#asked = []
    for (const value of asked.reverse()) {
      const numbers = flatten(value, rounded.length)
      if (numbers?.length === rounded.length && numbers.every((number, i) => Object.is(Math.fround(number), rounded[i]))) {
        this.remember(dataId, numbers)
        return
      }
    }
  }

  remember(dataId: object, numbers: readonly number[]): void {
    this.#of.set(dataId, numbers)
  }

  /** The numbers that a tensor was made of; undefined if nobody knows. */
  of(dataId: object): readonly number[] | undefined {
    return this.#of.get(dataId)
  }
}

/** All numbers of a nested list in order; undefined if there are more than `most`, or anything else is among them. */
function flatten(value: unknown, most: number, into: number[] = []): number[] | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') {
    if (into.length === most) return undefined
    into.push(Number(value))
    return into
  }
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return undefined
  for (const part of value as ArrayLike<unknown> & Iterable<unknown>) if (!flatten(part, most, into)) return undefined
  return into
}

/** What `tf.linspace` and `tf.range`, of `count` numbers, stand for. TensorFlow.js adds up their steps in float32. */
export function exactRange(kernel: string, attributes: unknown, count: number): number[] | undefined {
  if (kernel !== 'LinSpace' && kernel !== 'Range') return undefined
  const { start, stop, step, dtype } = attributes as { start: number; stop: number; step: number; dtype?: string }
  if (kernel === 'LinSpace')
    return Array.from({ length: count }, (_, i) => (i === 0 ? start : i === count - 1 ? stop : start + (i * (stop - start)) / (count - 1)))
  if (dtype !== 'float32') return undefined
  // As tf.range does where no step was given.
  const stride = stop < start && step === 1 ? -1 : step
  return Array.from({ length: count }, (_, i) => start + i * stride)
}
