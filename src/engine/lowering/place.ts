import { symbolicSize, type Shape } from '../../graph/shape.js'
import { noKernel, isContiguous, product, type View } from './view.js'
import { readsOf, type Chain, type Item } from './item.js'
import { operandForm } from './operand.js'
import type { Plan } from './plan.js'

/** Where an array lives while a program runs. */
export type Place =
  | { readonly kind: 'input' | 'output' | 'slot'; readonly index: number }
  /** Among the program's constants, from scalar `index` on. */
  | { readonly kind: 'constant'; readonly index: number }

/** A piece of scratch memory, used by one array after another: `fixed + perRow·rows` scalars. */
export interface Slot {
  fixed: number
  perRow: number
}

export interface Placement {
  /** By root. */
  readonly places: ReadonlyMap<number, Place>
  readonly slots: readonly Slot[]
  readonly constants: readonly number[]
  /** Outputs that take the memory of an input that was given away: output number to input number. */
  readonly donations: ReadonlyMap<number, number>
}

/**
 * Gives every array a place: outputs their own, the others slots that are used again as soon as their array is not
 * read any more. What is added to goes on in the same place where that is allowed, which includes the memory of the
 * inputs `consumed`.
 */
export function placeArrays(plan: Plan, consumed: ReadonlySet<number>, cutOf: (chain: Chain) => number): Placement {
  const { graph, items, shapes, outputs, chains } = plan
  const places = new Map<number, Place>()
  const constants: number[] = []
  let inputs = 0
  graph.nodes.forEach((node, i) => {
    if (node.op === 'input') places.set(i, { kind: 'input', index: inputs++ })
    if (node.op === 'constant') {
      places.set(i, { kind: 'constant', index: constants.length })
      constants.push(...node.values)
    }
  })
  const lastRead = new Map<number, number>()
  const readers = new Map<number, Item[]>()
  items.forEach((item, at) => {
    for (const root of readsOf(item, chains)) {
      lastRead.set(root, at)
      const known = readers.get(root)
      if (known) known.push(item)
      else readers.set(root, [item])
    }
  })
  const slots = new Slots()
  const donations = new Map<number, number>()

  /** The output that an array is added up to, if it is used for nothing else. */
  function outputOf(root: number): number {
    const output = outputs.indexOf(root)
    if (output >= 0) return output
    const [reader, ...others] = readers.get(root) ?? []
    if (
      others.length > 0 ||
      !reader ||
      !('start' in reader) ||
      !isWhole(reader.start!, root) ||
      readsOf(reader, chains).filter((read) => read === root).length > 1
    )
      return -1
    return outputOf(reader.root)
  }
  const isWhole = (view: View, root: number): boolean =>
    view.root === root && view.offset === 0 && isContiguous(view) && product(view.shape) === product(shapes.get(root)!)

  function place(root: number, item: Item, at: number): Place {
    const continued = inPlace(root, item, at)
    if (continued) return continued
    const output = outputOf(root)
    if (output >= 0) return { kind: 'output', index: output }
    return { kind: 'slot', index: slots.take(shapes.get(root)!) }
  }

  /** The place of an operand that ends its life here and that the result may overwrite. */
  function inPlace(root: number, item: Item, at: number): Place | undefined {
    const ends = (view: View): Place | undefined => {
      const old = places.get(view.root)!
      const free =
        lastRead.get(view.root) === at &&
        !outputs.includes(view.root) &&
        isWhole(view, view.root) &&
        product(view.shape) === product(shapes.get(root)!)
      return free && (old.kind === 'slot' || old.kind === 'output' || (old.kind === 'input' && consumed.has(old.index))) ? old : undefined
    }
    if (item.kind === 'product' || item.kind === 'reduce') {
      const { start } = item
      if (!start || readsOf(item, chains).filter((read) => read === start.root).length > 1) return undefined
      const old = ends(start)
      // What is added up in scratch memory still has to arrive in the output.
      return old?.kind === 'slot' && outputs.includes(root) ? undefined : old
    }
    // A chain with one result writes it last, when all of its operands have been read.
    if (item.kind !== 'chain' || outputs.includes(root) || storedNodes(plan, item).length !== 1) return undefined
    const cut = cutOf(item)
    for (const node of item.nodes) {
      for (const view of chains.operands(node)) {
        if (chains.isInternal(item, view) || operandForm(view, cut)?.kind !== 'full' || places.get(view.root)!.kind !== 'slot') continue
        const forms = item.nodes.flatMap((other) => chains.operands(other)).filter((other) => other.root === view.root)
        if (forms.some((other) => operandForm(other, cut)?.kind !== 'full' || other.offset !== 0)) continue
        const old = ends(view)
        if (old) return old
      }
    }
    return undefined
  }

  items.forEach((item, at) => {
    const made = item.kind === 'chain' ? storedNodes(plan, item) : [item.root]
    for (const root of made) places.set(root, place(root, item, at))
    const kept = new Set(made.map((root) => places.get(root)!))
    for (const root of new Set([...readsOf(item, chains), ...made])) {
      const old = places.get(root)!
      const dead = (lastRead.get(root) ?? -1) <= at && !outputs.includes(root)
      if (dead && old.kind === 'slot' && (made.includes(root) || !kept.has(old))) slots.give(old.index)
    }
  })
  outputs.forEach((root, output) => {
    const { kind, index } = places.get(root)!
    if (kind === 'input') donations.set(output, index)
  })
  return { places, slots: slots.list, constants, donations }
}

/** Nodes of a chain whose values are needed in memory: other items read them, or they are outputs. */
export function storedNodes({ items, outputs, chains }: Pick<Plan, 'items' | 'outputs' | 'chains'>, chain: Chain): number[] {
  const outside = readElsewhere(items, chains)
  return chain.nodes.filter((node) => outputs.includes(node) || outside.has(node))
}

const known = new WeakMap<readonly Item[], Set<number>>()

/** Roots that are read by an item other than the one that makes them. */
function readElsewhere(items: readonly Item[], chains: Plan['chains']): Set<number> {
  let found = known.get(items)
  if (!found) known.set(items, (found = new Set(items.flatMap((item) => readsOf(item, chains)))))
  return found
}

class Slots {
  readonly list: Slot[] = []
  readonly #free = new Set<number>()

  /** A free slot for an array: the smallest that is large enough, else the largest, made larger. */
  take(shape: Shape): number {
    const { coefficient, degree } = symbolicSize(shape)
    if (degree > 1) throw noKernel('arrays whose size grows with the square of the rows')
    const sizeOf = (slot: number): number => (degree === 1 ? this.list[slot]!.perRow : this.list[slot]!.fixed)
    let [enough, largest]: (number | undefined)[] = []
    for (const free of this.#free) {
      if ((degree === 1 ? this.list[free]!.fixed : this.list[free]!.perRow) !== 0) continue
      const size = sizeOf(free)
      if (size >= coefficient && (enough === undefined || size < sizeOf(enough))) enough = free
      if (largest === undefined || size > sizeOf(largest)) largest = free
    }
    const slot = enough ?? largest ?? this.list.push({ fixed: 0, perRow: 0 }) - 1
    this.#free.delete(slot)
    const at = this.list[slot]!
    if (degree === 1) at.perRow = Math.max(at.perRow, coefficient)
    else at.fixed = Math.max(at.fixed, coefficient)
    return slot
  }

  give(slot: number): void {
    this.#free.add(slot)
  }
}
