import type { FloatArray } from '../engine/engine.js'

/** An event of a row: which, when, and the state there. */
export interface EventPoint {
  /** Its number in the list of events. */
  readonly event: number
  readonly time: number
  /** `[dim]` */
  readonly state: FloatArray
}
