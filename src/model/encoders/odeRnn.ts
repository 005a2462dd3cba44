import { ROWS } from '../../graph/shape.js'
import { gruParameters, mlpParameters } from '../../nn/layers.js'
import { parameterShapes, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Encoder } from './encoder.js'
import { encodeBackward } from './encodeBackward.js'
import { entryWidth } from './entries.js'

const parameters = ({ channels, encoderUnits, encoderFieldUnits }: PartConfig): ParameterSpecs => ({
  ...mlpParameters('encoder.field', [encoderUnits, encoderFieldUnits, encoderUnits], { outputGain: 0.3 }),
  ...gruParameters('encoder.gru', 2 * channels, encoderUnits),
})

/**
 * ODE-RNN encoder (Rubanova, Chen and Duvenaud 2019, algorithm 1), run backward: from each row's last observation
 * to the origin, the hidden state follows a learned vector field over the row's own gaps (Euler steps) and a GRU
 * updates it wherever anything was observed, reading `[values, mask]`. Rows are aligned by index, at their ends, not
 * by time: the cost is that of the longest row, whatever times the others have.
 */
export const odeRnn: Encoder = {
  describe: 'follows a learned ODE from observation to observation, backward, and updates its state at each',
  parameters,
  trace({ tf, trace, mlp, gruCell }, config) {
    const { channels, encoderUnits } = config
    const step = trace(
      ({ h, entry, ...weights }) => {
        const [gap, observed] = [tf.slice(entry!, [0, 0], [-1, 1]), tf.slice(entry!, [0, 1], [-1, 1])]
        const moved = tf.sub(h!, tf.mul(gap, mlp(h!, weights, 'encoder.field')))
        const updated = gruCell(tf.slice(entry!, [0, 2], [-1, 2 * channels]), moved, weights, 'encoder.gru')
        // Both are finite (missing cells of x are 0), so a product may choose between them; its derivative is the cheaper.
        return tf.add(moved, tf.mul(observed, tf.sub(updated, moved)))
      },
      { h: [ROWS, encoderUnits], entry: [ROWS, entryWidth(channels)], ...parameterShapes(parameters(config)) },
    )
    return { encoder: step }
  },
  create: (engine, config, { encoder }) => encodeBackward(engine, config, encoder!, config.encoderStep),
}
