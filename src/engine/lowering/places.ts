import type { BufferAssignment, Buffer } from './bufferAssignment.js'
import type { Pack } from './item.js'
import type { Plan } from './plan.js'
import type { View } from './view.js'
import type { Address } from './words.js'

/** The table of places of a program: [inputs…, outputs…, packs…, slots…, constants], their numbers and their names. */
export class Places {
  readonly inputs: number
  readonly outputs: number

  constructor(
    readonly plan: Plan,
    readonly assignment: BufferAssignment,
    readonly packs: readonly Pack[],
    readonly slots: number,
  ) {
    this.inputs = plan.graph.nodes.filter(({ op }) => op === 'input').length
    this.outputs = plan.outputs.length
  }

  /** Whether an array lies in memory: values within a chain do not. */
  has(root: number): boolean {
    return this.assignment.buffers.has(root)
  }

  numberOf({ kind, index }: Buffer): number {
    switch (kind) {
      case 'input':
        return index
      case 'output':
        return this.inputs + index
      case 'slot':
        return this.inputs + this.outputs + this.packs.length + index
      case 'constant':
        return this.inputs + this.outputs + this.packs.length + this.slots
    }
  }

  numberOfPack(pack: Pack): number {
    return this.inputs + this.outputs + findPack(this.packs, pack)
  }

  addressOf(root: number, offset = 0): Address {
    const buffer = this.assignment.buffers.get(root)!
    return [this.numberOf(buffer), buffer.kind === 'constant' ? buffer.index + offset : offset]
  }

  address({ root, offset }: View): Address {
    return this.addressOf(root, offset)
  }

  nameOf(root: number): string {
    const { kind, index } = this.assignment.buffers.get(root)!
    const node = this.plan.graph.nodes[root]
    switch (kind) {
      case 'input':
        return node?.op === 'input' ? JSON.stringify(node.name) : `input${index}`
      case 'output':
        return `out${index}`
      case 'slot':
        return `s${index}`
      case 'constant':
        return node?.op === 'constant' && node.values.length === 1 ? String(node.values[0]) : `c${index}`
    }
  }

  describe({ root, offset }: View): string {
    return `${this.nameOf(root)}${offset ? `+${offset}` : ''}`
  }
}

/** The matrices that a plan's products read packed, each once. */
export function packsOf({ items }: Plan): Pack[] {
  const packs: Pack[] = []
  for (const item of items) if (item.kind === 'product' && item.pack && findPack(packs, item.pack) < 0) packs.push(item.pack)
  return packs
}

const findPack = (packs: readonly Pack[], { input, k, n, transposed }: Pack): number =>
  packs.findIndex((other) => other.input === input && other.k === k && other.n === n && other.transposed === transposed)
