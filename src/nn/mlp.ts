import * as tf from '@tensorflow/tfjs-core'

/** Tensors by parameter name. */
export type Parameters = Readonly<Record<string, tf.Tensor>>

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
