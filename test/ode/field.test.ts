import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it, test } from 'vitest'
import { graphInputs, type Graph } from '../../src/graph/graph.js'
import { field, type ColumnField } from '../../src/ode/field.js'
import { column, type Column } from '../../src/ode/fieldColumn.js'
import { FieldError } from '../../src/ode/fieldError.js'
import { normalList, referenceEngine } from './problems.js'

const engine = referenceEngine()
const untyped = <T>(value: unknown): T => value as T

type Params = Record<string, number>
/** The field at a time and states `[rows, dim]`, in float64. */
function evaluate(graph: Graph, t: readonly number[], z: readonly number[], params: Record<string, number | number[]> = {}): number[] {
  const given: Record<string, readonly number[]> = { t, z }
  const inputs = graphInputs(graph).map(({ name, shape }) => {
    const values = Object.hasOwn(given, name) ? given[name]! : [params[name]!].flat()
    return engine.write(
      values,
      shape.map((d) => (d < 0 ? t.length : d)),
    )
  })
  return [...engine.read(engine.compile(graph).run(inputs, t.length)[0]!)]
}

interface Written {
  readonly name: string
  readonly graph: Graph
  readonly params: Params
  readonly plain: (t: number, z: readonly number[], p: Params) => number[]
}

const brusselator = { x: '1 + x^2*y - (b + 1)*x', y: 'b*x - x^2*y' }
const written: readonly Written[] = [
  {
    name: 'Lotka–Volterra',
    graph: field({ x: 'a*x - b*x*y', y: 'd*x*y - c*y' }),
    params: { a: 1.5, b: 1, c: 3, d: 0.7 },
    plain: (_, [x, y], { a, b, c, d }) => [a! * x! - b! * x! * y!, d! * x! * y! - c! * y!],
  },
  {
    name: 'Lotka–Volterra by columns',
    graph: field((_t, [x, y], { a, b, c, d }) => [a!.times(x!).minus(b!.times(x!, y!)), d!.times(x!, y!).minus(c!.times(y!))]),
    params: { a: 1.5, b: 1, c: 3, d: 0.7 },
    plain: (_, [x, y], { a, b, c, d }) => [a! * x! - b! * x! * y!, d! * x! * y! - c! * y!],
  },
  {
    name: 'Robertson',
    graph: field({ x: '-0.04*x + 1e4*y*z', y: '0.04*x - 1e4*y*z - 3e7*y^2', z: '3e7*y^2' }),
    params: {},
    plain: (_, [x, y, z]) => [-0.04 * x! + 1e4 * y! * z!, 0.04 * x! - 1e4 * y! * z! - 3e7 * y! ** 2, 3e7 * y! ** 2],
  },
  {
    name: 'Van der Pol',
    graph: field({ x: 'v', v: 'mu*(1 - x^2)*v - x' }),
    params: { mu: 5 },
    plain: (_, [x, v], { mu }) => [v!, mu! * (1 - x! * x!) * v! - x!],
  },
  {
    name: 'Van der Pol by columns',
    graph: field((_t, [x, v], { mu }) => [v!, mu!.times(column(1).minus(x!.square()), v!).minus(x!)]),
    params: { mu: 5 },
    plain: (_, [x, v], { mu }) => [v!, mu! * (1 - x! * x!) * v! - x!],
  },
  {
    name: 'Kepler',
    graph: field({ x: 'u', y: 'v', u: '-x/(x^2 + y^2)^1.5', v: '-y/(x^2 + y^2)^1.5' }),
    params: {},
    plain: (_, [x, y, u, v]) => [u!, v!, -x! / Math.hypot(x!, y!) ** 3, -y! / Math.hypot(x!, y!) ** 3],
  },
  {
    name: 'Brusselator',
    graph: field(brusselator),
    params: { b: 3 },
    plain: (_, [x, y], { b }) => [1 + x! ** 2 * y! - (b! + 1) * x!, b! * x! - x! ** 2 * y!],
  },
  {
    name: 'every function',
    graph: field({
      a: 'exp(x) + expm1(x) + log(abs(x) + 1) + log1p(x^2) + sqrt(x^2)',
      b: 'sin(x) - cos(x)*tan(x/4) + sinh(x) - cosh(x) + tanh(x)',
      c: 'sigmoid(x) + softplus(x) + relu(x) + sign(x)',
      d: 'min(x, y, 0.5) - max(x, y) + pow(abs(x), y)',
      e: 'where(x > y, x, 2*y) + (x<y) + 2*(x<=y) + 4*(x>=y) + 8*(x==y) + 16*(x!=y) + pi*e',
      x: 't',
      y: '-2^-1^2 + 2^3^2 - 6/3/2 - (5 - 3 - 1) + x*-y + +x**3 − 2·x',
    }),
    params: {},
    plain: (t, [, , , , e, x, y]) => {
      const [u, v] = [x!, y!]
      return [
        Math.exp(u) + Math.expm1(u) + Math.log(Math.abs(u) + 1) + Math.log1p(u * u) + Math.abs(u),
        Math.sin(u) - Math.cos(u) * Math.tan(u / 4) + Math.sinh(u) - Math.cosh(u) + Math.tanh(u),
        1 / (1 + Math.exp(-u)) + Math.log(1 + Math.exp(u)) + Math.max(u, 0) + Math.sign(u),
        Math.min(u, v, 0.5) - Math.max(u, v) + Math.abs(u) ** v,
        (u > v ? u : 2 * v) + (u < v ? 1 + 2 : 4) + 16 + Math.PI * e!,
        t,
        -0.5 + 512 - 1 - 1 - u * v + u ** 3 - 2 * u,
      ]
    },
  },
  {
    name: 'methods of columns',
    graph: field((t, [x, y]) => [
      x!.gt(y!).where(x!.neg(), t).plus(x!.lt(y!), x!.le(y!), x!.ge(y!).times(4), x!.eq(y!), x!.ne(y!)),
      x!.min(y!, 0.5).minus(x!.max(y!)).plus(x!.abs().sqrt().div(2), x!.pow(3), x!.pow(-2), x!.abs().pow(y!), x!.pow(0), x!.pow(1)),
    ]),
    params: {},
    plain: (t, [x, y]) => [
      (x! > y! ? -x! : t) + (x! < y! ? 2 : 4) + 1,
      Math.min(x!, y!, 0.5) - Math.max(x!, y!) + Math.sqrt(Math.abs(x!)) / 2 + x! ** 3 + x! ** -2 + Math.abs(x!) ** y! + 1 + x!,
    ],
  },
]

