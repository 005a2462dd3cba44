import type { operandKinds } from './codes.js'
import { joined, product, squeeze, type View } from './view.js'

export interface OperandForm {
  readonly kind: keyof typeof operandKinds
  /** Of columns and windows. */
  readonly rowStride: number
}

/**
 * The form of an operand when the axes longer than 1 are cut before axis `cut` into rows and columns; undefined if it
 * has none.
 */
export const operandForm = (view: View, cut: number): OperandForm | undefined => formAt(squeeze(view), cut)

function formAt({ sizes, strides }: ReturnType<typeof squeeze>, cut: number): OperandForm | undefined {
  const form = (kind: OperandForm['kind'], rowStride = 0): OperandForm => ({ kind, rowStride })
  const across = cut === sizes.length ? undefined : joined(sizes, strides, cut, sizes.length)
  const down = cut === 0 ? undefined : joined(sizes, strides, 0, cut)
  if (cut < sizes.length && across === undefined) return undefined
  if (cut > 0 && down === undefined) return undefined
  if (across === undefined) return down === undefined || down === 0 ? form('scalar') : down === 1 ? form('full') : form('column', down)
  if (across === 0) return down === undefined || down === 0 ? form('scalar') : form('column', down)
  if (across !== 1) return undefined
  if (down === undefined) return form('full')
  if (down === 0) return form('row')
  return down === product(sizes.slice(cut)) ? form('full') : form('window', down)
}

/** The cuts at which an operand has a form, as bits. */
export function possibleCuts(view: View): number {
  const squeezed = squeeze(view)
  let cuts = 0
  for (let cut = 0; cut <= squeezed.sizes.length; cut++) if (formAt(squeezed, cut)) cuts |= 1 << cut
  return cuts
}
