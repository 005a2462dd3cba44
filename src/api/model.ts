import { basename } from 'node:path'
import { inspect } from 'node:util'
import { parseLength } from '../data/dates.js'
import { fingerprint } from '../data/fingerprint.js'
import type { SeriesSet } from '../data/series.js'
import { onAxis } from '../data/times/onAxis.js'
import { writeFileAtomically } from '../data/write.js'
import { UserError } from '../errors.js'
import type { CollectOptions } from '../report/collect.js'
import { evaluate, type EvaluationOptions, type EvaluationResult } from '../train/evaluate.js'
import { checkpointOf } from '../train/checkpoint.js'
import { resumeFit } from '../train/fit.js'
import { withChannels } from '../train/forecast.js'
import { readModel, writeModel, type FittedModel } from '../train/modelFile.js'
import type { TrainingState } from '../train/state.js'
import { engineOf, type EngineOptions } from './engines.js'
import { keysOf } from '../keysOf.js'
import { requireKnown } from './optionNames.js'
import { predictOn, type Forecast, type PredictOptions } from './predict.js'
import { nameOf } from './read.js'
import { eventsOf, type FitRun } from './runFit.js'
import type { Length } from './time.js'

/** What is held out, how it is scored, and what computes. See docs/evaluation.md. */
export interface EvaluateOptions extends Partial<Omit<EvaluationOptions, 'onBatch'>>, EngineOptions {}

const evaluateOptionNames = keysOf<Required<EvaluateOptions>>({
  task: true,
  shown: true,
  cut: true,
  scoring: true,
  samples: true,
  seed: true,
  all: true,
  engine: true,
  dtype: true,
})

/** What a report shows, and what computes. */
export interface ReportOptions extends Omit<CollectOptions, 'files' | 'horizon'>, EngineOptions {
  /** Names of the model and the data as the reader knows them; default those of the files that they come from. */
  readonly files?: Partial<CollectOptions['files']>
  /** How far past each series' last observation to predict; default a quarter of its span. */
  readonly horizon?: Length
}

/** What a model of this process knows besides what its file says. */
export interface Fitted {
  /** What it was fitted to, on the axis of its times. */
  readonly data: SeriesSet
  /** Absent of a model that is estimated in one go. */
  readonly state: TrainingState | undefined
  /** What was worth a line. */
  readonly notices: readonly string[]
}

/**
 * A fitted model: `fit` makes one, `load` reads one. Data may have been read by themselves: channels are found by their names,
 * and dates are counted as the model counts them.
 */
export class Model {
  readonly #from: Fitted | undefined
  #name: string | undefined

  /**
   * @param fitted what a model file holds
   * @param from what `fit` knows besides
   * @param name what reports call it
   */
  constructor(
    readonly fitted: FittedModel,
    from?: Fitted,
    name?: string,
  ) {
    this.#from = from
    this.#name = name
  }

  /** The channels, in the model's order. */
  get channels(): readonly string[] {
    return this.fitted.channels
  }

  /** Whether training came to its end; false after the signal stopped it. */
  get finished(): boolean {
    return this.#from?.state === undefined || this.#from.state.ending !== undefined
  }

  /** What was worth a line while it was fitted, as sentences. */
  get notices(): readonly string[] {
    return this.#from?.notices ?? []
  }

