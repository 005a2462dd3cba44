import { EngineError } from '../../errors.js'
import { sizeOf } from '../../graph/shape.js'
import type { Dtype, FloatArray, Stack, Value } from '../engine.js'
import { Heap, sizeClass } from './heap.js'
import { requirePart } from '../checked/shapes.js'
import { BLOCK, type Kernel } from './kernel.js'
import type { Pack } from '../lowering/item.js'

/** Freed arrays lie nowhere. */
export const nowhere = -1

/** What holds a piece of the kernel's memory; sizes are classes of the heap. */
abstract class Held {
  constructor(
    readonly owner: object,
    readonly shape: readonly number[],
    public at: number,
    readonly size: number,
  ) {}
}

/** An array in the kernel's memory. */
export class KernelValue extends Held implements Value {
  /** Matrices packed for products: number of columns, transposed or not, and where they lie. */
  packs: { readonly n: number; readonly transposed: boolean; readonly at: number; readonly size: number }[] | undefined
}

/** The size of what lies in another's memory. */
const borrowed = -1

/** Arrays of shape `shape`, each `pitch` blocks behind the one before. */
export class KernelStack extends Held implements Stack {
  /** @param whole the stack that this one is a part of */
  constructor(
    owner: object,
    shape: readonly number[],
    at: number,
    size: number,
    readonly steps: number,
    readonly pitch: number,
    readonly whole?: KernelStack,
  ) {
    super(owner, shape, at, size)
  }

  get isFreed(): boolean {
    return (this.whole ?? this).at === nowhere
  }

  part(from: number, to: number): KernelStack {
    requirePart(this, from, to)
    if (this.isFreed) throw new EngineError('Freed', 'A stack to take a part of was freed.')
    return new KernelStack(this.owner, this.shape, this.at + from * this.pitch, borrowed, to - from, this.pitch, this.whole ?? this)
  }
}

/** The memory of a kernel and what lies in it: arrays, stacks, packed matrices. */
export class KernelMemory {
  readonly heap: Heap
  readonly scalarBytes: 4 | 8
  /** Where the arguments of a run are listed, and what it works in. */
  readonly args = { at: 0, blocks: 0 }
  readonly scratch = { at: 0, blocks: 0 }
  alive = 0
  disposed = false
  readonly #owner = {}

  constructor(
    readonly kernel: Kernel,
    readonly dtype: Dtype,
  ) {
    this.heap = new Heap(kernel)
    this.scalarBytes = dtype === 'float32' ? 4 : 8
  }

  blocksOf(scalars: number): number {
    return Math.ceil((scalars * this.scalarBytes) / BLOCK) || 1
  }

  /** The whole memory as scalars; good until memory is taken again. */
  get scalars(): FloatArray {
    return this.dtype === 'float32' ? this.heap.f32 : this.heap.f64
  }

  /** The scalars of an array; likewise. */
  view(at: number, shape: readonly number[]): FloatArray {
    const start = (at * BLOCK) / this.scalarBytes
    return this.scalars.subarray(start, start + sizeOf(shape))
  }

  /** Copies an array of a shape from one place to another. */
  copy(from: number, to: number, shape: readonly number[]): void {
    const scale = BLOCK / this.scalarBytes
    this.scalars.copyWithin(to * scale, from * scale, from * scale + sizeOf(shape))
  }

  reserve(region: { at: number; blocks: number }, blocks: number): void {
    if (blocks <= region.blocks) return
    if (region.blocks > 0) this.heap.give(region.at, sizeClass(region.blocks))
    region.blocks = 0
    region.at = this.heap.take(sizeClass(blocks))
    region.blocks = blocks
  }

  /** An array at a place that was taken for it. */
  make(shape: readonly number[], at: number, size: number): KernelValue {
    const value = new KernelValue(this.#owner, shape, at, size)
    this.alive++
    return value
  }

  create(shape: readonly number[]): KernelValue {
    const size = sizeClass(this.blocksOf(sizeOf(shape)))
    return this.make(shape, this.heap.take(size), size)
  }

  /** @param more how many more arrays there is room for behind the last */
  createStack(steps: number, shape: readonly number[], more = 0): KernelStack {
    const pitch = this.blocksOf(sizeOf(shape))
    const size = sizeClass((steps + more) * pitch)
    const stack = new KernelStack(this.#owner, shape, this.heap.take(size), size, steps, pitch)
    this.alive++
    return stack
  }

  owns(value: unknown): value is KernelValue {
    return value instanceof KernelValue && value.owner === this.#owner && value.at !== nowhere
  }

  ownsStack(stack: unknown): stack is KernelStack {
    return stack instanceof KernelStack && stack.owner === this.#owner && !stack.isFreed
  }

  /** Whether it was made here, and freed. */
  wasFreed(held: unknown): boolean {
    return held instanceof Held && held.owner === this.#owner && (held instanceof KernelStack ? held.isFreed : held.at === nowhere)
  }

  /** Frees arrays and stacks; those that are freed already stay so. */
  release(held: Held): void {
    if (held.at === nowhere || held.size === borrowed) return
    this.heap.give(held.at, held.size)
    if (held instanceof KernelValue) this.dropPacks(held)
    this.forget(held)
  }

  /** As `release`, but the memory is another's now. */
  forget(held: Held): void {
    held.at = nowhere
    this.alive--
  }

  dropPacks(value: KernelValue): void {
    if (value.packs === undefined) return
    for (const pack of value.packs) this.heap.give(pack.at, pack.size)
    value.packs = undefined
  }

  /** Where a matrix lies in the order that products read, put there now if need be. */
  packed(value: KernelValue, { k, n, transposed }: Pack, size: number): number {
    if (value.packs) for (const pack of value.packs) if (pack.n === n && pack.transposed === transposed) return pack.at
    const at = this.heap.take(size)
    this.kernel.pack(value.at, at, k, n, transposed ? 1 : 0, this.scalarBytes)
    ;(value.packs ??= []).push({ n, transposed, at, size })
    return at
  }
}
