import { symbolicSize, type Shape } from '../../graph/shape.js'
import { readsOf, type Chain, type Item, type ProductItem, type ReduceItem } from './item.js'
import { operandForm } from './operand.js'
import { cutOf, storedNodes, type Plan } from './plan.js'
import { isContiguous, noKernel, product, type View } from './view.js'

/** Where an array lives while a program runs: `index` of a constant is its first scalar among the program's constants. */
export interface Buffer {
  readonly kind: 'input' | 'output' | 'slot' | 'constant'
  readonly index: number
}

/** A piece of scratch memory, used by one array after another: `fixed + perRow·rows` scalars. */
export interface Slot {
  fixed: number
  perRow: number
}

export interface BufferAssignment {
  /** By root. */
  readonly buffers: ReadonlyMap<number, Buffer>
  readonly slots: readonly Slot[]
  readonly constants: readonly number[]
  /** Outputs that take the memory of an input that was given away: output number to input number. */
  readonly donations: ReadonlyMap<number, number>
}

/**
 * Gives every array a buffer: outputs their own, the others slots that are used again as soon as their array is not
 * read any more. What is added to goes on in the same buffer where that is allowed, which includes the memory of the
 * inputs `consumed`.
 */
export function assignBuffers(plan: Plan, consumed: ReadonlySet<number>): BufferAssignment {
  const assigner = new Assigner(plan, consumed)
  plan.items.forEach((item, at) => assigner.assign(item, at))
  return assigner.result()
}

class Assigner {
  readonly #buffers = new Map<number, Buffer>()
  readonly #constants: number[] = []
  readonly #arena = new Arena()
  /** By root: the item that reads it last, and all that read it. */
  readonly #lastRead = new Map<number, number>()
  readonly #readers = new Map<number, Item[]>()

  constructor(
    readonly plan: Plan,
    readonly consumed: ReadonlySet<number>,
  ) {
    let inputs = 0
    plan.graph.nodes.forEach((node, i) => {
      if (node.op === 'input') this.#buffers.set(i, { kind: 'input', index: inputs++ })
      if (node.op === 'constant') {
        this.#buffers.set(i, { kind: 'constant', index: this.#constants.length })
        this.#constants.push(...node.values)
      }
    })
    plan.items.forEach((item, at) => {
      for (const root of readsOf(item, plan.chains)) {
        this.#lastRead.set(root, at)
        const known = this.#readers.get(root)
        if (known) known.push(item)
        else this.#readers.set(root, [item])
      }
    })
  }