  /**
   * Predicts series: distributions of what would be observed, at times inside of what was observed and beyond.
   *
   *     const forecast = await model.predict(visits, { horizon: 90 })
   *     forecast.at('p17', 'weight', 100).quantile(0.5)
   *
   * @throws UserError `NoSuchSeries`, `BadPrediction`, `BadTime`; DataError `NoChannel` for data without a channel of the model,
   *   `TimeKind` where times are of another kind
   */
  async predict(data: SeriesSet, options: PredictOptions = {}): Promise<Forecast> {
    return predictOn(await engineOf(options), this.fitted, this.#fitting(data), options)
  }

  /**
   * Scores the model next to plain baselines: of the data that it was fitted to the series that were kept for testing, of other
   * data all. Without data: on those that it was fitted to.
   *
   *     const { evaluation } = await model.evaluate({ task: 'extrapolation', cut: 'next 5' })
   *
   * @throws UserError `NoData` for a model that was read from a file, if none are given; `NoTestSeries`, `TooShort`,
   *   `NoForecast`; `Option`, `BadCut`, `BadTime` for what cannot be shown; DataError as `predict`
   */
  evaluate(options?: EvaluateOptions): Promise<EvaluationResult>
  evaluate(data: SeriesSet, options?: EvaluateOptions): Promise<EvaluationResult>
  async evaluate(first: SeriesSet | EvaluateOptions = {}, second: EvaluateOptions = {}): Promise<EvaluationResult> {
    const [given, options] = 'series' in first ? [first, second] : [undefined, first]
    requireKnown('evaluate', options, evaluateOptionNames)
    const data = given === undefined ? this.#fittedTo('evaluate') : this.#fitting(given)
    const { engine, dtype, task = 'extrapolation', ...rest } = options
    const mark = fingerprint(withChannels(data, this.channels))
    return printingScores(evaluate(await engineOf({ engine, dtype }), this.fitted, data, mark, { ...rest, task }))
  }

  /**
   * Writes a report as one HTML file that works offline, with the model inside to be asked. `latent-ode/report` has its pictures
   * and Markdown.
   *
   * @throws UserError `ReportFormat` for a path that does not end in .html; as `predict` and `save`
   */
  async report(data: SeriesSet, path: string, options: ReportOptions = {}): Promise<void> {
    if (!/\.html?$/i.test(path))
      throw new UserError(
        'ReportFormat',
        `${path} does not end in .html, and a report is an HTML page. For pictures and Markdown use latent-ode/report, or ` +
          '"latent-ode report --format".',
      )
    const { engine, dtype, horizon, files, ...rest } = options
    const set = this.#fitting(data)
    const { collectReport } = await import('../report/collect.js')
    const { renderReport } = await import('../report/renderReport.js')
    const contents = collectReport(await engineOf({ engine, dtype }), this.fitted, set, {
      ...rest,
      files: { model: this.#name ?? 'the model', data: basename(nameOf(data)), ...files },
      ...(horizon !== undefined && { horizon: parseLength(set.time, horizon, 'horizon') }),
    })
    await writeFileAtomically(path, [await renderReport(contents)])
  }

  /**
   * Writes a model file, whole or not at all; see docs/files.md.
   *
   * @throws UserError `CannotWrite`, `DiskFull`
   */
  async save(path: string): Promise<void> {
    await writeModel(path, this.fitted)
    this.#name = basename(path)
  }

  /**
   * Goes on with a fit that was stopped, or that is to have more epochs than it was given, to the same bits as if it had had them
   * from the beginning. This model stays as it is.
   *
   *     const model = await fit(visits, { signal })
   *     const whole = model.finished ? model : await model.resume()
   *
   * @throws UserError `NoCheckpoint` for a model that was read from a file, `Finished` for one that has come to its end
   */
  async resume(options: ResumeOptions = {}): Promise<Model> {
    const from = this.#from
    if (from === undefined)
      throw new UserError(
        'NoCheckpoint',
        'This model was read from a file, which keeps no state of its training. fit(data, { from: model }) goes on from it with a ' +
          'training of its own.',
      )
    const { state, data } = from
    if (state === undefined)
      throw new UserError(
        'Finished',
        `A model of the kind ${this.fitted.kind} is estimated in one go, so there is nothing to resume. fit(data, { model: ` +
          `'${this.fitted.kind}' }) estimates it anew.`,
      )
    const { engine, dtype, epochs, budget, patience, ...run } = options
    const { ensemble } = this.fitted
    if (ensemble !== undefined && state.ending !== undefined)
      throw new UserError(
        'Finished',
        `The ${ensemble.members.length} trainings that this model is the average of have come to their end. Fit it anew with other limits.`,
      )
    const further = budget !== undefined || (epochs !== undefined && epochs > state.epoch)
    if (state.ending !== undefined && !(state.ending === 'rest' ? patience !== undefined : further))
      throw new UserError(
        'Finished',
        state.ending === 'rest'
          ? `The fit has come to its end after ${state.epoch} epochs, as its loss got no better. ` +
              `resume({ patience: ${2 * this.fitted.training.patience} }) waits longer, fit(data, { from: model }) begins a training of its own.`
          : `The fit has come to its end after ${state.epoch} epochs. resume({ epochs: ${2 * state.epoch} }) gives it more, ` +
              'fit(data, { from: model }) a training of its own.',
      )
    const { events, notices } = eventsOf(run)
    const checkpoint = checkpointOf(this.fitted, structuredClone(state))
    const wanted = {
      ...(epochs !== undefined && { epochs }),
      ...(budget !== undefined && { budget }),
      ...(patience !== undefined && { patience }),
    }
    const result = await resumeFit(await engineOf({ engine, dtype }), data, checkpoint, wanted, events)
    return new Model(result.fitted, { data, state: result.state, notices })
  }

  /** @internal Printed as what a model file says, not as its arrays. */
  [inspect.custom](): string {
    const { kind, history, keptEpoch, estimation, split } = this.fitted
    return `Model { ${kind} of ${this.channels.join(', ')}; ${estimation === undefined ? `epoch ${keptEpoch} of ${history.length}` : 'estimated'}; fitted to ${split.train.length} series }`
  }

  #fitting(data: SeriesSet): SeriesSet {
    return onAxis(data, this.fitted.time)
  }

  #fittedTo(what: string): SeriesSet {
    if (this.#from !== undefined) return this.#from.data
    throw new UserError('NoData', `This model was read from a file, which holds no data. Give them: model.${what}(data, { … }).`)
  }
}

/** What may be set anew when a fit goes on. */
export interface ResumeOptions extends FitRun {
  /** Most passes over the training series, those that are done among them. */
  readonly epochs?: number
  /** Most time to train, that before among it: a length like 30s, 5m or 2h, `auto`, or `none`. */
  readonly budget?: string
  /** Epochs without a better validation loss after which the learning rate is cut, and at its floor training ends; 0: never. */
  readonly patience?: number
}

/**
 * Reads a model file. Nothing in it is trusted or run.
 *
 * @throws UserError `NoFile`; `ModelFile` for one that is truncated, damaged or not one of ours; `ModelVersion` for one of a
 *   newer version
 */
export const load = async (path: string): Promise<Model> => new Model(await readModel(path), undefined, basename(path))

/** Printed as its scores: thousands of points would hide them. */
const printingScores = (result: EvaluationResult): EvaluationResult =>
  Object.defineProperty(result, inspect.custom, { value: () => result.evaluation })
