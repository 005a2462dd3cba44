import { newArray } from '../engine/arrays.js'
import type { Engine, FloatArray } from '../engine/engine.js'
import { SolverError } from './errors.js'
import { isTensor, readNumbers } from './numbers.js'
import type { SolveRequest } from './types.js'

/** y0 as numbers of the engine's kind, `[rows, dim]`, in whatever form it was given. */
export function initialValues(engine: Engine, y0: SolveRequest['y0'], dim: number): FloatArray {
  const isValue = typeof y0 === 'object' && y0 !== null && 'shape' in y0
  if (isValue && !isTensor(y0)) {
    requireRows(y0.shape, dim)
    return engine.read(y0)
  }
  const { values, shape } = readNumbers(y0, 'y0')
  if (isValue || shape.length > 1) requireRows(shape, dim)
  if (values.length % dim !== 0)
    throw new SolverError(
      'Shape',
      `y0 has ${values.length === 1 ? '1 number, which does' : `${values.length} numbers, which do`} not fill rows of ${dim} components.`,
    )
  const copy = newArray(engine, values.length)
  copy.set(values)
  return copy
}

function requireRows(shape: readonly number[], dim: number): void {
  if (shape.length !== 2 || shape[1] !== dim)
    throw new SolverError('Shape', `y0 has shape [${shape.join(', ')}]; the field takes [rows, ${dim}].`)
}
