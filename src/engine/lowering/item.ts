import type { Epilogue } from './codes.js'
import type { View } from './view.js'

/** What becomes one instruction, or a few. `root` names the array that it makes. */
export type Item = Chain | ProductItem | ReduceItem | CopyItem | RowsByIndex | RowCount | LuItem | LuSolveItem

/** Element-wise nodes of one shape, run in one pass. */
export interface Chain {
  readonly kind: 'chain'
  readonly nodes: number[]
}

/** A matrix product, added to `start` if there is one; of that, the epilogue, if there is one. */
export interface ProductItem {
  readonly kind: 'product'
  readonly root: number
  readonly node: number
  readonly a: View
  readonly b: View
  /** Set if B is a matrix among the inputs that is packed once for all runs. */
  readonly pack?: Pack
  start?: View
  readonly epilogue?: { readonly name: Epilogue; readonly other: View | undefined }
}

/** The matrix `[k, n]` (stored transposed or not) of input number `input`, in the order in which products read it. */
export interface Pack {
  readonly input: number
  readonly k: number
  readonly n: number
  readonly transposed: boolean
}

/** A sum or maximum over the middle axis; a sum is added to `start` if there is one. */
export interface ReduceItem {
  readonly kind: 'reduce'
  readonly root: number
  readonly node: number
  readonly op: 'sum' | 'max'
  readonly sizes: readonly [outer: number, middle: number, inner: number]
  readonly source: View
  start?: View
}

/** Values copied to where they belong in a new array; zeros everywhere else if `zero`. */
export interface CopyItem {
  readonly kind: 'copy'
  readonly root: number
  readonly node: number
  readonly zero: boolean
  readonly parts: readonly { readonly from: View; readonly offset: number; readonly strides: readonly number[] }[]
}

/** Rows taken by index, or added to rows by index. */
export interface RowsByIndex {
  readonly kind: 'gather' | 'scatter'
  readonly root: number
  readonly node: number
  readonly source: View
  readonly index: View
  /** Scalars in a row; rows of the array that is indexed. */
  readonly width: number
  readonly rows: number
}

interface RowCount {
  readonly kind: 'rows'
  readonly root: number
  readonly node: number
}

/** Factors of each matrix `[n, n]` of a batch. */
export interface LuItem {
  readonly kind: 'lu'
  readonly root: number
  readonly node: number
  readonly source: View
}

/** Linear systems solved with the factors of their matrices. */
export interface LuSolveItem {
  readonly kind: 'luSolve'
  readonly root: number
  readonly node: number
  readonly factors: View
  readonly source: View
  readonly transposed: boolean
}

/** Roots of the arrays that an item reads, its own results left out. */
export function readsOf(item: Item, chains: { externalReads(chain: Chain): readonly number[] }): readonly number[] {
  switch (item.kind) {
    case 'chain':
      return chains.externalReads(item)
    case 'product':
      return [
        item.a.root,
        item.b.root,
        ...(item.start ? [item.start.root] : []),
        ...(item.epilogue?.other ? [item.epilogue.other.root] : []),
      ]
    case 'reduce':
      return [item.source.root, ...(item.start ? [item.start.root] : [])]
    case 'copy':
      return item.parts.map(({ from }) => from.root)
    case 'gather':
    case 'scatter':
      return [item.source.root, item.index.root]
    case 'rows':
      return []
    case 'lu':
      return [item.source.root]
    case 'luSolve':
      return [item.factors.root, item.source.root]
  }
}
