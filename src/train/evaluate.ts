import { pickSeries } from '../data/batch.js'
import type { Series, SeriesSet } from '../data/series.js'
import type { Engine } from '../engine/engine.js'
import { cutWindows } from '../data/windows.js'
import { UserError } from '../errors.js'
import { normaliseValue } from '../data/normalise.js'
import type { Distribution } from '../distribution/distribution.js'
import type { Predictive } from '../distribution/predictive.js'
import type { SolverTotals } from '../model/sequenceModel.js'
import { random, type RandomStream } from '../random.js'
import { againstBaselines } from './againstBaseline.js'
import { baselinesOf, firstAfter, lastObserved, linearInterpolation, type PlainBaseline, type ChannelObservations } from './baselines.js'
import { sumPoints } from './channelSums.js'
import { forecast, withChannels } from './forecast.js'
import type { Forecast } from './forecastTypes.js'
import type { HeldOut } from './heldOut.js'
import type { FittedModel } from './modelFile.js'
import { noForecast } from './predictions.js'
import { holdOut, type Protocol } from './protocol.js'
import { publishedScores, type Squares } from './publishedScores.js'
import type { BaselineScore, Evaluation, ScoredPoint, Scores } from './records.js'
import { outsideTrained, type Outside } from './trainedRange.js'

/** What is held out, and how it is scored. See docs/evaluation.md. */
export interface EvaluationOptions extends Protocol {
  /** Samples of z0 per series, default 100. */
  readonly samples?: number
  readonly seed?: number
  /** Score every series, those that were trained on too; default only test series of data that were fitted to. */
  readonly all?: boolean
  /** Called with the solver's totals of each batch. */
  onBatch?(totals: SolverTotals): void
}

/** Scores, and every point that they are made of. */
export interface EvaluationResult {
  readonly evaluation: Evaluation
  readonly points: readonly ScoredPoint[]
  /** Series whose solve failed, and why the first did. */
  readonly failed: { readonly count: number; readonly error?: Error }
  /** Where the series scored leave what the model was trained on. */
  readonly outside: Outside
}

/** The series to score: of data that were fitted to the test split unless `all`, of other data all. */
export function scoredSeries(
  fitted: FittedModel,
  set: SeriesSet,
  fingerprint: string,
  all = false,
): { series: readonly Series[]; split: 'test' | 'all' } {
  if (all || fingerprint !== fitted.fingerprint) return { series: set.series, split: 'all' }
  const { series } = pickSeries(set, fitted.split.test)
  if (series.length === 0) {
    throw new UserError(
      'NoTestSeries',
      `The model was fitted to all ${set.series.length} series of this file, so there are none left to score it on. Use data it has ` +
        'not seen, fit with a test fraction, or say --all to score it on what it was trained on.',
    )
  }
  return { series, split: 'test' }
}

/** How many of the series bear the id of one that was trained on or validated with. */
export function countTrainedOn({ split }: FittedModel, series: readonly Series[]): number {
  const used = new Set([...split.train, ...split.valid])
  return series.filter(({ id }) => used.has(id)).length
}

/**
 * Scores a model, and plain baselines on the same points, on interpolation or extrapolation.
 *
 * @param data in its own units; channels that the model does not have are left out
 * @param fingerprint of the data as they were read: of data that the model was fitted to, only test series are scored
 * @throws DataError `NoChannel` if the data lack a channel of the model; UserError `NoTestSeries`,
 *   `TooShort` if there is nothing to score, `Option`, `BadCut`, `BadTime` for what is no protocol, `NoForecast` if no series could
 *   be forecast
 */
