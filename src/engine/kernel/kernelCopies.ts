import { sizeOf } from '../../graph/shape.js'
import { newArray } from '../arrays.js'
import type { RawEngine } from '../rawEngine.js'
import { BLOCK } from './kernel.js'
import type { KernelMemory, KernelStack, KernelValue } from './kernelMemory.js'

/** Numbers up to which it takes less time to copy one by one than to make a view. */
const FEW = 256

/** What copies numbers into the kernel's memory and out of it. */
export function kernelCopies(
  memory: KernelMemory,
): Pick<RawEngine<KernelValue, KernelStack>, 'write' | 'read' | 'readInto' | 'writeStack' | 'readStack'> {
  const { scalarBytes } = memory
  const fillOrFree = (made: KernelValue | KernelStack, fill: () => void): void => {
    try {
      fill()
    } catch (error) {
      memory.release(made)
      throw error
    }
  }
  return {
    write(values, shape) {
      const made = memory.create([...shape])
      if (typeof values === 'function') fillOrFree(made, () => values(memory.view(made.at, shape)))
      else memory.scalars.set(values, (made.at * BLOCK) / scalarBytes)
      return made
    },
    read({ at, shape }, to) {
      const count = sizeOf(shape)
      if (to?.length !== count) return memory.view(at, shape).slice()
      if (count > FEW) to.set(memory.view(at, shape))
      else {
        const { scalars } = memory
        const start = (at * BLOCK) / scalarBytes
        for (let i = 0; i < count; i++) to[i] = scalars[start + i]!
      }
      return to
    },
    readInto({ at, shape }, to) {
      const numbers = memory.view(at, shape)
      let next = 0
      for (const array of to) array.set(numbers.subarray(next, (next += array.length)))
    },
    writeStack(fill, steps, shape) {
      const made = memory.createStack(steps, [...shape])
      fillOrFree(made, () => {
        for (let i = 0; i < steps; i++) fill(i, memory.view(made.at + i * made.pitch, shape))
      })
      return made
    },
    readStack({ at, pitch, steps, shape }) {
      const size = sizeOf(shape)
      const numbers = newArray(memory, steps * size)
      for (let i = 0; i < steps; i++) numbers.set(memory.view(at + i * pitch, shape), i * size)
      return numbers
    },
  }
}
