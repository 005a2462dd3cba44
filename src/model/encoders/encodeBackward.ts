import { zeroValue } from '../../engine/arrays.js'
import { differentiable } from '../../engine/autodiff/differentiable.js'
import type { Engine } from '../../engine/engine.js'
import type { Graph } from '../../graph/graph.js'
import type { PartConfig } from '../partConfig.js'
import type { Encode } from './encoder.js'
import { encoderEntries, entryWidth } from './entries.js'

/**
 * An encoder whose state `h` `[rows, encoderUnits]` goes from 0 through the entries of each row, the last observation first.
 *
 * @param step from `h` and `entry` `[rows, entryWidth]` to `output`, the next state
 * @param longest gap of an entry; longer ones are cut
 */
export function encodeBackward(engine: Engine, { channels, encoderUnits }: PartConfig, step: Graph, longest: number): Encode {
  const scan = differentiable(engine, step, { carried: { h: 'output' }, stepped: ['entry'] })
  return (tape, observations) => {
    const { rows } = observations
    const loan = tape.pool.loan()
    const { count, fill } = encoderEntries(observations, longest, loan)
    const entry = engine.writeStack(fill, count, [rows, entryWidth(channels)])
    loan.end()
    return tape.scan(scan, { start: { h: zeroValue(engine, [rows, encoderUnits]) }, stacks: { entry }, steps: count }).end['h']!
  }
}
