import { compileProgram, type Program } from '../../engine/autodiff/program.js'
import { compiledOnce } from '../compiled.js'
import { GraphBuilder, type Ref } from '../../graph/builder.js'
import type { Graph } from '../../graph/graph.js'
import { ROWS } from '../../graph/shape.js'
import { inputsWidth, rowInputs, usesTime } from '../callField.js'
import { blocks, column, zeros } from '../combine.js'
import { neighbour } from '../discontinuities.js'
import type { Track } from '../dense.js'
import type { RowInputs } from '../rowInputs.js'
import type { Machine, Run } from '../run.js'

/**
 * The columns of a piece: a forward step as an input by row of the adjoint equation. First numbers, `[numbers]`: the step's size; if the
 * field depends on t, what it is told of the step's start; if it jumps somewhere, where times are put off a jump at an end of the step,
 * and by how much: below `low` by `up`, above `high` by `down`. Then the path of the dense output, then the field's inputs by row.
 */
export interface PieceLayout {
  readonly dim: number
  readonly degree: number
  readonly timed: boolean
  readonly jumping: boolean
  readonly numbers: number
  readonly width: number
}

export function pieceLayout(field: Graph, dim: number, degree: number, discontinuous: boolean): PieceLayout {
  const timed = usesTime(field)
  const jumping = timed && discontinuous
  const numbers = 1 + (timed ? 1 : 0) + (jumping ? 4 : 0)
  return { dim, degree, timed, jumping, numbers, width: numbers + (1 + degree) * dim + inputsWidth(field) }
}

/** What a field gets at time `s` of a piece, counted from its start: `t`, `z` and its inputs by row. */
export function onPiece(builder: GraphBuilder, field: Graph, layout: PieceLayout, piece: Ref, s: Ref): Record<string, Ref> {
  const { dim, degree, timed, numbers } = layout
  const path = blocks(builder, builder.slice(piece, [0, numbers], [ROWS, (1 + degree) * dim]), dim)
  const from = numbers + (1 + degree) * dim
  return {
    t: timed ? toldTime(builder, layout, piece, s) : zeros(builder, 1),
    z: pointOf(builder, path, builder.div(s, column(builder, piece, 0))),
    ...Object.fromEntries(
      rowInputs(field).map(({ name, from: first, width }) => [name, builder.slice(piece, [0, from + first], [ROWS, width])]),
    ),
  }
}

/** What the field is told of the time: never that of a jump at an end of the piece. Where it is put off, its slope stays 1. */
function toldTime(builder: GraphBuilder, { jumping }: PieceLayout, piece: Ref, s: Ref): Ref {
  const t = builder.add(column(builder, piece, 1), s)
  if (!jumping) return t
  const [low, up, high, down] = [2, 3, 4, 5].map((i) => column(builder, piece, i)) as [Ref, Ref, Ref, Ref]
  const zero = builder.constant(0)
  const below = builder.select(builder.binary('less', t, low), up, zero)
  return builder.add(t, builder.add(below, builder.select(builder.binary('greater', t, high), down, zero)))
}

/** The point y + θ(p₁ + (1 − θ)(p₂ + …)) of a path, `theta` `[rows, 1]`. */
function pointOf(builder: GraphBuilder, path: readonly Ref[], theta: Ref): Ref {
  const rest = builder.sub(builder.constant(1), theta)
  let value = path.at(-1)!
  for (let j = path.length - 2; j >= 0; j--) value = builder.add(path[j]!, builder.mul(j % 2 === 1 ? rest : theta, value))
  return value
}

/** The pieces of a forward solve, and where rows stand among them. */
export interface Pieces {
  readonly inputs: RowInputs
  /** Where the piece of a row starts: the end of it that the way back comes to last. */
  start(row: number): number
  /** Whether it is the row's first. */
  isFirst(row: number): boolean
  /** The segment of the solve's own inputs that it lies in. */
  inputSegment(row: number): number
}

type Step = Track['steps'][number]

export function createPieces(machine: Machine, layout: PieceLayout): (run: Run, chosen: Int32Array) => Pieces {
  const { engine } = machine
  const { width, numbers } = layout
  const own = width - numbers - (1 + layout.degree) * layout.dim
  const widths = [numbers, (1 + layout.degree) * layout.dim, ...(own > 0 ? [own] : [])]
  const join = (): Program =>
    compiledOnce(engine, engine, ['join', ...widths], () => compileProgram(engine, joinGraph(widths), ['0', '1', '2']))
  return (run, chosen) => {
    const first = new Int32Array(run.rows)
    const segment = new Int32Array(run.rows)
    const steps: Step[] = []
    const owners: number[] = []
    for (const row of chosen) {
      const { start, steps: own } = run.tracks![row]!
      first[row] = steps.length
      // A row that goes nowhere stands still at y0.
      const all = own.length > 0 ? own : [{ t: start.t, h: 1, end: start.t, path: row, segment: run.inputs.first[row] ?? 0 }]
      for (const step of all) {
        steps.push(step)
        owners.push(row)
      }
      segment[row] = steps.length - 1
    }
    const count = steps.length
    const told = new Float64Array(count * numbers)
    steps.forEach((step, i) => writeNumbers(machine, layout, step, run.origin(owners[i]!), told, i * numbers))
    const { source } = run.inputs
    const [joined] = join().run({}, count, [
      engine.write(told, [count, numbers]),
      engine.gather(
        run.paths,
        Int32Array.from(steps, ({ path }) => path),
      ),
      ...(source
        ? [
            engine.gather(
              source,
              Int32Array.from(steps, (step) => step.segment),
            ),
          ]
        : []),
    ])
    return {
      inputs: { source: joined!, segment, first, gradient: () => ({}) },
      start: (row) => steps[segment[row]!]!.t,
      isFirst: (row) => segment[row] === first[row],
      inputSegment: (row) => steps[segment[row]!]!.segment,
    }
  }
}

/** Inputs `0`, `1` … `[rows, width]`; output `joined`: side by side. */
function joinGraph(widths: readonly number[]): Graph {
  const builder = new GraphBuilder()
  const parts = widths.map((width, i) => builder.input(String(i), [ROWS, width]))
  builder.output('joined', builder.concat(parts, 1))
  return builder.build()
}

/** How many numbers of the engine's type a time is put off a jump: more than sums of rounded times can be off. */
const off = 4

function writeNumbers(
  { engine: { dtype }, stepper: { discontinuities } }: Machine,
  { timed, jumping }: PieceLayout,
  { t, h, end }: Step,
  origin: number,
  into: Float64Array,
  at: number,
): void {
  into[at] = h
  if (timed) into[at + 1] = t - origin
  if (!jumping) return
  const [low, high] = h > 0 ? [t, end] : [end, t]
  const far = Math.abs(h)
  const beside = (time: number, side: number): [number, number] => {
    // Where nothing jumps, a bound that no step comes to.
    if (!discontinuities.has(time)) return [time - origin - side * far, 0]
    const near = neighbour(time - origin, side, dtype)
    let put = near
    for (let i = 1; i < off; i++) put = neighbour(put, side, dtype)
    return [near, put - (dtype === 'float32' ? Math.fround(time - origin) : time - origin)]
  }
  into.set([...beside(low, 1), ...beside(high, -1)], at + 2)
}