describe('fields are what they say', () => {
  test.each(written)('$name', ({ graph, params, plain }) => {
    const dim = plain(0, Array<number>(9).fill(1), params).length
    const rows = 40
    const [t, z] = [normalList(rows, 1, 3), normalList(rows * dim, 1, 4)]
    const values = evaluate(graph, t, z, params)
    for (let row = 0; row < rows; row++) {
      const expected = plain(t[row]!, z.slice(row * dim, (row + 1) * dim), params)
      // A few roundings of the largest term, which is 512 at most where terms cancel, beside those of large coefficients.
      expected.forEach((x, i) => expect(Math.abs(values[row * dim + i]! - x)).toBeLessThan(2e-13 * Math.max(1, Math.abs(x))))
    }
  })

  it('numbers are columns', () => {
    expect(evaluate(field({ x: 'v', v: -9.81 }), [0, 0], [1, 2, 3, 4])).toEqual([2, -9.81, 4, -9.81])
    expect(evaluate(field({ x: '1' }), [0, 0], [1, 2])).toEqual([1, 1])
    expect(
      evaluate(
        field(() => [1, 2]),
        [0, 0],
        [1, 2, 3, 4],
      ),
    ).toEqual([1, 2, 1, 2])
    expect(
      evaluate(
        field((_t, _z, { a }) => [a!]),
        [0, 0],
        [1, 2],
        { a: 3 },
      ),
    ).toEqual([3, 3])
  })

  it('parameters are numbers, or lists of those whose entries are taken', () => {
    expect(graphInputs(field({ x: 'k*x + α_1*t', y: 'k' })).map(({ name, shape }) => [name, shape])).toEqual([
      ['t', [-1, 1]],
      ['z', [-1, 2]],
      ['k', []],
      ['α_1', []],
    ])
    const lists = field((_t, z, { p: [p0, p1], q, unused }) => (void unused, [p0!.times(z[1]!), p1!.times(z[0]!).plus(q!.at(2))]))
    expect(graphInputs(lists).slice(2)).toEqual([
      { name: 'p', shape: [2] },
      { name: 'q', shape: [3] },
      { name: 'unused', shape: [] },
    ])
    expect(evaluate(lists, [0], [1, 2], { p: [3, 4], q: [5, 6, 7], unused: 0 })).toEqual([6, 11])
  })

  it('a state may be called e, z or as a function of JavaScript', () => {
    expect(evaluate(field({ e: 'e', z: 'constructor*z' }), [0], [3, 4], { constructor: 2 })).toEqual([3, 8])
  })

  it('sums may be long', () => {
    const n = 20_000
    expect(evaluate(field({ x: Array(n).fill('x').join('+') }), [0], [2])).toEqual([2 * n])
    expect(
      evaluate(
        field((_t, [x]) => [
          Array<Column>(n)
            .fill(x!)
            .reduce((sum, term) => sum.plus(term)),
        ]),
        [0],
        [2],
      ),
    ).toEqual([2 * n])
  })
})

