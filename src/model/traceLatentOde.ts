import * as tf from '@tensorflow/tfjs-core'
import type { Graph } from '../graph/graph.js'
import { ROWS } from '../graph/shape.js'
import { trace } from '../graph/trace.js'
import { gaussianLogDensity, klToStandardNormal } from '../nn/gaussian.js'
import { gruCell } from '../nn/gru.js'
import { mlp, type Parameters } from '../nn/mlp.js'
import { parametersOf, parameterShapes } from '../nn/parameters.js'
import { vectorField } from '../ode/vectorField.js'
import { latentOdeParameters, odeRnnEncoderParameters, type LatentOdeConfig, type OdeRnnEncoderConfig } from './latentOdeConfig.js'
import type { LatentOdeGraphs } from './latentOdeGraphs.js'

/** Least standard deviation of learned noise, in units of the channel's standard deviation. */
const NOISE_FLOOR = 1e-3
/** Least standard deviation of q(z0): one of exactly 0 has no density. */
const POSTERIOR_FLOOR = 1e-4

/** Writes a latent ODE down as Graphs: the only part of it that needs TensorFlow.js. */
export function traceLatentOde(config: LatentOdeConfig): LatentOdeGraphs {
  const { channels, latents } = config
  const specs = latentOdeParameters(config)
  const decoderShapes = parameterShapes(parametersOf(specs, 'decoder.', 'noise.'))
  const noiseOf = (parameters: Parameters): tf.Tensor =>
    config.noise === 'learned' ? tf.add(tf.softplus(parameters['noise.raw']!), NOISE_FLOOR) : tf.fill([channels], config.noise)
  return {
    encoder: traceEncoder(config),
    posterior: trace(
      ({ h, ...parameters }) => {
        const raw = mlp(h!, parameters, 'posterior')
        const mean = tf.slice(raw, [0, 0], [-1, latents])
        const sd = tf.add(tf.softplus(tf.slice(raw, [0, latents], [-1, latents])), POSTERIOR_FLOOR)
        return { mean, sd, kl: klToStandardNormal(mean, sd) }
      },
      { h: [ROWS, config.encoderUnits], ...parameterShapes(parametersOf(specs, 'posterior.')) },
    ),
    sampler: trace(
      ({ mean, sd, noise }) => {
        const z = tf.add(mean!, tf.mul(sd!, noise!))
        const ratio = tf.add(tf.mul(tf.sub(tf.square(noise!), tf.square(z)), 0.5), tf.log(sd!))
        return { z, logRatio: tf.sum(ratio, 1, true) }
      },
      { mean: [ROWS, latents], sd: [ROWS, latents], noise: [ROWS, latents] },
    ),
    field: vectorField(
      (t, z, parameters) => tf.mul(config.rate, mlp(config.timeDependent ? tf.concat([z, t], 1) : z, parameters, 'field')),
      {
        dim: latents,
        params: parameterShapes(parametersOf(specs, 'field.')),
      },
    ),
    emission: trace(
      ({ z, x, mask, ...parameters }) => {
        const observed = tf.greater(mask!, 0.5)
        const density = gaussianLogDensity(x!, mlp(z!, parameters, 'decoder'), noiseOf(parameters))
        return tf.sum(tf.where(observed, density, tf.zerosLike(density)), 1, true)
      },
      { z: [ROWS, latents], x: [ROWS, channels], mask: [ROWS, channels], ...decoderShapes },
    ),
    decoder: trace(({ z, ...parameters }) => ({ mean: mlp(z!, parameters, 'decoder'), noise: noiseOf(parameters) }), {
      z: [ROWS, latents],
      ...decoderShapes,
    }),
  }
}

/** One step of the encoder: an Euler step back over `entry`'s gap, and a GRU update where anything was observed. */
function traceEncoder(config: OdeRnnEncoderConfig): Graph {
  const { channels, encoderUnits: units } = config
  return trace(
    ({ h, entry, ...parameters }) => {
      const [gap, observed] = [tf.slice(entry!, [0, 0], [-1, 1]), tf.slice(entry!, [0, 1], [-1, 1])]
      const moved = tf.sub(h!, tf.mul(gap, mlp(h!, parameters, 'encoder.field')))
      const updated = gruCell(tf.slice(entry!, [0, 2], [-1, 2 * channels]), moved, parameters, 'encoder.gru')
      // Both are finite (missing cells of x are 0), so a product may choose between them; its derivative is the cheaper.
      return tf.add(moved, tf.mul(observed, tf.sub(updated, moved)))
    },
    { h: [ROWS, units], entry: [ROWS, 2 + 2 * channels], ...parameterShapes(odeRnnEncoderParameters(config)) },
  )
}
