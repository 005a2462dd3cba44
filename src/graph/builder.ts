import { GraphError } from '../errors.js'
import type { Graph, Node } from './graph.js'
import type { BinaryOp, ComparisonOp, UnaryOp } from './ops.js'
import { broadcastShapes, formatShape, sameShape, sameSize, sizeOf, type Shape } from './shape.js'

/** A value inside a Graph under construction: the index of its node. */
export type Ref = number

/** Builds a Graph node by node, inferring and checking shapes. Every method returns the new node's index. */
export class GraphBuilder {
  readonly #nodes: Node[] = []
  readonly #outputs: { name: string; node: Ref }[] = []
  readonly #inputs = new Map<string, Ref>()
  readonly #outputNames = new Set<string>()

  /** Adds an argument; names are unique. */
  input(name: string, shape: Shape): Ref {
    if (this.#inputs.has(name)) throw new GraphError('Name', `The Graph already has an input named "${name}".`)
    const ref = this.#push({ op: 'input', name, inputs: [], shape })
    this.#inputs.set(name, ref)
    return ref
  }

  /** A literal; `values` are row-major. A scalar needs no shape. `rounded`: see {@link Node}. */
  constant(values: number | readonly number[], shape: Shape = [], { rounded = false }: { rounded?: boolean } = {}): Ref {
    const list = typeof values === 'number' ? [values] : values
    if (shape.some((d) => d < 0) || sizeOf(shape) !== list.length) {
      throw new GraphError('Shape', `A constant of shape ${formatShape(shape)} cannot hold ${list.length} values.`)
    }
    return this.#push({ op: 'constant', values: list, ...(rounded && { rounded }), inputs: [], shape })
  }

  /** The number of rows, as a scalar. */
  rows(): Ref {
    return this.#push({ op: 'rows', inputs: [], shape: [] })
  }

  /** A function of one value, element by element; the shape stays. */
  unary(op: UnaryOp, x: Ref): Ref {
    return this.#push({ op, inputs: [x], shape: this.shape(x) })
  }

  /**
   * A function of two values, element by element. Shapes are broadcast: axes of size 1, and missing leading axes, repeat.
   *
   * @throws GraphError `Shape` if the shapes do not go together
   */
  binary(op: BinaryOp | ComparisonOp, a: Ref, b: Ref): Ref {
    return this.#push({ op, inputs: [a, b], shape: broadcastShapes(this.shape(a), this.shape(b), `${op}'s operands`) })
  }

  /** `a + b`, broadcast. */
  add(a: Ref, b: Ref): Ref {
    return this.binary('add', a, b)
  }
  /** `a − b`, broadcast. */
  sub(a: Ref, b: Ref): Ref {
    return this.binary('sub', a, b)
  }
  /** `a · b`, element by element, broadcast. */
  mul(a: Ref, b: Ref): Ref {
    return this.binary('mul', a, b)
  }
  /** `a / b`, element by element, broadcast. */
  div(a: Ref, b: Ref): Ref {
    return this.binary('div', a, b)
  }

  /** `a` where `condition` is not 0, else `b`. */
  select(condition: Ref, a: Ref, b: Ref): Ref {
    const shape = broadcastShapes(
      this.shape(condition),
      broadcastShapes(this.shape(a), this.shape(b), "select's branches"),
      "select's condition and branches",
    )
    return this.#push({ op: 'select', inputs: [condition, a, b], shape })
  }

  /**
   * Product of matrices, `[…, m, k]` and `[…, k, n]` to `[…, m, n]`, either transposed first;
   * leading axes must be equal.
   *
   * @throws GraphError `Shape` if the shapes do not go together
   */
  matmul(a: Ref, b: Ref, { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {}): Ref {
    const [x, y] = [this.shape(a), this.shape(b)]
    const [m, k] = transposeA ? [x.at(-1)!, x.at(-2)!] : [x.at(-2)!, x.at(-1)!]
    const [k2, n] = transposeB ? [y.at(-1)!, y.at(-2)!] : [y.at(-2)!, y.at(-1)!]
    if (x.length < 2 || x.length !== y.length || k !== k2 || !sameShape(x.slice(0, -2), y.slice(0, -2))) {
      throw new GraphError(
        'Shape',
        `matmul cannot multiply ${formatShape(x)}${transposeA ? ' transposed' : ''} by ` +
          `${formatShape(y)}${transposeB ? ' transposed' : ''}.`,
      )
    }
    return this.#push({ op: 'matmul', transposeA, transposeB, inputs: [a, b], shape: [...x.slice(0, -2), m, n] })
  }

  /** Sums over axes, which disappear (or stay with size 1 if `keepDims`). */
  sum(x: Ref, axes: readonly number[], keepDims = false): Ref {
    return this.#reduce('sum', x, axes, keepDims)
  }
  /** The largest over axes; as {@link sum}. */
  max(x: Ref, axes: readonly number[], keepDims = false): Ref {
    return this.#reduce('max', x, axes, keepDims)
  }

  /**
   * The same numbers, row-major, in another shape.
   *
   * @throws GraphError `Shape` if the sizes differ
   */
  reshape(x: Ref, shape: Shape): Ref {
    if (sameShape(this.shape(x), shape)) return x
    if (!sameSize(this.shape(x), shape))
      throw new GraphError('Shape', `${formatShape(this.shape(x))} cannot be reshaped to ${formatShape(shape)}.`)
    return this.#push({ op: 'reshape', inputs: [x], shape })
  }

  /** Repeats along axes of size 1 and new leading axes. */
  broadcast(x: Ref, shape: Shape): Ref {
    if (sameShape(this.shape(x), shape)) return x
    if (!sameShape(broadcastShapes(this.shape(x), shape), shape)) {
      throw new GraphError('Shape', `${formatShape(this.shape(x))} cannot be broadcast to ${formatShape(shape)}.`)
    }
    return this.#push({ op: 'broadcast', inputs: [x], shape })
  }

  /**
   * Axis i of the result is axis `permutation[i]` of `x`.
   *
   * @throws GraphError `Shape` if it is no permutation of the axes
   */
  transpose(x: Ref, permutation: readonly number[]): Ref {
    const shape = this.shape(x)
    if (permutation.length !== shape.length || new Set(permutation).size !== shape.length || permutation.some((p) => !(p in shape))) {
      throw new GraphError('Shape', `[${permutation.join(', ')}] is no permutation of the axes of ${formatShape(shape)}.`)
    }
    return this.#push({ op: 'transpose', permutation, inputs: [x], shape: permutation.map((p) => shape[p]!) })
  }

  /**
   * Joins values along an axis; the other axes must be equal.
   *
   * @throws GraphError `Shape` if they are not
   */
  concat(parts: readonly Ref[], axis: number): Ref {
    if (parts.length === 0) throw new GraphError('Shape', 'concat needs at least one operand.')
    if (parts.length === 1) return parts[0]!
    const first = this.shape(parts[0]!)
    let total = 0
    for (const part of parts) {
      const shape = this.shape(part)
      const d = shape[axis]
      if (
        d === undefined ||
        shape.length !== first.length ||
        shape.some((e, i) => i !== axis && e !== first[i]) ||
        Math.sign(d) * Math.sign(total) < 0
      ) {
        throw new GraphError('Shape', `concat along axis ${axis} cannot join ${formatShape(first)} and ${formatShape(shape)}.`)
      }
      total += d
    }
    return this.#push({ op: 'concat', axis, inputs: parts, shape: first.map((d, i) => (i === axis ? total : d)) })
  }

  /** The block that starts at `begin` and has shape `size`. */
  slice(x: Ref, begin: readonly number[], size: Shape): Ref {
    const shape = this.shape(x)
    if (
      begin.length !== shape.length ||
      size.length !== shape.length ||
      shape.some((d, i) => (d < 0 ? begin[i] !== 0 || size[i] !== d : begin[i]! < 0 || size[i]! < 0 || begin[i]! + size[i]! > d))
    ) {
      throw new GraphError(
        'Shape',
        `${formatShape(shape)} has no block of shape ${formatShape(size)} at [${begin.join(', ')}] (the rows axis can only be taken ` +
          'whole).',
      )
    }
    return sameShape(shape, size) ? x : this.#push({ op: 'slice', begin, inputs: [x], shape: size })
  }

  /** Zeros before and after along each axis (none along the rows axis). */
  pad(x: Ref, before: readonly number[], after: readonly number[]): Ref {
    const shape = this.shape(x)
    if (
      before.length !== shape.length ||
      after.length !== shape.length ||
      shape.some((d, i) => d < 0 && (before[i] !== 0 || after[i] !== 0))
    ) {
      throw new GraphError('Shape', `${formatShape(shape)} cannot be padded by [${before.join(', ')}] and [${after.join(', ')}].`)
    }
    if (before.every((p) => p === 0) && after.every((p) => p === 0)) return x
    return this.#push({ op: 'pad', before, after, inputs: [x], shape: shape.map((d, i) => (d < 0 ? d : d + before[i]! + after[i]!)) })
  }

  /** Rows `index[i]` of axis 0 of `x`; `index` has rank 1. */
  gather(x: Ref, index: Ref): Ref {
    this.#requireIndex(index)
    return this.#push({ op: 'gather', inputs: [x, index], shape: [this.shape(index)[0]!, ...this.shape(x).slice(1)] })
  }

  /** Adds row i of `x` to row `index[i]` of zeros with `count` rows on axis 0. */
  scatter(x: Ref, index: Ref, count: number): Ref {
    this.#requireIndex(index)
    if (this.shape(index)[0] !== this.shape(x)[0])
      throw new GraphError('Shape', `scatter needs one index per row: ${formatShape(this.shape(index))} for ${formatShape(this.shape(x))}.`)
    return this.#push({ op: 'scatter', inputs: [x, index], shape: [count, ...this.shape(x).slice(1)] })
  }

  /**
   * LU factors, with partial pivoting, of each matrix of `[…, n, n]`: what {@link luSolve} takes, `[…, n + 1, n]`. Their
   * numbers are arranged as the engine likes.
   *
   * @throws GraphError `Shape` if these are no square matrices of a fixed size
   */
  lu(a: Ref): Ref {
    const shape = this.shape(a)
    const n = shape.at(-1) ?? -1
    if (shape.length < 2 || n < 0 || shape.at(-2) !== n)
      throw new GraphError('Shape', `lu takes square matrices [..., n, n] of a fixed size, not ${formatShape(shape)}.`)
    return this.#push({ op: 'lu', inputs: [a], shape: [...shape.slice(0, -2), n + 1, n] })
  }

  /**
   * The solutions x, `[…, n]`, of `A x = b`, or of `Aᵀ x = b` if `transposed`, given what {@link lu} made of A.
   *
   * @throws GraphError `Shape` if the shapes do not go together
   */
  luSolve(factors: Ref, b: Ref, { transposed = false }: { transposed?: boolean } = {}): Ref {
    const [f, shape] = [this.shape(factors), this.shape(b)]
    const n = shape.at(-1) ?? -1
    if (n < 0 || !sameShape(f, [...shape.slice(0, -1), n + 1, n]))
      throw new GraphError('Shape', `luSolve cannot solve for ${formatShape(shape)} with factors ${formatShape(f)}.`)
    return this.#push({ op: 'luSolve', transposed, inputs: [factors, b], shape })
  }

  /**
   * Solves a system of linear equations for each row: x `[…, n]` with `a x = b`, for a `[…, n, n]` and b `[…, n]`, whose
   * leading axes are equal. Gaussian elimination with partial pivoting; each matrix by itself. A singular matrix makes its own
   * solution infinite or NaN and no other. `simplify` factors a matrix once for all systems that it is in.
   *
   * @throws GraphError `Shape` if the shapes do not go together
   */
  solve(a: Ref, b: Ref): Ref {
    const [matrix, shape] = [this.shape(a), this.shape(b)]
    if (shape.length === 0 || shape.at(-1)! < 0 || !sameShape(matrix, [...shape, shape.at(-1)!]))
      throw new GraphError(
        'Shape',
        `solve takes matrices [..., n, n] and right sides [..., n] of a fixed size, not ${formatShape(matrix)} and ${formatShape(shape)}.`,
      )
    return this.luSolve(this.lu(a), b)
  }

  /**
   * Inlines another Graph: its inputs, by name, become the given nodes. Returns its outputs by name. Without an
   * entry in `inputs`, an input of the callee becomes an input of this Graph (or the one of that name it has).
   */
  call(graph: Graph, inputs: Readonly<Record<string, Ref>> = {}): Record<string, Ref> {
    const map: Ref[] = []
    for (const node of graph.nodes) {
      if (node.op === 'input') {
        const given = Object.hasOwn(inputs, node.name)
          ? inputs[node.name]!
          : (this.#inputs.get(node.name) ?? this.input(node.name, node.shape))
        if (!sameShape(this.shape(given), node.shape)) {
          throw new GraphError(
            'Shape',
            `Input "${node.name}" has shape ${formatShape(node.shape)} but was given ${formatShape(this.shape(given))}.`,
          )
        }
        map.push(given)
      } else {
        map.push(
          this.copy(
            node,
            node.inputs.map((i) => map[i]!),
          ),
        )
      }
    }
    return Object.fromEntries(graph.outputs.map(({ name, node }) => [name, map[node]!]))
  }

  /** Adds a node like `node` (not an input) with other operands of the same shapes. */
  copy(node: Node, inputs: readonly Ref[]): Ref {
    return this.#push({ ...node, inputs })
  }

  /** Names a value as an output. */
  output(name: string, ref: Ref): void {
    if (this.#outputNames.has(name)) throw new GraphError('Name', `The Graph already has an output named "${name}".`)
    this.#outputNames.add(name)
    this.#outputs.push({ name, node: ref })
  }

  /** The shape of a node; −1 stands for the rows. */
  shape(ref: Ref): Shape {
    return this.#nodes[ref]!.shape
  }

  /** The node itself. */
  node(ref: Ref): Node {
    return this.#nodes[ref]!
  }

  /** The Graph, once its outputs are named. */
  build(): Graph {
    return { nodes: [...this.#nodes], outputs: [...this.#outputs] }
  }

  #push(node: Node): Ref {
    return this.#nodes.push(node) - 1
  }

  #reduce(op: 'sum' | 'max', x: Ref, axes: readonly number[], keepDims: boolean): Ref {
    const shape = this.shape(x)
    if (axes.some((a) => !(a in shape)) || new Set(axes).size !== axes.length)
      throw new GraphError('Shape', `${op} cannot reduce axes [${axes.join(', ')}] of ${formatShape(shape)}.`)
    if (axes.length === 0) return x
    const ref = this.#push({ op, axes: [...axes].sort((a, b) => a - b), inputs: [x], shape: shape.filter((_, i) => !axes.includes(i)) })
    return keepDims
      ? this.reshape(
          ref,
          shape.map((d, i) => (axes.includes(i) ? 1 : d)),
        )
      : ref
  }

  #requireIndex(index: Ref): void {
    if (this.shape(index).length !== 1)
      throw new GraphError('Shape', `Row indices have rank 1, not shape ${formatShape(this.shape(index))}.`)
  }
}
