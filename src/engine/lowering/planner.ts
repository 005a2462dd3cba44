import type { Graph, Node } from '../../graph/graph.js'
import { isElementwise } from '../../graph/ops.js'
import { prune } from '../../graph/prune.js'
import { sameShape, type Shape } from '../../graph/shape.js'
import { Chains } from './chains.js'
import { epilogues } from './codes.js'
import { contracted } from './contract.js'
import { readsOf, type CopyItem, type Item, type ProductItem, type ReduceItem } from './item.js'
import { possibleCuts } from './operand.js'
import { storedNodes, type Plan } from './plan.js'
import {
  batchStride,
  broadcastView,
  isContiguous,
  product,
  reshapeView,
  rowMajor,
  sliceView,
  times,
  transposeView,
  wholeArray,
  type View,
} from './view.js'

/** Element-wise operations of a chain at most; its tiles and operands must fit the kernel's table of slots. */
const longest = 40

/**
 * Decides which nodes are only another view of a value (reshapes, slices, transposes, broadcasts), which are computed
 * together in one pass (with `separate` none), and which products and sums are added to something at once.
 *
 * @param varying numbers of the inputs that are never packed
 */
export function planGraph(graph: Graph, separate = false, varying: ReadonlySet<number> = new Set()): Plan {
  return new Planner(prune(graph), separate, varying).plan()
}

class Planner {
  readonly #views: View[] = []
  readonly #shapes = new Map<number, Shape>()
  readonly #producers = new Map<number, Item>()
  readonly #items: Item[] = []
  readonly #copies = new Map<string, View>()
  /** The first product (or sum) of those that add up to a node's value, if the value can still be added to at its start. */
  readonly #heads = new Map<number, ProductItem | ReduceItem>()
  readonly #chains: Chains
  readonly #uses: number[]
  /** By node, how many inputs stand before it. */
  readonly #inputsBefore: number[] = []
  #next: number

  constructor(
    readonly graph: Graph,
    readonly separate: boolean,
    readonly varying: ReadonlySet<number>,
  ) {
    this.#next = graph.nodes.length
    this.#chains = new Chains(graph, this.#producers, separate ? 1 : longest)
    this.#uses = new Array<number>(graph.nodes.length).fill(0)
    let inputCount = 0
    for (const { op, inputs } of graph.nodes) {
      for (const input of inputs) this.#uses[input]!++
      this.#inputsBefore.push(inputCount)
      if (op === 'input') inputCount++
    }
    for (const { node } of graph.outputs) this.#uses[node]!++
  }

