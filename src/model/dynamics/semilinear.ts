import { mlpParameters } from '../../nn/layers.js'
import { glorot, parameterShapes, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Dynamics } from './dynamics.js'

/** Of the perceptron's last layer at the start, a tenth of what the linear map has: what is not linear comes in as data ask for it. */
const PERCEPTRON_GAIN = 0.03
const LINEAR_GAIN = 0.3

const parameters = ({ latents, timeDependent, fieldLayers, fieldUnits }: PartConfig): ParameterSpecs => ({
  'field.linear': { shape: [latents, latents], initialise: glorot(LINEAR_GAIN) },
  ...mlpParameters('field', [latents + (timeDependent ? 1 : 0), ...Array<number>(fieldLayers).fill(fieldUnits), latents], {
    outputGain: PERCEPTRON_GAIN,
  }),
})

/** dz/dt = rate (z A + f(z)), or f(z, t), with A `[latents, latents]` and f a perceptron that is small at first. */
export const semilinear: Dynamics = {
  describe: 'a linear map and a perceptron, dz/dt = rate (A z + f(z)), nearly linear at first',
  parameters,
  trace: ({ tf, vectorField, mlp }, config) => ({
    field: vectorField(
      (t, z, weights) => {
        const linear = tf.matMul(z as ReturnType<typeof tf.tensor2d>, weights['field.linear'] as ReturnType<typeof tf.tensor2d>)
        return tf.mul(config.rate, tf.add(linear, mlp(config.timeDependent ? tf.concat([z, t], 1) : z, weights, 'field')))
      },
      { dim: config.latents, params: parameterShapes(parameters(config)) },
    ),
  }),
}
