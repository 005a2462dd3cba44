import type { Engine, FloatArray } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import { graphInputs, graphOutputs, type Graph } from '../graph/graph.js'
import { requireUnrounded } from '../graph/requireUnrounded.js'
import { assertRowwise } from '../graph/rowwise.js'
import { formatShape, sameShape, sizeOf } from '../graph/shape.js'
import { fieldParameters, rowInputs } from './callField.js'
import { degreesOf } from './bindInputs.js'
import { SolverError } from './errors.js'
import { machines } from './machine.js'
import { solveForward } from './solve.js'
import { bindParams, type BoundParams } from './params.js'
import type { Machine, Run } from './run.js'
import { settingsOf, type Settings } from './options.js'
import { pushForward } from './pushforward.js'
import { tangentField } from './tangent.js'
import { requestNames, requireKnownOptions, solverOptionNames } from './optionNames.js'
import { evaluateTrack } from './dense.js'
import type { Gradient, ListedGradient, Solution, SolveRequest, Solver, SolverOptions } from './types.js'

/**
 * Compiles a vector field and a method for an engine. The field is a Graph with inputs `t` `[rows, 1]`, `z`
 * `[rows, dim]` and parameters, and the output `output` `[rows, dim]`; no row of it may depend on another (see
 * `vectorField`). Every row is solved by itself, with its own times and steps: its result does not depend on the
 * rows beside it.
 *
 * @throws SolverError `Option` or `Tableau` for options that make no sense, `Shape` for a Graph that is no field;
 *   GraphError `RowsMixed` for one that mixes rows, `Rounded` for one with constants of float32 on an engine of float64
 */
export function createSolver(engine: Engine, field: Graph, options: SolverOptions = {}): Solver {
  const dim = fieldDim(field)
  assertRowwise(field)
  if (engine.dtype === 'float64') requireUnrounded(field)
  const settings = settingsOf(options, dim)
  const { method } = settings
  const inputs = rowInputs(field)
  const hasInputs = inputs.length > 0
  if (hasInputs && settings.adjoint === 'continuous') throw cannot(settings, 'pull back to inputs by row, which this field has')
  const parameters = fieldParameters(field)
  const names = parameters.map(({ name }) => name)
  const machineFor = machines(engine, field, inputs, settings, dim)
  const tangent = lazily(() => createSolver(engine, tangentField(field), tangentOptions(settings)))

  function solve(request: SolveRequest): Solution {
    requireKnownOptions(request, 'solve()', requestNames, { createSolver: solverOptionNames })
    const params = bindParams(engine, parameters, request.params)
    if ((request.jumps?.length ?? 0) > 0) requireDiscrete(settings, 'pull back through jumps of the state')
    const { machine, discrete, backward } = machineFor(degreesOf(inputs, request.inputs ?? {}))
    const run = solveWith(machine, params, request)
    let disposed = false
    return {
      rows: run.rows,
      dim,
      values: run.values,
      ...(run.outputs && { outputs: run.outputs }),
      offsets: run.table.offsets,
      failed: run.failed,
      stats: run.stats,
      get events() {
        return run.events().map((list) => list.map(({ event, time, state }) => ({ event, time, state })))
      },
      get status() {
        return run.status()
      },
      get steps() {
        return run.steps()
      },
      pullback(cotangent, pulling): Gradient {
        const [given, needed] = ['shape' in cotangent ? sizeOf(cotangent.shape) : cotangent.length, run.path.length * dim]
        if (given !== needed) throw new SolverError('Shape', `The cotangent has ${given} numbers; the outputs have ${needed}.`)
        if (pulling?.events?.length || run.found.some(({ stops }) => stops)) requireDiscrete(settings, 'pull back through events')
        const numbers = (): ArrayLike<number> => ('shape' in cotangent ? engine.read(cotangent) : cotangent)
        if (settings.adjoint === 'continuous') {
          const outputs = run.outputs && !disposed ? engine.read(run.outputs) : run.values
          if (outputs.length < needed)
            throw new SolverError(
              'Disposed',
              'The outputs of this solve were left in the engine and disposed of. Pull gradients back before dispose().',
            )
          return byName(
            names,
            params.during((values) => backward(run)(values, { ...run, values: outputs }, numbers(), pulling)),
          )
        }
        if (!run.tape)
          throw new SolverError(
            'NotRecorded',
            'This solve was not recorded. Solve with { record: true } to pull gradients back, or choose adjoint: "continuous".',
          )
        if (disposed)
          throw new SolverError('Disposed', 'The recording of this solve was disposed of. Pull gradients back before dispose().')
        if (settings.adjoint === 'discrete') return byName(names, discrete()(params.values(), run, run.tape, cotangent, pulling))
        const values = run.outputs ? engine.read(run.outputs) : run.values
        return byName(names, backward(run)(params.values(), { ...run, values }, numbers(), pulling))
      },
      pushforward(direction): FloatArray {
        if (!request.record && !request.dense)
          throw new SolverError(
            'NotRecorded',
            'This solve kept no steps. Solve with { record: true } or { dense: true } to push tangents forward.',
          )
        if (disposed) throw new SolverError('Disposed', 'This solve was disposed of. Push tangents forward before dispose().')
        if (hasInputs || (request.jumps?.length ?? 0) > 0)
          throw new SolverError('Option', 'pushforward knows neither inputs by row nor jumps of the state. Use pullback.')
        return pushForward(tangent(), { run, times: request.times, values: params.values(), names }, direction)
      },
      evaluate(row, times) {
        if (!run.tracks || !run.pathNumbers)
          throw new SolverError('NotRecorded', 'This solve kept no dense output. Solve with { dense: true } to evaluate it at any time.')
        const track = run.tracks[row]
        if (!track) throw new SolverError('Shape', `There is no row ${row}; the solve has ${run.rows} rows.`)
        return evaluateTrack(track, run.pathNumbers, method.degree, row, times)
      },
      dispose() {
        if (disposed) return
        engine.free(...run.kept, ...(run.outputs ? [run.outputs] : []))
        params.release()
        // The continuous adjoint needs nothing that was recorded, and goes on.
        if (settings.adjoint !== 'continuous') run.loan.end()
        disposed = true
      },
    }
  }

  return { engine, dim, method, paramNames: names, solve }
}

