import type { Op } from '../../graph/ops.js'
import { sameShape } from '../../graph/shape.js'
import { operationCode, type operations } from './codes.js'
import type { Chain } from './item.js'
import { operandForm, operandKinds } from './operand.js'
import { storedNodes, type Place } from './place.js'
import type { Plan } from './plan.js'
import { product, squeezed, type View } from './view.js'

/** The smallest cut at which all operands of a chain have a form: the widest rows. */
export function cutOf(plan: Pick<Plan, 'chains'>, chain: Chain): number {
  const cuts = plan.chains.cuts(chain)
  return 31 - Math.clz32(cuts & -cuts)
}

interface Operation {
  readonly name: (typeof operations)[number]
  readonly node: number
  readonly inputs: readonly View[]
}

export interface ChainCode {
  readonly words: readonly number[]
  /** Tiles needed. */
  readonly tiles: number
  readonly text: string
}

/** The words of an element-wise instruction after its code. `address` gives the words place and offset of a view. */
export function chainCode(
  plan: Plan,
  chain: Chain,
  places: ReadonlyMap<number, Place>,
  address: (root: number, offset: number) => readonly [number, number],
  name: (root: number) => string,
): ChainCode {
  const { chains, graph } = plan
  const sizes = squeezed(graph.nodes[chain.nodes[0]!]!.shape)
  const cut = cutOf(plan, chain)
  const [R, C] = [product(sizes.slice(0, cut)), product(sizes.slice(cut))]
  const stored = storedNodes(plan, chain)
  const list = contracted(plan, chain, stored)

  const operands: { words: number[]; tiled: boolean }[] = []
  const operandOf = new Map<string, number>()
  const slotOfOperand = (view: View): number => {
    const form = operandForm(view, cut)!
    const key = `${view.root} ${view.offset} ${form.kind} ${form.rowStride}`
    let slot = operandOf.get(key)
    if (slot === undefined) {
      slot =
        operands.push({
          words: [operandKinds[form.kind], ...address(view.root, view.offset), form.rowStride],
          tiled: form.kind !== 'full',
        }) - 1
      operandOf.set(key, slot)
    }
    return slot
  }
  for (const { inputs } of list) for (const view of inputs) if (!chains.isInternal(chain, view)) slotOfOperand(view)

  // Tiles: first those of operands, then of values that stay in the chain, each free again after its last use.
  let tiles = 0
  const operandWords = operands.flatMap(({ words, tiled }) => [...words, tiled ? tiles++ : 0])
  const lastUse = new Map<number, number>()
  list.forEach(({ inputs }, at) => {
    for (const { root } of inputs) lastUse.set(root, at)
  })
  const free: number[] = []
  const tileOf = new Map<number, number>()
  const coded = list.map(({ name: operation, node, inputs }, at) => {
    const from = inputs.map((view) => {
      if (!chains.isInternal(chain, view)) return { operand: slotOfOperand(view) }
      const result = stored.indexOf(view.root)
      return result >= 0 ? { result } : { tile: tileOf.get(view.root)! }
    })
    for (const { root } of new Set(inputs)) {
      const tile = tileOf.get(root)
      if (tile !== undefined && lastUse.get(root) === at && !free.includes(tile)) free.push(tile)
    }
    const result = stored.indexOf(node)
    if (result >= 0) return { operation, from, to: { result } }
    const tile = free.pop() ?? tiles++
    tileOf.set(node, tile)
    return { operation, from, to: { tile } }
  })
  const slot = (s: { operand?: number; tile?: number; result?: number }): number =>
    s.operand ?? (s.tile === undefined ? operands.length + tiles + s.result! : operands.length + s.tile)
  return {
    tiles,
    words: [
      R,
      C,
      operands.length,
      tiles,
      stored.length,
      list.length,
      ...operandWords,
      ...stored.flatMap((node, i) => [slot({ result: i }), operandKinds.full, ...address(node, 0), 0]),
      ...coded.flatMap(({ operation, from, to }) => {
        const slots = from.map(slot)
        return [operationCode(operation), slot(to), slots[0] ?? 0, slots[1] ?? 0, slots[2] ?? 0]
      }),
    ],
    text: list
      .map(
        ({ name: operation, node, inputs }) =>
          `${places.has(node) ? name(node) : `%${node}`} = ${operation} ` +
          `${inputs.map((view) => (chains.isInternal(chain, view) ? (places.has(view.root) ? name(view.root) : `%${view.root}`) : describe(view, cut, name))).join(' ')}`,
      )
      .join('; '),
  }
}

