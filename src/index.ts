/**
 * Latent ODEs for irregularly sampled time series. The whole public surface, from top to bottom:
 *
 * - **Fit and forecast.** {@link readSeries} reads a table, {@link fit} a model to it, {@link forecast} tells what may be
 *   observed; {@link evaluate} scores, {@link collectReport} and {@link renderReport} make the page. {@link readModel} and
 *   {@link writeModel} keep a model.
 * - **Data.** {@link SeriesSet} is what models see; {@link fromTable}, {@link describeSeries}, {@link fitNormalisation},
 *   {@link splitSeries} and simulators such as {@link simulateOscillators} make and prepare it.
 * - **Models.** {@link SequenceModel} is what a model does, {@link createModel} makes one of those in the package.
 * - **Solvers.** {@link odeSolve} solves once, {@link createSolver} often, {@link odeint} inside a TensorFlow.js program.
 * - **Graphs.** {@link trace} turns a TensorFlow.js function into a {@link Graph}; {@link vjp} and {@link jvp} differentiate it,
 *   {@link simplify} shortens it, {@link formatGraph} shows it.
 * - **Engines.** {@link selectEngine} opens what computes.
 *
 * Errors that the package raises on purpose are {@link LatentOdeError}s with a stable `code`; those that a user can set
 * right are {@link UserError}s.
 *
 * @packageDocumentation
 */
export * from './errors.js'
export { random, type RandomStream } from './random.js'
export { version } from './version.js'

export type { Distribution, Moments, Units } from './distribution/distribution.js'
export type { Transformed } from './distribution/transformed.js'
export type { Predictive } from './distribution/predictive.js'

export type { Graph, Node } from './graph/graph.js'
export { ROWS, type Shape } from './graph/shape.js'
export { GraphBuilder } from './graph/builder.js'
export { trace } from './graph/trace.js'
export { vjp } from './graph/vjp.js'
export { jvp } from './graph/jvp.js'
export { simplify } from './graph/simplify.js'
export { formatGraph } from './graph/text.js'
export { graphFromJSON, graphToJSON } from './graph/json.js'

export type {
  CompileOptions,
  Dtype,
  Engine,
  EngineName,
  Executable,
  FloatArray,
  Held,
  Scan,
  ScanOptions,
  ScanRequest,
  ScanResult,
  Stack,
  Value,
} from './engine/engine.js'
export type { KernelEngine } from './engine/kernel/kernelEngine.js'
export type { KernelExecutable } from './engine/kernel/kernelExecutable.js'
export { engineReport, nativeEngine, selectEngine, wasmEngine } from './engine/select.js'
export { lower } from './engine/lowering/lower.js'
export { tfjsEngine } from './engine/tfjs/tfjs.js'

export type { Gradient, MethodName, RowStatus, Solution, Solver, SolverOptions, SolverStats } from './ode/types.js'
export type { Tableau } from './ode/tableau.js'
export { SolverError } from './ode/errors.js'
export { methods } from './ode/methods/index.js'
export { vectorField, type FieldFunction } from './ode/vectorField.js'
export { createSolver } from './ode/solver.js'
export { odeSolve } from './ode/odeSolve.js'
export { odeint } from './ode/odeint.js'

export type { LatentOdeConfig } from './model/latentOdeConfig.js'
export { createLatentOde } from './model/latentOde.js'
export { createModel } from './model/createModel.js'
export { modelNames, type ModelName, type ModelOptions, type ModelSetup } from './model/models.js'
export { evaluateObjective, type Objective } from './model/objective.js'

export type { Delimiter } from './data/dialect.js'
export type { Series, SeriesSet, TimeAxis, Windows } from './data/series.js'
export { readSeries, type ReadOptions } from './data/read.js'
export { fromDanfo, fromTable, type DanfoFrame, type TableOptions } from './data/tables.js'
export { describeSeries } from './data/describe.js'
export { formatTime, parseTime } from './data/dates.js'
export { denormaliseValue, fitNormalisation, normaliseValue, type Normalisation } from './data/normalise.js'
export { splitSeries, type Split } from './data/split.js'
export { fingerprint } from './data/fingerprint.js'
export { simulatePeriodic } from './data/simulate/periodic.js'
export { simulateSpirals } from './data/simulate/spirals.js'
export { simulateOscillators } from './data/simulate/oscillators.js'
export { simulateLotkaVolterra } from './data/simulate/lotkaVolterra.js'

