import type { Tensor } from '@tensorflow/tfjs-core'
import { ROWS } from '../../graph/shape.js'
import { parameterShapes, type Initialiser, type ParameterSpecs } from '../../nn/parameters.js'
import type { PartConfig } from '../partConfig.js'
import type { Tracing } from '../tracing.js'
import type { Dynamics } from './dynamics.js'

/** Fastest growth, per unit of the model's time: e^0.25 over the longest training series, no more than twelve-fold over ten of them. */
const GROWTH = 0.25
/** Decay at the start: nearly none, so that what is early in a series is told by what is late from the first step on. */
const DECAY = 0.2
/** Angular speeds at the start: the slowest makes a quarter turn in the longest training series, the fastest is so many times the rate. */
const [SLOWEST, FASTEST] = [Math.PI / 2, 8]
/** Largest exponent: long before its origin a path that decays would be larger than numbers can be. */
const MOST = 10

const geometric =
  (from: number, to: number): Initialiser =>
  ([count = 1]) =>
    Float64Array.from({ length: count }, (_, i) => from * (to / from) ** (count === 1 ? 0.5 : i / (count - 1)))

const softplusInverse = (y: number): number => Math.log(Math.expm1(y))

const parameters = ({ latents, rate }: PartConfig): ParameterSpecs => ({
  'field.decay': {
    shape: [latents / 2],
    initialise: ([count = 1]) => new Float64Array(count).fill(softplusInverse((GROWTH + DECAY) / rate)),
  },
  'field.speed': { shape: [latents / 2], initialise: geometric(SLOWEST / rate, Math.max(FASTEST, (2 * SLOWEST) / rate)) },
})

/** Growth a and angular speed w of each pair, `[pairs]`. */
const spectrum = (tf: Tracing['tf'], weights: Readonly<Record<string, Tensor>>, { rate }: PartConfig): { a: Tensor; w: Tensor } => ({
  a: tf.sub(GROWTH, tf.mul(rate, tf.softplus(weights['field.decay']!))),
  w: tf.mul(rate, weights['field.speed']!),
})

/**
 * dz/dt = A z, with A in its real eigenbasis, to which encoder and decoder bring what they say: pairs (x, y) of components, x among the
 * first half of the latents, y among the second, with the blocks [[a, −w], [w, a]]. Then z(t) = exp(A t) z0 turns each pair by the angle
 * w t and scales it by e^(a t): it is computed as such, without a solver. Growth is bounded, a = 1/4 − rate softplus(·), as in linear
 * recurrent units (Orvieto et al. 2023), whose decay is near 0 and whose frequencies are spread at the start, too.
 */
export const linear: Dynamics = {
  describe: 'oscillations that grow or decay, dz/dt = A z, computed in closed form without a solver',
  pairs: true,
  exact: true,
  unused: ['fieldUnits', 'fieldLayers', 'timeDependent', 'method', 'stepSize', 'rtol', 'atol', 'maxSteps', 'adjoint'],
  parameters,
  trace({ tf, trace, vectorField }, config) {
    const { latents } = config
    const shapes = parameterShapes(parameters(config))
    const halves = (z: Tensor): [Tensor, Tensor] => [tf.slice(z, [0, 0], [-1, latents / 2]), tf.slice(z, [0, latents / 2], [-1, -1])]
    return {
      field: vectorField(
        (_t, z, weights) => {
          const { a, w } = spectrum(tf, weights, config)
          const [x, y] = halves(z)
          return tf.concat([tf.sub(tf.mul(a, x), tf.mul(w, y)), tf.add(tf.mul(w, x), tf.mul(a, y))], 1)
        },
        { dim: latents, params: shapes },
      ),
      flow: trace(
        ({ z, t, ...weights }) => {
          const { a, w } = spectrum(tf, weights, config)
          const [x, y] = halves(z!)
          const angle = tf.mul(t!, w)
          const size = tf.exp(tf.minimum(tf.mul(t!, a), MOST))
          const [cos, sin] = [tf.mul(size, tf.cos(angle)), tf.mul(size, tf.sin(angle))]
          return { path: tf.concat([tf.sub(tf.mul(cos, x), tf.mul(sin, y)), tf.add(tf.mul(sin, x), tf.mul(cos, y))], 1) }
        },
        { z: [ROWS, latents], t: [ROWS, 1], ...shapes },
      ),
    }
  },
}
