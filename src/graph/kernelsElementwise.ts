import type { GraphBuilder, Ref } from './builder.js'
import { binaryOps, comparisonOps, elementwiseOps, isUnary, unaryOps, type BinaryOp, type ComparisonOp, type UnaryOp } from './ops.js'
import type { KernelCall, Lowering } from './kernelCall.js'
import type { Shape } from './shape.js'

/** Constants of Klambauer et al., "Self-normalizing neural networks", 2017. */
const seluAlpha = 1.6732632423543772
const seluScale = 1.0507009873554805

export const elementwiseKernels: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries(
    [...unaryOps, ...binaryOps, ...comparisonOps].map((op): [string, Lowering] => [elementwiseOps[op].tfjs, (call) => [oneOp(call, op)]]),
  ),
  // Of truth values, which are 0 and 1.
  LogicalAnd: ({ g, ref }) => [g.mul(ref('a'), ref('b'))],
  LogicalOr: ({ g, ref }) => [g.binary('maximum', ref('a'), ref('b'))],

  AddN: ({ g, refs }) => [refs().reduce((sum, x) => g.add(sum, x))],
  SquaredDifference: ({ g, ref }) => [g.unary('square', g.sub(ref('a'), ref('b')))],
  Tan: ({ g, ref }) => [g.div(g.unary('sin', ref('x')), g.unary('cos', ref('x')))],
  // By expm1, so that small arguments keep their digits.
  Sinh: ({ g, ref }) => [g.mul(g.constant(0.5), g.sub(g.unary('expm1', ref('x')), g.unary('expm1', g.unary('neg', ref('x')))))],
  Cosh: ({ g, ref }) => [g.mul(g.constant(0.5), g.add(g.unary('exp', ref('x')), g.unary('exp', g.unary('neg', ref('x')))))],

  Relu6: ({ g, ref }) => [g.binary('minimum', g.unary('relu', ref('x')), g.constant(6))],
  LeakyRelu: ({ g, ref, attributes }) => [leakyRelu(g, ref('x'), g.constant(attributes['alpha'] as number))],
  Prelu: ({ g, ref }) => [leakyRelu(g, ref('x'), ref('alpha'))],
  Elu: ({ g, ref }) => [elu(g, ref('x'), 1)],
  Selu: ({ g, ref }) => [g.mul(g.constant(seluScale), elu(g, ref('x'), seluAlpha))],
  Step: ({ g, ref, attributes }) => [
    g.select(g.binary('greater', ref('x'), g.constant(0)), g.constant(1), g.constant((attributes['alpha'] as number | undefined) ?? 0)),
  ],
  ClipByValue: ({ g, ref, attributes }) => [
    g.binary(
      'minimum',
      g.binary('maximum', ref('x'), g.constant(attributes['clipValueMin'] as number)),
      g.constant(attributes['clipValueMax'] as number),
    ),
  ],

  LogicalNot: ({ g, ref }) => [g.binary('equal', ref('x'), g.constant(0))],
  IsNan: ({ g, ref }) => [g.binary('notEqual', ref('x'), ref('x'))],
  // A float32 is finite exactly if it is at most the largest finite one.
  IsFinite: ({ g, ref }) => [g.binary('lessEqual', g.unary('abs', ref('x')), g.constant(3.4028234663852886e38))],
  Select: ({ g, ref }) => [g.select(ref('condition'), ref('t'), ref('e'))],
  Cast: (call) => {
    const { g, ref, attributes, dtype } = call
    const [from, to] = [dtype('x'), attributes['dtype'] as string]
    if (to !== 'float32' && to !== 'int32' && to !== 'bool') call.fail(`to ${to} is no operation of a Graph`)
    return [to === 'bool' && from !== 'bool' ? g.binary('notEqual', ref('x'), g.constant(0)) : ref('x')]
  },

  Identity: ({ ref }) => [ref('x')],
  ZerosLike: ({ g, shapes }) => [filled(g, 0, shapes[0]!)],
  OnesLike: ({ g, shapes }) => [filled(g, 1, shapes[0]!)],
  Fill: ({ g, attributes, shapes, fail }) => [
    typeof attributes['value'] === 'number' ? filled(g, attributes['value'], shapes[0]!) : fail('with text is no operation of a Graph'),
  ],

  FusedBatchNorm: ({ g, ref, has, attributes }) => {
    const deviation = g.unary('rsqrt', g.add(ref('variance'), g.constant(attributes['varianceEpsilon'] as number)))
    const standardised = g.mul(g.sub(ref('x'), ref('mean')), deviation)
    const scaled = has('scale') ? g.mul(standardised, ref('scale')) : standardised
    return [has('offset') ? g.add(scaled, ref('offset')) : scaled]
  },
}

/** An activation that a fused matmul of TensorFlow.js applies. */
export function activate(call: KernelCall, x: Ref): Ref {
  const { g, attributes, ref, fail } = call
  switch (attributes['activation'] as string | undefined) {
    case undefined:
    case 'linear':
      return x
    case 'relu':
      return g.unary('relu', x)
    case 'sigmoid':
      return g.unary('sigmoid', x)
    case 'relu6':
      return g.binary('minimum', g.unary('relu', x), g.constant(6))
    case 'elu':
      return elu(g, x, 1)
    case 'leakyrelu':
      return leakyRelu(g, x, g.constant(attributes['leakyreluAlpha'] as number))
    case 'prelu':
      return leakyRelu(g, x, ref('preluActivationWeights'))
    default:
      return fail(`with the activation ${String(attributes['activation'])} is no operation of a Graph`)
  }
}

const filled = (g: GraphBuilder, value: number, shape: Shape): Ref => g.broadcast(g.constant(value), shape)

const leakyRelu = (g: GraphBuilder, x: Ref, slope: Ref): Ref => g.select(g.binary('greaterEqual', x, g.constant(0)), x, g.mul(slope, x))

/** The exponential sees no positive number: its overflow would reach the derivative as infinity times 0. */
const elu = (g: GraphBuilder, x: Ref, scale: number): Ref => {
  const below = g.unary('expm1', g.binary('minimum', x, g.constant(0)))
  return g.select(g.binary('greaterEqual', x, g.constant(0)), x, scale === 1 ? below : g.mul(g.constant(scale), below))
}

/** A kernel that is one op of a Graph. TensorFlow.js rounds the results of most of them on integers, which a Graph cannot. */
function oneOp({ g, ref, outputDtype, fail }: KernelCall, op: UnaryOp | BinaryOp | ComparisonOp): Ref {
  if (outputDtype === 'int32' && !elementwiseOps[op].keepsIntegers)
    fail('on int32 tensors rounds its result, which no operation of a Graph does; cast to float32 first')
  return isUnary(op) ? g.unary(op, ref('x')) : g.binary(op, ref('a'), ref('b'))
}
