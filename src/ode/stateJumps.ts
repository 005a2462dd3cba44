import { differentiable } from '../engine/autodiff/differentiable.js'
import type { NamedValues } from '../engine/autodiff/program.js'
import type { Engine, Value } from '../engine/engine.js'
import { GraphBuilder } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { requireUnrounded } from '../graph/requireUnrounded.js'
import { assertRowwise } from '../graph/rowwise.js'
import { formatShape, ROWS } from '../graph/shape.js'
import { inputRefs, inputsWidth, paramInputs } from './callField.js'
import { withCourses, type Degrees } from './courses.js'
import { SolverError } from './errors.js'
import { callFunctionOfField, functionOfField } from './fieldFunction.js'
import { said } from './numbers.js'
import type { StateJump } from './stateJump.js'
import type { StopTimes } from './stopTimes.js'

/** A jump of a row: the how manieth it is of all that were given. */
export interface ScheduledJump {
  readonly time: number
  readonly index: number
  readonly jump: StateJump
}

/** When rows jump. */
export interface JumpSchedule {
  /** All jumps as given, lists of rows one behind the other. */
  readonly jumps: readonly StateJump[]
  /** The time of a row's next jump; ±Infinity if there is none. */
  next(row: number): number
  /** The jumps of a row at a time, in the order of its list; they are then behind it. */
  take(row: number, time: number): readonly ScheduledJump[]
}

/**
 * Jumps by row, from its first time on and before its last; others do not happen.
 *
 * @throws SolverError `Jump` for one that is none
 */
export function scheduleJumps(
  given: readonly StateJump[] | readonly (readonly StateJump[])[],
  rows: number,
  dim: number,
  { start, last, direction }: Pick<StopTimes, 'start' | 'last' | 'direction'>,
): JumpSchedule | undefined {
  if (!Array.isArray(given)) throw new SolverError('Jump', `jumps is ${said(given)}; it must be a list of jumps, or one for each row.`)
  if (given.length === 0) return undefined
  const lists = given.some((entry) => Array.isArray(entry)) ? (given as readonly (readonly StateJump[])[]) : undefined
  if (lists && lists.length !== rows)
    throw new SolverError('Jump', `There are ${lists.length} lists of jumps for ${rows} rows. Give one list for all rows, or one for each.`)
  lists?.forEach((list, row) => {
    if (!Array.isArray(list)) throw new SolverError('Jump', `Row ${row}: its jumps are ${said(list)}. Give a list for each row.`, row)
  })
  const all = lists ? lists.flat() : (given as readonly StateJump[])
  let index = 0
  const checked = (lists ?? [all as readonly StateJump[]]).map((list, row) =>
    list.map((jump, i): ScheduledJump => {
      requireJump(jump, i, dim, lists ? row : undefined)
      return { time: jump.time, index: index++, jump }
    }),
  )
  const queues = Array.from({ length: rows }, (_, row) => {
    const turn = direction[row]!
    return checked[lists ? row : 0]!.filter(({ time }) => (time - start[row]!) * turn >= 0 && (time - last[row]!) * turn < 0).sort(
      (a, b) => (a.time - b.time) * turn,
    )
  })
  const taken = new Int32Array(rows)
  return {
    jumps: all,
    next: (row) => queues[row]![taken[row]!]?.time ?? direction[row]! * Infinity,
    take(row, time) {
      const from = taken[row]!
      while (queues[row]![taken[row]!]?.time === time) taken[row]!++
      return queues[row]!.slice(from, taken[row]!)
    },
  }
}

