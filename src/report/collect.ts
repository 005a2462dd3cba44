import type { Engine } from '../engine/engine.js'
import { fingerprint } from '../data/fingerprint.js'
import { describeSeries } from '../data/describe.js'
import { findSeries } from '../data/findSeries.js'
import type { SeriesLabels } from '../data/labels.js'
import { quote } from '../data/place.js'
import type { Series, SeriesSet } from '../data/series.js'
import { cutWindows } from '../data/windows.js'
import { DataError, UserError } from '../errors.js'
import { ownParameters } from '../model/stack.js'
import { parameterCount } from '../nn/parameters.js'
import { models } from '../model/models.js'
import type { SolverTotals } from '../model/sequenceModel.js'
import { hash, random } from '../random.js'
import { rowsUpTo } from '../train/conditioning.js'
import { countTrainedOn, evaluate, scoredSeries, type EvaluationResult } from '../train/evaluate.js'
import { forecast, withChannels } from '../train/forecast.js'
import type { Forecast, Query } from '../train/forecastTypes.js'
import type { FittedModel } from '../train/modelFile.js'
import type { Notice } from '../train/notice.js'
import { outsideTrained, trainedRange } from '../train/trainedRange.js'
import { version } from '../version.js'
import { summariseCalibration } from './calibrationEffect.js'
import { predictionOf } from './prediction.js'
import type { ChannelSummary, ChannelView, DataSummary, EvaluationView, ReportContents, SeriesView } from './contents.js'
import { collectLatent } from './collectLatent.js'
import { collectLive } from './live/collectLive.js'
import { outsideWarnings } from './outside.js'
import { modelSettings } from './settings.js'
import { addTotals, emptyTotals, hasSolver, solverSummary } from './solverTotals.js'

/** What a report shows. */
export interface CollectOptions {
  /** Names of the files as the reader knows them. */
  readonly files: { readonly model: string; readonly data: string }
  readonly title?: string
  /** How many series to draw, default 6. */
  readonly series?: number
  /** Which series to draw instead, in this order, those that the model was trained on as well. */
  readonly ids?: readonly string[]
  /** Samples of z0 per series, default 100. */
  readonly samples?: number
  readonly seed?: number
  /** How far past each series' last observation to predict, in the data's unit of time; default a quarter of its span. */
  readonly horizon?: number
  /** Score and draw series that were trained on, too. */
  readonly all?: boolean
  /** Labels of series that the latent space may be coloured by. */
  readonly labels?: readonly SeriesLabels[]
  /** Name series that are not drawn in the figures of all, with what these tell of each. Default false. */
  readonly nameAll?: boolean
  /** Put the model into the page, to be asked there. Default true. */
  readonly live?: boolean
  /** When the report is made; default now. */
  readonly generated?: Date
}

/** Points at which each series' prediction is drawn. */
const GRID = 120
/** Series in the raster of observation times. */
const RASTER = 80

/**
 * Runs a model on a data set and gathers everything a report shows, in the data's units.
 *
 * @throws DataError `NoChannel` if the data lack a channel of the model; UserError `NoForecast` if no series could be forecast
 */
