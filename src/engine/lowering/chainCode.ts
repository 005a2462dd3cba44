import { operandKinds, operationCode } from './codes.js'
import { contracted, type Operation } from './contract.js'
import type { Chain } from './item.js'
import { operandForm, type OperandForm } from './operand.js'
import type { Places } from './places.js'
import { cutOf, storedNodes, type Plan } from './plan.js'
import { product, squeezed, type View } from './view.js'
import { wordsOf } from './words.js'

interface ChainCode {
  readonly words: readonly number[]
  /** Tiles needed. */
  readonly tiles: number
  readonly text: string
}

/** The words of an element-wise instruction after its code. */
export function chainCode(plan: Plan, chain: Chain, places: Places): ChainCode {
  const { chains, graph } = plan
  const sizes = squeezed(graph.nodes[chain.nodes[0]!]!.shape)
  const cut = cutOf(plan, chain)
  const stored = storedNodes(plan, chain)
  const operations = contracted(plan, chain, stored)
  const isInternal = (view: View): boolean => chains.isInternal(chain, view)

  const operands = new Operands(cut)
  for (const { inputs } of operations) for (const view of inputs) if (!isInternal(view)) operands.slotOf(view)
  // Tiles: first those of operands, then of values that stay in the chain.
  let tiles = 0
  const operandWords = operands.list.flatMap(({ view, form: { kind, rowStride } }) =>
    wordsOf('operand', { kind: operandKinds[kind], from: places.address(view), rowStride, tile: kind === 'full' ? 0 : tiles++ }),
  )
  const tileOf = assignTiles(operations, stored, tiles)
  tiles = Math.max(tiles, ...[...tileOf.values()].map((tile) => tile + 1))

  const count = operands.list.length
  const slotOfValue = (node: number): number => (stored.includes(node) ? count + tiles + stored.indexOf(node) : count + tileOf.get(node)!)
  const slotOf = (view: View): number => (isInternal(view) ? slotOfValue(view.root) : operands.slotOf(view))
  const nameOf = (node: number): string => (places.has(node) ? places.nameOf(node) : `%${node}`)
  return {
    tiles,
    words: [
      ...wordsOf('elementwise', {
        R: product(sizes.slice(0, cut)),
        C: product(sizes.slice(cut)),
        operands: count,
        tiles,
        results: stored.length,
        operations: operations.length,
      }),
      ...operandWords,
      ...stored.flatMap((node) => wordsOf('result', { to: places.addressOf(node) })),
      ...operations.flatMap(({ name, node, inputs }) => {
        const [a = 0, b = 0, c = 0] = inputs.map(slotOf)
        return wordsOf('operation', { code: operationCode(name), to: slotOfValue(node), a, b, c })
      }),
    ],
    text: operations
      .map(({ name, node, inputs }) => {
        const from = inputs.map((view) => (isInternal(view) ? nameOf(view.root) : describe(view, cut, places)))
        return `${nameOf(node)} = ${name} ${from.join(' ')}`
      })
      .join('; '),
  }
}

/** What a chain reads from outside, each once however often it is read. */
class Operands {
  readonly list: { readonly view: View; readonly form: OperandForm }[] = []
  readonly #slots = new Map<string, number>()

  constructor(readonly cut: number) {}

  slotOf(view: View): number {
    const form = operandForm(view, this.cut)!
    const key = `${view.root} ${view.offset} ${form.kind} ${form.rowStride}`
    let slot = this.#slots.get(key)
    if (slot === undefined) this.#slots.set(key, (slot = this.list.push({ view, form }) - 1))
    return slot
  }
}

/** Gives each value of a chain that is not stored a tile, from number `next` on, which is free again after its last use. */
function assignTiles(operations: readonly Operation[], stored: readonly number[], next: number): Map<number, number> {
  const lastUse = new Map<number, number>()
  operations.forEach(({ inputs }, at) => {
    for (const { root } of inputs) lastUse.set(root, at)
  })
  const free: number[] = []
  const tileOf = new Map<number, number>()
  operations.forEach(({ node, inputs }, at) => {
    for (const { root } of inputs) {
      const tile = tileOf.get(root)
      if (tile !== undefined && lastUse.get(root) === at && !free.includes(tile)) free.push(tile)
    }
    if (!stored.includes(node)) tileOf.set(node, free.pop() ?? next++)
  })
  return tileOf
}

function describe(view: View, cut: number, places: Places): string {
  const { kind, rowStride } = operandForm(view, cut)!
  const where = places.describe(view)
  return kind === 'full' ? where : `${kind}(${where}${kind === 'column' || kind === 'window' ? `, ${rowStride}` : ''})`
}