export function evaluate(
  engine: Engine,
  fitted: FittedModel,
  data: SeriesSet,
  fingerprint: string,
  options: EvaluationOptions,
): EvaluationResult {
  const { task, scoring = 'held-out', seed = 1, all } = options
  const set = cutWindows(withChannels(data, fitted.channels), fitted.windows)
  const { series: candidates, split } = scoredSeries(fitted, set, fingerprint, all)
  const queries = holdOut(candidates, options, fitted.time, seed)
  const usable = queries.map(({ series }) => series)

  const points: ScoredPoint[] = []
  const squares: Squares[][][] = []
  let [failed, error]: [number, Error | undefined] = [0, undefined]
  for (const one of scoreEach(engine, fitted, queries, options)) {
    if ('error' in one) {
      failed++
      error ??= one.error
      continue
    }
    const ofSeries = fitted.channels.map((): Squares[] => [])
    squares.push(ofSeries)
    for (const { point, channel, said } of one.scored) {
      points.push(point)
      if (scoring === 'published') ofSeries[channel]!.push(squaresOf(point, said))
    }
  }
  if (failed === queries.length) throw new UserError('NoForecast', noForecast(failed, 'score', error))
  return {
    evaluation: {
      task,
      scoring,
      split,
      series: queries.length - failed,
      trainedOn: countTrainedOn(fitted, usable),
      skipped: candidates.length - queries.length,
      ...(scoring === 'published' ? asPublished(set.series, fitted.channels, squares, task) : heldOutScores(points, fitted.channels, task)),
    },
    points,
    failed: { count: failed, ...(error && { error }) },
    outside: outsideTrained(
      fitted.scale,
      usable.map((series) => ({ series, times: series.times })),
    ),
  }
}

/** One held-out value, and what the model says of it. */
interface ScoredValue {
  readonly point: ScoredPoint
  /** Index of its channel. */
  readonly channel: number
  readonly said: Predictive
}

/** What was held out of a series and scored, channel after channel, or why it could not be forecast. */
export type ScoredSeries = { readonly id: string } & ({ readonly scored: Iterable<ScoredValue> } | { readonly error: Error })

/**
 * Scores series after series, whichever they are.
 *
 * @param queries of series of the model's channels in its order
 */
export function* scoreEach(
  engine: Engine,
  fitted: FittedModel,
  queries: readonly HeldOut[],
  { samples, seed = 1, onBatch }: Pick<EvaluationOptions, 'samples' | 'seed' | 'onBatch'>,
): Generator<ScoredSeries> {
  let index = 0
  for (const predicted of forecast(engine, fitted, queries, { samples, seed, onBatch })) {
    const query = queries[index++]!
    const { id } = query.series
    yield predicted.error ? { id, error: predicted.error } : { id, scored: scoredPoints(fitted, query, predicted) }
  }
}

/** The observed values among a series' targets, channel after channel, and what was predicted of each. */
function* scoredPoints(fitted: FittedModel, { series, rows, targets }: HeldOut, predicted: Forecast): Generator<ScoredValue> {
  const end = series.times[rows[rows.length - 1] ?? -1] ?? NaN
  for (const [c, channel] of fitted.channels.entries()) {
    const raw = channelObservations(series, rows, c, fitted.channels.length)
    const normalised = { times: raw.times, values: raw.values.map((v) => normaliseValue(fitted.normalisation.channels[c]!, v)) }
    for (const [i, row] of targets.entries()) {
      const cell = row * fitted.channels.length + c
      if (series.mask[cell] === 0) continue
      const said = predicted.distribution(i, c)
      const point = scorePoint(fitted, series, channel, c, row, said, end, raw, normalised)
      yield { point, channel: c, said }
    }
  }
}

type Task = Evaluation['task']
type AllScores = Scores & Pick<Evaluation, 'channels'>

function asPublished(series: readonly Series[], names: readonly string[], squares: readonly Squares[][][], task: Task): AllScores {
  const { all, channels } = publishedScores(series, names.length, squares)
  const told = ({ baselines: { linear, ...others }, ...scores }: Scores): Scores => ({
    ...scores,
    baselines: { ...others, ...(linear && baselinesOf(task).includes('linear') && { linear }) },
  })
  return { ...told(all), channels: Object.fromEntries(names.map((name, c) => [name, told(channels[c]!)])) }
}

function heldOutScores(points: readonly ScoredPoint[], names: readonly string[], task: Task): AllScores {
  const against = againstBaselines(sumPoints(points, names), names.length, task)
  const ofChannel = (name: string, c: number): Scores => ({
    ...scoresOf(
      points.filter(({ channel }) => channel === name),
      task,
      true,
    ),
    against: against.channels[c]!,
  })
  return {
    ...scoresOf(points, task, false),
    against: against.all,
    channels: Object.fromEntries(names.map((name, c) => [name, ofChannel(name, c)])),
  }
}

