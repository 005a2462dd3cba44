import { EngineError } from '../../errors.js'
import type { Graph, Node } from '../../graph/graph.js'
import { elementwiseOps, isBinary, isComparison, isUnary } from '../../graph/ops.js'
import { broadcastShapes, sameShape, shapeAt, sizeOf } from '../../graph/shape.js'
import { factorMatrices, solveSystems } from './linearSystems.js'
import type { Handle, Runtime } from './tfjsBackend.js'

/** One kernel call: reads registers, returns the handle for register `to`; `free` lists registers not read again. */
export interface Step {
  readonly run: (registers: readonly Handle[]) => Handle
  readonly to: number
  readonly from: readonly number[]
  free: readonly number[]
}

/** A Graph for one number of rows. The first registers are the inputs; `initial` holds constants in their places. */
export interface Plan {
  readonly initial: readonly (Handle | undefined)[]
  readonly steps: readonly Step[]
  readonly outputs: readonly number[]
  readonly inputShapes: readonly (readonly number[])[]
  readonly outputShapes: readonly (readonly number[])[]
}

/** Uploads a constant, or finds it by its key: the same for every number of rows. */
export type Upload = (key: string, values: readonly number[], shape: readonly number[], integers?: boolean) => Handle

/** Writes what the outputs of a Graph depend on as kernel calls for a number of rows. */
export const planGraph = (graph: Graph, rows: number, runtime: Runtime, upload: Upload): Plan =>
  new Planner(graph, rows, runtime, upload).plan()

class Planner {
  readonly #steps: Step[] = []
  readonly #initial: (Handle | undefined)[] = []
  /** Registers of nodes, of conditions as truth values, and of constants. */
  readonly #register = new Map<number, number>()
  readonly #truth = new Map<number, number>()
  readonly #constants = new Map<Handle, number>()
  readonly #shapes: readonly (readonly number[])[]

  constructor(
    readonly graph: Graph,
    readonly rows: number,
    readonly runtime: Runtime,
    readonly upload: Upload,
  ) {
    this.#shapes = graph.nodes.map(({ shape }) => shapeAt(shape, rows))
  }

  plan(): Plan {
    const { graph } = this
    const inputShapes: (readonly number[])[] = []
    graph.nodes.forEach((node, i) => {
      if (node.op !== 'input') return
      this.#register.set(i, inputShapes.push(this.#shapes[i]!) - 1)
      this.#initial.push(undefined)
    })
    const taken = new Set<number>()
    const outputs = graph.outputs.map(({ node }) => {
      const register = this.#value(node)
      const owned = this.#steps.some(({ to }) => to === register) && !taken.has(register)
      taken.add(register)
      // An input, a constant or a value returned twice goes out as a copy, which is freed on its own.
      return owned ? register : this.#reshape(register, this.#shapes[node]!)
    })
    this.#markLastUses(new Set(outputs))
    return {
      initial: this.#initial,
      steps: this.#steps,
      outputs,
      inputShapes,
      outputShapes: graph.outputs.map(({ node }) => this.#shapes[node]!),
    }
  }

  /** The register of a node's value; what it needs is planned first. */
  #value(root: number): number {
    const pending = [root]
    while (pending.length > 0) {
      const at = pending.at(-1)!
      if (this.#register.has(at)) {
        pending.pop()
        continue
      }
      const node = this.graph.nodes[at]!
      const missing = this.#operands(node, at).filter((i) => !this.#register.has(i))
      if (missing.length > 0 && this.#shapes[at]!.every((d) => d !== 0)) {
        pending.push(...missing.reverse())
        continue
      }
      this.#register.set(at, this.#emit(node, at))
      pending.pop()
    }
    return this.#register.get(root)!
  }

