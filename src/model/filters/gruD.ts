import type * as tf from '@tensorflow/tfjs-core'
import { gruParameters } from '../../nn/layers.js'
import { constant, uniform } from '../../nn/parameters.js'
import type { FilterCell } from './cell.js'
import { filterOptions } from './filterOptions.js'

/**
 * GRU-D (Che, Purushotham, Cho, Sontag and Liu 2018, eq. 10 to 15). With δ the time since *each channel's* last value (since the first
 * observation, where it had none), in units of 1/rate, the state decays by exp(−max(0, δ W + b)) (eq. 10, 11), and in place of a missing
 * value the GRU reads the channel's last one, decayed toward the channel's mean by exp(−max(0, w δ + b)) (eq. 10, 12); values are
 * normalised, so the mean is 0. The GRU reads the mask, too (eq. 13 to 15).
 */
export const gruD = {
  label: 'A GRU-D',
  describe:
    "as rnn-decay, but by the time since each channel's last value, which decays toward the channel's mean and " +
    'stands in where one is missing',
  options: filterOptions.pick({ units: true, rate: true, decoderUnits: true, residual: true }),
  gaps: 'whole',
  parameters: ({ channels, units }) => ({
    'decay.w': { shape: [channels, units], initialise: uniform(0, 1 / channels) },
    'decay.b': { shape: [units], initialise: constant(0) },
    'inputDecay.w': { shape: [channels], initialise: uniform(0, 1) },
    'inputDecay.b': { shape: [channels], initialise: constant(0) },
    ...gruParameters('gru', 2 * channels, units),
  }),
  memory: ({ channels }) => ({ last: channels, since: channels }),
  trace({ tf, dense, gruCell }, weights, { channels, rate }) {
    const decay = (exponent: tf.Tensor): tf.Tensor => tf.exp(tf.neg(tf.relu(exponent)))
    return {
      evolve:
        ({ h, last, since }) =>
        (time) => {
          const later = tf.add(since!, time)
          return { h: tf.mul(h, decay(dense(tf.mul(rate, later), weights, 'decay.w', 'decay.b'))), last: last!, since: later }
        },
      update({ h, last, since }, { observed }) {
        const [values, mask] = [tf.slice(observed, [0, 0], [-1, channels]), tf.slice(observed, [0, channels], [-1, channels])]
        const missing = tf.sub(1, mask)
        const decayed = tf.mul(last!, decay(tf.add(tf.mul(tf.mul(rate, since!), weights['inputDecay.w']!), weights['inputDecay.b']!)))
        // Values that are missing are 0.
        const read = tf.add(values, tf.mul(missing, decayed))
        return {
          h: gruCell(tf.concat([read, mask], 1), h, weights, 'gru'),
          last: tf.add(values, tf.mul(missing, last!)),
          since: tf.mul(missing, since!),
        }
      },
    }
  },
} satisfies FilterCell
