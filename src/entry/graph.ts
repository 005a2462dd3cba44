/**
 * `latent-ode/graph`: what computes, and what is computed.
 *
 * - **Graphs.** {@link trace} turns a TensorFlow.js function into a {@link Graph}, {@link GraphBuilder} builds one op by op;
 *   {@link vjp} and {@link jvp} differentiate it, {@link jacobian} puts its value and Jacobian into another, {@link simplify} shortens it,
 *   {@link formatGraph} shows it.
 * - **Engines.** {@link selectEngine} opens what runs Graphs; {@link lower} shows what a kernel makes of one.
 * - **Derivatives.** {@link differentiable} compiles a Graph with its derivative, for a call or a scan; a {@link Tape} pulls back what
 *   was applied on it, solves of ODEs ({@link solveOnTape}) among it.
 * - **Models.** {@link SequenceModel} is what a model does on an engine, {@link createModel} makes one of those in the package;
 *   {@link createForecaster} makes baselines too, which are not trained.
 *
 * @module latent-ode/graph
 */
export type { Graph, Node } from '../graph/graph.js'
export type { BinaryOp, ComparisonOp, UnaryOp } from '../graph/ops.js'
export { ROWS, type Shape } from '../graph/shape.js'
export { GraphBuilder, type Ref } from '../graph/builder.js'
export { trace } from '../graph/trace.js'
export type { TensorFunction } from '../graph/record.js'
export { vjp, type VjpOptions } from '../graph/vjp.js'
export { jvp, type JvpOptions } from '../graph/jvp.js'
export { jacobian, type JacobianOptions } from '../graph/jacobian.js'
export { simplify } from '../graph/simplify.js'
export { formatGraph } from '../graph/text.js'
export { graphFromJSON, graphToJSON, type GraphJSON } from '../graph/json.js'

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
} from '../engine/engine.js'
export type { InstructionSet } from '../engine/kernel/kernel.js'
export type { KernelEngine } from '../engine/kernel/kernelEngine.js'
export type { KernelExecutable } from '../engine/kernel/kernelExecutable.js'
export { engineReport, nativeEngine, selectEngine, wasmEngine, type EngineReport, type SelectOptions } from '../engine/select.js'
export { tfjsEngine, type TfjsEngine, type TfjsOptions } from '../engine/tfjs/tfjs.js'
export { lower, type LowerOptions } from '../engine/lowering/lower.js'
export type { Program } from '../engine/lowering/program.js'

export { differentiable, type Differentiable, type PieceOptions } from '../engine/autodiff/differentiable.js'
export type { DerivativeOptions } from '../engine/autodiff/derivative.js'
export type { NamedValues } from '../engine/autodiff/program.js'
export type {
  DifferentiableScan,
  ScanCotangents,
  ScanInputs,
  ScanOutcome,
  ScanPieceOptions,
  ScanRecording,
} from '../engine/autodiff/scan.js'
export {
  Tape,
  withTape,
  type Applied,
  type HostNumbers,
  type HostScalar,
  type TapedScan,
  type TapedScanInputs,
  type TapeOptions,
} from '../engine/autodiff/tape.js'
export { solveOnTape, type TapedSolveOptions } from '../ode/solveOnTape.js'

export type { Scale } from '../distribution/onScale.js'
export type { FilterName } from '../model/filters/index.js'
export type { LatentOdeConfig } from '../model/latentOdeConfig.js'
export { createLatentOde } from '../model/latentOde.js'
export { createForecaster, createModel } from '../model/createModel.js'
export type { ModelName, ModelSetup, TrainedName } from '../model/models.js'
export { evaluateObjective, type Objective, type ObjectiveInputs, type ObjectiveValue } from '../model/objective.js'
export type {
  Forecaster,
  GradientOptions,
  GradientResult,
  LossOptions,
  LossResult,
  NoiseSource,
  ParameterArrays,
  SamplePaths,
  SequenceModel,
  SolverTotals,
} from '../model/sequenceModel.js'
export type { Observations } from '../model/observations.js'
export type { ParameterSpec, ParameterSpecs } from '../nn/parameters.js'
