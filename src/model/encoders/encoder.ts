import type { Tape } from '../../engine/autodiff/tape.js'
import type { Engine, Value } from '../../engine/engine.js'
import type { ParameterSpecs } from '../../nn/parameters.js'
import type { Graphs } from '../graphs.js'
import type { PartConfig } from '../partConfig.js'
import type { Observations } from '../observations.js'
import type { Tracing } from '../tracing.js'

/** Reads what was observed of a series and leaves a context, from which q(z0) follows. */
export interface Encoder {
  /** What it does, in half a sentence. */
  readonly describe: string
  /** Options of encoders that it has no use for: setting one is an error. */
  readonly unused?: readonly 'encoderFieldUnits'[]
  /** Names begin with `encoder.` */
  parameters(config: PartConfig): ParameterSpecs
  trace(tracing: Tracing, config: PartConfig): Graphs
  create(engine: Engine, config: PartConfig, graphs: Graphs): Encode
}

/** The context of each row at its origin, `[rows, encoderUnits]`. */
export type Encode = (tape: Tape, observations: Observations) => Value
