/**
 * Latent ODEs for irregularly sampled time series. The whole public surface: Graphs and their derivatives, engines,
 * ODE solvers, data, models, training, reports.
 */
export * from './errors.js'
export { random, type RandomStream } from './random.js'
export { version } from './version.js'

export type { Graph, Node } from './graph/graph.js'
export { ROWS, type Shape } from './graph/shape.js'
export { GraphBuilder } from './graph/builder.js'
export { trace } from './graph/trace.js'
export { vjp } from './graph/vjp.js'
export { jvp } from './graph/jvp.js'
export { simplify } from './graph/simplify.js'
export { formatGraph } from './graph/text.js'
export { graphFromJSON, graphToJSON } from './graph/json.js'

export type { CompileOptions, Dtype, Engine, EngineName, Executable, FloatArray, Value } from './engine/engine.js'
export type { KernelEngine, KernelExecutable } from './engine/kernelEngine.js'
export { engineReport, nativeEngine, selectEngine, wasmEngine } from './engine/select.js'
export { lower } from './engine/lowering/lower.js'
export { tfjsEngine } from './engine/tfjs.js'

export type { Gradient, MethodName, RowStatus, Solution, Solver, SolverOptions, SolverStats } from './ode/types.js'
export type { Tableau } from './ode/tableau.js'
export { SolverError } from './ode/errors.js'
export { methods } from './ode/methods/index.js'
export { vectorField, type FieldFunction } from './ode/vectorField.js'
export { createSolver } from './ode/solver.js'
export { odeSolve } from './ode/odeSolve.js'
export { odeint } from './ode/odeint.js'

export { createLatentOde, type LatentOdeConfig } from './model/latentOde.js'
export { evaluateObjective, type Objective } from './model/objective.js'

export type { Series, SeriesSet, TimeAxis } from './data/series.js'
export { readSeries, seriesFromTable, type ReadOptions } from './data/read.js'
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
export { forecast, type Forecast, type Query } from './train/forecast.js'
export { evaluate, type EvaluationOptions } from './train/evaluate.js'
export type { EpochRecord, Evaluation, ScoredPoint, Scores } from './train/records.js'
export { mixtureCdf, mixtureLogDensity, mixtureQuantile, type Mixture } from './train/mixture.js'
export { readModel, writeModel, type FittedModel } from './train/modelFile.js'

export { collectReport, type CollectOptions } from './report/collect.js'
export { renderReport } from './report/renderReport.js'
export type { ReportContents } from './report/contents.js'