  /** Buffers for what item number `at` makes; then those are free that were read for the last time. */
  assign(item: Item, at: number): void {
    const { chains, outputs } = this.plan
    const made = item.kind === 'chain' ? storedNodes(this.plan, item) : [item.root]
    for (const root of made) this.#buffers.set(root, this.#inPlace(root, item, at) ?? this.#fresh(root))
    const kept = new Set(made.map((root) => this.#buffers.get(root)!))
    for (const root of new Set([...readsOf(item, chains), ...made])) {
      const old = this.#buffers.get(root)!
      const dead = (this.#lastRead.get(root) ?? -1) <= at && !outputs.includes(root)
      if (dead && old.kind === 'slot' && (made.includes(root) || !kept.has(old))) this.#arena.give(old.index)
    }
  }

  result(): BufferAssignment {
    const donations = new Map<number, number>()
    this.plan.outputs.forEach((root, output) => {
      const { kind, index } = this.#buffers.get(root)!
      if (kind === 'input') donations.set(output, index)
    })
    return { buffers: this.#buffers, slots: this.#arena.slots, constants: this.#constants, donations }
  }

  #fresh(root: number): Buffer {
    const output = this.#outputOf(root)
    return output >= 0 ? { kind: 'output', index: output } : { kind: 'slot', index: this.#arena.take(this.plan.shapes.get(root)!) }
  }

  /** The output that an array is added up to, if it is used for nothing else; else −1. */
  #outputOf(root: number): number {
    const output = this.plan.outputs.indexOf(root)
    if (output >= 0) return output
    const [reader, ...others] = this.#readers.get(root) ?? []
    if (!reader || others.length > 0 || !('start' in reader) || !reader.start || !this.#isWhole(reader.start, root)) return -1
    return this.#reads(reader, root) > 1 ? -1 : this.#outputOf(reader.root)
  }

  /** The buffer of an operand that ends its life here and that the result may overwrite. */
  #inPlace(root: number, item: Item, at: number): Buffer | undefined {
    if (item.kind === 'product' || item.kind === 'reduce') return this.#continued(root, item, at)
    return item.kind === 'chain' ? this.#overwritten(root, item, at) : undefined
  }

  /** The buffer of what a product or a sum is added to. */
  #continued(root: number, item: ProductItem | ReduceItem, at: number): Buffer | undefined {
    const { start } = item
    if (!start || this.#reads(item, start.root) > 1) return undefined
    const old = this.#ending(start, root, at)
    // What is added up in scratch memory still has to arrive in the output.
    return old?.kind === 'slot' && this.plan.outputs.includes(root) ? undefined : old
  }

  /** The slot of an operand of a chain with one result: that is written last, when all operands have been read. */
  #overwritten(root: number, item: Chain, at: number): Buffer | undefined {
    const { chains, outputs } = this.plan
    if (outputs.includes(root) || storedNodes(this.plan, item).length !== 1) return undefined
    const cut = cutOf(this.plan, item)
    const isFull = (view: View): boolean => operandForm(view, cut)?.kind === 'full'
    const operands = item.nodes.flatMap((node) => chains.operands(node))
    for (const view of operands) {
      if (chains.isInternal(item, view) || !isFull(view) || this.#buffers.get(view.root)!.kind !== 'slot') continue
      if (operands.some((other) => other.root === view.root && (!isFull(other) || other.offset !== 0))) continue
      const old = this.#ending(view, root, at)
      if (old) return old
    }
    return undefined
  }

  /** The buffer of all of an array that is read for the last time and has the size of the result. */
  #ending(view: View, root: number, at: number): Buffer | undefined {
    const { outputs, shapes } = this.plan
    const old = this.#buffers.get(view.root)!
    const isFree =
      this.#lastRead.get(view.root) === at &&
      !outputs.includes(view.root) &&
      this.#isWhole(view, view.root) &&
      product(view.shape) === product(shapes.get(root)!)
    if (!isFree || old.kind === 'constant' || (old.kind === 'input' && !this.consumed.has(old.index))) return undefined
    return old
  }

  #reads(item: Item, root: number): number {
    return readsOf(item, this.plan.chains).filter((read) => read === root).length
  }

  #isWhole(view: View, root: number): boolean {
    return view.root === root && view.offset === 0 && isContiguous(view) && product(view.shape) === product(this.plan.shapes.get(root)!)
  }
}

/** Scratch memory, in slots. */
class Arena {
  readonly slots: Slot[] = []
  readonly #free = new Set<number>()

  /** A free slot for an array: the smallest that is large enough, else the largest, made larger. */
  take(shape: Shape): number {
    const { coefficient, degree } = symbolicSize(shape)
    if (degree > 1) throw noKernel('arrays whose size grows with the square of the rows')
    const sizeOf = (slot: number): number => (degree === 1 ? this.slots[slot]!.perRow : this.slots[slot]!.fixed)
    let [enough, largest]: (number | undefined)[] = []
    for (const free of this.#free) {
      if ((degree === 1 ? this.slots[free]!.fixed : this.slots[free]!.perRow) !== 0) continue
      const size = sizeOf(free)
      if (size >= coefficient && (enough === undefined || size < sizeOf(enough))) enough = free
      if (largest === undefined || size > sizeOf(largest)) largest = free
    }
    const slot = enough ?? largest ?? this.slots.push({ fixed: 0, perRow: 0 }) - 1
    this.#free.delete(slot)
    const at = this.slots[slot]!
    if (degree === 1) at.perRow = Math.max(at.perRow, coefficient)
    else at.fixed = Math.max(at.fixed, coefficient)
    return slot
  }

  give(slot: number): void {
    this.#free.add(slot)
  }
}
