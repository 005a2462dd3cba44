import { ArrayPool } from '../arrayPool.js'
import type { Engine } from '../engine/engine.js'
import { lazily } from '../engine/lazily.js'
import type { Graph } from '../graph/graph.js'
import type { BackwardAdjoint } from './adjoints/backward.js'
import { createContinuousAdjoint } from './adjoints/continuous.js'
import { createDiscreteAdjoint } from './adjoints/discrete.js'
import { createInterpolatedAdjoint } from './adjoints/interpolated.js'
import type { RowInput } from './callField.js'
import { withCourses, type Degrees } from './courses.js'
import { createDiscontinuities, type Discontinuities } from './discontinuities.js'
import { createEventFinder } from './events.js'
import { createFixedGrid } from './fixedGrid.js'
import { holdTolerance } from './heldTolerance.js'
import { createInterpolator } from './interpolate.js'
import type { Settings } from './options.js'
import type { Machine, Run } from './run.js'
import type { Method } from './method.js'
import { createStepper, type Stepper } from './stepper.js'
import { jumpPrograms } from './stateJumps.js'

/** A machine, and the ways back. */
export interface TwoWay {
  readonly machine: Machine
  readonly discrete: () => ReturnType<typeof createDiscreteAdjoint>
  /** By the adjoint equation of the settings, with the method that a solve wants on its way back. */
  readonly backward: (run: Run) => BackwardAdjoint
}

/**
 * What a solver compiles of a field, by the degrees in time of its inputs by row: those of constants and of signals that hold their values
 * are the same.
 */
export function machines(
  engine: Engine,
  field: Graph,
  inputs: readonly RowInput[],
  settings: Settings,
  dim: number,
): (degrees: Degrees) => TwoWay {
  const known = new Map<string, TwoWay>()
  const pool = new ArrayPool()
  return (degrees) => {
    const key = JSON.stringify(degrees)
    const made = known.get(key) ?? make(engine, field, inputs, degrees, settings, dim, pool)
    known.set(key, made)
    return made
  }
}

function make(
  engine: Engine,
  field: Graph,
  inputs: readonly RowInput[],
  degrees: Degrees,
  settings: Settings,
  dim: number,
  pool: ArrayPool,
): TwoWay {
  const { method, events } = settings
  const told = withCourses(field, degrees)
  const discontinuities = createDiscontinuities(settings.jumpTimes, engine.dtype)
  const stepper = createSteppers(engine, told, settings, dim, discontinuities)
  const machine: Machine = {
    engine,
    inputs,
    degrees,
    settings,
    dim,
    stepper,
    fixedGrid: createFixedGrid(stepper, told, settings),
    interpolator: createInterpolator(engine, method.degree, dim),
    events: events.length > 0 ? createEventFinder(engine, field, degrees, dim, method.degree, events) : undefined,
    jumps: jumpPrograms(engine, field, degrees, dim),
    pool,
  }
  return { machine, discrete: lazily(() => createDiscreteAdjoint(machine, told)), backward: waysBack(machine, told) }
}

/** The way back of rows that were stiff is stiff. */
function waysBack(machine: Machine, field: Graph): TwoWay['backward'] {
  const { method, stiff = method, adjoint } = machine.settings
  const create = adjoint === 'interpolated' ? createInterpolatedAdjoint : createContinuousAdjoint
  const [usual, stiffly] = [method, stiff].map((way) => lazily(() => create(machine, field, way))) as [
    () => BackwardAdjoint,
    () => BackwardAdjoint,
  ]
  return ({ stats }) => (stats.rows.stiffSteps?.some((count) => count > 0) ? stiffly() : usual())
}

/** The method's stepper, with that of the stiff one if there are two. */
function createSteppers(engine: Engine, field: Graph, settings: Settings, dim: number, discontinuities: Discontinuities): Stepper {
  const { method, stiff, tolerance } = settings
  const held = holdTolerance(engine, tolerance)
  const make = (one: Method): Stepper => createStepper(engine, field, one, dim, held, discontinuities, stiff ? { stiffness: true } : {})
  return stiff ? { ...make(method), stiff: make(stiff) } : make(method)
}
