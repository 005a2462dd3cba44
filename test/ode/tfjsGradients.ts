import * as tf from '@tensorflow/tfjs-core'

/**
 * Registers the gradients of the TensorFlow.js ops that the tests put around `odeint`. The union package
 * `@tensorflow/tfjs` registers all of them; `tfjs-core` alone, which is what this package needs, has none in Node.
 */
export function registerGradients(): void {
  const has = (kernelName: string): boolean => tf.getGradient(kernelName) !== undefined
  if (!has('Sum'))
    tf.registerGradient({
      kernelName: 'Sum',
      inputsToSave: ['x'],
      gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.onesLike(x!)) }),
    })
  if (!has('Square'))
    tf.registerGradient({
      kernelName: 'Square',
      inputsToSave: ['x'],
      gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.mul(2, x!)) }),
    })
  if (!has('Multiply')) {
    tf.registerGradient({
      kernelName: 'Multiply',
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => ({
        a: () => tf.reshape(tf.sum(tf.mul(dy as tf.Tensor, b!)), a!.shape),
        b: () => tf.mul(dy as tf.Tensor, a!),
      }),
    })
  }
  if (!has('Slice')) {
    tf.registerGradient({
      kernelName: 'Slice',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], attrs) => {
        const begin = attrs['begin'] as unknown as number[]
        const part = dy as tf.Tensor
        return {
          x: () =>
            tf.pad(
              part,
              begin.map((b, i) => [b, x!.shape[i]! - b - part.shape[i]!] as [number, number]),
            ),
        }
      },
    })
  }
}