describe('what is written wrongly is said, with the place', () => {
  const equations: [string, string, string, number][] = [
    ['a*x - sen(y)', 'Function', 'there is no function "sen". Did you mean "sin"? Functions: abs, cos,', 6],
    ['ln(x)', 'Function', 'there is no function "ln". Did you mean "log"?', 0],
    ['k(1 - x)', 'Function', 'A product is written with *: k*( … ).', 0],
    ['2*(x + y', 'Syntax', 'the parenthesis is never closed.', 2],
    ['sin(x', 'Syntax', 'the parenthesis is never closed.', 3],
    ['(x y)', 'Syntax', 'the parenthesis is never closed: an operator is missing before y. A product is written with *.', 0],
    ['x + y)', 'Syntax', 'this parenthesis closes nothing', 5],
    ['2x', 'Syntax', 'an operator is missing before x. A product is written with *.', 1],
    ['x(2)', 'Function', 'there is no function "x"', 0],
    ['2(x)', 'Syntax', 'an operator is missing before the parenthesis.', 1],
    ['x +', 'Syntax', 'it ends too early', 3],
    ['x + * y', 'Syntax', 'a number, a name or a parenthesis should stand here, not *.', 4],
    ['', 'Syntax', 'there is nothing. Write 0 for a state that stays.', 0],
    ['x = 2', 'Syntax', 'an equation is its right-hand side alone, without =. To compare, write ==.', 2],
    ['x $ 2', 'Syntax', '"$" means nothing here.', 2],
    ['x[0]', 'Syntax', '"[" means nothing here.', 1],
    ['0 < x < 1', 'Syntax', 'comparisons cannot be chained. Multiply them: (0 < x) * (x < 1).', 6],
    ['sin', 'Syntax', 'sin is a function; it takes arguments in parentheses.', 0],
    ['sin()', 'Function', 'sin takes 1 argument, not 0.', 0],
    ['sin(x, y)', 'Function', 'sin takes 1 argument, not 2.', 0],
    ['where(x, 1)', 'Function', 'where takes 3 arguments, not 2.', 0],
    ['max(x)', 'Function', 'max takes at least 2 arguments, not 1.', 0],
    ['max(x,)', 'Syntax', 'this parenthesis closes nothing, or something is missing before it.', 6],
    ['x + 0/0', 'NaN', 'The numbers 0 and 0 give NaN (by div).', 5],
    ['x*sqrt(-1)', 'NaN', 'The number -1 gives NaN (by sqrt).', 2],
  ]
  test.each(equations)('%j', (text, code, message, position) => {
    let error: unknown
    try {
      field({ x: text, y: '0' })
    } catch (cause) {
      error = cause
    }
    expect(error).toBeInstanceOf(FieldError)
    const { code: found, message: said, where } = error as FieldError
    expect([found, where]).toEqual([code, { equation: 'x', position }])
    expect(said).toContain(`In the equation of "x": `)
    expect(said).toContain(message)
    expect(said.endsWith(`\n  ${text}\n  ${' '.repeat(position)}^`)).toBe(true)
  })

  const fields: [string, unknown, string, string][] = [
    ['nothing', {}, 'Components', 'There are no equations. Give one for each state'],
    ['a list', ['-x'], 'Components', 'this is a list. Give the states names'],
    ['text', '-x', 'Components', 'this is "-x". Give the states names'],
    ['an equation that is none', { x: null }, 'Components', 'The equation of "x" is null. Write it as text: field({ x: \'-x\' }).'],
    ['an equation that is NaN', { x: NaN }, 'NaN', 'A number in the field is NaN'],
    ['a state called t', { t: '1' }, 'Name', 'A state cannot be called "t": that is the time. Rename it.'],
    ['a state with a blank', { 'x y': '1' }, 'Name', 'A state cannot be called "x y": a name is a letter,'],
    ['a parameter called z', { x: 'z*x' }, 'Name', 'A parameter of a field cannot be called "z": that is its argument. Rename it.'],
    ['one column', (_t: unknown, [x]: Column[]) => x, 'Components', 'The field returns one column. Return a list'],
    ['a number', () => 1, 'Components', 'The field returns 1. Return a list'],
    ['nothing at all', () => undefined, 'Components', 'The field returns undefined.'],
    ['an empty list', () => [], 'Components', 'The field returns nothing.'],
    [
      'text in the list',
      (_t: unknown, [x]: Column[]) => [x, '1'],
      'Column',
      'Of the derivative of component 1: A field computes with columns and numbers; this is "1".',
    ],
    ['a tensor', () => [tf.scalar(1)], 'Column', 'this is a tensor'],
    ['a hole', () => [1, , 2], 'Column', 'Of the derivative of component 1: A field computes with columns and numbers; this is undefined.'], // eslint-disable-line no-sparse-arrays
    ['NaN', (_t: unknown, [x]: Column[]) => [x!.times(NaN)], 'NaN', 'A number in the field is NaN'],
    [
      'too few derivatives',
      (_t: unknown, [x, y, w]: Column[]) => [x!.plus(y!, w!)],
      'Components',
      'takes component 2 of the state (counted from 0) but returns 1 derivative.',
    ],
    [
      'operators',
      (_t: unknown, [x]: Column[]) => [untyped<number>(x) * 2],
      'Column',
      'A column is no number for JavaScript: write x.times(a) for a * x',
    ],
    ['a sign', (_t: unknown, [x]: Column[]) => [-untyped<number>(x)], 'Column', 'A column is no number'],
    ['Math', (_t: unknown, [x]: Column[]) => [Math.sin(untyped(x))], 'Column', 'A column is no number'],
    ['comparisons', (_t: unknown, [x]: Column[]) => [untyped<number>(x) > 0 ? 1 : 0], 'Column', 'A column is no number'],
    [
      'map',
      (_t: unknown, z: Column[]) => z.map((x) => x.neg()),
      'Components',
      'The state of a field has no map: it has as many components as',
    ],
    ['spreading the state', (_t: unknown, z: Column[]) => [...z], 'Components', 'The state of a field has no end'],
    ['entries of a state', (_t: unknown, [x]: Column[]) => [x!.at(0)], 'Column', 'Only a parameter has entries'],
    [
      'an entry that there cannot be',
      (_t: unknown, _z: unknown, { p }: Record<string, Column>) => [p!.at(-1)],
      'Column',
      'Entry -1 of the parameter "p"',
    ],
    [
      'spreading a parameter',
      (_t: unknown, _z: unknown, { p }: Record<string, Column>) => [...p!],
      'Column',
      'A parameter has as many entries as are taken',
    ],
    [
      'a number and a list',
      (_t: unknown, _z: unknown, { p }: Record<string, Column>) => [p!, p!.at(0)],
      'Column',
      'The parameter "p" is used both as one number and as a list',
    ],
  ]
  test.each(fields)('%s', (_, given, code, message) => {
    const make = () => field(given as ColumnField)
    expect(make).toThrow(FieldError)
    expect(make).toThrow(message)
    expect(make).toThrow(expect.objectContaining({ code }) as Error)
  })
})
