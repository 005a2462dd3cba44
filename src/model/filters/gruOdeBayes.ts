import { gruParameters } from '../../nn/layers.js'
import { constant, glorot } from '../../nn/parameters.js'
import type { FilterCell } from './cell.js'
import { filterOptions } from './filterOptions.js'

/** Features of each channel that the update reads. */
const FEATURES = 4
/** Of what they are made: value, mean, logarithm of the variance, error in standard deviations. */
const INPUTS = 4

/**
 * GRU-ODE-Bayes (De Brouwer, Simm, Arany and Moreau 2019). Between observations the state follows a GRU without inputs in continuous time,
 * dh/dt = rate (1 − u) ⊙ (g − h) (eq. 3), in steps that are exact for u and g as they are at the beginning, so that a state between −1 and
 * 1 stays there. At an observation each channel that has a value makes features relu(W [x, mean, log variance, error] + b) of it and of
 * what the state said before, with weights of its own, and a GRU reads these, 0 for the other channels (section 2.4).
 *
 * To the likelihood of each value before it is read the loss adds `bayesWeight` times KL(p_Bayes ‖ p_after) of each value that is read
 * (section 2.5): p_after = N(m, s²) is what the state says after the update, p_Bayes what Bayes' rule makes of what it said before and
 * of a measurement with the standard deviation `bayesNoise`.
 */
export const gruOdeBayes = {
  label: 'A GRU-ODE-Bayes',
  describe: 'as ode-rnn, but the state follows a GRU in continuous time, and the update reads how far off the prediction was',
  options: filterOptions.pick({ units: true, rate: true, decoderUnits: true, residual: true, bayesWeight: true, bayesNoise: true }),
  gaps: 'steps',
  parameters: ({ channels, units }) => ({
    ...gruParameters('flow', 0, units),
    'features.w': { shape: [INPUTS * FEATURES, channels], initialise: glorot() },
    'features.b': { shape: [FEATURES, channels], initialise: constant(0.1) },
    ...gruParameters('gru', FEATURES * channels, units),
  }),
  penalised: ({ bayesWeight }) => bayesWeight > 0,
  trace({ tf, dense, gruCell }, weights, { channels, units, rate, bayesWeight, bayesNoise }) {
    const rowOf = (name: string, row: number) => tf.reshape(tf.slice(weights[name]!, [row, 0], [1, channels]), [channels])
    return {
      evolve({ h }) {
        const gates = tf.sigmoid(dense(h, weights, 'flow.gates.w', 'flow.gates.b'))
        const [update, reset] = [tf.slice(gates, [0, 0], [-1, units]), tf.slice(gates, [0, units], [-1, units])]
        const candidate = tf.tanh(dense(tf.mul(reset, h), weights, 'flow.candidate.w', 'flow.candidate.b'))
        const speed = tf.mul(rate, tf.sub(1, update))
        return (time) => ({ h: tf.add(candidate, tf.mul(tf.exp(tf.neg(tf.mul(time, speed))), tf.sub(h, candidate))) })
      },
      update(moved, { observed, emit }) {
        const { mean, sd } = emit(moved)
        const [values, mask] = [tf.slice(observed, [0, 0], [-1, channels]), tf.slice(observed, [0, channels], [-1, channels])]
        const inputs = [values, mean, tf.mul(2, tf.log(sd)), tf.div(tf.sub(values, mean), sd)]
        const features = Array.from({ length: FEATURES }, (_f, feature) => {
          const sum = inputs.reduce(
            (total, input, i) => tf.add(total, tf.mul(input, rowOf('features.w', i * FEATURES + feature))),
            rowOf('features.b', feature),
          )
          return tf.mul(mask, tf.relu(sum))
        })
        return { h: gruCell(tf.concat(features, 1), moved.h, weights, 'gru') }
      },
      penalty(values, before, after) {
        const [prior, posterior] = [tf.square(before.sd), tf.square(after.sd)]
        const noise = bayesNoise ** 2
        const share = tf.div(prior, tf.add(prior, noise))
        const [mean, variance] = [tf.add(before.mean, tf.mul(share, tf.sub(values, before.mean))), tf.mul(share, noise)]
        const spread = tf.div(tf.add(variance, tf.square(tf.sub(mean, after.mean))), posterior)
        return tf.mul(bayesWeight / 2, tf.sub(tf.add(tf.log(tf.div(posterior, variance)), spread), 1))
      },
    }
  },
} satisfies FilterCell
