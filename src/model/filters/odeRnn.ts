import { gruParameters, mlpParameters } from '../../nn/layers.js'
import type { FilterCell } from './cell.js'
import { filterOptions } from './filterOptions.js'

/**
 * ODE-RNN (Rubanova, Chen and Duvenaud 2019, section 3.1, algorithm 1), run forward: the hidden state follows dh/dt = rate f(h) by Euler
 * steps, between their ends the straight line, and a GRU updates it at each observation, reading `[values, mask]`.
 */
export const odeRnn = {
  label: 'An ODE-RNN',
  describe: 'each observation is predicted from those before it',
  options: filterOptions.pick({ units: true, fieldUnits: true, fieldLayers: true, rate: true, decoderUnits: true, residual: true }),
  gaps: 'steps',
  parameters: ({ channels, units, fieldUnits, fieldLayers }) => ({
    ...mlpParameters('field', [units, ...Array<number>(fieldLayers).fill(fieldUnits), units], { outputGain: 0.3 }),
    ...gruParameters('gru', 2 * channels, units),
  }),
  trace: ({ tf, mlp, gruCell }, weights, { rate }) => ({
    evolve({ h }) {
      const slope = tf.mul(rate, mlp(h, weights, 'field'))
      return (time) => ({ h: tf.add(h, tf.mul(time, slope)) })
    },
    update: ({ h }, { observed }) => ({ h: gruCell(observed, h, weights, 'gru') }),
  }),
} satisfies FilterCell
