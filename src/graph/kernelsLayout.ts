import * as tf from '@tensorflow/tfjs-core'
import { GraphError } from '../errors.js'
import type { GraphBuilder, Ref } from './builder.js'
import { block } from './kernelsReduction.js'
import type { KernelCall, Lowering } from './kernelCall.js'

const reshape: Lowering = ({ g, ref, has, shapes }) => [g.reshape(ref(has('x') ? 'x' : 'input'), shapes[0]!)]

/** Kernels that move values about: shapes, blocks, joins, look-ups. */
export const layoutKernels: Readonly<Record<string, Lowering>> = {
  Reshape: reshape,
  ExpandDims: reshape,
  Transpose: ({ g, ref, attributes }) => [g.transpose(ref('x'), attributes['perm'] as number[])],
  Concat: (call) => [call.g.concat(call.refs(), axis(call))],
  Pack: (call) => {
    const at = axis(call)
    const single = call.shapes[0]!.map((d, i) => (i === at ? 1 : d))
    return [
      call.g.concat(
        call.refs().map((x) => call.g.reshape(x, single)),
        at,
      ),
    ]
  },
  Unpack: (call) => {
    const { g, ref, shapes } = call
    return shapes.map((shape, i) => g.reshape(block(g, ref('value'), axis(call), i, 1), shape))
  },
  SplitV: (call) => {
    const { g, ref, shapes } = call
    let start = 0
    return shapes.map((shape) => {
      const size = shape[axis(call)]!
      const part = block(g, ref('x'), axis(call), start, size)
      start += Math.abs(size)
      return part
    })
  },
  Slice: ({ g, ref, attributes, shapes }) => {
    const begin = [attributes['begin'] as number | number[]].flat()
    return [
      g.slice(
        ref('x'),
        shapes[0]!.map((_, i) => begin[i] ?? 0),
        shapes[0]!,
      ),
    ]
  },
  StridedSlice: (call) => [stridedSlice(call)],
  Tile: ({ g, ref, shapes }) => [tile(g, ref('x'), shapes[0]!)],
  PadV2: (call) => [pad(call)],
  Reverse: ({ g, ref, attributes }) => {
    const x = ref('x')
    const dims = tf.util.parseAxisParam(attributes['dims'] as number[], [...g.shape(x)])
    return [
      dims.reduce((y, at) => {
        const n = g.shape(y)[at]!
        return takeAlong(
          g,
          y,
          at,
          Array.from({ length: Math.max(n, 0) }, (_, i) => n - 1 - i),
        )
      }, x),
    ]
  },
  GatherV2: (call) => {
    const { g, ref, attributes, shapes, fail } = call
    if (((attributes['batchDims'] as number | undefined) ?? 0) !== 0) fail('with batchDims is no operation of a Graph')
    const [x, indices] = [ref('x'), ref('indices')]
    const list = g.shape(indices).length === 1 ? indices : g.reshape(indices, [symbolicProduct(call, g.shape(indices))])
    return [g.reshape(gatherAlong(g, x, axis(call), list), shapes[0]!)]
  },
  OneHot: ({ g, ref, attributes }) => {
    const [depth, on, off] = ['depth', 'onValue', 'offValue'].map((key) => attributes[key] as number) as [number, number, number]
    const indices = ref('indices')
    const hot = g.binary(
      'equal',
      g.reshape(indices, [...g.shape(indices), 1]),
      g.constant(
        Array.from({ length: depth }, (_, i) => i),
        [depth],
      ),
    )
    return [on === 1 && off === 0 ? hot : g.select(hot, g.constant(on), g.constant(off))]
  },
}

/** The attribute `axis`, counted from the front. */
function axis({ attributes, shapes, g, has, ref }: KernelCall): number {
  const given = (attributes['axis'] as number | undefined) ?? 0
  const rank = has('value') ? g.shape(ref('value')).length : has('x') ? g.shape(ref('x')).length : shapes[0]!.length
  return given < 0 ? given + rank : given
}

