import { sizeOf } from '../../graph/shape.js'
import type { RawEngine } from '../rawEngine.js'
import { sizeClass } from './heap.js'
import { BLOCK } from './kernel.js'
import type { KernelMemory, KernelStack, KernelValue } from './kernelMemory.js'

/** What takes rows of arrays in the kernel's memory, and lays them together. */
export function kernelRows(
  memory: KernelMemory,
): Pick<RawEngine<KernelValue, KernelStack>, 'gather' | 'concat' | 'cut' | 'scatterAdd' | 'gatherWeighted' | 'scatterWeighted'> {
  const { heap, kernel, scalarBytes } = memory
  const scale = BLOCK / scalarBytes
  /** Places an index in memory while it is used. */
  const withIndex = (index: Int32Array, use: (at: number) => void): void => {
    const size = sizeClass(Math.ceil((index.length * 4) / BLOCK))
    const at = heap.take(size)
    heap.i32.set(index, (at * BLOCK) / 4)
    use(at)
    heap.give(at, size)
  }
  const computed = (shape: readonly number[], index: Int32Array, compute: (made: KernelValue, at: number) => void): KernelValue => {
    const made = memory.create(shape)
    try {
      withIndex(index, (at) => compute(made, at))
      return made
    } catch (error) {
      memory.release(made)
      throw error
    }
  }
  return {
    gather: ({ at: from, shape }, index) =>
      computed(withRows(shape, index.length), index, (made, at) =>
        kernel.gather(from, made.at, at, index.length, widthOf(shape), scalarBytes),
      ),
    concat(held, shape) {
      const made = memory.create(shape)
      let to = made.at * scale
      const append = (at: number, size: number): void => {
        memory.scalars.copyWithin(to, at * scale, at * scale + size)
        to += size
      }
      for (const one of held) {
        const size = sizeOf(one.shape)
        if (!('steps' in one)) append(one.at, size)
        else for (let i = 0; i < one.steps; i++) append(one.at + i * one.pitch, size)
      }
      return made
    },
    cut(value, steps, shape) {
      const stack = memory.createStack(steps, shape)
      const size = sizeOf(shape)
      const from = value.at * scale
      for (let i = 0; i < steps; i++)
        memory.scalars.copyWithin((stack.at + i * stack.pitch) * scale, from + i * size, from + (i + 1) * size)
      return stack
    },
    scatterAdd: ({ at: from, shape }, index, count) =>
      computed(withRows(shape, count), index, (made, at) =>
        kernel.scatterAdd(from, made.at, at, index.length, count, widthOf(shape), scalarBytes),
      ),
    gatherWeighted: (value, index, weights, { terms, width }) =>
      computed([index.length, width], index, (made, at) =>
        kernel.gatherWeighted(value.at, made.at, at, weights.at, index.length, terms, width, scalarBytes),
      ),
    scatterWeighted: (value, from, index, weights, count, { terms, width }) =>
      computed([count, terms * width], from, (made, rows) =>
        withIndex(index, (at) =>
          kernel.scatterWeighted(value.at, made.at, rows, at, weights.at, index.length, count, terms, width, scalarBytes),
        ),
      ),
  }
}

function withRows(shape: readonly number[], rows: number): number[] {
  const other = shape.slice()
  other[0] = rows
  return other
}

/** Scalars in a row. */
function widthOf(shape: readonly number[]): number {
  let width = 1
  for (let axis = 1; axis < shape.length; axis++) width *= shape[axis]!
  return width
}