export { fit, resumeFit, type FitEvents, type FitResult } from './train/fit.js'
export type { FitOptions } from './train/options.js'
export { forecast, type Forecast, type PathOptions, type Query } from './train/forecast.js'
export { predict, type PredictOptions } from './train/predict.js'
export type { ChannelPrediction, Prediction, Predictions } from './train/predictions.js'
export type { SamplePathSet, SeriesPaths } from './train/samplePaths.js'
export { evaluate, type EvaluationOptions, type EvaluationResult } from './train/evaluate.js'
export { toDanfo, toTable, writeTable, type Danfo, type TableOutOptions, type Tabular } from './train/tables.js'
export type { EpochRecord, Evaluation, ScoredPoint, Scores } from './train/records.js'
export { readModel, writeModel, type FittedModel } from './train/modelFile.js'

export { collectReport, type CollectOptions } from './report/collect.js'
export { compareEvaluations, type EvaluationComparison } from './report/comparison/evaluations.js'
export { renderReport } from './report/renderReport.js'
export type { ReportContents } from './report/contents.js'
export { insideOfPage, type Inside } from './report/inside.js'
export { renderMarkdown } from './report/markdown/renderMarkdown.js'
export { reportFigures } from './report/figures/index.js'
export type { DrawnFigure, Figure, KeyEntry, Panel } from './report/figures/figure.js'
export { renderSheet } from './report/still/sheet.js'
export { toPng } from './report/still/png.js'
export { themes, type Palette } from './report/theme.js'
export { collectComparison, type CompareOptions } from './report/comparison/collect.js'
export { renderComparison } from './report/comparison/renderComparison.js'
export { renderComparisonMarkdown } from './report/comparison/renderMarkdown.js'
export { comparisonFigures } from './report/comparison/figures/index.js'
export type { ComparisonContents } from './report/comparison/contents.js'
export type { PairedDifference } from './report/comparison/paired.js'

// Types that the signatures above name.
export type { BinaryOp, ComparisonOp, UnaryOp } from './graph/ops.js'
export type { Ref } from './graph/builder.js'
export type { TensorFunction } from './graph/record.js'
export type { VjpOptions } from './graph/vjp.js'
export type { JvpOptions } from './graph/jvp.js'
export type { GraphJSON } from './graph/json.js'
export type { InstructionSet } from './engine/kernel/kernel.js'
export type { EngineReport, SelectOptions } from './engine/select.js'
export type { TfjsEngine, TfjsOptions } from './engine/tfjs/tfjs.js'
export type { LowerOptions } from './engine/lowering/lower.js'
export type { Program } from './engine/lowering/program.js'
export type {
  AdjointName,
  Norm,
  PullbackOptions,
  SolveRequest,
  StatusName,
  StepEvent,
  StepListeners,
  StepRecord,
  Steps,
  Times,
} from './ode/types.js'
export type { Nested, OdeSolveOptions, TensorLike } from './ode/odeSolve.js'
export type { OdeintOptions, TensorParams } from './ode/odeint.js'
export type {
  GradientOptions,
  GradientResult,
  LossOptions,
  LossResult,
  NoiseSource,
  ParameterArrays,
  SamplePaths,
  SequenceModel,
  SolverTotals,
} from './model/sequenceModel.js'
export type { ObjectiveInputs, ObjectiveValue } from './model/objective.js'
export type { Observations } from './model/observations.js'
export type { ParameterSpec, ParameterSpecs } from './nn/parameters.js'
export type { CensoredValue, ReadResult } from './data/readResult.js'
export type { Source } from './data/source.js'
export type { SeriesLabels } from './data/labels.js'
export type { SetDescription } from './data/describe.js'
export type { ChannelNormalisation, NormalisationOptions } from './data/normalise.js'
export type { SplitOptions } from './data/split.js'
export type { SimulationOptions } from './data/simulate/common.js'
export type { PeriodicOptions } from './data/simulate/periodic.js'
export type { OscillatorOptions } from './data/simulate/oscillators.js'
export type { LotkaVolterraOptions } from './data/simulate/lotkaVolterra.js'
export type { TrainingState } from './train/state.js'
export type { TimeScale } from './train/selection.js'
export type { Outside } from './train/trainedRange.js'
export type { ForecastOptions } from './train/forecast.js'
export type { BaselineValues } from './train/records.js'
export type {
  DataSummary,
  EvaluationView,
  Gaps,
  ModelSummary,
  Notice,
  SeriesView,
  SolverSummary,
  TrainingSummary,
} from './report/contents.js'
