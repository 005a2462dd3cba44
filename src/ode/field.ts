import { GraphBuilder, type Ref } from '../graph/builder.js'
import type { Graph } from '../graph/graph.js'
import { isUnary } from '../graph/ops.js'
import { ROWS, type Shape } from '../graph/shape.js'
import { Column, columnOf, type Operand } from './fieldColumn.js'
import { FieldError } from './fieldError.js'
import { constants } from './constants.js'
import { readExpression } from './fieldExpression.js'
import { said } from './numbers.js'

/** The right-hand sides by the names of the states, which stand in this order in y0 and in the outputs. */
export type Equations = Readonly<Record<string, string | number>>

/**
 * dz/dt by components: `t`, the components of the state, the parameters by name; returns a list with the derivative of
 * each component, columns or numbers.
 */
export type ColumnField = (t: Column, state: readonly Column[], params: Readonly<Record<string, Column>>) => readonly Operand[]

/**
 * A vector field as people write it, as equations or by columns. It is a Graph, for `odeSolve`, `createSolver` and `odeint`.
 *
 *     field({ x: 'a*x - b*x*y', y: 'd*x*y - c*y' })
 *     field((t, [x, y], { a, b, c, d }) => [a.times(x).minus(b.times(x, y)), d.times(x, y).minus(c.times(y))])
 *
 * In equations stand numbers, the states, `t` for the time, `pi`, `e`, `+ - * / ^`, comparisons (1 where they hold, else 0) and
 * functions: `abs cos cosh exp expm1 log log1p max min pow relu sigmoid sign sin sinh softplus sqrt tan tanh where`.
 * `where(x > 1, a, b)` is a where x > 1, else b. Every other name is a parameter: one number, shared by all rows. Equations are
 * read as text, once; no program is made of them.
 *
 * A function gets columns, which have methods for the same (see {@link Column}), and is called once. What it takes of the parameters
 * are the field's parameters, and `{ p: [p0, p1] }` or `p.at(1)` makes one a list of numbers. There are as many states as derivatives.
 *
 * @throws FieldError with the place in the equation
 */
export function field(equations: Equations): Graph
export function field(fn: ColumnField): Graph
export function field(written: Equations | ColumnField): Graph {
  if (typeof written === 'function') return fieldOfColumns(written)
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new FieldError(
      'Components',
      `A field is an object of equations, or a function of columns; this is ${said(written)}. Give the states names: ` +
        "field({ x: 'v', v: '-x' }).",
    )
  return fieldOfEquations(written)
}

function fieldOfEquations(equations: Equations): Graph {
  const names = Object.keys(equations)
  if (names.length === 0) throw new FieldError('Components', "There are no equations. Give one for each state: field({ x: '-x' }).")
  const time = new Column({ kind: 'time' })
  const scope = new Map<string, Column>([['t', time]])
  names.forEach((name, index) => {
    if (!/^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(name))
      throw new FieldError('Name', `A state cannot be called "${name}": a name is a letter, and letters, digits and _ after it.`)
    if (name === 't') throw new FieldError('Name', 'A state cannot be called "t": that is the time. Rename it.')
    scope.set(name, new Column({ kind: 'state', index }))
  })
  for (const [name, value] of Object.entries(constants)) if (!scope.has(name)) scope.set(name, columnOf(value))
  const columnNamed = (name: string): Column => {
    const known = scope.get(name) ?? new Column({ kind: 'param', name })
    scope.set(name, known)
    return known
  }
  return graphOf(
    names.map((name) => {
      const text: unknown = equations[name]
      if (typeof text === 'number') return columnOf(text)
      if (typeof text !== 'string')
        throw new FieldError('Components', `The equation of "${name}" is ${said(text)}. Write it as text: field({ ${name}: '-${name}' }).`)
      return readExpression(text, name, columnNamed)
    }),
    names.length,
    [...scope.values()],
  )
}

function fieldOfColumns(fn: ColumnField): Graph {
  const taken: Column[] = []
  const states = new Map<number, Column>()
  const named = new Map<string, Column>()
  const stateAt = (index: number): Column => {
    const column = states.get(index) ?? new Column({ kind: 'state', index })
    states.set(index, column)
    return column
  }
  const state = new Proxy([] as Column[], {
    get(_, key) {
      if (key === Symbol.iterator) return everyState(stateAt)
      if (typeof key === 'symbol') return undefined
      if (/^\d+$/.test(key)) return stateAt(Number(key))
      throw new FieldError(
        'Components',
        `The state of a field has no ${key}: it has as many components as the field returns derivatives. Take them by ` +
          'name, [x, y], or by number, z[0].',
      )
    },
  })
  const params = new Proxy({} as Record<string, Column>, {
    get(_, name) {
      if (typeof name !== 'string') return undefined
      const column = named.get(name) ?? new Column({ kind: 'param', name })
      if (!named.has(name)) taken.push(column)
      named.set(name, column)
      return column
    },
  })
  const result: unknown = fn(new Column({ kind: 'time' }), state, params)
  if (!Array.isArray(result) || result.length === 0)
    throw new FieldError(
      'Components',
      `The field returns ${result instanceof Column ? 'one column' : Array.isArray(result) ? 'nothing' : said(result)}. Return a list with the ` +
        'derivative of each component: (t, [x, v]) => [v, x.neg()].',
    )
  const most = Math.max(-1, ...states.keys())
  if (most >= result.length)
    throw new FieldError(
      'Components',
      `The field takes component ${most} of the state (counted from 0) but returns ${result.length} ` +
        `${result.length === 1 ? 'derivative' : 'derivatives'}. Return one for each component.`,
    )
  // Not map: it passes over holes.
  return graphOf(
    Array.from(result, (value: unknown, i) => derivative(value, i)),
    result.length,
    taken,
  )
}

