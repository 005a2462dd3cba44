import { formatShape } from '../../graph/shape.js'
import { chainCode } from './chainCode.js'
import { instructions, operationCode, PACKED_ROWS, reductions, starts } from './codes.js'
import { copyWords } from './copyWords.js'
import type { CopyItem, Item, LuItem, LuSolveItem, ProductItem, ReduceItem, RowsByIndex } from './item.js'
import type { Places } from './places.js'
import { storedNodes, type Plan } from './plan.js'
import { batchStride, product, type View } from './view.js'
import { nowhere, wordsOf } from './words.js'

/** One instruction: its words after the first, the node whose value it makes, the arrays it writes, a line of text. */
export interface Instruction {
  readonly code: number
  readonly words: readonly number[]
  readonly node: number
  readonly roots: readonly number[]
  readonly text: string
  /** Tiles that it works in. */
  readonly tiles?: number
}

/** What a program's instructions are written with. */
export interface Context {
  readonly plan: Plan
  readonly places: Places
  readonly scalarBytes: number
  /** The slot that products pack B in. */
  readonly panelSlot: number
}

/** The instructions of an item. */
export function instructionsOf(item: Item, context: Context): Instruction[] {
  const { plan, places } = context
  switch (item.kind) {
    case 'chain': {
      const { words, tiles, text } = chainCode(plan, item, places)
      const [node, roots] = [item.nodes.at(-1)!, storedNodes(plan, item)]
      return [{ code: instructions.elementwise, words, node, roots, text: `chain   ${text}`, tiles }]
    }
    case 'product':
      return [productInstruction(item, context)]
    case 'reduce':
      return [reduceInstruction(item, context)]
    case 'copy':
      return copyInstructions(item, context)
    case 'gather':
    case 'scatter':
      return [indexInstruction(item, context)]
    case 'rows': {
      const { root, node } = item
      const words = wordsOf('rows', { to: places.addressOf(root) })
      return [{ code: instructions.rows, words, node, roots: [root], text: `rows    ${places.nameOf(root)}` }]
    }
    case 'lu':
      return [luInstruction(item, context)]
    case 'luSolve':
      return [luSolveInstruction(item, context)]
  }
}

function productInstruction(item: ProductItem, { places, scalarBytes, panelSlot }: Context): Instruction {
  const { a, b, pack, start, root, node, epilogue } = item
  const rank = a.shape.length
  const [m, k] = a.shape.slice(-2) as [number, number]
  const step = (view: View, axis: number): number => view.strides[rank + axis]!
  const kind = start === undefined ? 'zero' : step(start, -2) === 0 && m !== 1 ? 'vector' : 'matrix'
  const words = wordsOf('product', {
    batch: product(a.shape.slice(0, -2)),
    m,
    n: b.shape.at(-1)!,
    k,
    a: places.address(a),
    aRow: step(a, -2),
    aColumn: step(a, -1),
    aBatch: batchStride(a)!,
    b: pack ? [places.numberOfPack(pack), 0] : places.address(b),
    bRow: pack ? 0 : step(b, -2),
    bPacked: pack ? 1 : 0,
    bBatch: pack ? 0 : batchStride(b)!,
    c: places.addressOf(root),
    start: starts[kind],
    init: start ? places.address(start) : nowhere,
    initRow: start ? step(start, -2) : 0,
    initBatch: start ? batchStride(start)! : 0,
    panels: panelScalars(item, scalarBytes) > 0 ? places.numberOf({ kind: 'slot', index: panelSlot }) : nowhere[0],
    epilogue: epilogue ? operationCode(epilogue.name) : -1,
    other: epilogue?.other ? places.address(epilogue.other) : nowhere,
  })
  const last = epilogue ? `${epilogue.name}${epilogue.other ? ` by ${places.describe(epilogue.other)}` : ''} of ` : ''
  const first = start ? `${places.describe(start)} + ` : ''
  const right = pack ? `packed ${places.nameOf(b.root)}${pack.transposed ? ' transposed' : ''}` : places.describe(b)
  const text = `product ${places.nameOf(root)} = ${last}${first}${places.describe(a)} · ${right}`
  return { code: instructions.product, words, node, roots: [root], text }
}

