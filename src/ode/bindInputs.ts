import type { Engine, Value } from '../engine/engine.js'
import { nearestName } from '../nearest.js'
import { inputsWidth, rowInputs, type RowInput } from './callField.js'
import { SolverError } from './errors.js'
import { isTensor, readNumbers, said, type Nested, type TensorLike } from './numbers.js'
import { noInputs, type RowInputs } from './rowInputs.js'
import type { Graph } from '../graph/graph.js'

/** What an input by row can be given as: `[rows, k]` in any form; where k is 1, `[rows]` will do. */
export type InputValues = Value | Nested | TensorLike

/**
 * The inputs of a solve of `rows` rows.
 *
 * @throws SolverError `Input` for one that is missing, that there is not, or that has no value for a row
 */
export function bindInputs(engine: Engine, field: Graph, given: Readonly<Record<string, InputValues>>, rows: number): RowInputs {
  const inputs = rowInputs(field)
  requireInputNames(
    inputs.map(({ name }) => name),
    Object.keys(given),
  )
  const width = inputsWidth(field)
  if (width === 0) return noInputs
  const numbers = new Float64Array(rows * width)
  for (const input of inputs) {
    const values = constantValues(engine, input, given[input.name]!, rows)
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < input.width; i++) numbers[row * width + input.from + i] = values[row * input.width + i]!
  }
  let source: Value | undefined
  const all = Int32Array.from({ length: rows }, (_, row) => row)
  return {
    get source() {
      return (source ??= engine.write(numbers, [rows, width]))
    },
    segment: all.slice(),
    first: all,
    gradient: (bars) =>
      Object.fromEntries(
        inputs.map((input) => [
          input.name,
          Float64Array.from(
            { length: rows * input.width },
            (_, i) => bars[Math.floor(i / input.width) * width + input.from + (i % input.width)]!,
          ),
        ]),
      ),
  }
}

/** The columns of inputs as they were given, for a field that is made to fit them. */
export const inputWidths = (given: Readonly<Record<string, InputValues>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(given).map(([name, values]) => {
      const isValue = typeof values === 'object' && values !== null && 'shape' in values
      const { shape } = isValue ? values : readNumbers(values, `The input "${name}"`)
      return [name, shape.length === 2 ? shape[1]! : 1]
    }),
  )

/** The numbers of an input that is the same all along, `[rows, k]`. */
function constantValues(engine: Engine, { name, width }: RowInput, given: InputValues, rows: number): ArrayLike<number> {
  const isValue = typeof given === 'object' && given !== null && 'shape' in given && !isTensor(given)
  const { values, shape } = isValue ? { values: engine.read(given), shape: given.shape } : readNumbers(given, `The input "${name}"`)
  const flat = shape.length === 1 && (width === 1 || ArrayBuffer.isView(given))
  const count = flat ? values.length / width : (shape[0] ?? 0)
  if (!flat && (shape.length !== 2 || shape[1] !== width))
    throw new SolverError(
      'Input',
      `The input "${name}" has shape [${shape.join(', ')}]; the field takes [rows, ${width}]: a list of ${width === 1 ? 'one number' : `${width} numbers`} for ` +
        'each row.',
    )
  if (count !== rows)
    throw count < rows
      ? new SolverError(
          'Input',
          `The input "${name}" has no value for row ${Math.floor(count)}: it has ${count} rows, y0 has ${rows}.`,
          Math.floor(count),
        )
      : new SolverError('Input', `The input "${name}" has ${count} rows; y0 has ${rows}.`)
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
