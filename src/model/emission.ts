import type * as tf from '@tensorflow/tfjs-core'
import type { Distribution } from '../distribution/distribution.js'
import { allFinite } from '../engine/arrays.js'
import { differentiable, type Differentiable } from '../engine/autodiff/differentiable.js'
import { runNamed } from '../engine/autodiff/program.js'
import type { Tape } from '../engine/autodiff/tape.js'
import type { Engine, Executable, FloatArray, Value } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { ROWS } from '../graph/shape.js'
import { simplify } from '../graph/simplify.js'
import { mlpParameters } from '../nn/layers.js'
import type { Parameters } from '../nn/mlp.js'
import { parameterShapes, type ParameterSpecs } from '../nn/parameters.js'
import type { Graphs } from './graphs.js'
import { likelihoods, type LikelihoodName } from './likelihoods/index.js'
import type { Likelihood } from './likelihoods/likelihood.js'
import type { PartConfig } from './partConfig.js'
import type { Tracing } from './tracing.js'

interface EmissionConfig extends PartConfig {
  /** Of each channel. */
  readonly likelihood: readonly LikelihoodName[]
}

/** Channels that share a likelihood. */
interface Group {
  readonly name: LikelihoodName
  readonly likelihood: Likelihood
  readonly channels: readonly number[]
}

/** The likelihoods in use, each with its channels. */
const groupsOf = ({ likelihood }: EmissionConfig): Group[] =>
  [...new Set(likelihood)].map((name) => ({
    name,
    likelihood: likelihoods[name],
    channels: likelihood.flatMap((other, channel) => (other === name ? [channel] : [])),
  }))

/** What a likelihood learns is called by its name too where there are several. */
const prefixOf = ({ name }: Group, groups: readonly Group[]): string => (groups.length === 1 ? 'noise.' : `noise.${name}.`)

/** Parameters of the decoder, a perceptron from z to what the likelihoods want, and their own. */
export function emissionParameters(config: EmissionConfig): ParameterSpecs {
  const groups = groupsOf(config)
  const width = groups.reduce((sum, { likelihood, channels }) => sum + likelihood.width * channels.length, 0)
  const own = groups.flatMap((group) =>
    Object.entries(group.likelihood.parameters(group.channels.length, config)).map(([name, spec]) => [
      name.replace(/^noise\./, prefixOf(group, groups)),
      spec,
    ]),
  )
  return {
    ...mlpParameters('decoder', [config.latents, ...(config.decoderUnits > 0 ? [config.decoderUnits] : []), width]),
    ...(Object.fromEntries(own) as ParameterSpecs),
  }
}

/**
 * `emission`: from `z`, `x`, `mask` to the log density of a row's observed values, `[rows, 1]`. `decoder`: from `z` to the parameters
 * of the distributions, `<likelihood>.<i>`.
 */
export function traceEmission(tracing: Tracing, config: EmissionConfig): Graphs {
  const { tf, trace, mlp } = tracing
  const { latents, channels } = config
  const groups = groupsOf(config)
  const shapes = parameterShapes(emissionParameters(config))
  const all = groups.length === 1

  /** The distributions of each group, from z. */
  const distributions = (z: tf.Tensor, weights: Parameters): (readonly tf.Tensor[])[] => {
    const raw = mlp(z, weights, 'decoder')
    let at = 0
    return groups.map((group) => {
      const { likelihood, channels: own } = group
      const blocks = Array.from({ length: likelihood.width }, () => {
        const block = own.length === raw.shape[1] ? raw : tf.slice(raw, [0, at], [-1, own.length])
        at += own.length
        return block
      })
      const prefix = prefixOf(group, groups)
      const named = all ? weights : Object.fromEntries(Object.entries(weights).map(([name, w]) => [name.replace(prefix, 'noise.'), w]))
      return likelihood.distribution(tracing, blocks, named, own.length, config)
    })
  }
  const columns = (x: tf.Tensor, { channels: own }: Group): tf.Tensor =>
    all
      ? x
      : tf.concat(
          own.map((channel) => tf.slice(x, [0, channel], [-1, 1])),
          1,
        )

  return {
    emission: trace(
      ({ z, x, mask, ...weights }) => {
        const parameters = distributions(z!, weights)
        const sums = groups.map((group, g) => {
          const observed = tf.greater(columns(mask!, group), 0.5)
          const density = group.likelihood.logDensity(tracing, columns(x!, group), parameters[g]!)
          return tf.sum(tf.where(observed, density, tf.zerosLike(density)), 1, true)
        })
        return sums.reduce((a, b) => tf.add(a, b))
      },
      { z: [ROWS, latents], x: [ROWS, channels], mask: [ROWS, channels], ...shapes },
    ),
    decoder: trace(
      ({ z, ...weights }) =>
        Object.fromEntries(distributions(z!, weights).flatMap((list, g) => list.map((tensor, i) => [`${groups[g]!.name}.${i}`, tensor]))),
      { z: [ROWS, latents], ...shapes },
    ),
  }
}

/** Runs the decoder and the likelihoods. */
export interface Emission {
  /** Log density of the observed values of each row: from `z`, `x`, `mask` to `output` `[rows, 1]`. */
  readonly score: Differentiable<'z' | 'x' | 'mask', 'output'>
  /** The distribution of each channel for each row of z. */
  decode(tape: Tape, z: Value): Decoded
}

/** Distributions on the normalised scale. */
export interface Decoded {
  /** By row of z and channel. */
  at(row: number, channel: number): Distribution
  /** Whether all their parameters are finite. */
  readonly finite: boolean
}

export function createEmission(engine: Engine, config: EmissionConfig, graphs: Graphs): Emission {
  const groups = groupsOf(config)
  const decoder = lazily((): Executable => engine.compile(simplify(graphs['decoder']!)))
  return {
    score: differentiable(engine, graphs['emission']!, { inputs: ['z', 'x', 'mask'], wrt: ['z'], outputs: ['output'] }),
    decode(tape, z) {
      const rows = z.shape[0]!
      const outputs = runNamed(decoder(), { ...tape.parameters, z }, rows)
      let finite = true
      const places: { readonly group: Group; readonly column: number; readonly parameters: readonly FloatArray[] }[] = []
      for (const group of groups) {
        const names = Object.keys(outputs).filter((name) => name.startsWith(`${group.name}.`))
        const parameters = names.map((name) => engine.read(outputs[name]!))
        finite &&= parameters.every(allFinite)
        group.channels.forEach((channel, column) => (places[channel] = { group, column, parameters }))
      }
      return {
        finite,
        at(row, channel) {
          const { group, column, parameters } = places[channel]!
          const width = group.channels.length
          // What does not depend on the state is there once.
          return group.likelihood.component(parameters.map((numbers) => numbers[numbers.length === width ? column : row * width + column]!))
        },
      }
    },
  }
}
