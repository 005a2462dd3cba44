import { formatShape } from '../../graph/shape.js'
import { formatNode } from '../../graph/text.js'
import type { Graph } from '../../graph/graph.js'
import { chainCode, cutOf } from './chainCode.js'
import { FORMAT, HEADER_WORDS, instructions, operationCode, PACKED_ROWS, starts } from './codes.js'
import { copyCode } from './copyCode.js'
import type { Item, Pack, ProductItem } from './item.js'
import { placeArrays, storedNodes, type Place } from './place.js'
import { batchStride, planGraph } from './plan.js'
import type { InstructionInfo, Program } from './program.js'
import { product, type View } from './view.js'

/** Options of {@link lower}. */
export interface LowerOptions {
  /** Bytes of a scalar: 4 or 8. */
  readonly scalarBytes: 4 | 8
  /** Numbers of the inputs that each run uses up: results may take their memory. */
  readonly consumed?: ReadonlySet<number>
  /** Numbers of the inputs whose numbers change from run to run although no array is written anew: they are not packed. */
  readonly varying?: ReadonlySet<number>
  /** One instruction for each element-wise node, so that what it makes can be looked at. Default false. */
  readonly separate?: boolean
}

/**
 * Lowers a Graph to a program of the kernel.
 *
 * @param graph a Graph
 * @param options the size of a scalar, and what may be overwritten
 * @throws EngineError `NoKernel` for what the kernel has no instruction for
 */
