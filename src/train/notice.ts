/** Of a line that is told: whether it says what was done, or what may be wrong and is to be looked at. */
export type NoticeKind = 'notice' | 'warning'

/** A line that is told. */
export interface Notice {
  readonly kind: NoticeKind
  readonly text: string
}
