import { gruParameters } from '../../nn/layers.js'
import { constant, uniform } from '../../nn/parameters.js'
import type { FilterCell } from './cell.js'
import { filterOptions } from './filterOptions.js'

/**
 * RNN-Decay (Mozer et al. 2017, as Rubanova, Chen and Duvenaud 2019, section 4.1, compare it): a time Δ after the last observation each
 * unit is h exp(−max(0, w rate Δ + b)), with a rate of its own; a GRU updates it at each observation, reading `[values, mask]`.
 */
export const rnnDecay = {
  label: 'An RNN with decay',
  describe: 'as ode-rnn, but between observations each unit of the state decays exponentially, at a rate of its own',
  options: filterOptions.pick({ units: true, rate: true, decoderUnits: true, residual: true }),
  gaps: 'whole',
  parameters: ({ channels, units }) => ({
    'decay.w': { shape: [units], initialise: uniform(0, 1) },
    'decay.b': { shape: [units], initialise: constant(0) },
    ...gruParameters('gru', 2 * channels, units),
  }),
  trace: ({ tf, gruCell }, weights, { rate }) => ({
    evolve:
      ({ h }) =>
      (time) => {
        const exponent = tf.add(tf.mul(tf.mul(rate, time), weights['decay.w']!), weights['decay.b']!)
        return { h: tf.mul(h, tf.exp(tf.neg(tf.relu(exponent)))) }
      },
    update: ({ h }, { observed }) => ({ h: gruCell(observed, h, weights, 'gru') }),
  }),
} satisfies FilterCell
