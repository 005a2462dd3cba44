import type { NamedValues } from '../engine/autodiff/program.js'
import type { Engine, Value } from '../engine/engine.js'
import type { graphInputs } from '../graph/graph.js'
import { formatShape, sameShape, type Shape } from '../graph/shape.js'
import { nearestName } from '../nearest.js'
import { SolverError } from './errors.js'
import { constants } from './constants.js'
import { isTensor, readNumbers, said, type Nested, type Numbers, type TensorLike } from './numbers.js'
import type { SolveRequest } from './types.js'

type Parameter = ReturnType<typeof graphInputs>[number]

/** The parameters of a solve. */
export interface BoundParams {
  /** Their values, by the names that programs know them by. What was given as numbers is written into the engine. */
  values(): NamedValues
  /** Frees what was written; `values` writes it again. */
  release(): void
  /** Calls `use` with the values, and frees what was written of them. */
  during<T>(use: (values: NamedValues) => T): T
}

/**
 * The parameters of a field as a solve was given them: arrays of the engine as a list, or, by name, arrays of the engine, numbers,
 * nested lists or tensors. Numbers are copied.
 *
 * @throws SolverError `Shape` for one that is missing, that there is not, or that is of another shape
 */
export function bindParams(engine: Engine, parameters: readonly Parameter[], given: SolveRequest['params'] = []): BoundParams {
  const bound = isList(given) ? listed(parameters, given) : named(parameters, given)
  let written: Value[] = []
  let values: NamedValues | undefined
  const write = ({ values: numbers, shape }: Numbers): Value => {
    const value = engine.write(numbers, shape)
    written.push(value)
    return value
  }
  const params: BoundParams = {
    values: () =>
      (values ??= Object.fromEntries(bound.map((param) => [`param.${param.name}`, 'value' in param ? param.value : write(param.numbers)]))),
    release() {
      if (written.length === 0) return
      engine.free(...written)
      written = []
      values = undefined
    },
    during(use) {
      try {
        return use(params.values())
      } finally {
        params.release()
      }
    },
  }
  return params
}

const isList = (given: NonNullable<SolveRequest['params']>): given is readonly Value[] => Array.isArray(given)

type Bound = { readonly name: string } & ({ readonly value: Value } | { readonly numbers: Numbers })

function listed(parameters: readonly Parameter[], values: readonly Value[]): Bound[] {
  if (values.length !== parameters.length) {
    const names = parameters.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(', ')
    throw new SolverError('Shape', `The field has ${parameters.length} parameters (${names}) but ${values.length} were given.`)
  }
  return parameters.map(({ name, shape }, i) => {
    const value = values[i]!
    if (!isValue(value))
      throw new SolverError(
        'Shape',
        `Parameter "${name}" is ${said(value)}, no array of the solver's engine. Give numbers by name, params: { ${name}: … }, or ` +
          `write it there: engine.write(numbers, ${formatShape(shape)}).`,
      )
    return { name, value: ofShape(name, value, shape) }
  })
}

function named(parameters: readonly Parameter[], given: Readonly<Record<string, Value | Nested | TensorLike>>): Bound[] {
  if (typeof given !== 'object' || given === null || ArrayBuffer.isView(given))
    throw new SolverError('Shape', `params is ${said(given)}. Give parameters by name: params: { ${parameters[0]?.name ?? 'a'}: … }.`)
  requireNames(
    parameters.map(({ name }) => name),
    Object.keys(given),
  )
  return parameters.map(({ name, shape }) => {
    const value = given[name]
    if (isValue(value)) return { name, value: ofShape(name, value, shape) }
    const numbers = numbersOf(name, value, shape)
    return { name, numbers: { values: Float64Array.from(numbers.values), shape } }
  })
}

/** The numbers of a parameter, of the field's shape: axes of size 1 may be left out or added, so that 2, [2] and [[2]] are alike. */
export function numbersOf(name: string, value: unknown, shape: Shape): Numbers {
  const numbers = readNumbers(value, `The parameter "${name}"`)
  const significant = (list: Shape): Shape => list.filter((length) => length !== 1)
  if (!sameShape(significant(numbers.shape), significant(shape))) throw wrongShape(name, shape, numbers.shape)
  return { values: numbers.values, shape }
}

/** Throws a SolverError `Shape` for a parameter that is missing, or that the field has no use for. */
export function requireNames(taken: readonly string[], given: readonly string[]): void {
  const missing = taken.find((name) => !given.includes(name))
  const foreign = given.find((name) => !taken.includes(name))
  if (missing !== undefined) {
    const meant = nearestName(
      missing,
      given.filter((name) => !taken.includes(name)),
    )
    throw new SolverError(
      'Shape',
      `The field takes a parameter "${missing}", which was not given.${meant === undefined ? '' : ` Is that "${meant}", which was?`}`,
    )
  }
  if (foreign === undefined) return
  const constant = Object.hasOwn(constants, foreign) ? ` In equations ${foreign} is the number ${constants[foreign]}.` : ''
  throw new SolverError(
    'Shape',
    `The field takes no parameter "${foreign}"; it takes ${taken.length === 0 ? 'none' : taken.join(', ')}.${constant}`,
  )
}

const isValue = (value: unknown): value is Value =>
  typeof value === 'object' && value !== null && 'shape' in value && Array.isArray(value.shape) && !isTensor(value)

function ofShape(name: string, value: Value, shape: Shape): Value {
  if (!sameShape(value.shape, shape)) throw wrongShape(name, shape, value.shape)
  return value
}

const wrongShape = (name: string, shape: Shape, given: Shape): SolverError =>
  new SolverError('Shape', `Parameter "${name}" has shape ${formatShape(shape)} but was given ${formatShape(given)}.`)
