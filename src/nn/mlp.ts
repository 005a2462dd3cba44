import * as tf from '@tensorflow/tfjs-core'
import { constant, glorot, type ParameterSpecs } from './parameters.js'

/** Tensors by parameter name. */
export type Parameters = Readonly<Record<string, tf.Tensor>>

/**
 * Parameters `<name>.w0`, `<name>.b0`, … of a multilayer perceptron with layers of the given sizes, input first.
 *
 * @param outputGain scale of the last layer's starting weights; small ones start a vector field near rest
 */
export function mlpParameters(name: string, sizes: readonly number[], { outputGain = 1 } = {}): ParameterSpecs {
  const specs: Record<string, ParameterSpecs[string]> = {}
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const last = layer + 2 === sizes.length
    specs[`${name}.w${layer}`] = { shape: [sizes[layer]!, sizes[layer + 1]!], initialise: glorot(last ? outputGain : 1) }
    specs[`${name}.b${layer}`] = { shape: [sizes[layer + 1]!], initialise: constant(0) }
  }
  return specs
}

/** Applies the perceptron to `x` `[rows, inputs]`: tanh between layers, the last one linear. */
export function mlp(x: tf.Tensor, parameters: Parameters, name: string): tf.Tensor {
  let y = x
  for (let layer = 0; ; layer++) {
    y = dense(y, parameters, `${name}.w${layer}`, `${name}.b${layer}`)
    if (parameters[`${name}.w${layer + 1}`] === undefined) return y
    y = tf.tanh(y)
  }
}

/** `x W + b`. */
export const dense = (x: tf.Tensor, parameters: Parameters, weight: string, bias: string): tf.Tensor =>
  tf.add(tf.matMul(x as tf.Tensor2D, parameters[weight] as tf.Tensor2D), parameters[bias]!)