/** Throws a SolverError `Option` for an adjoint that cannot do what is asked. */
function requireDiscrete(settings: Settings, what: string): void {
  if (settings.adjoint !== 'discrete') throw cannot(settings, what)
}

const cannot = ({ adjoint }: Settings, what: string): SolverError =>
  new SolverError('Option', `adjoint: "${adjoint}" cannot ${what}. Use the discrete one, which is the default.`)

/** A tape refers to the parameters; without one, what was written of them is freed. */
function solveWith(machine: Machine, params: BoundParams, request: SolveRequest): Run {
  let run: Run | undefined
  try {
    run = machine.stepper.tolerance.during(() => solveForward(machine, params.values(), request))
    return run
  } finally {
    if (!run?.tape) params.release()
  }
}

/** How the tangent system is solved: by steps that are given, so that only what equations of implicit steps are solved to counts. */
const tangentOptions = ({ method, stiff, tolerance: { rtol, atol }, jumpTimes, timeOrigin }: Settings): SolverOptions => ({
  method: stiff ? 'auto' : method,
  rtol,
  atol: typeof atol === 'number' ? atol : Math.min(...atol),
  jumpTimes,
  timeOrigin,
})

const byName = (names: readonly string[], gradient: ListedGradient): Gradient => ({
  ...gradient,
  params: Object.fromEntries(gradient.params.map((values, i) => [names[i]!, values])),
})

/** The number of components of a field; throws a SolverError `Shape` if the Graph is none. */
function fieldDim(field: Graph): number {
  const inputs = graphInputs(field)
  const z = inputs.find(({ name }) => name === 'z')
  const t = inputs.find(({ name }) => name === 't')
  const outputs = graphOutputs(field)
  const list = [...inputs, ...outputs.map(({ name, shape }) => ({ name: `→ ${name}`, shape }))]
    .map(({ name, shape }) => `${name} ${formatShape(shape)}`)
    .join(', ')
  const state = z?.shape ?? outputs[0]?.shape
  const ok =
    state?.length === 2 &&
    state[0] === -1 &&
    outputs.length === 1 &&
    outputs[0]!.name === 'output' &&
    sameShape(outputs[0]!.shape, state) &&
    (!t || sameShape(t.shape, [-1, 1]))
  if (!ok)
    throw new SolverError(
      'Shape',
      `A vector field takes t [rows, 1] and z [rows, dim] and returns output [rows, dim]. This Graph has ${list}.`,
    )
  return state[1]!
}
