import { mlpParameters } from '../../nn/layers.js'
import { parameterShapes, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Dynamics } from './dynamics.js'

const parameters = ({ latents, timeDependent, fieldLayers, fieldUnits }: PartConfig): ParameterSpecs =>
  mlpParameters('field', [latents + (timeDependent ? 1 : 0), ...Array<number>(fieldLayers).fill(fieldUnits), latents], {
    outputGain: 0.3,
  })

/** dz/dt = rate f(z), or f(z, t), with f a perceptron. */
export const mlp: Dynamics = {
  describe: 'a perceptron, dz/dt = rate f(z)',
  parameters,
  trace: ({ tf, vectorField, mlp: perceptron }, config) => ({
    field: vectorField(
      (t, z, weights) => tf.mul(config.rate, perceptron(config.timeDependent ? tf.concat([z, t], 1) : z, weights, 'field')),
      { dim: config.latents, params: parameterShapes(parameters(config)) },
    ),
  }),
}