export function collectReport(engine: Engine, fitted: FittedModel, data: SeriesSet, options: CollectOptions): ReportContents {
  const {
    files,
    title = `${models[fitted.kind].label} of ${files.data}`,
    series: wanted = 6,
    ids,
    samples = 100,
    seed = 1,
    horizon,
    all = false,
    labels = [],
    nameAll = false,
    live = true,
    generated = new Date(),
  } = options
  const whole = withChannels(data, fitted.channels, files.data)
  const mark = fingerprint(whole)
  const set = cutWindows(whole, fitted.windows)
  const known = mark === fitted.fingerprint
  const totals = emptyTotals()
  const asked = { samples, seed, onBatch: (batch: SolverTotals): void => addTotals(totals, batch) }
  const { series: scored, split } = scoredSeries(fitted, set, mark, all || fitted.split.test.length === 0)
  const scorable = scored.filter(({ times }) => times.length >= 2)
  const chosen = ids ? namedSeries(set, ids, files.data) : chooseSeries(scorable, wanted, seed)
  const notices: Notice[] = [
    ...flattery(known && split === 'all', known ? 0 : countTrainedOn(fitted, scored)),
    ...(ids && known && split === 'test' ? seenBefore(fitted, chosen) : []),
    ...outsideNotices(fitted, set, scorable),
  ]
  const score = (task: Task): EvaluationResult => evaluate(engine, fitted, set, mark, { task, all: split === 'all', ...asked })
  const evaluations = scorable.length > 0 ? scoreTasks(score, notices) : {}
  const queries = chosen.map((series) => drawQuery(series, horizon))
  const forecasts = [...forecast(engine, fitted, queries, asked)]
  const views = forecasts.flatMap((predicted, i): SeriesView[] => (predicted.error ? [] : [seriesView(fitted, chosen[i]!, predicted)]))
  notices.push(...notDrawn(forecasts))
  const parts = partsOf(fitted, known)
  const drawn = views.map(({ id }) => id)
  const latent = collectLatent(engine, fitted, set, { drawn, parts, labels, horizon, seed })
  if (latent && labels.length > 0 && !nameAll) notices.push(labelsNotice)
  const embedded = live ? collectLive(fitted, chosen, { samples, seed }) : undefined
  const trainings = fitted.ensemble && { trainings: fitted.ensemble.members.length }
  return {
    title,
    generated: generated.toISOString(),
    version,
    files,
    time: set.time,
    timeColumn: set.timeColumn,
    idColumn: set.idColumn,
    data: summarise(fitted, set, parts, drawn, seed),
    model: {
      label: models[fitted.kind].label,
      parameters: parameterCount(ownParameters(fitted.parameters)),
      ...trainings,
      ...(fitted.stack && { averagedWith: fitted.stack.members }),
      settings: modelSettings(fitted),
    },
    ...(fitted.history.length > 0 && {
      training: { history: fitted.history, keptEpoch: fitted.keptEpoch, ...trainings, weighted: fitted.channelWeights !== undefined },
    }),
    series: views,
    evaluations,
    ...(fitted.calibration && { calibration: summariseCalibration(fitted.calibration, fitted.scale.span) }),
    ...(latent && { latent }),
    ...(embedded && { live: embedded }),
    nameAll,
    ...(totals.rows > 0 &&
      hasSolver(fitted) && { solver: { scope: `scores and forecasts of ${scored.length} series`, ...solverSummary(fitted, totals) } }),
    notices,
  }
}

type Task = 'interpolation' | 'extrapolation'

/** What the model is given, in each task. */
const conditionings = {
  interpolation: "a random half of each series' rows",
  extrapolation: "the first half of each series' span of time",
} as const satisfies Record<Task, string>

/**
 * The scores of each task; a task of which no series could be forecast has none, and it
 * is said. @throws UserError `NoForecast` where that is so of both
 */
function scoreTasks(score: (task: Task) => EvaluationResult, notices: Notice[]): ReportContents['evaluations'] {
  const failures: UserError[] = []
  const scored = (['interpolation', 'extrapolation'] as const).flatMap((task) => {
    try {
      const { evaluation, points } = score(task)
      return [[task, { scores: evaluation, points, conditioning: conditionings[task] } satisfies EvaluationView] as const]
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'NoForecast') throw error
      failures.push(error)
      notices.push({ kind: 'warning', text: `There are no scores of ${task}. ${error.message}` })
      return []
    }
  })
  if (scored.length === 0) throw failures[0]!
  return Object.fromEntries(scored)
}

/** Series that were to be drawn and could not be forecast. */
function notDrawn(forecasts: readonly Forecast[]): Notice[] {
  const failed = forecasts.filter(({ error }) => error !== undefined)
  if (failed.length === 0) return []
  return [
    {
      kind: 'warning',
      text: `${failed.length} of the ${forecasts.length} series to draw could not be forecast and ${failed.length === 1 ? 'is' : 'are'} left out: ${failed
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}${failed.length > 5 ? ', …' : ''}. The first: ${failed[0]!.error!.message}`,
    },
  ]
}

/** Warnings that scores are of series the model was trained on, or may be. */
function flattery(trained: boolean, familiar: number): Notice[] {
  if (trained)
    return [
      { kind: 'warning', text: 'The scores and forecasts on this page include series that the model was trained on: they flatter it.' },
    ]
  if (familiar > 0)
    return [
      {
        kind: 'warning',
        text:
          `${familiar} of the series scored bear the id of one that the model was trained on. If they are the same series, the scores ` +
          'flatter it.',
      },
    ]
  return []
}

/** Warnings of series that reach past the times of training. */
function outsideNotices({ scale }: FittedModel, { time }: SeriesSet, scorable: readonly Series[]): Notice[] {
  const outside = outsideTrained(
    scale,
    scorable.map((series) => ({ series, times: series.times })),
  )
  return outsideWarnings(outside, scale, time, 'scores').map((text) => ({ kind: 'warning', text }))
}

const labelsNotice: Notice = {
  kind: 'notice',
  text: 'Labels are those of the series that this report names. To colour all series by them, ask for all to be named (--name-all).',
}

