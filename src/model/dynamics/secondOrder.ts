import { mlpParameters } from '../../nn/layers.js'
import { parameterShapes, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Dynamics } from './dynamics.js'

const parameters = ({ latents, timeDependent, fieldLayers, fieldUnits }: PartConfig): ParameterSpecs =>
  mlpParameters('field', [latents + (timeDependent ? 1 : 0), ...Array<number>(fieldLayers).fill(fieldUnits), latents / 2], {
    outputGain: 0.3,
  })

/**
 * z = (x, v), dx/dt = rate v, dv/dt = rate f(x, v), or f(x, v, t), with f a perceptron: the first half of the latents are places, the
 * second their velocities (Norcliffe et al. 2020).
 */
export const secondOrder: Dynamics = {
  describe: 'z = (x, v) and a perceptron for the acceleration, dx/dt = rate v, dv/dt = rate f(x, v), for what swings',
  pairs: true,
  parameters,
  trace: ({ tf, vectorField, mlp }, config) => ({
    field: vectorField(
      (t, z, weights) => {
        const acceleration = mlp(config.timeDependent ? tf.concat([z, t], 1) : z, weights, 'field')
        return tf.mul(config.rate, tf.concat([tf.slice(z, [0, config.latents / 2], [-1, -1]), acceleration], 1))
      },
      { dim: config.latents, params: parameterShapes(parameters(config)) },
    ),
  }),
}