function describe(view: View, cut: number, name: (root: number) => string): string {
  const { kind, rowStride } = operandForm(view, cut)!
  const where = `${name(view.root)}${view.offset ? `+${view.offset}` : ''}`
  return kind === 'full' ? where : `${kind}(${where}${kind === 'column' || kind === 'window' ? `, ${rowStride}` : ''})`
}

/** The operations of a chain in order; a product that only one sum or difference needs becomes part of it, and a (1 − b²) is one. */
export function contracted({ chains, graph }: Pick<Plan, 'chains' | 'graph'>, chain: Chain, stored: readonly number[]): Operation[] {
  const uses = new Map<number, number>()
  for (const node of chain.nodes) for (const { root } of chains.operands(node)) uses.set(root, (uses.get(root) ?? 0) + 1)
  const merged = new Set<number>()
  const made = new Map<number, Operation>()
  /** Whether a value is only added to something or taken from it: a product then becomes part of that. */
  const isTerm = (node: number): boolean =>
    uses.get(node) === 1 &&
    !stored.includes(node) &&
    chain.nodes.some((other) => ['add', 'sub'].includes(graph.nodes[other]!.op) && chains.operands(other).some(({ root }) => root === node))
  const isPart = (view: View): boolean => chains.isInternal(chain, view) && uses.get(view.root) === 1 && !stored.includes(view.root)
  const isOne = ({ root }: View): boolean => {
    const node = graph.nodes[root]!
    return node.op === 'constant' && node.values.length === 1 && node.values[0] === 1
  }
  /** b, if a value is 1 − b² and only this once needed. */
  const rootOfRest = (view: View): View | undefined => {
    const {
      name,
      inputs: [b, again, one],
    } = made.get(view.root) ?? { inputs: [] }
    return name === 'subMul' && isPart(view) && isOne(one!) && sameView(b!, again!) ? b : undefined
  }
  for (const node of chain.nodes) {
    const op = graph.nodes[node]!.op as Op
    const inputs = chains.operands(node)
    const factors = (view: View): readonly View[] | undefined => {
      const { root } = view
      const product = made.get(root)?.name
      if (!isPart(view) || (product !== 'mul' && product !== 'square')) return undefined
      const [first, second = first] = chains.operands(root)
      return [first!, second!]
    }
    let operation: Operation = { name: op as Operation['name'], node, inputs }
    if (op === 'add' || op === 'sub') {
      const [left, right] = inputs as [View, View]
      const [first, second] = [factors(left), factors(right)]
      if (first) {
        operation = { name: op === 'add' ? 'mulAdd' : 'mulSub', node, inputs: [...first, right] }
        merged.add(left.root)
      } else if (second) {
        operation = { name: op === 'add' ? 'mulAdd' : 'subMul', node, inputs: [...second, left] }
        merged.add(right.root)
      }
    }
    if (op === 'mul' && !isTerm(node)) {
      const [left, right] = inputs as [View, View]
      const [first, second] = [rootOfRest(left), rootOfRest(right)]
      if (first || second) {
        operation = { name: 'tanhPullback', node, inputs: second ? [left, second] : [right, first!] }
        merged.add(second ? right.root : left.root)
      }
    }
    made.set(node, operation)
  }
  return chain.nodes.filter((node) => !merged.has(node)).map((node) => made.get(node)!)
}

const sameView = (a: View, b: View): boolean =>
  a.root === b.root && a.offset === b.offset && sameShape(a.shape, b.shape) && sameShape(a.strides, b.strides)
