import { ROWS } from '../../graph/shape.js'
import { gruParameters } from '../../nn/layers.js'
import { parameterShapes, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Encoder } from './encoder.js'
import { encodeBackward } from './encodeBackward.js'
import { entryWidth } from './entries.js'

const parameters = ({ channels, encoderUnits }: PartConfig): ParameterSpecs =>
  gruParameters('encoder.gru', entryWidth(channels), encoderUnits)

/**
 * A GRU that reads the observations from the last to the first, and with each the time that passed since (the RNN encoder of Chen et
 * al. 2018). Between observations its state stands still: one update for each, where the ODE-RNN takes as many steps as the gap is long.
 */
export const rnn: Encoder = {
  describe: 'reads the observations from last to first, and the gaps between them as numbers: cheaper than ode-rnn where gaps are long',
  unused: ['encoderFieldUnits'],
  parameters,
  trace({ tf, trace, gruCell }, config) {
    const { channels, encoderUnits } = config
    const step = trace(
      ({ h, entry, ...weights }) => {
        const passed = tf.add(tf.abs(tf.slice(entry!, [0, 0], [-1, 1])), tf.slice(entry!, [0, 1], [-1, 1]))
        const updated = gruCell(entry!, h!, weights, 'encoder.gru')
        // A row that rests is told of no gap and no observation.
        return tf.where(tf.greater(passed, 0), updated, h!)
      },
      { h: [ROWS, encoderUnits], entry: [ROWS, entryWidth(channels)], ...parameterShapes(parameters(config)) },
    )
    return { encoder: step }
  },
  create: (engine, config, { encoder }) => encodeBackward(engine, config, encoder!, Infinity),
}
