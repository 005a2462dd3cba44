import type { Series } from '../data/series.js'
import type { Scores } from './records.js'

const methods = ['model', 'mean', 'locf', 'linear'] as const
/** Squared errors of one value, in the data's own units: the model's is the mean over the samples of z0 of each one's own. */
export type Squares = Readonly<Record<(typeof methods)[number], number>>

/** Scores of channels, and of all of them. */
export interface PublishedScores {
  readonly all: Scores
  readonly channels: readonly Scores[]
}

/**
 * Mean squared errors as the code released with Rubanova, Chen and Duvenaud (2019) computes them (`compute_mse` in its
 * lib/likelihood_eval.py): of each sample of z0, not of their mean; averaged over the values of a channel in a series, then
 * over channels and series, where a channel that has no value in a series counts as 0. Values are on that code's scale,
 * (x − min) / max of each channel over the whole data set, of which only the maximum matters to a difference (1 stands for a
 * maximum of 0). The same without the scale, which it leaves out for its toy set and for human activity, is `mseOriginal`.
 *
 * @param data all series of the set, whose maxima are the scale
 * @param channels number of channels
 * @param scored the squared errors of each series, by channel
 */
export function publishedScores(
  data: readonly Series[],
  channels: number,
  scored: readonly (readonly (readonly Squares[])[])[],
): PublishedScores {
  const scales = Array.from({ length: channels }, (_, c) => maximum(data, channels, c) || 1)
  const original = Array.from({ length: channels }, (_, c) => average(scored.map((series) => ofChannel(series[c]!))))
  const scaled = original.map((squares, c) => times(squares, 1 / scales[c]! ** 2))
  const counts = Array.from({ length: channels }, (_, c) => scored.reduce((sum, series) => sum + series[c]!.length, 0))
  return {
    all: toScores(
      counts.reduce((a, b) => a + b, 0),
      average(scaled),
      average(original),
    ),
    channels: counts.map((count, c) => toScores(count, scaled[c]!, original[c]!)),
  }
}

/** Of a channel in a series. */
const ofChannel = (values: readonly Squares[]): Squares => (values.length === 0 ? each(() => 0) : average(values))

const average = (some: readonly Squares[]): Squares =>
  each((method) => some.reduce((sum, squares) => sum + squares[method], 0) / some.length)

const times = (squares: Squares, factor: number): Squares => each((method) => squares[method] * factor)

const each = (of: (method: (typeof methods)[number]) => number): Squares => ({
  model: of('model'),
  mean: of('mean'),
  locf: of('locf'),
  linear: of('linear'),
})

function maximum(data: readonly Series[], channels: number, channel: number): number {
  let most = -Infinity
  for (const { values, mask } of data)
    for (let cell = channel; cell < mask.length; cell += channels) if (mask[cell] === 1) most = Math.max(most, values[cell]!)
  return Number.isFinite(most) ? most : 1
}

/** Densities and intervals are no part of it. */
function toScores(points: number, { model, ...baselines }: Squares, { model: original, ...originals }: Squares): Scores {
  const baseline = (name: 'mean' | 'locf' | 'linear') => ({ mse: baselines[name], mseOriginal: originals[name] })
  return {
    points,
    mse: model,
    mseOriginal: original,
    nll: NaN,
    coverage: { '50': NaN, '90': NaN },
    baselines: { mean: baseline('mean'), locf: baseline('locf'), linear: baseline('linear') },
  }
}
