import { sizeOf } from '../../graph/shape.js'
import type { FloatArray } from '../engine.js'
import type { ArrayEngine } from './stacks.js'
import type { TfjsArrays, TfjsValue } from './tfjsArrays.js'
import type { Handle } from './tfjsBackend.js'
import { gatherWeightedNumbers, scatterWeightedNumbers } from './weighted.js'

/** What copies numbers into TensorFlow.js and out of it. */
export function tfjsCopies(arrays: TfjsArrays): Pick<ArrayEngine<TfjsValue>, 'write' | 'read' | 'readInto'> {
  const { runtime } = arrays
  const numbersOf = ({ shape, handle }: TfjsValue): Float32Array =>
    sizeOf(shape) === 0 ? new Float32Array(0) : runtime.within(() => runtime.read(handle))
  return {
    write(values, shape) {
      const copy = [...shape]
      const numbers = numbersToWrite(values, shape)
      return arrays.own(
        runtime.within(() => runtime.write(numbers, copy)),
        copy,
      )
    },
    read(value, to) {
      const numbers = numbersOf(value)
      if (to?.length !== numbers.length) return numbers
      to.set(numbers)
      return to
    },
    readInto(value, to) {
      const numbers = numbersOf(value)
      let next = 0
      for (const array of to) array.set(numbers.subarray(next, (next += array.length)))
    },
  }
}

function numbersToWrite(values: ArrayLike<number> | ((into: FloatArray) => void), shape: readonly number[]): Float32Array {
  if (typeof values !== 'function') return values instanceof Float32Array ? values : Float32Array.from(values)
  const numbers = new Float32Array(sizeOf(shape))
  values(numbers)
  return numbers
}

/** What takes rows of arrays of TensorFlow.js, and lays them together. */
export function tfjsRows(
  arrays: TfjsArrays,
): Pick<ArrayEngine<TfjsValue>, 'gather' | 'concat' | 'scatterAdd' | 'gatherWeighted' | 'scatterWeighted'> {
  const { runtime } = arrays
  const made = (shape: readonly number[], make: () => Handle): TfjsValue => arrays.own(runtime.within(make), shape)
  /** By loops: TensorFlow.js would copy every block once for each row that reads it. */
  const looped = (shape: readonly number[], fill: (out: Float32Array) => void): TfjsValue =>
    made(shape, () => {
      const out = new Float32Array(sizeOf(shape))
      if (out.length > 0) fill(out)
      return runtime.write(out, shape)
    })
  return {
    gather({ handle, shape: [, ...rest] }, index) {
      const shape = [index.length, ...rest]
      return made(shape, () => {
        if (sizeOf(shape) === 0) return runtime.write(new Float32Array(0), shape)
        const indices = runtime.write(index, [index.length])
        const out = runtime.kernel('GatherV2')({ x: handle, indices }, { axis: 0, batchDims: 0 })
        runtime.free(indices)
        return out
      })
    },
    concat: (values, shape) =>
      looped(shape, (out) => {
        let at = 0
        for (const value of values) {
          if (sizeOf(value.shape) === 0) continue
          const part = runtime.read(value.handle)
          out.set(part, at)
          at += part.length
        }
      }),
    scatterAdd({ handle, shape: [, ...rest] }, index, count) {
      const shape = [count, ...rest]
      return made(shape, () => {
        if (sizeOf(shape) === 0 || index.length === 0) return runtime.write(new Float32Array(sizeOf(shape)), shape)
        const indices = runtime.write(index, [index.length, 1])
        const out = runtime.kernel('ScatterNd')({ indices, updates: handle }, { shape })
        runtime.free(indices)
        return out
      })
    },
    gatherWeighted: (value, index, weights, blocks) =>
      looped([index.length, blocks.width], (out) =>
        gatherWeightedNumbers(runtime.read(value.handle), index, runtime.read(weights.handle), blocks, out),
      ),
    scatterWeighted: (value, from, index, weights, count, blocks) =>
      looped([count, blocks.terms * blocks.width], (out) => {
        if (index.length > 0) scatterWeightedNumbers(runtime.read(value.handle), from, index, runtime.read(weights.handle), blocks, out)
      }),
  }
}
