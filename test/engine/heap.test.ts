import { describe, expect, it } from 'vitest'
import { Heap, sizeClass } from '../../src/engine/kernel/heap.js'
import { BLOCK, type Kernel } from '../../src/engine/kernel/kernel.js'
import { random } from '../../src/random.js'

/** A kernel that has memory and nothing else, `most` blocks of it at most. Nothing is written, so it need not be there. */
function memory(most = Infinity): Kernel {
  let blocks = 0
  return {
    buffer: new ArrayBuffer(0),
    base: 0,
    get blocks() {
      return blocks
    },
    grow(needed: number) {
      if (needed > most) throw new RangeError('no more memory')
      blocks = needed + 1
    },
  } as unknown as Kernel
}

/** Block sizes of every kind, a whole number of doublings, so that they are what their class has. */
const sizeOf = (doubling: number): number => 2 ** doubling

describe('the heap', () => {
  it('never hands out what is in use', () => {
    const heap = new Heap(memory())
    const stream = random(1, 'heap')
    const inUse: { at: number; blocks: number }[] = []
    for (let i = 0; i < 3000; i++) {
      if (inUse.length > 0 && stream.uniform() < 0.48) {
        const [{ at, blocks }] = inUse.splice(stream.integer(inUse.length), 1) as [{ at: number; blocks: number }]
        heap.give(at, sizeClass(blocks))
        continue
      }
      const blocks = sizeOf(stream.integer(14))
      const at = heap.take(sizeClass(blocks))
      expect(inUse.find((other) => at < other.at + other.blocks && other.at < at + blocks)).toBeUndefined()
      inUse.push({ at, blocks })
    }
    const end = Math.max(...inUse.map(({ at, blocks }) => at + blocks))
    expect(heap.bytes).toBeGreaterThanOrEqual(end * BLOCK)
  })

  it('asks for no more memory when a computation is repeated', () => {
    const heap = new Heap(memory())
    const round = (): void => {
      const stream = random(2, 'heap')
      const inUse: { at: number; size: number }[] = []
      for (let i = 0; i < 500; i++) {
        if (inUse.length > 0 && stream.uniform() < 0.45) {
          const [{ at, size }] = inUse.splice(stream.integer(inUse.length), 1) as [{ at: number; size: number }]
          heap.give(at, size)
        } else {
          const size = sizeClass(1 + stream.integer(sizeOf(stream.integer(14))))
          inUse.push({ at: heap.take(size), size })
        }
      }
      for (const { at, size } of inUse) heap.give(at, size)
    }
    round()
    const { bytes } = heap
    for (let i = 0; i < 5; i++) round()
    expect(heap.bytes).toBe(bytes)
  })

  it('puts large arrays of another size where large ones were', () => {
    const heap = new Heap(memory())
    const take = (blocks: number): { at: number; size: number } => ({ at: heap.take(sizeClass(blocks)), size: sizeClass(blocks) })
    const free = ({ at, size }: { at: number; size: number }): void => heap.give(at, size)
    const held = [take(2048), take(2048), take(1024), take(8)]
    const { bytes } = heap
    // In an order in which each joins others, below, above or on both sides.
    for (const i of [0, 2, 1]) free(held[i]!)
    const larger = take(5 * 1024)
    expect(heap.bytes).toBe(bytes)
    free(larger)
    const smaller = Array.from({ length: 5 }, () => take(1024))
    expect(heap.bytes).toBe(bytes)
    expect(new Set(smaller.map(({ at }) => at)).size).toBe(5)
  })

  it('grows from a free place at the end', () => {
    const heap = new Heap(memory())
    heap.give(heap.take(sizeClass(2048)), sizeClass(2048))
    heap.take(sizeClass(4096))
    expect(heap.bytes).toBe(4096 * BLOCK)
  })

  it('is whole after memory was refused', () => {
    const heap = new Heap(memory(5000))
    const at = heap.take(sizeClass(4096))
    heap.give(at, sizeClass(4096))
    expect(() => heap.take(sizeClass(8192))).toThrow('no more memory')
    expect(heap.bytes).toBe(4096 * BLOCK)
    expect(heap.take(sizeClass(4096))).toBe(at)
  })
})
