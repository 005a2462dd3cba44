import { GraphError, TraceError } from '../errors.js'
import { GraphBuilder, type Ref } from './builder.js'
import type { Graph } from './graph.js'
import type { Lowering } from './kernelCall.js'
import { kernelLowerings, operationName, supportedOperations } from './kernels.js'
import { record, type RecordedCall, type RecordedValue, type Recording, type TensorFunction } from './record.js'
import { formatShape, sameShape, type Shape } from './shape.js'

export type { TensorFunction } from './record.js'

/**
 * Turns a TensorFlow.js function into a Graph.
 *
 * The function is run twice on stand-in tensors with two different numbers of rows; dimensions that grow with them
 * become the rows axis. Its result is the output `output`, or one output per name if it returns an object. The active
 * TensorFlow.js backend and its tensors are left as they were.
 *
 * Numbers written in the function (`tf.mul(8 / 3, x)`, `tf.tensor2d([[1 / 3]])`, `tf.linspace(0, 1, 7)`) stay the
 * float64 numbers they are, although TensorFlow.js rounds its tensors to float32. Tensors that the function captures
 * become constants too, but have been rounded before: of those, numbers of up to 6 digits are taken for what was
 * written (0.1 is 0.1), and a constant with any other is `rounded`; float64 engines and solvers refuse it.
 *
 * @param shapes shape of each input; `-1` ({@link ROWS}) is the rows axis, `-k` stands for `k * rows`
 * @throws TraceError `NonDeterministic`, `Variable`, `Read`, `Unsupported`, `Rows`, `Async`, `Output`, `Captured`, `Backend`
 */
export function trace(fn: TensorFunction, shapes: Readonly<Record<string, Shape>>): Graph {
  const [few, many] = rowCounts(shapes)
  const first = record(fn, shapes, few)
  let second: Recording
  try {
    second = record(fn, shapes, many)
  } catch (cause) {
    if (cause instanceof TraceError) throw cause
    throw new TraceError(
      'Rows',
      `The traced function works for ${few} rows and fails for ${many}: ${cause instanceof Error ? cause.message : String(cause)} It ` +
        'must work for any number of rows.',
      { cause },
    )
  }
  requireSameCalls(first, second)
  return assemble(first, second, shapes)
}

/** Two primes that neither are nor divide any fixed dimension, so that none is mistaken for the rows axis. */
function rowCounts(shapes: Readonly<Record<string, Shape>>): [number, number] {
  const dimensions = Object.values(shapes)
    .flat()
    .map(Math.abs)
    .filter((d) => d > 1)
  const isPrime = (n: number) => {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
    return true
  }
  const found: number[] = []
  for (let n = 5; found.length < 2; n += 2) if (isPrime(n) && dimensions.every((d) => d % n !== 0)) found.push(n)
  return [found[0]!, found[1]!]
}

function requireSameCalls(first: Recording, second: Recording): void {
  const sameInputs = (a: RecordedCall, b: RecordedCall) =>
    a.inputs.length === b.inputs.length && a.inputs.every(([, id], i) => id === b.inputs[i]![1])
  const count = Math.max(first.calls.length, second.calls.length)
  for (let i = 0; i < count; i++) {
    const [a, b] = [first.calls[i], second.calls[i]]
    if (a && b && a.kernel === b.kernel && a.outputs.length === b.outputs.length && sameInputs(a, b)) continue
    const said = (call: RecordedCall | undefined) => (call ? `tf.${operationName(call.kernel)}` : 'nothing more')
    throw new TraceError(
      'Rows',
      `The traced function does different things for different numbers of rows: as operation ${i + 1} it runs ${said(a)} for ` +
        `${first.rows} rows and ${said(b)} for ${second.rows}${a && b && a.kernel === b.kernel ? ' on other operands' : ''}. A Graph ` +
        'does the same for any number of rows; do not unstack, split or loop over them.',
    )
  }
  if (
    first.outputs.length !== second.outputs.length ||
    first.outputs.some(([name, id], i) => second.outputs[i]![0] !== name || second.outputs[i]![1] !== id)
  ) {
    throw new TraceError('Rows', `The traced function returns other things for ${first.rows} rows than for ${second.rows}.`)
  }
}

