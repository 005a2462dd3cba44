/**
 * How the solve of a row can end; see {@link RowStatus}. `ok`: at its last time. `stopped`: with an event. `NotConverged`: the equations
 * of an implicit step could not be solved. `TimeResolution`: the field depends on `t`, and the engine's numbers
 * cannot tell the times within a step apart.
 */
export type StatusName = 'ok' | 'stopped' | 'StepTooSmall' | 'MaxSteps' | 'NonFinite' | 'NotConverged' | 'TimeResolution'

/** How the solve of one row ended. */
export interface RowStatus {
  readonly status: StatusName
  /** Time reached. */
  readonly time: number
  /** Size of the last attempted step. */
  readonly step: number
  /** The component of the last good state with the largest magnitude, and its value. */
  readonly component: number
  readonly value: number
  /** What happened and what to try; empty if all went well. */
  readonly message: string
}
