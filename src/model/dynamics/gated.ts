import { mlpParameters } from '../../nn/layers.js'
import { parameterShapes, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Dynamics } from './dynamics.js'

/** The gate and the candidate are two perceptrons of the same sizes. */
const parameters = ({ latents, timeDependent, fieldLayers, fieldUnits }: PartConfig): ParameterSpecs => {
  const sizes = [latents + (timeDependent ? 1 : 0), ...Array<number>(fieldLayers).fill(fieldUnits), latents]
  return { ...mlpParameters('field.gate', sizes), ...mlpParameters('field.candidate', sizes) }
}

/**
 * dz/dt = rate (1 − g(z)) (c(z) − z), or g(z, t) and c(z, t), with a gate g in (0, 1), a candidate c in (−1, 1), both perceptrons: the
 * gated recurrent unit in continuous time (GRU-ODE, De Brouwer et al. 2019). From h' = g h + (1 − g) c follows
 * h' − h = (1 − g) (c − h); the step is written as a derivative. Each component moves towards a number within (−1, 1), so that it stays
 * there if it begins there, and otherwise comes nearer: nothing explodes ahead.
 */
export const gated: Dynamics = {
  describe: 'a gated unit in continuous time, dz/dt = rate (1 − g(z)) (c(z) − z), whose z stays bounded ahead',
  parameters,
  trace: ({ tf, vectorField, mlp }, config) => ({
    field: vectorField(
      (t, z, weights) => {
        const input = config.timeDependent ? tf.concat([z, t], 1) : z
        // 1 − sigmoid(x) is sigmoid(−x).
        const open = tf.sigmoid(tf.neg(mlp(input, weights, 'field.gate')))
        return tf.mul(config.rate, tf.mul(open, tf.sub(tf.tanh(mlp(input, weights, 'field.candidate')), z)))
      },
      { dim: config.latents, params: parameterShapes(parameters(config)) },
    ),
  }),
}