function requireJump(jump: StateJump, i: number, dim: number, row: number | undefined): void {
  const where = row === undefined ? `Jump ${i}` : `Row ${row}, jump ${i}`
  const fail = (message: string): never => {
    throw new SolverError('Jump', `${where}: ${message}`, row)
  }
  if (typeof jump !== 'object' || jump === null) fail(`it is ${said(jump)}. Write { time, apply } or { time, add }.`)
  const { time, apply, add, ...rest } = jump
  const other = Object.keys(rest)[0]
  if (other !== undefined) fail(`a jump has no "${other}"; it has time, and apply or add.`)
  if (!Number.isFinite(time)) fail(`its time is ${said(time)}; it must be a finite number.`)
  if ((apply === undefined) === (add === undefined))
    fail(`it has ${apply ? 'both' : 'neither'} apply ${apply ? 'and' : 'nor'} add. Give one.`)
  if (apply !== undefined && typeof apply !== 'function' && (typeof apply !== 'object' || apply === null))
    fail(`its apply is ${said(apply)}; it must be a function (t, z, params) => …, or a Graph.`)
  if (add === undefined) return
  if (typeof add !== 'object' || add === null || add.length !== dim)
    fail(`its add is ${typeof add === 'object' && add !== null ? `a list of ${add.length} numbers` : said(add)}; the state has ${dim}.`)
  const wrong = Array.from(add).findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) fail(`component ${wrong} of its add is ${said(add[wrong])}; it must be a finite number.`)
}

/** Where rows jump: told times `[n, 1]`, states `[n, dim]`, inputs by row, and what is added, each if there is some. */
export interface JumpPoint {
  readonly t: Value
  readonly y: Value
  readonly inputs?: Value | undefined
  readonly add?: Value | undefined
}

/** A jump compiled for an engine. */
export interface JumpProgram {
  /** The states after it. */
  run(params: NamedValues, at: JumpPoint, rows: number): Value
  /** Cotangents of what it was computed from; `sums` are used up. */
  pull(
    params: NamedValues,
    at: JumpPoint,
    bar: Value,
    sums: readonly Value[],
    rows: number,
  ): { readonly t: Value; readonly y: Value; readonly inputs?: Value; readonly add?: Value; readonly sums: readonly Value[] }
}

/** Compiles jumps, each function once. */
export function jumpPrograms(engine: Engine, field: Graph, degrees: Degrees, dim: number): (jump: StateJump) => JumpProgram {
  const known = new WeakMap<object, JumpProgram>()
  const adding = {}
  return ({ apply }) => {
    const key = apply ?? adding
    const made = known.get(key) ?? compileJump(engine, field, degrees, dim, apply)
    known.set(key, made)
    return made
  }
}

function compileJump(engine: Engine, field: Graph, degrees: Degrees, dim: number, apply: StateJump['apply']): JumpProgram {
  const graph = jumpGraph(engine, field, degrees, dim, apply)
  const inputs = ['t', 'y', 'inputs', 'add'] as const
  const varying = ['t', 'y', ...(inputsWidth(field) > 0 ? ['inputs' as const] : []), ...(apply ? [] : ['add' as const])] as const
  const piece = differentiable(engine, graph, { inputs, wrt: varying, outputs: ['y1'] })
  const listed = ({ t, y, inputs: given = y, add = y }: JumpPoint): Value[] => [t, y, given, add]
  return {
    run: (params, at, rows) => piece.forward(params, listed(at), rows)[0]!,
    pull(params, at, bar, sums, rows) {
      const pulled = piece.pullback(params, listed(at), [bar], sums, rows)
      const named = Object.fromEntries(varying.map((name, i) => [name, pulled.cotangents[i]!])) as Record<'t' | 'y', Value>
      return { ...named, sums: pulled.sums }
    },
  }
}

/** Inputs `t`, `y`, `inputs` and the parameters, and `add` without a function; output `y1`. */
function jumpGraph(engine: Engine, field: Graph, degrees: Degrees, dim: number, apply: StateJump['apply']): Graph {
  const builder = new GraphBuilder()
  const [t, y] = [builder.input('t', [ROWS, 1]), builder.input('y', [ROWS, dim])]
  // All parameters and inputs by row are inputs, also those that it does not take: what is pulled back to them goes by position.
  paramInputs(builder, field)
  inputRefs(builder, withCourses(field, degrees))
  if (!apply) {
    builder.output('y1', builder.add(y, builder.input('add', [ROWS, dim])))
    return builder.build()
  }
  const expected = `the state after it is ${formatShape([ROWS, dim])}.`
  const graph = functionOfField({ what: 'The apply of a jump', given: apply, width: dim, expected }, field, dim)
  assertRowwise(graph)
  if (engine.dtype === 'float64') requireUnrounded(graph)
  builder.output('y1', callFunctionOfField(builder, graph, field, degrees, t, y))
  return builder.build()
}