export function lower(graph: Graph, { scalarBytes, consumed = new Set(), varying, separate = false }: LowerOptions): Program {
  const plan = planGraph(graph, separate, varying)
  const { places, slots: arrays, constants, donations } = placeArrays(plan, consumed, (chain) => cutOf(plan, chain))
  const inputs = plan.graph.nodes.filter(({ op }) => op === 'input').length
  const outputs = plan.outputs.length
  const packs: Pack[] = []
  for (const item of plan.items) if (item.kind === 'product' && item.pack && findPack(packs, item.pack) < 0) packs.push(item.pack)

  // One piece of scratch for all products that pack what they read.
  const packed = Math.max(0, ...plan.items.map((item) => (item.kind === 'product' ? packedScalars(item, scalarBytes) : 0)))
  const slots = packed > 0 ? [...arrays, { fixed: packed, perRow: 0 }] : arrays
  const numberOf = (place: Place): number =>
    ({ input: 0, output: inputs, slot: inputs + outputs + packs.length, constant: inputs + outputs + packs.length + slots.length })[
      place.kind
    ] + (place.kind === 'constant' ? 0 : place.index)
  const address = (root: number, offset: number): readonly [number, number] => {
    const place = places.get(root)!
    return [numberOf(place), place.kind === 'constant' ? place.index + offset : offset]
  }
  const nameOf = (root: number): string => {
    const place = places.get(root)!
    const node = plan.graph.nodes[root]
    if (place.kind === 'input') return node?.op === 'input' ? JSON.stringify(node.name) : `input${place.index}`
    if (place.kind === 'output') return `out${place.index}`
    if (place.kind === 'slot') return `s${place.index}`
    return node?.op === 'constant' && node.values.length === 1 ? String(node.values[0]) : `c${place.index}`
  }
  const of = (view: View): string => `${nameOf(view.root)}${view.offset ? `+${view.offset}` : ''}`

  const code: number[] = []
  const infos: InstructionInfo[] = []
  let tiles = 0
  const emit = (instruction: number, words: readonly number[], node: number, roots: readonly number[], text: string): void => {
    code.push(instruction | ((words.length + 1) << 8), ...words)
    infos.push({ node, writes: roots.map((root) => ({ place: numberOf(places.get(root)!), shape: plan.shapes.get(root)! })), text })
  }

  function productCode(item: ProductItem): void {
    const { a, b, pack, start, root, node, end } = item
    const rank = a.shape.length
    const [m, k] = a.shape.slice(-2) as [number, number]
    const n = b.shape.at(-1)!
    const step = (view: View, axis: number): number => view.strides[rank + axis]!
    const kind = start === undefined ? 'zero' : step(start, -2) === 0 && m !== 1 ? 'vector' : 'matrix'
    const bWords = pack
      ? [inputs + outputs + findPack(packs, pack), 0, 0, 1, 0]
      : [...address(b.root, b.offset), step(b, -2), 0, batchStride(b)!]
    const cRow = n
    emit(
      instructions.product,
      [
        product(a.shape.slice(0, -2)),
        m,
        n,
        k,
        ...address(a.root, a.offset),
        step(a, -2),
        step(a, -1),
        batchStride(a)!,
        ...bWords,
        ...address(root, 0),
        cRow,
        product([m, n]),
        starts[kind],
        ...(start ? [...address(start.root, start.offset), step(start, -2), batchStride(start)!] : [0, 0, 0, 0]),
        packedScalars(item, scalarBytes) > 0 ? numberOf({ kind: 'slot', index: arrays.length }) : -1,
        end ? operationCode(end.name) : -1,
        ...(end?.other ? address(end.other.root, end.other.offset) : [-1, 0]),
      ],
      node,
      [root],
      `product ${nameOf(root)} = ` +
        `${end ? `${end.name}${end.other ? ` by ${of(end.other)}` : ''} of ` : ''}${start ? `${of(start)} + ` : ''}${of(a)} · ` +
        `${pack ? `packed ${nameOf(b.root)}${pack.transposed ? ' transposed' : ''}` : of(b)}`,
    )
  }

  function itemCode(item: Item): void {
    switch (item.kind) {
      case 'chain': {
        const chain = chainCode(plan, item, places, address, nameOf)
        tiles = Math.max(tiles, chain.tiles)
        emit(instructions.elementwise, chain.words, item.nodes.at(-1)!, storedNodes(plan, item), `chain   ${chain.text}`)
        return
      }
      case 'product':
        return productCode(item)
      case 'reduce': {
        const { root, node, op, sizes, source, start } = item
        emit(
          instructions.reduce,
          [
            op === 'sum' ? 0 : 1,
            ...sizes,
            ...address(source.root, source.offset),
            ...address(root, 0),
            ...(start ? address(start.root, start.offset) : [-1, 0]),
          ],
          node,
          [root],
          `${op}     ${nameOf(root)} = ${start ? `${of(start)} + ` : ''}${of(source)} over the middle of ${formatShape(sizes)}`,
        )
        return
      }
      case 'copy': {
        const { root, node, zero, parts } = item
        const shape = plan.shapes.get(root)!
        if (zero) emit(instructions.zero, [...address(root, 0), product(shape)], node, [root], `zero    ${nameOf(root)}`)
        for (const { from, offset, strides } of parts) {
          emit(
            instructions.copy,
            copyCode(from, strides, address(from.root, from.offset), address(root, offset)),
            node,
            [root],
            `copy    ${nameOf(root)}${offset ? `+${offset}` : ''} = ${of(from)} ${formatShape(from.shape)}`,
          )
        }
        return
      }
      case 'gather':
      case 'scatter': {
        const { kind, root, node, source, index, width, rows } = item
        emit(
          instructions[kind],
          [
            ...address(source.root, source.offset),
            ...address(index.root, index.offset),
            ...address(root, 0),
            product(index.shape),
            width,
            rows,
          ],
          node,
          [root],
          `${kind}  ${nameOf(root)} = ${of(source)} by ${of(index)}`,
        )
        return
      }
      case 'rows':
        emit(instructions.rows, address(item.root, 0), item.node, [item.root], `rows    ${nameOf(item.root)}`)
    }
  }
  for (const item of plan.items) itemCode(item)

  const head = [FORMAT, scalarBytes, inputs, outputs, packs.length, slots.length, 0, 0, tiles]
  const start = HEADER_WORDS + 2 * slots.length
  head[7] = start + code.length
  const words = Int32Array.from([...head, ...slots.flatMap(({ fixed, perRow }) => [fixed, perRow]), ...code])
  return {
    graph: plan.graph,
    words,
    constants,
    inputs,
    outputs,
    packs,
    slots,
    tiles,
    donations,
    instructions: infos,
    toString: () =>
      [
        `program of ${scalarBytes === 4 ? 'float32' : 'float64'}: ${inputs} inputs, ${outputs} outputs, ${packs.length} packed, ` +
          `${constants.length} constants, ${tiles} tiles`,
        ...slots.map(
          ({ fixed, perRow }, i) => `s${i}: ${[...(fixed > 0 ? [fixed] : []), ...(perRow > 0 ? [`${perRow}·rows`] : [])].join(' + ') || 0}`,
        ),
        ...infos.map(
          ({ text, node }) => `${text.padEnd(60)} ; %${node}${plan.graph.nodes[node] ? ` ${formatNode(plan.graph.nodes[node])}` : ''}`,
        ),
        ...[...donations].map(([output, input]) => `out${output} is input${input}, which the run uses up`),
      ].join('\n'),
  }
}

/**
 * Scratch scalars that a product needs to pack B in: where its rows lie a multiple of 512 bytes apart, they fall into few
 * sets of the first cache, and reading them as they are costs a third of the speed.
 */
function packedScalars({ b, pack }: ProductItem, scalarBytes: number): number {
  const [stride, n] = [b.strides.at(-2)!, b.shape.at(-1)!]
  if (pack || stride <= 0 || n <= 0 || (stride * scalarBytes) % 512 !== 0) return 0
  // Columns are filled up to whole vectors, of 16 scalars at most.
  return PACKED_ROWS * Math.ceil(n / 16) * 16
}

const findPack = (packs: readonly Pack[], { input, k, n, transposed }: Pack): number =>
  packs.findIndex((other) => other.input === input && other.k === k && other.n === n && other.transposed === transposed)
