import { ArrayPool } from '../arrayPool.js'
import { differentiable, RESIDUAL_NUMBERS, runNamed, type NamedValues } from '../engine/autodiff/differentiable.js'
import type { Engine, FloatArray, Value } from '../engine/engine.js'
import { simplify } from '../graph/simplify.js'
import { parametersOf } from '../nn/parameters.js'
import { methodTableau } from '../ode/methods/index.js'
import { createSolver } from '../ode/solver.js'
import type { Solution, SolverOptions } from '../ode/types.js'
import { latentOdeParameters, type LatentOdeConfig } from './latentOdeConfig.js'
import type { LatentOdeGraphs } from './latentOdeGraphs.js'
import { evaluateObjective } from './objective.js'
import { countObserved, rowTimes, type Observations } from './observations.js'
import { createOdeRnnEncoder } from './odeRnnEncoder.js'
import { gradientArrays, uploadParameters, zeroParameters } from './parameterValues.js'
import { planSamples, type SamplePlan } from './samplePlan.js'
import type {
  GradientOptions,
  GradientResult,
  LossResult,
  NoiseSource,
  ParameterArrays,
  SamplePaths,
  SequenceModel,
  SolverTotals,
} from './sequenceModel.js'

/** A latent ODE that runs on an engine, made of Graphs that were traced from the same `config`. */
export function latentOdeFromGraphs(engine: Engine, config: LatentOdeConfig, graphs: LatentOdeGraphs): SequenceModel {
  const { channels, latents } = config
  const specs = latentOdeParameters(config)
  const names = (...prefixes: readonly string[]): string[] => Object.keys(parametersOf(specs, ...prefixes))
  const encoder = createOdeRnnEncoder(engine, config, graphs.encoder)
  const posterior = differentiable(engine, graphs.posterior, { wrt: ['h'], parameters: names('posterior.') })
  const sampler = differentiable(engine, graphs.sampler, { wrt: ['mean', 'sd'], parameters: [] })
  const solver = createSolver(engine, graphs.field, { ...solverOptions(config), throw: false })
  const emission = differentiable(engine, graphs.emission, { wrt: ['z'], parameters: names('decoder.', 'noise.') })
  const decoder = engine.compile(simplify(graphs.decoder, { fuse: true }))
  /** Arrays of the host for what a batch needs. */
  const pool = new ArrayPool()

  /** q(z0) with the standard normal prior in the rows of which nothing was observed: the encoder never saw such a row. */
  const priorWhereUnseen = (q: Record<string, Value>, { rows, length, mask }: Observations): Record<string, Value> => {
    const unseen = Array.from(
      { length: rows },
      (_, row) => !mask.subarray(row * length * channels, (row + 1) * length * channels).includes(1),
    )
    if (!unseen.includes(true)) return q
    const filled = (value: Value, prior: number): Value => {
      const numbers = engine.read(value)
      unseen.forEach((yes, row) => yes && numbers.fill(prior, row * latents, (row + 1) * latents))
      return engine.write(numbers, [rows, latents])
    }
    return { ...q, mean: filled(q.mean!, 0), sd: filled(q.sd!, 1) }
  }

  /** Encodes, samples and solves: everything up to the latent paths. */
  const decode = (
    values: NamedValues,
    conditioning: Observations,
    times: readonly Float64Array[],
    samples: number,
    noise: NoiseSource,
    { record = false, usePrior = false },
  ) => {
    const rows = conditioning.rows
    const encoding = encoder.encode(conditioning, values, record)
    const encoded = posterior.forward({ h: encoding.state }, values, rows)
    const q = usePrior ? priorWhereUnseen(encoded, conditioning) : encoded
    const repeat = Int32Array.from({ length: rows * samples }, (_, i) => Math.floor(i / samples))
    const drawn = {
      mean: engine.gather(q.mean!, repeat),
      sd: engine.gather(q.sd!, repeat),
      noise: engine.write((into) => drawNoise(into, rows, samples * latents, noise), [rows * samples, latents]),
    }
    const { z, logRatio } = sampler.forward(drawn, {}, rows * samples)
    const loan = pool.loan()
    const plan = planSamples(times, samples, loan)
    const solution = solver.solve({
      y0: engine.gather(z!, plan.source),
      times: plan.times,
      params: solver.paramNames.map((name) => values[name]!),
      record,
      outputs: 'engine',
    })
    return { rows, encoding, q, repeat, drawn, logRatio: logRatio!, plan, loan, solution }
  }

  const run = (
    parameters: ParameterArrays,
    conditioning: Observations,
    targets: Observations,
    options: GradientOptions,
    withGradient: boolean,
  ): GradientResult => {
    let result!: GradientResult
    engine.scope(() => {
      const { samples } = options
      const values = uploadParameters(engine, specs, parameters)
      const times = rowTimes(targets)
      const { rows, encoding, q, repeat, drawn, logRatio, plan, loan, solution } = decode(
        values,
        conditioning,
        times,
        samples,
        options.noise,
        { record: withGradient },
      )
      const failed = failedSeries(plan, solution, rows, samples)
      const count = plan.entry.length
      const cells = cellsOf(plan, targets, samples, loan.take('int32', count))
      const table = [targets.rows * targets.length, channels]
      const inputs = {
        z: solution.outputs!,
        x: engine.gather(engine.write(targets.values, table), cells),
        mask: engine.gather(engine.write(targets.mask, table), cells),
      }
      const keep = withGradient && count * emission.residualsPerRow <= RESIDUAL_NUMBERS
      const emitted = keep
        ? emission.record(inputs, values, count)
        : { outputs: emission.forward(inputs, values, count), residuals: undefined }
      const densities = engine.read(emitted.outputs.output!, loan.take(engine.dtype, count))
      const logLikelihood = sumBySample(densities, plan, failed, rows, samples)
      const observed = countObserved(targets, failed)
      const kl = new Float64Array(engine.read(q.kl!))
      const objective = evaluateObjective(options.objective, {
        series: rows,
        samples,
        latents,
        beta: options.beta,
        logLikelihood,
        kl,
        observed,
        logRatio: new Float64Array(engine.read(logRatio)),
      })
      result = {
        loss: objective.loss,
        logLikelihood: logLikelihood.reduce((a, b) => a + b, 0) / samples,
        kl: kl.reduce((sum, v, s) => sum + (observed[s]! > 0 ? v : 0), 0),
        observed: observed.reduce((a, b) => a + b, 0),
        series: observed.reduce((n, o) => n + (o > 0 ? 1 : 0), 0),
        solver: solverTotals(solution),
        gradient: {},
      }
      if (withGradient) {
        let sums: Record<string, Value> = zeroParameters(engine, specs)
        const bars = engine.write(spreadBySample(objective.logLikelihood, plan, failed, samples, loan.take(engine.dtype, count)), [
          count,
          1,
        ])
        const pulled = emission.pullback(inputs, values, { output: bars }, sums, count, emitted.residuals)
        sums = { ...sums, ...pulled.accumulators }
        const solved = solution.pullback(pulled.inputs.z!, { times: false, sums: solver.paramNames.map((name) => sums[name]!) })
        solver.paramNames.forEach((name, i) => (sums[name] = solved.sums![i]!))
        const z0 = engine.scatterAdd(engine.write(solved.y0, [plan.source.length, latents]), plan.source, rows * samples)
        const sampled = sampler.pullback(
          drawn,
          {},
          { z: z0, logRatio: engine.write(objective.logRatio, [rows * samples, 1]) },
          {},
          rows * samples,
        )
        const encoded = posterior.pullback(
          { h: encoding.state },
          values,
          {
            mean: engine.scatterAdd(sampled.inputs.mean!, repeat, rows),
            sd: engine.scatterAdd(sampled.inputs.sd!, repeat, rows),
            kl: engine.write(objective.kl, [rows, 1]),
          },
          sums,
          rows,
        )
        sums = encoding.pullback(encoded.inputs.h!, { ...sums, ...encoded.accumulators })
        const gradient = options.into ?? gradientArrays(engine, specs)
        for (const name of Object.keys(specs)) engine.read(sums[name]!, gradient[name])
        result = { ...result, gradient }
      }
      solution.dispose()
      loan.end()
    })
    return result
  }

  return {
    name: 'latent-ode',
    specs,
    loss: (...args): LossResult => run(...args, false),
    gradient: (...args) => run(...args, true),
    predict(parameters, conditioning, times, { samples, noise }): SamplePaths[] {
      let paths: SamplePaths[] = []
      engine.scope(() => {
        const values = uploadParameters(engine, specs, parameters)
        const { rows, q, plan, loan, solution } = decode(values, conditioning, times, samples, noise, { usePrior: true })
        const totals = solverTotals(solution)
        const failed = failedSeries(plan, solution, rows, samples)
        const count = plan.entry.length
        const decoded = runNamed(decoder, { ...values, z: solution.outputs! }, count)
        const [mean, sd] = [engine.read(decoded.mean!), Float64Array.from(engine.read(decoded.noise!))]
        const posteriors = { mean: Float64Array.from(engine.read(q.mean!)), sd: Float64Array.from(engine.read(q.sd!)) }
        const ofSeries = (numbers: Float64Array, s: number): Float64Array => numbers.slice(s * latents, (s + 1) * latents)
        paths = times.map((t, s) => ({
          means: new Float64Array(samples * t.length * channels).fill(Number.NaN),
          noise: Float64Array.from({ length: t.length * channels }, (_, i) => sd[i % channels]!),
          solver: totals,
          failed: failed[s] === 1,
          posterior: { mean: ofSeries(posteriors.mean, s), sd: ofSeries(posteriors.sd, s) },
        }))
        plan.source.forEach((sampleRow, row) => {
          if (solution.failed.includes(row)) return
          const series = Math.floor(sampleRow / samples)
          const first = (sampleRow % samples) * times[series]!.length
          const { means } = paths[series]!
          for (let i = plan.offsets[row]! + 1; i < plan.offsets[row + 1]!; i++) {
            const at = (first + plan.entry[i]!) * channels
            for (let c = 0; c < channels; c++) means[at + c] = mean[i * channels + c]!
          }
        })
        solution.dispose()
        loan.end()
      })
      return paths
    },
  }
}

