import type * as tf from '@tensorflow/tfjs-core'
import type { Scale } from '../distribution/onScale.js'
import { ROWS } from '../graph/shape.js'
import type { KernelName } from '../statespace/kernel.js'
import { mlpParameters } from '../nn/layers.js'
import type { Parameters } from '../nn/mlp.js'
import { parameterShapes, type ParameterSpecs } from '../nn/parameters.js'
import type { Graphs } from './graphs.js'
import { likelihoods, type LikelihoodName } from './likelihoods/index.js'
import type { Likelihood } from './likelihoods/likelihood.js'
import { noiseOf } from './likelihoods/noise.js'
import type { PartConfig } from './partConfig.js'
import { residualParameters, traceResidual } from './residual.js'
import type { Tracing } from './tracing.js'
import { weighted } from './weighted.js'

export interface EmissionConfig extends PartConfig {
  /** Of each channel. */
  readonly likelihood: readonly LikelihoodName[]
}

/** Channels that share a likelihood. */
export interface Group {
  readonly name: LikelihoodName
  readonly likelihood: Likelihood
  readonly channels: readonly number[]
}

/** The likelihoods in use, each with its channels. */
export const groupsOf = ({ likelihood }: EmissionConfig): Group[] =>
  [...new Set(likelihood)].map((name) => ({
    name,
    likelihood: likelihoods[name],
    channels: likelihood.flatMap((other, channel) => (other === name ? [channel] : [])),
  }))

/** How the values of a group's channels are normalised. */
export const scalesOf = ({ scales }: EmissionConfig, { channels }: Pick<Group, 'channels'>): Scale[] =>
  channels.map((channel) => scales?.[channel] ?? { mean: 0, sd: 1 })

/** The channels that have a residual process, and its kernel. Only normal likelihoods do, and there is one of them. */
export function correlatedGroup(config: EmissionConfig): (Group & { readonly kernel: KernelName }) | undefined {
  const { residual: kernel } = config
  if (kernel === 'none') return undefined
  const group = groupsOf(config).find(({ likelihood }) => likelihood.normal)
  return group && { ...group, kernel }
}

/** What a likelihood learns is called by its name too where there are several. */
const prefixOf = ({ name }: Group, groups: readonly Group[]): string => (groups.length === 1 ? 'noise.' : `noise.${name}.`)

/** Parameters of the decoder, a perceptron from z to what the likelihoods want, and their own. */
export function emissionParameters(config: EmissionConfig): ParameterSpecs {
  const groups = groupsOf(config)
  const correlated = correlatedGroup(config)
  const width = groups.reduce((sum, { likelihood, channels }) => sum + likelihood.width(config) * channels.length, 0)
  const own = groups.flatMap((group) =>
    Object.entries(group.likelihood.parameters(group.channels.length, config)).map(([name, spec]) => [
      name.replace(/^noise\./, prefixOf(group, groups)),
      spec,
    ]),
  )
  return {
    ...mlpParameters('decoder', [config.latents, ...(config.decoderUnits > 0 ? [config.decoderUnits] : []), width]),
    ...(Object.fromEntries(own) as ParameterSpecs),
    ...(correlated && residualParameters(correlated.channels.length, correlated.kernel)),
  }
}

/**
 * - `emission`: from `z`, `x`, `mask` to `density`, the weighted one of a row's observed values `[rows, 1]`, of channels without a residual
 *   process; for those that have one, the decoder's `mean` and, where it follows from z, the noise's `sd`, `[rows, channels]`.
 * - `residual`: scales of the residual process, where there is one, and the noise's `sd` where that does not follow from z.
 * - `decoder`: from `z` to the parameters of the distributions, `<likelihood>.<i>`.
 */
export function traceEmission(tracing: Tracing, config: EmissionConfig): Graphs {
  const { tf, trace, mlp } = tracing
  const { latents, channels } = config
  const groups = groupsOf(config)
  const correlated = correlatedGroup(config)
  const shapes = parameterShapes(emissionParameters(config))
  const all = groups.length === 1

  const weightsOf = (group: Group, weights: Parameters): Parameters => {
    const prefix = prefixOf(group, groups)
    return all ? weights : Object.fromEntries(Object.entries(weights).map(([name, w]) => [name.replace(prefix, 'noise.'), w]))
  }
  /** The distributions of each group, from z. */
  const distributions = (z: tf.Tensor, weights: Parameters): (readonly tf.Tensor[])[] => {
    const raw = mlp(z, weights, 'decoder')
    let at = 0
    return groups.map((group) => {
      const { likelihood, channels: own } = group
      const blocks = Array.from({ length: likelihood.width(config) }, () => {
        const block = own.length === raw.shape[1] ? raw : tf.slice(raw, [0, at], [-1, own.length])
        at += own.length
        return block
      })
      return likelihood.distribution(tracing, blocks, weightsOf(group, weights), own.length, { ...config, scales: scalesOf(config, group) })
    })
  }
  const columns = (x: tf.Tensor, { channels: own }: Group): tf.Tensor =>
    all
      ? x
      : tf.concat(
          own.map((channel) => tf.slice(x, [0, channel], [-1, 1])),
          1,
        )
  const densities = (x: tf.Tensor, mask: tf.Tensor, parameters: (readonly tf.Tensor[])[]): tf.Tensor[] =>
    groups.flatMap((group, g) => {
      if (group.name === correlated?.name) return []
      const observed = tf.greater(columns(mask, group), 0.5)
      const unweighted = group.likelihood.logDensity(tracing, columns(x, group), parameters[g]!, scalesOf(config, group))
      const density = weighted(tracing, unweighted, config.channelWeights, group.channels)
      return tf.sum(tf.where(observed, density, tf.zerosLike(density)), 1, true)
    })

  return {
    emission: trace(
      ({ z, x, mask, ...weights }) => {
        const parameters = distributions(z!, weights)
        const [mean, sd] = correlated ? parameters[groups.findIndex(({ name }) => name === correlated.name)]! : []
        return {
          ...(scoresDensity(config) && { density: densities(x!, mask!, parameters).reduce((a, b) => tf.add(a, b)) }),
          ...(mean && { mean: tf.add(mean, 0) }),
          ...(mean && config.noise === 'state' && { sd: sd! }),
        }
      },
      { z: [ROWS, latents], ...(scoresDensity(config) && { x: [ROWS, channels], mask: [ROWS, channels] }), ...shapes },
    ),
    decoder: trace(
      ({ z, ...weights }) =>
        Object.fromEntries(distributions(z!, weights).flatMap((list, g) => list.map((tensor, i) => [`${groups[g]!.name}.${i}`, tensor]))),
      { z: [ROWS, latents], ...shapes },
    ),
    ...(correlated && {
      residual: traceResidual(
        tracing,
        correlated.channels.length,
        correlated.kernel,
        noiseSpecs(config),
        (one, weights): Record<string, tf.Tensor> => {
          if (config.noise === 'state') return {}
          return { sd: tf.mul(one, noiseOf(tracing, weightsOf(correlated, weights), correlated.channels.length, config)) }
        },
      ),
    }),
  }
}

/** What the likelihoods learn beside the decoder. */
const noiseSpecs = (config: EmissionConfig): ParameterSpecs =>
  Object.fromEntries(Object.entries(emissionParameters(config)).filter(([name]) => name.startsWith('noise.')))

/** Whether there are channels without a residual process. */
export const scoresDensity = (config: EmissionConfig): boolean => correlatedGroup(config)?.channels.length !== config.channels
