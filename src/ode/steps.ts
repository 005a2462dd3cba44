/** Steps of one iteration of a solve. A row whose attempt was rejected has h = 0: that step is the identity. */
export interface StepRecord {
  /** Which rows (of the request) took part, `[n]`. */
  readonly rows: Int32Array
  /** Where their steps began, `[n]`. */
  readonly t: Float64Array
  /** Their sizes, signed, `[n]`. */
  readonly h: Float64Array
  /** Where they ended, `[n]`: `t + h`, or the very output time that the step was made to hit. */
  readonly end: Float64Array
  /** Of multistep methods: the signed sizes of the steps before, the latest first, 0 where there was none, `[n · steps]`. */
  readonly before?: Float64Array
  /** Whether `'auto'` took them by its stiff method. */
  readonly stiff?: boolean
}
/** All steps of a solve, in order. */
export type Steps = readonly StepRecord[]