function derivative(value: unknown, index: number): Column {
  try {
    return columnOf(value)
  } catch (error) {
    if (!(error instanceof FieldError)) throw error
    throw new FieldError(error.code, `Of the derivative of component ${index}: ${error.message}`)
  }
}

function everyState(stateAt: (index: number) => Column): () => Generator<Column, undefined> {
  return function* () {
    for (let index = 0; index < 65_536; index++) yield stateAt(index)
    throw new FieldError('Components', 'The state of a field has no end: take its components by name, [x, y], or by number, z[0].')
  }
}

/** The Graph of a field: `t` `[rows, 1]`, `z` `[rows, dim]` and the parameters, in the order in which `mentioned` has them. */
function graphOf(derivatives: readonly Column[], dim: number, mentioned: readonly Column[]): Graph {
  const order = inOrder(derivatives)
  const shapes = paramShapes([...mentioned, ...order], derivatives)
  const b = new GraphBuilder()
  const time = b.input('t', [ROWS, 1])
  const state = b.input('z', [ROWS, dim])
  const params = new Map([...shapes].map(([name, shape]) => [name, b.input(name, shape)]))
  const refs = new Map<Column, Ref>()
  for (const column of order) refs.set(column, refOf(column))
  b.output(
    'output',
    b.concat(
      derivatives.map((column) => b.broadcast(refs.get(column)!, [ROWS, 1])),
      1,
    ),
  )
  return b.build()

  function refOf({ node }: Column): Ref {
    if (node.kind === 'number') return b.constant(node.value)
    if (node.kind === 'time') return time
    if (node.kind === 'state') return b.slice(state, [0, node.index], [ROWS, 1])
    if (node.kind === 'param') {
      const whole = params.get(node.name)!
      return node.entry === undefined ? whole : b.reshape(b.slice(whole, [node.entry], [1]), [])
    }
    const [first, second, third] = node.operands.map((operand) => refs.get(operand)!)
    if (node.op === 'select') return b.select(first!, second!, third!)
    return isUnary(node.op) ? b.unary(node.op, first!) : b.binary(node.op, first!, second!)
  }
}

/** All columns that these are computed from, operands before what is made of them. Not by recursion: a sum may be long. */
function inOrder(columns: readonly Column[]): Column[] {
  const done = new Set<Column>()
  const stack = [...columns].reverse()
  while (stack.length > 0) {
    const column = stack.at(-1)!
    const waiting = column.node.kind === 'op' && !done.has(column) ? column.node.operands.filter((operand) => !done.has(operand)) : []
    if (waiting.length === 0) {
      done.add(column)
      stack.pop()
    } else stack.push(...waiting.reverse())
  }
  return [...done]
}

/** Shapes of the parameters: `[]`, or `[entries]` of those whose entries are taken. */
function paramShapes(columns: readonly Column[], derivatives: readonly Column[]): Map<string, Shape> {
  const entries = new Map<string, number>()
  const whole = new Set<string>()
  const names = new Set<string>()
  const used = new Set([...derivatives, ...columns.flatMap(({ node }) => (node.kind === 'op' ? node.operands : []))])
  for (const column of columns) {
    const { node } = column
    if (node.kind !== 'param') continue
    const { name, entry } = node
    if (name === 't' || name === 'z')
      throw new FieldError('Name', `A parameter of a field cannot be called "${name}": that is its argument. Rename it.`)
    names.add(name)
    if (entry !== undefined) entries.set(name, Math.max(entries.get(name) ?? 0, entry + 1))
    else if (used.has(column)) whole.add(name)
  }
  return new Map(
    [...names].map((name) => {
      const count = entries.get(name)
      if (count !== undefined && whole.has(name))
        throw new FieldError(
          'Column',
          `The parameter "${name}" is used both as one number and as a list of numbers, by its entries. Take its entries alone.`,
        )
      return [name, count === undefined ? [] : [count]]
    }),
  )
}
