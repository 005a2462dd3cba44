import type * as tf from '@tensorflow/tfjs-core'
import type { z } from 'zod'
import type { Parameters } from '../../nn/mlp.js'
import type { ParameterSpecs } from '../../nn/parameters.js'
import type { Tracing } from '../tracing.js'
import type { FilterSizes } from './filterOptions.js'

/**
 * What a filter does with its state: how it changes while nothing is observed, and how an observation changes it. All else (what is
 * predicted of the state, likelihood, residual process, the walk through a batch) is the same for all.
 */
export interface FilterCell<Options extends z.ZodObject = z.ZodObject> {
  /** The model at the beginning of a sentence: `An ODE-RNN`. */
  readonly label: string
  /** What it does, in half a sentence. */
  readonly describe: string
  /** Its options, of those of `filterOptions`. */
  readonly options: Options
  /**
   * How a gap is crossed: in `steps` of at most `EULER_STEP`, where the state at the end of one is that at the beginning of the next;
   * or `whole`, by a formula of the state after the last observation and the time since.
   */
  readonly gaps: 'steps' | 'whole'
  /** All but those of the decoder and the residual process. */
  parameters(sizes: FilterSizes): ParameterSpecs
  /** The widths of what it carries from observation to observation beside `h`, by name; all begin at 0. */
  memory?(sizes: FilterSizes): Readonly<Record<string, number>>
  /** Whether its loss has a penalty beside the likelihood, at these sizes; default no. */
  penalised?(sizes: FilterSizes): boolean
  /** Writes it down with the tensors of its weights. */
  trace(tracing: Tracing, weights: Parameters, sizes: FilterSizes): TracedCell
}

/** What a filter carries, by name: the hidden state `h` `[rows, units]`, and what the cell has beside it. */
export type FilterState = Readonly<Record<'h', tf.Tensor> & Record<string, tf.Tensor>>

/** What is said of values that stand at a state: mean and standard deviation, `[rows, channels]` each. */
export interface Emitted {
  readonly mean: tf.Tensor
  readonly sd: tf.Tensor
}

/** An observation, as it is read. */
export interface Reading {
  /** Values, 0 where missing, and after them the mask, `[rows, 2 · channels]`. */
  readonly observed: tf.Tensor
  /** Time since the observation before it, `[rows, 1]`, of cells that cross gaps whole; 0 at the first. */
  readonly gap: tf.Tensor
  /** What the state says before the observation is read. */
  emit(state: FilterState): Emitted
}

/** A cell, written down. Times are in the model's unit. */
export interface TracedCell {
  /** From a state to what it has become after a time `[rows, 1]` in which nothing was observed. */
  evolve(state: FilterState): (time: tf.Tensor) => FilterState
  /** The state after an observation; `moved` is the state when it comes. */
  update(moved: FilterState, reading: Reading): FilterState
  /**
   * What the loss has beside the likelihood, `[rows, channels]`, for each value that is read: of what the state says before and after.
   * Of a cell that is `penalised`.
   *
   * @param values `[rows, channels]`, 0 where missing
   */
  penalty?(values: tf.Tensor, before: Emitted, after: Emitted): tf.Tensor
}
