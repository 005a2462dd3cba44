import type * as tfjs from '@tensorflow/tfjs-core'
import type { Graph } from '../../graph/graph.js'
import { ROWS } from '../../graph/shape.js'
import { parameterShapes } from '../../nn/parameters.js'
import type { KernelName } from '../../statespace/kernel.js'
import { traceResidual } from '../residual.js'
import { tracing } from '../tracing.js'
import { weighted } from '../weighted.js'
import type { Emitted, FilterCell, FilterState } from './cell.js'
import type { FilterSizes } from './filterOptions.js'
import { filterParameters } from './filterParameters.js'
import { entryWidth } from './walk.js'

const { tf, trace, mlp, gaussianLogDensity } = tracing

/** Least standard deviation of a prediction, in units of the channel's standard deviation. */
const SD_FLOOR = 1e-3

type Inputs = Readonly<Record<string, tfjs.Tensor>>

const part = (entry: tfjs.Tensor, from: number, size: number): tfjs.Tensor => tf.slice(entry, [0, from], [-1, size])

/** The widths of what is carried from step to step, by name. */
export const carriedWidths = (cell: FilterCell, sizes: FilterSizes): Readonly<Record<string, number>> => ({
  h: sizes.units,
  ...cell.memory?.(sizes),
})

/** The name of the output that the next step takes for an input. */
export const nextOf = (name: string): string => `next.${name}`

const shapesOf = (cell: FilterCell, sizes: FilterSizes) => ({
  ...Object.fromEntries(Object.entries(carriedWidths(cell, sizes)).map(([name, width]) => [name, [ROWS, width]])),
  entry: [ROWS, entryWidth(sizes.channels)],
  ...parameterShapes(filterParameters(cell, { ...sizes, residual: 'none' })),
})

/** A step of all rows: a prediction some way ahead, a move over the entry's gap, an update where something is shown. */
function stepOf(inputs: Inputs, cell: FilterCell, sizes: FilterSizes) {
  const { channels } = sizes
  const { entry } = inputs as { entry: tfjs.Tensor }
  const state = Object.fromEntries(Object.keys(carriedWidths(cell, sizes)).map((name) => [name, inputs[name]!])) as FilterState
  const traced = cell.trace(tracing, inputs, sizes)
  const emit = ({ h }: FilterState): Emitted => {
    const raw = mlp(h, inputs, 'decoder')
    return { mean: part(raw, 0, channels), sd: tf.add(tf.softplus(part(raw, channels, channels)), SD_FLOOR) }
  }
  const [after, gap] = [traced.evolve(state), part(entry, 1, 1)]
  const moved = after(gap)
  const updated = traced.update(moved, { observed: part(entry, 3, 2 * channels), gap, emit })
  // What crosses gaps whole stays as the last observation left it.
  const kept = cell.gaps === 'steps' ? moved : state
  const seen = part(entry, 2, 1)
  const next = Object.entries(updated).map(([name, tensor]) => [
    nextOf(name),
    tf.add(kept[name]!, tf.mul(seen, tf.sub(tensor, kept[name]!))),
  ])
  return {
    next: Object.fromEntries(next) as Record<string, tfjs.Tensor>,
    ...emit(after(part(entry, 0, 1))),
    ...(cell.penalised?.(sizes) && {
      penalty: penaltyOf(traced.penalty!(part(entry, 3, channels), emit(moved), emit(updated)), entry, sizes),
    }),
  }
}

/** Adds up what belongs to values that are read, `[rows, 1]`, weighted by channel. */
const penaltyOf = (penalty: tfjs.Tensor, entry: tfjs.Tensor, { channels, channelWeights }: FilterSizes): tfjs.Tensor =>
  sumWhere(part(entry, 3 + channels, channels), byChannel(penalty, channels, channelWeights))

const sumWhere = (mask: tfjs.Tensor, numbers: tfjs.Tensor): tfjs.Tensor =>
  tf.sum(tf.where(tf.greater(mask, 0.5), numbers, tf.zerosLike(numbers)), 1, true)

const byChannel = (numbers: tfjs.Tensor, channels: number, weights: FilterSizes['channelWeights']): tfjs.Tensor =>
  weighted(
    tracing,
    numbers,
    weights,
    Array.from({ length: channels }, (_, channel) => channel),
  )

/**
 * The step in training: what is carried, and `logDensity` `[rows, 1]` of the entry's target, weighted by channel; and `penalty`
 * `[rows, 1]` of the observation, if the cell has one.
 */
export const traceScored = (cell: FilterCell, sizes: FilterSizes): Graph =>
  trace(
    (inputs) => {
      const { channels, channelWeights } = sizes
      const { next, mean, sd, ...rest } = stepOf(inputs, cell, sizes)
      const density = gaussianLogDensity(part(inputs['entry']!, 3 + 2 * channels, channels), mean, sd)
      const observed = part(inputs['entry']!, 3 + 3 * channels, channels)
      return { ...next, logDensity: sumWhere(observed, byChannel(density, channels, channelWeights)), ...rest }
    },
    shapesOf(cell, sizes),
  )

/** The step in training where a residual process correlates the targets: not their density, but `mean` and `sd` of what may stand there. */
export const traceEmitted = (cell: FilterCell, sizes: FilterSizes): Graph =>
  trace(
    (inputs) => {
      const { next, ...rest } = stepOf(inputs, cell, sizes)
      return { ...next, ...rest }
    },
    shapesOf(cell, sizes),
  )

/** Scales of the residual process, from `one`: see `traceResidual`. */
export const traceScales = (channels: number, kernel: KernelName): Graph => traceResidual(tracing, channels, kernel, {}, () => ({}))

/** The step in prediction: what is carried, the state given out as `after` too, and the target's `mean` and `sd`. */
export const tracePredicted = (cell: FilterCell, sizes: FilterSizes): Graph =>
  trace(
    (inputs) => {
      const { next, mean, sd } = stepOf(inputs, cell, sizes)
      return { ...next, after: tf.add(next[nextOf('h')]!, 0), mean, sd }
    },
    shapesOf(cell, sizes),
  )
