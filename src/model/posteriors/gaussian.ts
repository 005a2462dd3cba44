import { differentiable } from '../../engine/autodiff/differentiable.js'
import type { FloatArray } from '../../engine/engine.js'
import { ROWS } from '../../graph/shape.js'
import { mlpParameters } from '../../nn/layers.js'
import { parameterShapes, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { NoiseSource } from '../sequenceModel.js'
import type { Posterior } from './posterior.js'

/** Least standard deviation of q(z0): one of exactly 0 has no density. */
const POSTERIOR_FLOOR = 1e-4

const parameters = ({ encoderUnits, latents }: PartConfig): ParameterSpecs =>
  mlpParameters('posterior', [encoderUnits, encoderUnits, 2 * latents])

/** N(mean, sd²) with independent components, both read off the context by a perceptron (Kingma and Welling 2014, section 3). */
export const gaussian: Posterior = {
  describe: 'a normal distribution with independent components',
  parameters,
  trace({ tf, trace, mlp, klToStandardNormal }, config) {
    const { latents, encoderUnits } = config
    return {
      posterior: trace(
        ({ h, seen, ...weights }) => {
          const raw = mlp(h!, weights, 'posterior')
          const informed = tf.greater(seen!, 0)
          const mean = tf.where(informed, tf.slice(raw, [0, 0], [-1, latents]), 0)
          const sd = tf.where(informed, tf.add(tf.softplus(tf.slice(raw, [0, latents], [-1, latents])), POSTERIOR_FLOOR), 1)
          return { mean, sd, kl: klToStandardNormal(mean, sd) }
        },
        { h: [ROWS, encoderUnits], seen: [ROWS, 1], ...parameterShapes(parameters(config)) },
      ),
      sampler: trace(
        ({ mean, sd, noise }) => {
          const z = tf.add(mean!, tf.mul(sd!, noise!))
          const ratio = tf.add(tf.mul(tf.sub(tf.square(noise!), tf.square(z)), 0.5), tf.log(sd!))
          return { z, logRatio: tf.sum(ratio, 1, true) }
        },
        { mean: [ROWS, latents], sd: [ROWS, latents], noise: [ROWS, latents] },
      ),
    }
  },
  create(engine, { latents }, graphs) {
    const posterior = differentiable(engine, graphs['posterior']!, {
      inputs: ['h', 'seen'],
      wrt: ['h'],
      outputs: ['mean', 'sd', 'kl'],
    })
    const sampler = differentiable(engine, graphs['sampler']!, {
      inputs: ['mean', 'sd', 'noise'],
      wrt: ['mean', 'sd'],
      outputs: ['z', 'logRatio'],
    })
    return (tape, context, unseen) => {
      const rows = context.shape[0]!
      const seen = engine.write(
        unseen.map((nothing) => (nothing ? 0 : 1)),
        [rows, 1],
      )
      const { kl, mean, sd } = tape.call(posterior, { h: context, seen })
      return {
        kl,
        sample(samples, noise) {
          const repeat = Int32Array.from({ length: rows * samples }, (_, i) => Math.floor(i / samples))
          return tape.call(sampler, {
            mean: tape.gather(mean, repeat),
            sd: tape.gather(sd, repeat),
            noise: engine.write((into) => drawNoise(into, rows, samples * latents, noise), [rows * samples, latents]),
          })
        },
        moments: () => ({ mean: Float64Array.from(engine.read(mean)), sd: Float64Array.from(engine.read(sd)) }),
      }
    }
  },
}

/** Standard normals, `each` a row; a row's draws depend on its own stream only. */
function drawNoise(into: FloatArray, rows: number, each: number, noise: NoiseSource): void {
  for (let row = 0; row < rows; row++) noise(row).normals(into, row * each, (row + 1) * each)
}