function symbolicProduct({ fail }: KernelCall, shape: readonly number[]): number {
  if (shape.filter((d) => d < 0).length > 1) fail('with indices that have two rows axes is no operation of a Graph')
  return shape.reduce((size, d) => size * d, 1)
}

/** Entries of any axis, in the order of `indices` (rank 1). */
function gatherAlong(g: GraphBuilder, x: Ref, at: number, indices: Ref): Ref {
  if (at === 0) return g.gather(x, indices)
  const axes = g.shape(x).map((_, i) => i)
  const front = [at, ...axes.filter((i) => i !== at)]
  return g.transpose(
    g.gather(g.transpose(x, front), indices),
    axes.map((i) => front.indexOf(i)),
  )
}

function takeAlong(g: GraphBuilder, x: Ref, at: number, positions: readonly number[]): Ref {
  if (g.shape(x)[at]! < 0) throw new GraphError('Shape', 'The rows axis can only be taken whole and in its order.')
  return gatherAlong(g, x, at, g.constant(positions, [positions.length]))
}

/** Repeats: an axis of size 1 is broadcast, any other gets a repeated axis before it that is then merged. */
function tile(g: GraphBuilder, x: Ref, shape: readonly number[]): Ref {
  const from = g.shape(x)
  if (from.every((d, i) => d === 1 || d === shape[i])) return g.broadcast(x, shape)
  // The sign of a dimension says whether it counts rows: a repetition does where only the result has one.
  const repeats = from.map((d, i) => (d === 0 ? 1 : d < 0 === shape[i]! < 0 ? shape[i]! / d : -Math.abs(shape[i]! / d)))
  const split = g.reshape(
    x,
    from.flatMap((d) => [1, d]),
  )
  return g.reshape(
    g.broadcast(
      split,
      from.flatMap((d, i) => [repeats[i]!, d]),
    ),
    shape,
  )
}

function stridedSlice({ g, ref, attributes, shapes, concreteShapes, fail }: KernelCall): Ref {
  const mask = (name: string) => (attributes[name] as number | undefined) ?? 0
  const [infoA, infoB] = concreteShapes('x').map((shape) =>
    tf.slice_util.sliceInfo(
      [...shape],
      [...(attributes['begin'] as number[])],
      [...(attributes['end'] as number[])],
      [...(attributes['strides'] as number[])],
      mask('beginMask'),
      mask('endMask'),
      mask('ellipsisMask'),
      mask('newAxisMask'),
      mask('shrinkAxisMask'),
    ),
  ) as [SliceInfo, SliceInfo]
  if (infoA.begin.some((start, i) => start !== infoB.begin[i]))
    fail('that begins at a place which depends on the number of rows is no operation of a Graph')
  const taken = infoA.strides.reduce((x, stride, at) => {
    const d = g.shape(x)[at]!
    const start = infoA.begin[at]!
    const count = sizeOfRange(start, infoA.end[at]!, stride)
    if (stride === 1) return d < 0 && count === concreteShapes('x')[0][at] ? x : block(g, x, at, start, count)
    return takeAlong(
      g,
      x,
      at,
      Array.from({ length: count }, (_, i) => start + i * stride),
    )
  }, ref('x'))
  return g.reshape(taken, shapes[0]!)
}

type SliceInfo = ReturnType<typeof tf.slice_util.sliceInfo>

const sizeOfRange = (begin: number, end: number, stride: number): number => Math.max(0, Math.ceil((end - begin) / stride))

function pad({ g, ref, attributes }: KernelCall): Ref {
  const x = ref('x')
  const paddings = attributes['paddings'] as [number, number][]
  const value = (attributes['constantValue'] as number | undefined) ?? 0
  if (value === 0)
    return g.pad(
      x,
      paddings.map(([before]) => before),
      paddings.map(([, after]) => after),
    )
  return paddings.reduce((y, [before, after], at) => {
    const filler = (size: number): Ref[] =>
      size === 0
        ? []
        : [
            g.broadcast(
              g.constant(value),
              g.shape(y).map((d, i) => (i === at ? size : d)),
            ),
          ]
    return g.concat([...filler(before), y, ...filler(after)], at)
  }, x)
}