function namedSeries(set: SeriesSet, ids: readonly string[], file: string): Series[] {
  const found = findSeries(set, ids, file)
  const short = found.find(({ times }) => times.length < 2)
  if (short)
    throw new DataError(
      'TooShort',
      `${file}: the series ${quote(short.id)} has a single row, so nothing of it can be held out and drawn. Name others.`,
      { file, series: short.id },
    )
  return found
}

/** Scores are of the test series, but a reader may have asked to see others. */
function seenBefore(fitted: FittedModel, chosen: readonly Series[]): Notice[] {
  const count = countTrainedOn(fitted, chosen)
  return count === 0
    ? []
    : [{ kind: 'warning', text: `The model was trained on ${count} of the ${chosen.length} series drawn: their forecasts flatter it.` }]
}

/** Long series first shown: those with at least the median number of rows, in random order; then the others. */
function chooseSeries(series: readonly Series[], count: number, seed: number): Series[] {
  const lengths = series.map(({ times }) => times.length).sort((a, b) => a - b)
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0
  const order = [...series].sort((a, b) => rank(a) - rank(b))
  return order.slice(0, count)

  function rank({ id, times }: Series): number {
    return random(seed, 'report', hash(id)).uniform() + (times.length >= median ? 0 : 1)
  }
}

/** Conditions on the first half of the span, asks for a grid to the end and beyond, and for the observed times too. */
function drawQuery(series: Series, horizon: number | undefined): Query {
  const { times } = series
  const [start, last] = [times[0]!, times.at(-1)!]
  const end = last + (horizon ?? (last - start) / 4)
  const grid = Array.from({ length: GRID }, (_, i) => start + ((end - start) * i) / (GRID - 1))
  return { series, rows: rowsUpTo(series, 0.5), times: Float64Array.from(new Set([...grid, ...times])).sort() }
}

function seriesView(fitted: FittedModel, series: Series, predicted: Forecast): SeriesView {
  const shown = rowsUpTo(series, 0.5)
  const width = fitted.channels.length
  const { from, until } = trainedRange(fitted.scale, series.times[0]!)
  const channels = fitted.channels.map((channel, c): ChannelView => {
    const normalisation = fitted.normalisation.channels[c]!
    const observations = Array.from(series.times.keys())
      .filter((row) => series.mask[row * width + c] === 1)
      .map((row) => ({
        time: series.times[row]!,
        value: series.values[row * width + c]!,
        role: shown.includes(row) ? ('conditioning' as const) : ('heldout' as const),
      }))
    return {
      channel,
      scale: normalisation.transform.kind === 'log' ? 'log' : 'linear',
      observations,
      prediction: predictionOf(Array.from(predicted.times, (_, i) => predicted.distribution(i, c))),
    }
  })
  return {
    id: series.id,
    conditionedUntil: series.times[shown.at(-1)!]!,
    trainedFrom: from,
    trainedUntil: until,
    times: Array.from(predicted.times),
    channels,
  }
}

type Parts = ReadonlyMap<string, 'train' | 'validation' | 'test'>

/** Which part of the split each series belongs to; nothing of data that the model was not fitted to. */
function partsOf({ split: { train, valid, test } }: FittedModel, known: boolean): Parts {
  if (!known) return new Map()
  return new Map([
    ...train.map((id) => [id, 'train'] as const),
    ...valid.map((id) => [id, 'validation'] as const),
    ...test.map((id) => [id, 'test'] as const),
  ])
}

function summarise(fitted: FittedModel, set: SeriesSet, parts: Parts, drawn: readonly string[], seed: number): DataSummary {
  const { series, rows, observed, channels } = describeSeries(set)
  const { train, valid, test } = fitted.split
  const first = new Set(drawn)
  return {
    series,
    rows,
    values: observed,
    channels: channels.map((described, c): ChannelSummary => ({
      name: described.channel,
      observed: described.observed,
      missing: described.missing,
      transform: fitted.normalisation.channels[c]!.transform.kind,
      lowerQuartile: described.q25,
      median: described.median,
      upperQuartile: described.q75,
    })),
    ...(parts.size > 0 && { split: { train: train.length, validation: valid.length, test: test.length } }),
    // Series that are drawn come first: choosing one marks it here.
    raster: [
      ...set.series.filter(({ id }) => first.has(id)),
      ...random(seed, 'raster').shuffle(set.series.filter(({ id }) => !first.has(id))),
    ]
      .slice(0, RASTER)
      .map(({ id, times }) => ({ series: id, times: Array.from(times), ...(parts.has(id) && { split: parts.get(id)! }) })),
  }
}
