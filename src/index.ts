/**
 * Latent ODEs for irregularly sampled time series.
 *
 *     import { fit, read } from 'latent-ode'
 *
 *     const visits = await read('visits.csv', { id: 'patient', time: 'day' })
 *     const model = await fit(visits, { epochs: 50 })
 *     console.log(await model.evaluate({ task: 'extrapolation' }))
 *     const forecast = await model.predict(visits, { horizon: 90 })
 *     console.log(forecast.at('p17', 'weight', 100).quantile(0.5))
 *     await model.save('visits.model.safetensors')
 *     await model.report(visits, 'visits.report.html')
 *
 * - **Fit and forecast.** {@link read} reads a table, {@link fit} fits a {@link Model} to it, {@link load} reads one that was
 *   saved. Engine and threads are options, and nothing has to be freed.
 * - **Data.** {@link SeriesSet} is what models see; {@link fromTable} and simulators such as {@link simulateOscillators} make
 *   one, {@link describeSeries} sums it up; {@link toTable} and {@link writeTable} make tables of what comes out.
 *
 * The layers below have entry points of their own: `latent-ode/ode` solves ODEs, `latent-ode/graph` has Graphs and engines,
 * `latent-ode/report` the parts of reports, `latent-ode/notebook` shows things in Jupyter.
 *
 * Errors that the package raises on purpose are {@link LatentOdeError}s with a stable `code`; those that a user can set
 * right are {@link UserError}s.
 *
 * @module latent-ode
 */
export * from './errors.js'
export { random, type RandomStream } from './random.js'
export { version } from './version.js'

export { fromDanfo, fromTable, read, type Dataset } from './api/read.js'
export { fit, type FitOptions } from './api/fit.js'
export { compare, type CompareModelsOptions } from './api/compare.js'
export type { FitSettings } from './api/fitSettings.js'
export type { FitRun } from './api/runFit.js'
export { load, Model, type EvaluateOptions, type Fitted, type ReportOptions, type ResumeOptions } from './api/model.js'
export type { Forecast, PredictOptions } from './api/predict.js'
export type { EngineOptions } from './api/engines.js'
export type { Length, Time } from './api/time.js'

export type { Series, SeriesSet, TimeAxis, Windows } from './data/series.js'
export type { ReadOptions } from './data/read.js'
export type { Source } from './data/source.js'
export type { Delimiter } from './data/dialect.js'
export type { CensoredValue } from './data/readResult.js'
export type { DanfoFrame, TableOptions } from './data/tables.js'
export type { SeriesLabels } from './data/labels.js'
export { describeSeries, type SetDescription } from './data/describe.js'
export { formatTime, parseTime } from './data/dates.js'
export {
  denormaliseValue,
  fitNormalisation,
  normaliseValue,
  type ChannelNormalisation,
  type Normalisation,
  type NormalisationOptions,
} from './data/normalise.js'
export { splitSeries, type Split, type SplitOptions } from './data/split.js'
export { fingerprint } from './data/fingerprint.js'
export type { SimulationOptions } from './data/simulate/common.js'
export { simulatePeriodic, type PeriodicOptions } from './data/simulate/periodic.js'
export { simulateSpirals } from './data/simulate/spirals.js'
export { simulateOscillators, type OscillatorOptions } from './data/simulate/oscillators.js'
export { simulateLotkaVolterra, type LotkaVolterraOptions } from './data/simulate/lotkaVolterra.js'

export { modelNames, type ModelName, type ModelOptions } from './model/models.js'
export type { FittedModel } from './train/modelFile.js'
export type { FitEvents } from './train/fit.js'
export type { StepProgress } from './train/loop.js'
export type { TrainingState } from './train/state.js'
export type { Calibration, CalibrationLevels, ChannelCalibration } from './train/calibration.js'
export type { Outliers } from './distribution/stretched.js'
export type { Stack } from './model/stack.js'
export type { Ensemble, MemberRecord } from './train/ensembleRecord.js'
export type { BaselineName } from './model/baselines/index.js'
export type { Plateau } from './train/schedule.js'
export type { TimeScale } from './train/selection.js'
export type { Outside } from './train/trainedRange.js'
export type { ChannelPrediction, Prediction, Predictions } from './train/predictions.js'
export type { SamplePathSet, SeriesPaths } from './train/samplePaths.js'
export type { Estimate } from './train/bootstrap.js'
export type { CompareEvents, ComparedFit, ModelComparison } from './train/compareModels.js'
export type { Ranked, Ranking } from './train/contest.js'
export type { EvaluationResult } from './train/evaluate.js'
export type { Cut } from './train/cut.js'
export type { Protocol } from './train/protocol.js'
export type { PlainBaseline } from './train/baselines.js'
export type {
  AgainstBaseline,
  BaselineScore,
  BaselineValues,
  EpochRecord,
  Estimation,
  Evaluation,
  ScoredPoint,
  Scores,
} from './train/records.js'
export { toDanfo, toTable, writeTable, type Danfo, type TableOutOptions, type Tabular } from './train/tables.js'
export type { Distribution, Moments, Units } from './distribution/distribution.js'
export type { Transformed } from './distribution/transformed.js'
export type { Predictive } from './distribution/predictive.js'