/** How the dynamics are solved: methods of fixed steps have a step, the others tolerances. */
export const solverOptions = ({ method, stepSize, rtol, atol, adjoint, maxSteps }: LatentOdeConfig): SolverOptions => ({
  method,
  ...(methodTableau(method).bError ? { rtol, atol } : { stepSize }),
  adjoint,
  maxSteps,
})

/** Standard normals, `each` a row; a row's draws depend on its own stream only. */
function drawNoise(into: FloatArray, rows: number, each: number, noise: NoiseSource): void {
  for (let row = 0; row < rows; row++) noise(row).normals(into, row * each, (row + 1) * each)
}

/** 1 for each series of which any sample's solve failed. */
function failedSeries(plan: SamplePlan, solution: Solution, rows: number, samples: number): Uint8Array {
  const failed = new Uint8Array(rows)
  for (const row of solution.failed) failed[Math.floor(plan.source[row]! / samples)] = 1
  return failed
}

/** Where each point's value stands in the targets, `cells` `[points]`; of the origins, which are not looked at, anywhere. */
function cellsOf({ source, offsets, entry }: SamplePlan, { length }: Observations, samples: number, cells: Int32Array): Int32Array {
  source.forEach((sampleRow, row) => {
    const first = Math.floor(sampleRow / samples) * length
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) cells[i] = first + Math.max(0, entry[i]!)
  })
  return cells
}