function assemble(first: Recording, second: Recording, shapes: Readonly<Record<string, Shape>>): Graph {
  const g = new GraphBuilder()
  const refs = new Map<number, Ref>()
  const integers = new Set<number>()
  for (const [name, shape] of Object.entries(shapes)) refs.set(first.inputs[name]!, g.input(name, shape))
  const pair = (id: number) => [first.values[id]!, second.values[id]!] as const
  const shapeOf = (id: number) => symbolicShape(pair(id)[0].shape, pair(id)[1].shape, first.rows, second.rows)
  const ref = (id: number): Ref => {
    const known = refs.get(id)
    if (known !== undefined) return known
    const made = constant(g, pair(id), shapeOf(id), first.rows, second.rows)
    refs.set(id, made)
    return made
  }
  for (const index of neededCalls(first)) {
    const [call, other] = [first.calls[index]!, second.calls[index]!]
    if (call.outputs.every((id) => refs.has(id))) continue
    const lowering = kernelLowerings[call.kernel]
    const isConstant = call.inputs.every(([, id]) => pair(id)[0].constant !== undefined)
    if (!lowering && isConstant) continue // its result is a captured value like any other
    if (!lowering) throw unsupported(call.kernel, 'is no operation of a Graph')
    requireSameAttributes(call, other, first, second)
    const shapesOut = call.outputs.map(shapeOf)
    const made = lowerCall(g, lowering, call, { ref, pair, shapesOut, integers, first, second })
    call.outputs.forEach((id, i) => {
      if (!sameShape(g.shape(made[i]!), shapesOut[i]!)) {
        throw new TraceError(
          'Internal',
          `Lowering tf.${operationName(call.kernel)} gave shape ${formatShape(g.shape(made[i]!))} where TensorFlow.js says ` +
            `${formatShape(shapesOut[i]!)}. This is a bug of latent-ode.`,
        )
      }
      refs.set(id, made[i]!)
    })
  }
  for (const [name, id] of first.outputs) {
    if (integers.has(id)) throw unsupported('Cast', 'from numbers to integers can only be used as the indices of tf.gather or tf.oneHot')
    g.output(name, ref(id))
  }
  return g.build()
}

/** Indices of the calls that the outputs depend on, in order. */
function neededCalls({ calls, outputs }: Recording): number[] {
  const needed = new Set(outputs.map(([, id]) => id))
  const chosen: number[] = []
  for (let i = calls.length - 1; i >= 0; i--) {
    if (!calls[i]!.outputs.some((id) => needed.has(id))) continue
    chosen.push(i)
    for (const [, id] of calls[i]!.inputs) needed.add(id)
  }
  return chosen.reverse()
}

interface Surroundings {
  ref(id: number): Ref
  pair(id: number): readonly [RecordedValue, RecordedValue]
  readonly shapesOut: readonly Shape[]
  /** Values cast from real numbers to integers: a Graph cannot truncate, so only uses that need no rounding may see them. */
  readonly integers: Set<number>
  readonly first: Recording
  readonly second: Recording
}

/** Kernels that only hand on their operand. */
const passing = new Set(['Identity', 'Reshape', 'ExpandDims'])

function lowerCall(
  g: GraphBuilder,
  lowering: Lowering,
  call: RecordedCall,
  { ref, pair, shapesOut, integers }: Surroundings,
): readonly Ref[] {
  const fail = (why: string): never => {
    throw unsupported(call.kernel, why)
  }
  const id = (name: string) => call.inputs.find(([key]) => key === name)?.[1]
  for (const [name, value] of call.inputs) {
    if (!integers.has(value)) continue
    if (passing.has(call.kernel)) integers.add(call.outputs[0]!)
    else if (name !== 'indices')
      fail('has an operand that was cast to int32; such a value can only be used as the indices of tf.gather or tf.oneHot')
  }
  const [input] = call.inputs
  if (call.kernel === 'Cast' && call.attributes['dtype'] === 'int32' && input && pair(input[1])[0].dtype === 'float32')
    integers.add(call.outputs[0]!)
  try {
    return lowering({
      g,
      attributes: call.attributes,
      shapes: shapesOut,
      fail,
      outputDtype: pair(call.outputs[0]!)[0].dtype,
      has: (name) => id(name) !== undefined,
      ref: (name) => ref(id(name) ?? fail(`has no operand ${name}`)),
      refs: () => call.inputs.map(([, value]) => ref(value)),
      dtype: (name) => pair(id(name)!)[0].dtype,
      concreteShapes: (name) => {
        const [a, b] = pair(id(name)!)
        return [a.shape, b.shape]
      },
    })
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause
    throw new TraceError('Rows', `tf.${operationName(call.kernel)} would treat some rows differently from others: ${cause.message}`, {
      cause,
    })
  }
}

/** Attributes that repeat what the operands' and results' shapes say. */
const shapeAttributes = new Set(['shape', 'size', 'end', 'reps', 'numOrSizeSplits'])