  /** The nodes whose values `node` reads: a broadcast is skipped where the kernel broadcasts by itself. */
  #operands(node: Node, at: number): readonly number[] {
    const [first, second] = node.inputs as [number, number]
    if (isBinary(node.op) || isComparison(node.op)) return this.#lean(first, second, at)
    switch (node.op) {
      case 'select': {
        const condition = this.graph.nodes[first]!
        return [
          ...(isComparison(condition.op) ? this.#lean(condition.inputs[0]!, condition.inputs[1]!, first) : [first]),
          ...node.inputs.slice(1).filter((i) => this.#scalar(i) === undefined),
        ]
      }
      case 'broadcast':
        return this.#scalar(first) === undefined ? node.inputs : []
      case 'gather':
      case 'scatter':
        return this.graph.nodes[second]!.op === 'constant' ? [first] : node.inputs
      default:
        return node.inputs
    }
  }

  /** The number that a node is a constant of. */
  #scalar(at: number): number | undefined {
    const node = this.graph.nodes[at]!
    return node.op === 'constant' && node.values.length === 1 ? node.values[0] : undefined
  }

  #lean(a: number, b: number, at: number): readonly [number, number] {
    const source = (i: number) => (this.graph.nodes[i]!.op === 'broadcast' ? this.graph.nodes[i]!.inputs[0]! : i)
    const fits = (x: number, y: number) => sameShape(broadcastShapes(this.#shapes[x]!, this.#shapes[y]!), this.#shapes[at]!)
    const leanA = fits(source(a), b) ? source(a) : a
    return [leanA, fits(leanA, source(b)) ? source(b) : b]
  }

  #emit(node: Node, at: number): number {
    const shape = this.#shapes[at]!
    const operand = (i: number): number => this.#register.get(node.inputs[i]!)!
    const operandShape = (i: number) => this.#shapes[node.inputs[i]!]!
    const { op } = node
    if (op === 'constant') return this.#constant(`node ${at}`, node.values, shape)
    // Kernels of TensorFlow.js are not all fit for empty tensors.
    if (sizeOf(shape) === 0) return this.#push([], () => this.runtime.write(new Float32Array(0), shape))
    if (op === 'rows') return this.#constant(`number ${this.rows}`, [this.rows], [])
    if (isUnary(op)) return this.#kernel(elementwiseOps[op].tfjs, ['x'], [operand(0)])
    if (isComparison(op)) return this.#kernel('Cast', ['x'], [this.#condition(at)], { dtype: 'float32' })
    if (isBinary(op))
      return this.#kernel(
        elementwiseOps[op].tfjs,
        ['a', 'b'],
        this.#lean(node.inputs[0]!, node.inputs[1]!, at).map((i) => this.#register.get(i)!),
      )
    switch (op) {
      case 'input':
        throw new EngineError('Internal', `Input "${node.name}" has no register. This is a bug of latent-ode.`)
      case 'select':
        return this.#select(node, shape)
      case 'matmul':
        return this.#product(node, shape)
      case 'sum':
        if (sizeOf(operandShape(0)) === 0) return this.#filled(0, shape)
        return this.#kernel('Sum', ['x'], [operand(0)], { axis: node.axes, keepDims: false })
      case 'max':
        if (sizeOf(operandShape(0)) === 0) return this.#filled(-Infinity, shape)
        return this.#kernel('Max', ['x'], [operand(0)], { reductionIndices: node.axes, keepDims: false })
      case 'reshape':
        return this.#reshape(operand(0), shape)
      case 'broadcast':
        return this.#spread(node.inputs[0]!, shape)
      case 'transpose':
        return this.#kernel('Transpose', ['x'], [operand(0)], { perm: node.permutation })
      case 'concat':
        return this.#concat(node, shape)
      case 'slice':
        return this.#kernel('Slice', ['x'], [operand(0)], { begin: node.begin, size: shape })
      case 'pad':
        if (sizeOf(operandShape(0)) === 0) return this.#filled(0, shape)
        return this.#kernel('PadV2', ['x'], [operand(0)], {
          paddings: node.before.map((before, i) => [before, node.after[i]!]),
          constantValue: 0,
        })
      case 'gather':
        return this.#kernel('GatherV2', ['x', 'indices'], [operand(0), this.#indices(node.inputs[1]!, operandShape(0)[0]!, 'gather')], {
          axis: 0,
          batchDims: 0,
        })
      case 'scatter': {
        if (sizeOf(operandShape(0)) === 0) return this.#filled(0, shape)
        const indices = this.#indices(node.inputs[1]!, shape[0]!, 'scatter')
        return this.#kernel('ScatterNd', ['indices', 'updates'], [this.#reshape(indices, [operandShape(1)[0]!, 1]), operand(0)], { shape })
      }
      case 'lu': {
        const n = shape.at(-1)!
        return this.#onHost([operand(0)], shape, ([a]) => factorMatrices(a!, n))
      }
      case 'luSolve': {
        const { transposed } = node
        const n = shape.at(-1)!
        return this.#onHost([operand(0), operand(1)], shape, ([factors, right]) => solveSystems(factors!, right!, n, transposed))
      }
      default:
        return op satisfies never
    }
  }

  #select({ inputs }: Node, shape: readonly number[]): number {
    const [test, a, b] = inputs as [number, number, number]
    const truth = this.#condition(test)
    const condition = sameShape(this.#shapes[test]!, shape)
      ? truth
      : this.#kernel('LogicalAnd', ['a', 'b'], [truth, this.#filled(1, shape, 'bool')])
    return this.#kernel('Select', ['condition', 't', 'e'], [condition, this.#spread(a, shape), this.#spread(b, shape)])
  }

  #product({ inputs, transposeA, transposeB }: Extract<Node, { op: 'matmul' }>, shape: readonly number[]): number {
    const copies = this.runtime.slowTransposedProducts && shape.length === 2
    const factor = (i: number, transposed: boolean): number => {
      const operand = this.#register.get(inputs[i]!)!
      return copies && transposed ? this.#kernel('Transpose', ['x'], [operand], { perm: [1, 0] }) : operand
    }
    if (sizeOf(this.#shapes[inputs[0]!]!) === 0) return this.#filled(0, shape)
    const flags = { transposeA: transposeA && !copies, transposeB: transposeB && !copies }
    return this.#kernel('BatchMatMul', ['a', 'b'], [factor(0, transposeA), factor(1, transposeB)], flags)
  }

  #concat({ inputs, axis }: Extract<Node, { op: 'concat' }>, shape: readonly number[]): number {
    const parts = inputs.filter((i) => sizeOf(this.#shapes[i]!) > 0).map((i) => this.#register.get(i)!)
    if (parts.length === 1) return this.#reshape(parts[0]!, shape)
    const names = parts.map((_, i) => String(i))
    return this.#kernel('Concat', names, parts, { axis }, [])
  }

  /** A node's value as truth values: of a comparison as its kernel makes them, of any other number whether it is not 0. */
  #condition(at: number): number {
    const known = this.#truth.get(at)
    if (known !== undefined) return known
    const node = this.graph.nodes[at]!
    let register: number
    if (isComparison(node.op) && sizeOf(this.#shapes[at]!) > 0) {
      const sources = this.#lean(node.inputs[0]!, node.inputs[1]!, at)
      register = this.#kernel(
        elementwiseOps[node.op].tfjs,
        ['a', 'b'],
        sources.map((i) => this.#value(i)),
      )
    } else {
      register = this.#kernel('NotEqual', ['a', 'b'], [this.#value(at), this.#constant('number 0', [0], [])])
    }
    this.#truth.set(at, register)
    return register
  }

  /** A node's value in a shape that it broadcasts to. */
  #spread(at: number, to: readonly number[]): number {
    const number = this.#scalar(at)
    if (number !== undefined) return this.#filled(number, to)
    if (sameShape(this.#shapes[at]!, to)) return this.#value(at)
    // Times 1 changes no number, NaN and infinities included, and takes a fortieth of the time of the kernel Tile.
    return this.#kernel('Multiply', ['a', 'b'], [this.#value(at), this.#filled(1, to)])
  }

  /** Row numbers as integers; a number out of range would read or write memory of others. */
  #indices(at: number, count: number, what: string): number {
    const node = this.graph.nodes[at]!
    if (node.op === 'constant') {
      requireRows(node.values, count, what)
      return this.#constant(`indices ${at}`, node.values, this.#shapes[at]!, true)
    }
    const register = this.#value(at)
    const shape = this.#shapes[at]!
    const { runtime } = this
    return this.#push([register], (registers) => {
      const values = runtime.read(registers[register]!)
      requireRows(values, count, what)
      return runtime.write(Int32Array.from(values), shape)
    })
  }

  #constant(key: string, values: readonly number[], shape: readonly number[], integers = false): number {
    const handle = this.upload(key, values, shape, integers)
    const register = this.#constants.get(handle) ?? this.#initial.push(handle) - 1
    this.#constants.set(handle, register)
    return register
  }

  #filled(value: number, shape: readonly number[], dtype = 'float32'): number {
    return this.#kernel('Fill', [], [], { shape, value, dtype })
  }

  #reshape(register: number, shape: readonly number[]): number {
    const { runtime } = this
    return this.#push([register], (registers) => runtime.reshape(registers[register]!, shape))
  }

  /** What TensorFlow.js has no kernel for. */
  #onHost(from: readonly number[], shape: readonly number[], compute: (operands: readonly Float32Array[]) => Float32Array): number {
    const { runtime } = this
    return this.#push(from, (registers) => runtime.write(compute(from.map((register) => runtime.read(registers[register]!))), shape))
  }

  #kernel(
    name: string,
    names: readonly string[],
    from: readonly number[],
    attributes: Record<string, unknown> = {},
    operands: unknown = {},
  ): number {
    const kernel = this.runtime.kernel(name)
    // One object for all runs: kernels read their operands and keep none of them.
    const inputs = operands as Record<string, Handle>
    const [firstName, secondName, thirdName] = names as [string, string, string]
    const [first, second, third] = from as [number, number, number]
    switch (from.length) {
      case 1:
        return this.#push(from, (r) => {
          inputs[firstName] = r[first]!
          return kernel(inputs, attributes)
        })
      case 2:
        return this.#push(from, (r) => {
          inputs[firstName] = r[first]!
          inputs[secondName] = r[second]!
          return kernel(inputs, attributes)
        })
      case 3:
        return this.#push(from, (r) => {
          inputs[firstName] = r[first]!
          inputs[secondName] = r[second]!
          inputs[thirdName] = r[third]!
          return kernel(inputs, attributes)
        })
      default:
        return this.#push(from, (r) => {
          names.forEach((key, i) => {
            inputs[key] = r[from[i]!]!
          })
          return kernel(inputs, attributes)
        })
    }
  }

  #push(from: readonly number[], run: Step['run']): number {
    const to = this.#initial.push(undefined) - 1
    this.#steps.push({ run, from, to, free: [] })
    return to
  }

  #markLastUses(outputs: ReadonlySet<number>): void {
    const made = new Set(this.#steps.map(({ to }) => to))
    const seen = new Set<number>(outputs)
    for (const step of [...this.#steps].reverse()) {
      const last = [...new Set([...step.from, step.to])].filter((register) => made.has(register) && !seen.has(register))
      for (const register of last) seen.add(register)
      step.free = last
    }
  }
}

/** @throws EngineError `Index` unless all are whole numbers in [0, count) */
export function requireRows(values: ArrayLike<number>, count: number, what: string): void {
  for (let i = 0; i < values.length; i++) {
    const index = values[i]!
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw new EngineError('Index', `${what}: ${index} is no row of an array with ${count} rows.`)
  }
}