/** Sums of a number per point, `[series · samples]`: origins left out, and series that failed. */
function sumBySample(
  values: ArrayLike<number>,
  { source, offsets }: SamplePlan,
  failed: Uint8Array,
  series: number,
  samples: number,
): Float64Array {
  const sums = new Float64Array(series * samples)
  source.forEach((sampleRow, row) => {
    if (failed[Math.floor(sampleRow / samples)] === 1) return
    let sum = sums[sampleRow]!
    for (let i = offsets[row]! + 1; i < offsets[row + 1]!; i++) sum += values[i]!
    sums[sampleRow] = sum
  })
  return sums
}

/** Its derivative, in `out`, which holds zeros: the number of each sample at its points, 0 at origins and for series that failed. */
function spreadBySample(
  bars: Float64Array,
  { source, offsets }: SamplePlan,
  failed: Uint8Array,
  samples: number,
  out: FloatArray,
): FloatArray {
  source.forEach((sampleRow, row) => {
    if (failed[Math.floor(sampleRow / samples)] === 0) out.fill(bars[sampleRow]!, offsets[row]! + 1, offsets[row + 1])
  })
  return out
}

function solverTotals(solution: Solution): SolverTotals {
  const { stats, failed, rows } = solution
  return {
    evaluations: stats.evaluations / Math.max(1, rows),
    accepted: stats.accepted,
    rejected: stats.rejected,
    rows,
    failed: failed.length,
    smallestStep: stats.smallestStep,
    ...(failed.length > 0 && { error: new Error(solution.status[failed[0]!]!.message) }),
  }
}
