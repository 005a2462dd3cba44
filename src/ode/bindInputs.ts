import type { Engine, Value } from '../engine/engine.js'
import { nearestName } from '../nearest.js'
import type { RowInput } from './callField.js'
import type { Degrees } from './courses.js'
import { SolverError } from './errors.js'
import { isEngineArray, type InputValues } from './inputValues.js'
import { readNumbers, said, type Nested, type TensorLike } from './numbers.js'
import { noInputs, type RowInputs } from './rowInputs.js'
import type { Machine } from './run.js'
import { layOut, makeSegments, type GivenInput } from './segments.js'
import { degreeOf, isSignal, requireSignal, type Signal } from './signal.js'
import type { StopTimes } from './stopTimes.js'

type Given = Readonly<Record<string, InputValues>>

/**
 * Of which degree in time the inputs of a solve are.
 *
 * @throws SolverError `Input` for one that is missing, or that there is not
 */
export function degreesOf(taken: readonly RowInput[], given: Given): Degrees {
  requireInputNames(
    taken.map(({ name }) => name),
    Object.keys(given),
  )
  return Object.fromEntries(
    taken.flatMap(({ name }): [string, number][] => {
      const [first] = signalsOf(given[name]!) ?? []
      return first && degreeOf(first) > 0 ? [[name, degreeOf(first)]] : []
    }),
  )
}

/**
 * The inputs of a solve of `rows` rows.
 *
 * @throws SolverError `Input` for one that has no value for a row, `Signal` for a signal that is none
 */
export function bindInputs(
  { engine, inputs: taken, degrees }: Pick<Machine, 'engine' | 'inputs' | 'degrees'>,
  given: Given,
  rows: number,
  stops: StopTimes,
): RowInputs {
  if (taken.length === 0) return noInputs
  const { columns, width } = layOut(taken, degrees)
  const inputs = taken.map((input, i): GivenInput => ({
    ...input,
    from: columns[i]!,
    degree: degrees[input.name] ?? 0,
    given: givenAs(engine, input, given[input.name]!, rows),
  }))
  const { numbers, first, timeline, gradient } = makeSegments(inputs, width, rows, stops)
  let source: Value | undefined
  const segment = first.slice()
  return {
    get source() {
      return (source ??= engine.write(numbers, [numbers.length / width, width]))
    },
    segment,
    first,
    gradient,
    ...(inputs.some((input) => 'signals' in input.given) && { timeline: timeline(segment) }),
  }
}

/** The signals that an input was given as; undefined for numbers. */
function signalsOf(given: InputValues): readonly Signal[] | undefined {
  if (isSignal(given)) return [given]
  return Array.isArray(given) && given.some(isSignal) ? (given as readonly Signal[]) : undefined
}

function givenAs(engine: Engine, input: RowInput, given: InputValues, rows: number): GivenInput['given'] {
  const signals = signalsOf(given)
  if (!signals) return { values: constantValues(engine, input, given as Exclude<InputValues, Signal | readonly Signal[]>, rows) }
  const { name, width } = input
  const shared = isSignal(given)
  if (!shared && signals.length !== rows) throw wrongRows(name, signals.length, rows)
  const kind = ({ interpolation, order }: Signal): string => (order === 0 ? interpolation : `the derivative of ${interpolation}`)
  signals.forEach((own, row) => {
    if (!isSignal(own))
      throw new SolverError('Input', `The input "${name}" has no value for row ${row}: among signals stands ${said(own)}.`, row)
    if (kind(own) !== kind(signals[0]!))
      throw new SolverError(
        'Input',
        `The input "${name}" is ${kind(signals[0]!)} in row 0 and ${kind(own)} in row ${row}. Interpolate all signals of an input alike.`,
        row,
      )
    requireSignal(own, width, shared ? `The input "${name}"` : `Row ${row}, input "${name}"`, shared ? undefined : row)
  })
  return { signals }
}

const wrongRows = (name: string, count: number, rows: number): SolverError =>
  count < rows
    ? new SolverError('Input', `The input "${name}" has no value for row ${count}: it has ${count} rows, y0 has ${rows}.`, count)
    : new SolverError('Input', `The input "${name}" has ${count} rows; y0 has ${rows}.`)

/** The columns of inputs as they were given, for a field that is made to fit them. */
export const inputWidths = (given: Readonly<Record<string, InputValues>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(given).map(([name, values]) => {
      const signals = signalsOf(values)
      if (signals) return [name, signals.find(isSignal)!.values.shape[1] ?? 1]
      const isValue = typeof values === 'object' && values !== null && 'shape' in values
      const { shape } = isValue ? values : readNumbers(values, `The input "${name}"`)
      return [name, shape.length === 2 ? shape[1]! : 1]
    }),
  )

/** The numbers of an input that is the same all along, `[rows, k]`. */
function constantValues(engine: Engine, { name, width }: RowInput, given: Value | Nested | TensorLike, rows: number): ArrayLike<number> {
  const { values, shape } = isEngineArray(given)
    ? { values: engine.read(given), shape: given.shape }
    : readNumbers(given, `The input "${name}"`)
  const flat = shape.length === 1 && (width === 1 || ArrayBuffer.isView(given))
  const count = flat ? values.length / width : (shape[0] ?? 0)
  if (!flat && (shape.length !== 2 || shape[1] !== width))
    throw new SolverError(
      'Input',
      `The input "${name}" has shape [${shape.join(', ')}]; the field takes [rows, ${width}]: a list of ${width === 1 ? 'one number' : `${width} numbers`} for ` +
        'each row.',
    )
  if (count !== rows) throw wrongRows(name, Math.floor(count), rows)
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new SolverError(
        'Input',
        `Row ${Math.floor(i / width)}: column ${i % width} of the input "${name}" is ${said(values[i])}; it must be a finite number.`,
        Math.floor(i / width),
      )
  return values
}

/** Throws a SolverError `Input` for an input that is missing, or that the field has no use for. */
export function requireInputNames(taken: readonly string[], given: readonly string[]): void {
  const missing = taken.find((name) => !given.includes(name))
  const foreign = given.find((name) => !taken.includes(name))
  if (missing !== undefined) {
    const meant = foreign === undefined ? undefined : nearestName(missing, given)
    throw new SolverError(
      'Input',
      `The field takes an input "${missing}" by row, which was not given: inputs: { ${missing}: … }.` +
        `${meant === undefined ? '' : ` Is that "${meant}", which was?`}`,
    )
  }
  if (foreign !== undefined)
    throw new SolverError(
      'Input',
      `The field takes no input "${foreign}" by row; it takes ${taken.length === 0 ? 'none' : taken.join(', ')}. Inputs are declared ` +
        'where the field is made: vectorField(fn, { dim, inputs: { u: 1 } }).',
    )
}
