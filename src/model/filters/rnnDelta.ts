import { gruParameters } from '../../nn/layers.js'
import type { FilterCell } from './cell.js'
import { filterOptions } from './filterOptions.js'

/**
 * RNN-Δt (Rubanova, Chen and Duvenaud 2019, section 4.1): the state stands still between observations, and the GRU reads the time since
 * the observation before, in units of 1/rate, beside `[values, mask]`. So what it says ahead is the same however far.
 */
export const rnnDelta = {
  label: 'An RNN-Δt',
  describe: 'as ode-rnn, but the state stands still between observations, and the GRU reads the time since the last',
  options: filterOptions.pick({ units: true, rate: true, decoderUnits: true, residual: true }),
  gaps: 'whole',
  parameters: ({ channels, units }) => gruParameters('gru', 2 * channels + 1, units),
  trace: ({ tf, gruCell }, weights, { rate }) => ({
    evolve: (state) => () => state,
    update: ({ h }, { observed, gap }) => ({ h: gruCell(tf.concat([observed, tf.mul(rate, gap)], 1), h, weights, 'gru') }),
  }),
} satisfies FilterCell
