import { EngineError } from '../../errors.js'
import type { Shape } from '../../graph/shape.js'

/**
 * Where a value's scalars stand: element `[i, j, …]` at `offset + i·strides[0] + j·strides[1] + …` of the array that
 * `root` names. Offset and strides are dimensions like those of a {@link Shape}: −k stands for k·rows.
 */
export interface View {
  readonly root: number
  readonly offset: number
  readonly shape: Shape
  readonly strides: readonly number[]
}

/** A Graph that the kernel has no instructions for; the engine falls back to another for it. */
export const noKernel = (what: string): EngineError => new EngineError('NoKernel', `The kernel has no instruction for ${what}.`)

/** The product of two dimensions. */
export function times(a: number, b: number): number {
  if (a < 0 && b < 0) throw noKernel('arrays whose size grows with the square of the rows')
  return a * b || 0
}

/** The product of the dimensions. */
export const product = (dimensions: readonly number[]): number => dimensions.reduce(times, 1)

/** Row-major strides of a shape. */
export function rowMajor(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride
    stride = times(stride, shape[i]!)
  }
  return strides
}

export const wholeArray = (root: number, shape: Shape): View => ({ root, offset: 0, shape, strides: rowMajor(shape) })

/** Sizes and strides of the axes that are longer than 1. */
export function squeeze({ shape, strides }: Pick<View, 'shape' | 'strides'>): { sizes: number[]; strides: number[] } {
  const kept = shape.flatMap((d, i) => (d === 1 ? [] : [i]))
  return { sizes: kept.map((i) => shape[i]!), strides: kept.map((i) => strides[i]!) }
}

/** The shape without its axes of length 1. */
export const squeezed = (shape: Shape): number[] => shape.filter((d) => d !== 1)

/** Whether two shapes are the same but for axes of length 1. */
export function sameSqueezed(a: Shape, b: Shape): boolean {
  let j = 0
  for (const d of a) {
    if (d === 1) continue
    while (b[j] === 1) j++
    if (b[j++] !== d) return false
  }
  while (b[j] === 1) j++
  return j === b.length
}

/** Whether the scalars stand one after the other, in order. */
export function isContiguous({ shape, strides }: View): boolean {
  let isSo = true
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    const d = shape[i]!
    if (d === 1) continue
    isSo &&= strides[i] === stride
    stride = times(stride, d)
  }
  return isSo
}

/** The value repeated to a larger shape, by NumPy's rule: a stride of 0 where it repeats. */
export function broadcastView(view: View, shape: Shape): View {
  const lead = shape.length - view.shape.length
  return {
    ...view,
    shape,
    strides: shape.map((d, i) => (i < lead || (view.shape[i - lead] === 1 && d !== 1) ? 0 : view.strides[i - lead]!)),
  }
}

export const transposeView = (view: View, permutation: readonly number[]): View => ({
  ...view,
  shape: permutation.map((p) => view.shape[p]!),
  strides: permutation.map((p) => view.strides[p]!),
})

/** The value in another shape, if no scalar has to move for it. */
export function reshapeView(view: View, shape: Shape): View | undefined {
  if (isContiguous(view)) return { ...view, shape, strides: rowMajor(shape) }
  if (!sameSqueezed(view.shape, shape)) return undefined
  const { strides } = squeeze(view)
  let next = 0
  return { ...view, shape, strides: shape.map((d) => (d === 1 ? 0 : strides[next++]!)) }
}

/** A block of the value, if its beginning can be told in one dimension. */
export function sliceView(view: View, begin: readonly number[], shape: Shape): View | undefined {
  let offset = view.offset
  for (let i = 0; i < begin.length; i++) {
    const step = times(begin[i]!, view.strides[i]!)
    if (step === 0) continue
    if (offset !== 0 && Math.sign(offset) !== Math.sign(step)) return undefined
    offset += step
  }
  return { ...view, offset, shape }
}

/** The stride of axes `from` to `to` taken as one, or undefined if they do not follow each other evenly. */
export function joined(sizes: readonly number[], strides: readonly number[], from: number, to: number): number | undefined {
  for (let i = to - 2; i >= from; i--) if (strides[i] !== times(strides[i + 1]!, sizes[i + 1]!)) return undefined
  return strides[to - 1]
}

/** The stride between the matrices of a batch; undefined if there is no single one. */
export function batchStride(view: View): number | undefined {
  const axes = view.shape.length - 2
  const { sizes, strides } = squeeze({ shape: view.shape.slice(0, axes), strides: view.strides.slice(0, axes) })
  return sizes.length === 0 ? 0 : joined(sizes, strides, 0, sizes.length)
}