/** Squared errors of one value in its own units: of each sample's own mean, and of the baselines. */
function squaresOf({ observed, originalBaselines }: ScoredPoint, { components }: Predictive): Squares {
  const square = (said: number): number => (said - observed) ** 2
  const samples = components.map(({ mean }) => square(mean))
  return {
    model: samples.reduce((sum, one) => sum + one, 0) / samples.length,
    mean: square(originalBaselines.mean),
    locf: square(originalBaselines.locf),
    linear: square(originalBaselines.linear),
  }
}

function channelObservations(series: Series, rows: Int32Array, channel: number, channels: number): { times: number[]; values: number[] } {
  const seen = [...rows].filter((row) => series.mask[row * channels + channel] === 1)
  return { times: seen.map((row) => series.times[row]!), values: seen.map((row) => series.values[row * channels + channel]!) }
}

function scorePoint(
  fitted: FittedModel,
  series: Series,
  channel: string,
  c: number,
  row: number,
  said: Predictive,
  end: number,
  raw: ChannelObservations,
  normalised: ChannelObservations,
): ScoredPoint {
  const [time, value] = [series.times[row]!, series.values[row * fitted.channels.length + c]!]
  const z = said.units.normalise(value)
  const before = firstAfter(raw.times, time)
  const mean = fitted.normalisation.channels[c]!.rawMean
  return {
    series: series.id,
    time,
    channel,
    observed: value,
    mean: said.mean,
    sd: said.sd,
    normalisedObserved: z,
    normalisedMean: said.normalised.mean,
    logDensity: said.normalised.logDensity(z),
    originalLogDensity: said.logDensity(value),
    ...((said.mass?.(value) ?? 0) > 0 && { isProbability: true }),
    pit: pitOf(said, value, random(1, `pit ${series.id}`, row, c)),
    gap: before === 0 ? -1 : time - raw.times[before - 1]!,
    ahead: time - end,
    baselines: { mean: 0, locf: lastObserved(normalised, time, 0), linear: linearInterpolation(normalised, time, 0) },
    originalBaselines: { mean, locf: lastObserved(raw, time, mean), linear: linearInterpolation(raw, time, mean) },
  }
}

/**
 * P(X ≤ value); where the value has a probability, a number drawn between P(X < value) and that: of what is distributed as was said, it is
 * uniform then too, so that coverage means the same for counts (randomised PIT; Smith 1985).
 */
export function pitOf(said: Distribution, value: number, stream: RandomStream): number {
  const mass = said.mass?.(value) ?? 0
  return mass === 0 ? said.cdf(value) : said.cdf(value) - mass * stream.uniform()
}

/** Scores over some points. Units differ between channels, so errors in original units are per channel only. */
function scoresOf(points: readonly ScoredPoint[], task: Task, original: boolean): Scores {
  const mean = (of: (p: ScoredPoint) => number): number => points.reduce((sum, p) => sum + of(p), 0) / points.length
  const covered = (level: number): number => mean(({ pit }) => (Math.abs(pit - 0.5) <= level / 2 ? 1 : 0))
  const baseline = (name: PlainBaseline): BaselineScore => ({
    mse: mean((p) => (p.normalisedObserved - p.baselines[name]) ** 2),
    ...(original && { mseOriginal: mean((p) => (p.observed - p.originalBaselines[name]) ** 2) }),
  })
  return {
    points: points.length,
    mse: mean((p) => (p.normalisedObserved - p.normalisedMean) ** 2),
    ...(original && { mseOriginal: mean((p) => (p.observed - p.mean) ** 2) }),
    nll: -mean((p) => p.logDensity),
    ...(original && { nllOriginal: -mean((p) => p.originalLogDensity) }),
    coverage: { '50': covered(0.5), '90': covered(0.9) },
    baselines: {
      mean: baseline('mean'),
      locf: baseline('locf'),
      ...(baselinesOf(task).includes('linear') && { linear: baseline('linear') }),
    },
  }
}
