import type { Graph } from '../graph/graph.js'
import { ROWS } from '../graph/shape.js'
import { parameterShapes } from '../nn/parameters.js'
import type { KernelName } from '../statespace/kernel.js'
import { odeRnnParameters, type OdeRnnSizes } from './odeRnnOptions.js'
import { traceResidual } from './residual.js'
import { tracing } from './tracing.js'
import { entryWidth } from './walk.js'
import { weighted } from './weighted.js'

const { tf, trace, mlp, gruCell, gaussianLogDensity } = tracing

/** Least standard deviation of a prediction, in units of the channel's standard deviation. */
const SD_FLOOR = 1e-3

type Inputs = Readonly<Record<string, ReturnType<typeof tf.tensor>>>

const part = (entry: Inputs[string], from: number, size: number): Inputs[string] => tf.slice(entry!, [0, from], [-1, size])

const shapesOf = (sizes: OdeRnnSizes) => ({
  h: [ROWS, sizes.units],
  entry: [ROWS, entryWidth(sizes.channels)],
  ...parameterShapes(odeRnnParameters({ ...sizes, residual: 'none' })),
})

/** A step of all rows: a prediction some way ahead, a move over the entry's gap, an update where something is shown. */
function stepOf({ h, entry, ...weights }: Inputs, { channels, rate }: OdeRnnSizes) {
  const slope = tf.mul(rate, mlp(h!, weights, 'field'))
  const ahead = (gap: Inputs[string]): Inputs[string] => tf.add(h!, tf.mul(gap!, slope))
  const moved = ahead(part(entry!, 1, 1))
  const updated = gruCell(part(entry!, 3, 2 * channels)!, moved!, weights, 'gru')
  const raw = mlp(ahead(part(entry!, 0, 1))!, weights, 'decoder')
  return {
    state: tf.add(moved!, tf.mul(part(entry!, 2, 1)!, tf.sub(updated, moved!))),
    mean: part(raw, 0, channels)!,
    sd: tf.add(tf.softplus(part(raw, channels, channels)!), SD_FLOOR),
  }
}

/** The step in training: from `h` and `entry` to `state`, and `logDensity` `[rows, 1]` of the entry's target, weighted by channel. */
export const traceScored = (sizes: OdeRnnSizes): Graph =>
  trace((inputs) => {
    const { channels, channelWeights } = sizes
    const { state, mean, sd } = stepOf(inputs, sizes)
    const unweighted = gaussianLogDensity(part(inputs['entry']!, 3 + 2 * channels, channels)!, mean, sd)
    const density = weighted(
      tracing,
      unweighted,
      channelWeights,
      Array.from({ length: channels }, (_, channel) => channel),
    )
    const observed = tf.greater(part(inputs['entry']!, 3 + 3 * channels, channels)!, 0.5)
    return { state, logDensity: tf.sum(tf.where(observed, density, tf.zerosLike(density)), 1, true) }
  }, shapesOf(sizes))

/** The step in training where a residual process correlates the targets: to `state`, and `mean` and `sd` of what may stand there. */
export const traceEmitted = (sizes: OdeRnnSizes): Graph => trace((inputs) => ({ ...stepOf(inputs, sizes) }), shapesOf(sizes))

/** Scales of the residual process, from `one`: see `traceResidual`. */
export const traceScales = (channels: number, kernel: KernelName): Graph => traceResidual(tracing, channels, kernel, {}, () => ({}))

/** The step in prediction: to `state`, which is given out as `after` too, and the target's `mean` and `sd`. */
export const tracePredicted = (sizes: OdeRnnSizes): Graph =>
  trace((inputs) => {
    const { state, mean, sd } = stepOf(inputs, sizes)
    return { state, after: tf.add(state, 0), mean, sd }
  }, shapesOf(sizes))