  plan(): Plan {
    this.graph.nodes.forEach((node, i) => this.#views.push(this.#view(node, i)))
    const claimed = new Set<number>()
    const outputs = this.graph.outputs.map(({ node }) => {
      const view = this.#views[node]!
      const owned = this.#producers.has(view.root) && !claimed.has(view.root) && this.#isWhole(view)
      const { root } = owned ? view : this.#copy(view, node)
      claimed.add(root)
      return root
    })
    return { graph: this.graph, items: this.#ordered(this.#withEpilogues(outputs)), shapes: this.#shapes, outputs, chains: this.#chains }
  }

  #isWhole(view: View): boolean {
    return view.offset === 0 && isContiguous(view) && product(view.shape) === product(this.#shapes.get(view.root)!)
  }

  #make(item: Item & { root: number }, shape: Shape): View {
    this.#items.push(item)
    this.#producers.set(item.root, item)
    this.#chains.follow(item)
    this.#shapes.set(item.root, shape)
    return wholeArray(item.root, shape)
  }

  /** A contiguous copy of a view. */
  #copy(view: View, node: number): View {
    const root = this.#next++
    return this.#make(
      { kind: 'copy', root, node, zero: false, parts: [{ from: view, offset: 0, strides: rowMajor(view.shape) }] },
      view.shape,
    )
  }

  #contiguous(view: View, node: number): View {
    if (isContiguous(view)) return view
    const key = JSON.stringify([view.root, view.offset, view.shape, view.strides])
    let made = this.#copies.get(key)
    if (!made) this.#copies.set(key, (made = this.#copy(view, node)))
    return made
  }

  #view(node: Node, self: number): View {
    const [x, y] = node.inputs.map((input) => this.#views[input]!) as [View, View]
    const { op } = node
    if (isElementwise(op)) return this.#accumulated(node) ?? this.#elementwise(node, self)
    switch (op) {
      case 'input':
      case 'constant':
        this.#shapes.set(self, node.shape)
        return wholeArray(self, node.shape)
      case 'rows':
        return this.#make({ kind: 'rows', root: self, node: self }, node.shape)
      case 'reshape':
        return reshapeView(x, node.shape) ?? reshapeView(this.#contiguous(x, self), node.shape)!
      case 'broadcast':
        return broadcastView(x, node.shape)
      case 'transpose':
        return transposeView(x, node.permutation)
      case 'slice':
        return sliceView(x, node.begin, node.shape) ?? this.#sliceByAxis(x, node.begin, node.shape, self)
      case 'concat':
        return this.#concat(node, self)
      case 'pad':
        return this.#pad(x, node.before, node.shape, self, self)
      case 'gather':
      case 'scatter': {
        const [source, index] = [this.#contiguous(x, self), this.#contiguous(y, self)]
        const rows = op === 'gather' ? x.shape[0]! : node.shape[0]!
        return this.#make({ kind: op, root: self, node: self, source, index, rows, width: product(x.shape.slice(1)) }, node.shape)
      }
      case 'sum':
      case 'max':
        return this.#reduce(node, self, x)
      case 'matmul':
        return this.#product(node, self, x, y)
      case 'lu':
        return this.#make({ kind: op, root: self, node: self, source: this.#contiguous(x, self) }, node.shape)
      case 'luSolve': {
        const [factors, source] = [this.#contiguous(x, self), this.#contiguous(y, self)]
        return this.#make({ kind: op, root: self, node: self, factors, source, transposed: node.transposed }, node.shape)
      }
      default:
        return op satisfies never
    }
  }

  /** A block whose beginning depends on the rows along one axis and not along another: a copy in between. */
  #sliceByAxis(x: View, begin: readonly number[], shape: Shape, node: number): View {
    return begin.reduce((view, start, axis) => {
      const from = begin.map((_, i) => (i === axis ? start : 0))
      const size = view.shape.map((d, i) => (i === axis ? shape[i]! : d))
      return sliceView(view, from, size) ?? sliceView(this.#copy(view, node), from, size)!
    }, x)
  }

  #elementwise(node: Node, self: number): View {
    let cuts = -1
    const operands = node.inputs.map((input) => {
      const view = broadcastView(this.#views[input]!, node.shape)
      const possible = possibleCuts(view)
      if ((possible & cuts) !== 0) {
        cuts &= possible
        return view
      }
      const copy = this.#contiguous(view, self)
      cuts &= possibleCuts(copy)
      return copy
    })
    this.#shapes.set(self, node.shape)
    this.#chains.add(self, operands, cuts)
    return wholeArray(self, node.shape)
  }

  /**
   * A sum of which one term is a product (or a sum over axes) that nothing else needs: that product is started from
   * the other term instead of from zero.
   */
  #accumulated(node: Node): View | undefined {
    if (node.op !== 'add') return undefined
    const [p, q] = node.inputs as [number, number]
    for (const [last, other] of p > q
      ? ([
          [p, q],
          [q, p],
        ] as const)
      : ([
          [q, p],
          [p, q],
        ] as const)) {
      const head = this.#heads.get(last)
      if (!head || head.start || this.#uses[last] !== 1 || !sameShape(this.graph.nodes[last]!.shape, node.shape)) continue
      const start = broadcastView(this.#views[other]!, node.shape)
      if (!canStart(head, start)) continue
      const sum = this.#sumOf(last, head)
      head.start = start
      this.#chains.followAgain(sum, start.root)
      const before = this.#uses[other] === 1 && sameShape(this.graph.nodes[other]!.shape, node.shape) ? this.#heads.get(other) : undefined
      this.#heads.set(this.#views.length, before ?? head)
      return this.#views[last]!
    }
    return undefined
  }

  /** The products (sums) that add up to a node's value, in order, from the first of them on. */
  #sumOf(node: number, head: ProductItem | ReduceItem): Item[] {
    const items: Item[] = []
    for (let root = this.#views[node]!.root; items.at(-1) !== head;) {
      const item = this.#producers.get(root) as ProductItem | ReduceItem
      items.push(item)
      root = item.start?.root ?? -1
    }
    return items.reverse()
  }

  #product(node: Extract<Node, { op: 'matmul' }>, self: number, x: View, y: View): View {
    const rank = node.shape.length
    const swap = (view: View): View => transposeView(view, [...Array(rank - 2).keys(), rank - 1, rank - 2])
    let a = node.transposeA ? swap(x) : x
    let b = node.transposeB ? swap(y) : y
    const unit = (view: View, axis: number): boolean => view.strides[axis] === 1 || view.shape[axis] === 1
    const batched = (view: View): boolean => batchStride(view) !== undefined
    if (!batched(a) || !(unit(a, rank - 1) || unit(a, rank - 2))) a = this.#contiguous(a, self)
    const source = this.graph.nodes[y.root]
    const [k, n] = b.shape.slice(-2) as [number, number]
    const fixed =
      rank === 2 &&
      source?.op === 'input' &&
      !this.varying.has(this.#inputNumber(y.root)) &&
      k > 0 &&
      n > 0 &&
      y.offset === 0 &&
      isContiguous(y) &&
      product(y.shape) === product(source.shape)
    const pack = fixed ? { input: this.#inputNumber(y.root), k, n, transposed: node.transposeB } : undefined
    if (!pack && (!batched(b) || !unit(b, rank - 1))) b = this.#contiguous(b, self)
    const item: ProductItem = { kind: 'product', root: self, node: self, a, b, ...(pack && { pack }) }
    this.#heads.set(self, item)
    return this.#make(item, node.shape)
  }

  #inputNumber(node: number): number {
    return this.#inputsBefore[node]!
  }

  /** Padded outside the rows axis and inside it, which two steps do: a beginning is told in one dimension. */
  #pad(x: View, before: readonly number[], shape: Shape, root: number, node: number): View {
    const strides = rowMajor(shape)
    const steps = strides.map((stride, i) => times(stride, before[i]!))
    const outside = (i: number): boolean => strides[i]! < 0
    if (steps.some((step) => step > 0) && steps.some((step) => step < 0)) {
      const inner = this.#pad(
        x,
        before.map((count, i) => (outside(i) ? 0 : count)),
        shape.map((d, i) => (outside(i) ? x.shape[i]! : d)),
        this.#next++,
        node,
      )
      return this.#pad(
        inner,
        before.map((count, i) => (outside(i) ? count : 0)),
        shape,
        root,
        node,
      )
    }
    const offset = steps.reduce((sum, step) => sum + step, 0)
    return this.#make({ kind: 'copy', root, node, zero: true, parts: [{ from: x, offset, strides }] }, shape)
  }

  #reduce(node: Extract<Node, { op: 'sum' | 'max' }>, self: number, x: View): View {
    const kept = x.shape.flatMap((_, i) => (node.axes.includes(i) ? [] : [i]))
    const long = (axes: readonly number[]): number[] => axes.filter((axis) => x.shape[axis] !== 1)
    const [first, last] = [long(node.axes)[0] ?? 0, long(node.axes).at(-1) ?? -1]
    let source: View
    let sizes: [number, number, number]
    if (long(kept).every((axis) => axis < first || axis > last)) {
      source = this.#contiguous(x, self)
      const size = (axes: readonly number[]): number => product(axes.map((axis) => x.shape[axis]!))
      sizes = [size(long(kept).filter((axis) => axis < first)), size(long(node.axes)), size(long(kept).filter((axis) => axis >= first))]
    } else {
      source = this.#contiguous(transposeView(x, [...kept, ...node.axes]), self)
      sizes = [product(node.shape), product(node.axes.map((axis) => x.shape[axis]!)), 1]
    }
    const item: ReduceItem = { kind: 'reduce', root: self, node: self, op: node.op, sizes, source }
    if (node.op === 'sum') this.#heads.set(self, item)
    return this.#make(item, node.shape)
  }

  #concat(node: Extract<Node, { op: 'concat' }>, self: number): View {
    const strides = rowMajor(node.shape)
    let offset = 0
    const parts: CopyItem['parts'][number][] = []
    for (const input of node.inputs) {
      const from = this.#views[input]!
      parts.push({ from, offset, strides })
      offset += times(from.shape[node.axis]!, strides[node.axis]!)
    }
    return this.#make({ kind: 'copy', root: self, node: self, zero: false, parts }, node.shape)
  }

  /** All items. A chain that is one operation on all of a product, which nothing else reads, becomes its epilogue if it can. */
  #withEpilogues(outputs: readonly number[]): Item[] {
    const chains = this.#chains.all()
    const all = [...this.#items, ...chains]
    if (this.separate) return all
    const items = new Set<Item>(all)
    const readers = new Map<number, number>()
    for (const item of all) for (const root of readsOf(item, this.#chains)) readers.set(root, (readers.get(root) ?? 0) + 1)
    const plan = { graph: this.graph, items: all, outputs, chains: this.#chains }
    for (const chain of chains) {
      const [operation, ...others] = contracted(plan, chain, storedNodes(plan, chain))
      const name = epilogues.find((epilogue) => epilogue === operation!.name)
      const [view, other] = operation!.inputs
      const item = this.#producers.get(view!.root)
      if (
        !name ||
        others.length > 0 ||
        item?.kind !== 'product' ||
        readers.get(view!.root) !== 1 ||
        outputs.includes(view!.root) ||
        !this.#isWhole(view!)
      )
        continue
      if (other && !(other.root !== view!.root && isContiguous(other) && product(other.shape) === product(view!.shape))) continue
      const whole: ProductItem = { ...item, root: operation!.node, node: operation!.node, epilogue: { name, other } }
      items.delete(item)
      items.delete(chain)
      items.add(whole)
      this.#producers.set(operation!.node, whole)
    }
    return [...items]
  }

  /** Items, each after those whose arrays it reads. */
  #ordered(items: readonly Item[]): Item[] {
    const ordered: Item[] = []
    const seen = new Set<Item>()
    const visit = (item: Item): void => {
      if (seen.has(item)) return
      seen.add(item)
      for (const root of readsOf(item, this.#chains)) {
        const before = this.#producers.get(root)
        if (before) visit(before)
      }
      ordered.push(item)
    }
    const position = (item: Item): number => (item.kind === 'chain' ? Math.max(...item.nodes) : item.node)
    for (const item of [...items].sort((a, b) => position(a) - position(b))) visit(item)
    return ordered
  }
}

function canStart(head: ProductItem | ReduceItem, start: View): boolean {
  if (head.kind === 'reduce') return isContiguous(start)
  return (start.strides.at(-1) === 1 || start.shape.at(-1) === 1) && batchStride(start) !== undefined
}