/**
 * Scratch scalars that a product needs to pack B in: where its rows lie a multiple of 512 bytes apart, they fall into few
 * sets of the first cache, and reading them as they are costs a third of the speed.
 */
export function panelScalars({ b, pack }: ProductItem, scalarBytes: number): number {
  const [stride, n] = [b.strides.at(-2)!, b.shape.at(-1)!]
  if (pack || stride <= 0 || n <= 0 || (stride * scalarBytes) % 512 !== 0) return 0
  // Columns are filled up to whole vectors, of 16 scalars at most.
  return PACKED_ROWS * Math.ceil(n / 16) * 16
}

function reduceInstruction({ root, node, op, sizes, source, start }: ReduceItem, { places }: Context): Instruction {
  const [outer, middle, inner] = sizes
  const words = wordsOf('reduce', {
    op: reductions[op],
    outer,
    middle,
    inner,
    from: places.address(source),
    to: places.addressOf(root),
    start: start ? places.address(start) : nowhere,
  })
  const first = start ? `${places.describe(start)} + ` : ''
  const text = `${op}     ${places.nameOf(root)} = ${first}${places.describe(source)} over the middle of ${formatShape(sizes)}`
  return { code: instructions.reduce, words, node, roots: [root], text }
}

function copyInstructions({ root, node, zero, parts }: CopyItem, { plan, places }: Context): Instruction[] {
  const name = places.nameOf(root)
  const zeros: Instruction = {
    code: instructions.zero,
    words: wordsOf('zero', { to: places.addressOf(root), count: product(plan.shapes.get(root)!) }),
    node,
    roots: [root],
    text: `zero    ${name}`,
  }
  const copies = parts.map(({ from, offset, strides }): Instruction => ({
    code: instructions.copy,
    words: copyWords(from, strides, places.address(from), places.addressOf(root, offset)),
    node,
    roots: [root],
    text: `copy    ${name}${offset ? `+${offset}` : ''} = ${places.describe(from)} ${formatShape(from.shape)}`,
  }))
  return zero ? [zeros, ...copies] : copies
}

function indexInstruction({ kind, root, node, source, index, width, rows }: RowsByIndex, { places }: Context): Instruction {
  const words = wordsOf('index', {
    from: places.address(source),
    index: places.address(index),
    to: places.addressOf(root),
    count: product(index.shape),
    width,
    rows,
  })
  const text = `${kind}  ${places.nameOf(root)} = ${places.describe(source)} by ${places.describe(index)}`
  return { code: instructions[kind], words, node, roots: [root], text }
}

function luInstruction({ root, node, source }: LuItem, { places }: Context): Instruction {
  const [count, n] = [product(source.shape.slice(0, -2)), source.shape.at(-1)!]
  const words = wordsOf('lu', { count, n, from: places.address(source), to: places.addressOf(root) })
  return { code: instructions.lu, words, node, roots: [root], text: `lu      ${places.nameOf(root)} = ${places.describe(source)}` }
}

function luSolveInstruction({ root, node, factors, source, transposed }: LuSolveItem, { places }: Context): Instruction {
  const words = wordsOf('luSolve', {
    count: product(source.shape.slice(0, -1)),
    n: source.shape.at(-1)!,
    transposed: transposed ? 1 : 0,
    factors: places.address(factors),
    from: places.address(source),
    to: places.addressOf(root),
  })
  const right = `${places.describe(factors)}${transposed ? ' transposed' : ''}`
  const text = `luSolve ${places.nameOf(root)} = ${places.describe(source)} by ${right}`
  return { code: instructions.luSolve, words, node, roots: [root], text }
}