function requireSameAttributes(a: RecordedCall, b: RecordedCall, first: Recording, second: Recording): void {
  for (const [key, value] of Object.entries(a.attributes)) {
    if (shapeAttributes.has(key) || JSON.stringify(value) === JSON.stringify(b.attributes[key])) continue
    throw new TraceError(
      'NonDeterministic',
      `The argument ${key} of tf.${operationName(a.kernel)} is ${JSON.stringify(value)} for ${first.rows} rows and ` +
        `${JSON.stringify(b.attributes[key])} for ${second.rows}. ${whatToDo}`,
    )
  }
}

const whatToDo =
  'If it is random, make it an input: noise is an input of a Graph. If it was computed from the number of rows, compute it with ' +
  'tensors (tf.mean, or a sum of ones).'

/** A value that no input reaches, as a constant; along the rows axis it must be alike everywhere. */
function constant(g: GraphBuilder, [a, b]: readonly [RecordedValue, RecordedValue], shape: Shape, rowsA: number, rowsB: number): Ref {
  const [x, y] = [firstAlongRows(a, shape), firstAlongRows(b, shape)]
  if (!x || !y || x.length !== y.length || x.some((value, i) => !Object.is(value, y[i]))) {
    throw new TraceError(
      'NonDeterministic',
      `A tensor of shape ${formatShape(shape)} that does not come from the inputs has other values for ${rowsA} rows than for ` +
        `${rowsB}${shape.some((d) => d < 0) ? ', or differs from row to row' : ''}: it would freeze into the Graph. ${whatToDo}`,
    )
  }
  const found = a.asWritten && b.asWritten ? x.map((value) => ({ value, sure: true })) : x.map(decimalOf)
  const values = found.map(({ value }) => value)
  const known = found.every(({ sure }) => sure) ? {} : { rounded: true }
  if (!shape.some((d) => d < 0)) return g.constant(values, shape, known)
  const uniform = values.every((value) => Object.is(value, values[0]))
  return g.broadcast(
    uniform
      ? g.constant(values[0]!, [], known)
      : g.constant(
          values,
          shape.map((d) => (d < 0 ? 1 : d)),
          known,
        ),
    shape,
  )
}

/** The values at position 0 of the rows axes, or undefined if those elsewhere differ. */
function firstAlongRows(value: RecordedValue, shape: Shape): number[] | undefined {
  const all = value.constant!
  if (!shape.some((d) => d < 0)) return Array.from(all)
  const kept: number[] = []
  const position = new Map<number, number>()
  for (let i = 0; i < all.length; i++) {
    let [rest, key, stride, isFirst] = [i, 0, 1, true]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = value.shape[axis]!
      const at = rest % size
      rest = (rest - at) / size
      if (shape[axis]! < 0) isFirst &&= at === 0
      else {
        key += at * stride
        stride *= size
      }
    }
    if (isFirst) {
      position.set(key, kept.length)
      kept.push(all[i]!)
    } else if (!Object.is(all[i], kept[position.get(key)!])) return undefined
  }
  return kept
}

/** A decimal of so few digits is what was written: of all float32 numbers only one in thirty has one. */
const writtenDigits = 6

/** The decimal of fewest digits that rounds to this float32, and whether that is what its author must have written. */
function decimalOf(value: number): { value: number; sure: boolean } {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) <= 2 ** 24)) return { value, sure: true }
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return { value: short, sure: digits <= writtenDigits }
  }
  return { value, sure: false }
}

/** The shape with its rows axes found: a dimension that differs must be the same multiple of the rows both times. */
function symbolicShape(a: readonly number[], b: readonly number[], rowsA: number, rowsB: number): Shape {
  const fail = (): never => {
    throw new TraceError(
      'Rows',
      `A tensor has shape [${a.join(', ')}] for ${rowsA} rows and [${b.join(', ')}] for ${rowsB}. A dimension must be fixed or a ` +
        'multiple of the number of rows.',
    )
  }
  if (a.length !== b.length) fail()
  return a.map((d, i) => {
    if (d === b[i]) return d
    const factor = d / rowsA
    return Number.isInteger(factor) && factor * rowsB === b[i] ? -factor : fail()
  })
}

function unsupported(kernel: string, why: string): TraceError {
  return new TraceError(
    'Unsupported',
    `tf.${operationName(kernel)} (kernel ${kernel}) ${why}. Supported are ${supportedOperations()
      .map((name) => `tf.${name}`)
      .join(', ')}, and what is made of them.`,
  )
}
