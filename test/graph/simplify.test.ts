import { describe, expect, it } from 'vitest'
import type { GraphBuilder, Ref } from '../../src/graph/builder.js'
import { unaryOps, binaryOps, comparisonOps } from '../../src/graph/ops.js'
import { ROWS, type Shape } from '../../src/graph/shape.js'
import { simplify } from '../../src/graph/simplify.js'
import { formatGraph } from '../../src/graph/text.js'
import { vjp } from '../../src/graph/vjp.js'
import { graphOf, runner } from './check.js'

type Build = (b: GraphBuilder, ...inputs: Ref[]) => Ref

/** The text of a simplified Graph, without its inputs. */
const simplified = (shapes: Record<string, Shape>, build: Build): string =>
  formatGraph(simplify(graphOf(shapes, build)))
    .split('\n')
    .filter((line) => !line.includes('= input'))
    .join('\n')

const x = { x: [ROWS, 3] }
const nothing = 'return "y" = %0'
const awkward = [NaN, Infinity, -Infinity, 0, -1.5, 1e308]

describe('simplify: arithmetic', () => {
  const gone: Record<string, Build> = {
    'x * 1': (b, v) => b.mul(v, b.constant(1)),
    '1 * x': (b, v) => b.mul(b.constant(1), v),
    'x + 0': (b, v) => b.add(v, b.constant(0)),
    '0 + x, as an array': (b, v) => b.add(b.constant([0, 0, 0], [3]), v),
    '0 + x, broadcast to the rows': (b, v) => b.add(b.broadcast(b.constant(0), [ROWS, 3]), v),
    'x - 0': (b, v) => b.sub(v, b.constant(0)),
    'x / 1': (b, v) => b.div(v, b.constant(1)),
    'x ** 1': (b, v) => b.binary('pow', v, b.constant(1)),
    '- - x': (b, v) => b.unary('neg', b.unary('neg', v)),
    'max(x, x)': (b, v) => b.binary('maximum', v, v),
    '(x * -1) * -1': (b, v) => b.mul(b.mul(v, b.constant(-1)), b.constant(-1)),
    'select(1, x, 7)': (b, v) => b.select(b.constant(1), v, b.constant(7)),
    'select(x, x, x)': (b, v) => b.select(v, v, v),
    'transposed twice': (b, v) => b.transpose(b.transpose(v, [1, 0]), [1, 0]),
    'reshaped and back': (b, v) => b.reshape(b.reshape(v, [3 * ROWS]), [ROWS, 3]),
    'padded with nothing, sliced whole, summed over one': (b, v) => b.sum(b.reshape(b.slice(v, [0, 0], [ROWS, 3]), [ROWS, 1, 3]), [1]),
    'the first part of a concat': (b, v) => b.slice(b.concat([v, b.unary('exp', v)], 1), [0, 0], [ROWS, 3]),
  }
  for (const [name, build] of Object.entries(gone)) {
    it(`${name} is x`, () => {
      expect(simplified(x, build)).toBe(nothing)
      const values = runner(graphOf(x, build), 2)({ x: awkward }).y
      expect(values).toEqual(awkward)
    })
  }

  it('x * 0 and x - x stay, for x may be NaN or infinite', () => {
    expect(simplified(x, (b, v) => b.mul(v, b.constant(0)))).toBe('%1 = constant 0 : []\n%2 = mul %0 %1 : [rows, 3]\nreturn "y" = %2')
    expect(simplified(x, (b, v) => b.sub(v, v))).toBe('%1 = sub %0 %0 : [rows, 3]\nreturn "y" = %1')
  })

  it('but a finite constant times 0 is 0', () => {
    expect(simplified({}, (b) => b.mul(b.constant(3), b.constant(0)))).toBe('%0 = constant 0 : []\nreturn "y" = %0')
    expect(simplified({}, (b) => b.mul(b.constant(Infinity), b.constant(0)))).toBe('%0 = constant NaN : []\nreturn "y" = %0')
  })

  it('a broadcast constant is computed with as a number', () => {
    expect(simplified(x, (b, v) => b.add(v, b.unary('exp', b.broadcast(b.constant(0), [ROWS, 3]))))).toBe(
      '%1 = constant 1 : []\n%2 = add %0 %1 : [rows, 3]\nreturn "y" = %2',
    )
  })

  it('subtraction takes over signs, also in constants', () => {
    expect(simplified(x, (b, v) => b.add(v, b.unary('neg', b.unary('exp', v))))).toBe(
      '%1 = exp %0 : [rows, 3]\n%2 = sub %0 %1 : [rows, 3]\nreturn "y" = %2',
    )
    expect(simplified(x, (b, v) => b.unary('neg', b.mul(v, b.constant(2))))).toBe(
      '%1 = constant -2 : []\n%2 = mul %0 %1 : [rows, 3]\nreturn "y" = %2',
    )
  })

  it('x * x and x ** 2 are squares, x / 4 is x * 0.25, x / 3 stays', () => {
    expect(simplified(x, (b, v) => b.mul(v, v))).toBe('%1 = square %0 : [rows, 3]\nreturn "y" = %1')
    expect(simplified(x, (b, v) => b.binary('pow', v, b.constant(2)))).toBe('%1 = square %0 : [rows, 3]\nreturn "y" = %1')
    expect(simplified(x, (b, v) => b.div(v, b.constant(4)))).toContain('constant 0.25')
    expect(simplified(x, (b, v) => b.div(v, b.constant(3)))).toContain('div')
    expect(simplified(x, (b, v) => b.div(v, b.constant(2 ** 52 + 1)))).toContain('div')
  })

  it('truth values are tested once, and nested selects on one condition become one', () => {
    expect(
      simplified({ x: [ROWS], m: [ROWS] }, (b, v, m) => {
        const observed = b.binary('notEqual', m, b.constant(0))
        return b.select(b.binary('notEqual', observed, b.constant(0)), b.mul(b.select(m, v, b.constant(0)), v), b.constant(0))
      }),
    ).toBe('%2 = constant 0 : []\n%3 = square %0 : [rows]\n%4 = select %1 %3 %2 : [rows]\nreturn "y" = %4')
  })
})

describe('simplify: structure', () => {
  it('equal expressions become one, operands in either order', () => {
    expect(simplified({ a: [ROWS], b: [ROWS] }, (g, a, b) => g.div(g.unary('exp', g.add(a, b)), g.unary('exp', g.add(b, a))))).toBe(
      '%2 = add %0 %1 : [rows]\n%3 = exp %2 : [rows]\n%4 = div %3 %3 : [rows]\nreturn "y" = %4',
    )
  })

  it('constants that differ in sign of zero or are NaN and Infinity are not confused', () => {
    const graph = graphOf({}, (b) =>
      b.concat(
        [0, -0, NaN, Infinity, -Infinity, NaN].map((v) => b.reshape(b.unary('reciprocal', b.constant(v)), [1])),
        0,
      ),
    )
    expect(runner(simplify(graph), 0)({}).y).toEqual([Infinity, -Infinity, NaN, 0, -0, NaN])
  })

  it('drops what no output needs but keeps every input, in order', () => {
    const graph = graphOf({ a: [ROWS], unused: [2], c: [ROWS] }, (b, a, _, c) => {
      b.unary('exp', c)
      return a
    })
    expect(formatGraph(simplify(graph))).toBe(
      '%0 = input "a" : [rows]\n%1 = input "unused" : [2]\n%2 = input "c" : [rows]\nreturn "y" = %0',
    )
  })

  it('transposes become flags of matmul', () => {
    expect(simplified({ x: [ROWS, 3], w: [2, 3] }, (b, v, w) => b.matmul(v, b.transpose(w, [1, 0])))).toBe(
      '%2 = matmul %0 %1 transposeB : [rows, 2]\nreturn "y" = %2',
    )
    expect(simplified({ x: [4, 3, ROWS], w: [4, 2, 3] }, (b, v, w) => b.matmul(b.transpose(v, [0, 2, 1]), w, { transposeB: true }))).toBe(
      '%2 = matmul %0 %1 transposeA transposeB : [4, rows, 2]\nreturn "y" = %2',
    )
    expect(simplified({ x: [3, 4, ROWS], w: [4, 3, 2] }, (b, v, w) => b.matmul(b.transpose(v, [1, 2, 0]), w))).toContain('transpose %0')
  })

  it('copies of one row are multiplied once', () => {
    const w = { w: [3, 2] }
    const once = '%1 = constant [1, 2, 3] : [1, 3]\n%2 = matmul %1 %0 : [1, 2]\n%3 = broadcast %2 : [rows, 2]\nreturn "y" = %3'
    expect(simplified(w, (b, m) => b.matmul(b.broadcast(b.constant([1, 2, 3], [1, 3]), [ROWS, 3]), m))).toBe(once)
    const transposed = simplified({ w: [2, 3], c: [3] }, (b, m, c) => b.matmul(b.broadcast(c, [ROWS, 3]), m, { transposeB: true }))
    expect(transposed).toContain('matmul %2 %0 transposeB : [1, 2]')
    const several = { x: [ROWS, 1], w: [3, 2] }
    expect(simplified(several, (b, v, m) => b.matmul(b.broadcast(v, [ROWS, 3]), m))).toContain('matmul %2 %1 : [rows, 2]')
    const graph = graphOf(w, (b, m) => b.matmul(b.broadcast(b.constant([0.1, 0.2, 0.3], [1, 3]), [ROWS, 3]), m))
    const given = { w: [0.7, -1.3, 2.1, 0.9, NaN, 1e308] }
    for (const rows of [0, 1, 3]) expect(runner(simplify(graph), rows)(given)).toEqual(runner(graph, rows)(given))
  })

  it('blocks padded alike are added before they are padded, and cut out of the padding again', () => {
    const pad = (b: GraphBuilder, v: Ref) => b.pad(v, [0, 1], [0, 2])
    expect(simplified({ x: [ROWS, 3], y: [ROWS, 3] }, (b, v, w) => b.add(pad(b, v), pad(b, w)))).toBe(
      '%2 = add %0 %1 : [rows, 3]\n%3 = pad %2 before=[0, 1] after=[0, 2] : [rows, 6]\nreturn "y" = %3',
    )
    expect(simplified(x, (b, v) => b.slice(pad(b, v), [0, 1], [ROWS, 3]))).toBe(nothing)
    expect(simplified(x, (b, v) => b.slice(pad(b, v), [0, 2], [ROWS, 1]))).toBe('%1 = slice %0 begin=[0, 1] : [rows, 1]\nreturn "y" = %1')
    expect(simplified(x, (b, v) => b.slice(pad(b, v), [0, 0], [ROWS, 3]))).toContain('pad')
    expect(simplified(x, (b, v) => b.slice(pad(b, v), [0, 2], [ROWS, 3]))).toContain('pad')
  })

  it('broadcasts come last or not at all', () => {
    expect(simplified({ c: [3] }, (b, c) => b.unary('tanh', b.broadcast(c, [ROWS, 3])))).toBe(
      '%1 = tanh %0 : [3]\n%2 = broadcast %1 : [rows, 3]\nreturn "y" = %2',
    )
    expect(simplified({ x: [ROWS, 3], c: [3] }, (b, v, c) => b.add(v, b.broadcast(b.reshape(c, [1, 3]), [ROWS, 3])))).toBe(
      '%2 = add %0 %1 : [rows, 3]\nreturn "y" = %2',
    )
    expect(simplified({ c: [ROWS, 1] }, (b, c) => b.slice(b.broadcast(c, [ROWS, 5]), [0, 1], [ROWS, 2]))).toBe(
      '%1 = broadcast %0 : [rows, 2]\nreturn "y" = %1',
    )
    expect(simplified({ c: [ROWS, 1] }, (b, c) => b.concat([b.broadcast(c, [ROWS, 5]), c], 1))).toBe(
      '%1 = broadcast %0 : [rows, 6]\nreturn "y" = %1',
    )
  })

  it('sums of copies are products, maxima of copies are the thing itself, but copies along the rows may be none', () => {
    expect(simplified({ c: [ROWS, 1] }, (b, c) => b.sum(b.broadcast(c, [ROWS, 5]), [1]))).toBe(
      '%1 = reshape %0 : [rows]\n%2 = constant 5 : []\n%3 = mul %1 %2 : [rows]\nreturn "y" = %3',
    )
    expect(simplified({ c: [ROWS, 1] }, (b, c) => b.max(b.broadcast(c, [ROWS, 5]), [1]))).toBe('%1 = reshape %0 : [rows]\nreturn "y" = %1')
    const overRows = graphOf({ c: [3] }, (b, c) => b.sum(b.broadcast(c, [ROWS, 3]), [0]))
    expect(runner(simplify(overRows), 0)({ c: [NaN, Infinity, 1] }).y).toEqual([0, 0, 0])
  })

  it('slices of one value whose gradients are padded are joined again', () => {
    const graph = vjp(
      graphOf({ x: [ROWS, 6] }, (b, v) =>
        b.mul(b.mul(b.slice(v, [0, 0], [ROWS, 2]), b.slice(v, [0, 2], [ROWS, 2])), b.slice(v, [0, 4], [ROWS, 2])),
      ),
      ['x'],
    )
    const text = formatGraph(simplify(graph))
    expect(text).toContain('concat')
    expect(text).not.toContain('pad')
  })
})

describe('simplify: folding', () => {
  it('computes what the reference engine computes, for every operation', () => {
    const [a, c] = [
      [1.5, -2, 0.25, 3, 0, NaN],
      [0.5, 2, -3],
    ]
    const builds: Build[] = [
      ...unaryOps.map(
        (op): Build =>
          (b) =>
            b.unary(op, b.constant(a, [2, 3])),
      ),
      ...[...binaryOps, ...comparisonOps].map(
        (op): Build =>
          (b) =>
            b.binary(op, b.constant(a, [2, 3]), b.constant(c, [3])),
      ),
      (b) => b.select(b.constant([1, 0, 1], [3]), b.constant(a, [2, 3]), b.constant([7, 8], [2, 1])),
      (b) => b.transpose(b.constant(a, [1, 2, 3]), [2, 0, 1]),
      (b) => b.slice(b.constant(a, [2, 3]), [1, 1], [1, 2]),
      (b) => b.pad(b.constant(c, [1, 3]), [1, 0], [0, 2]),
      (b) => b.concat([b.constant(a, [2, 3]), b.constant([7, 8], [2, 1]), b.constant(a, [2, 3])], 1),
      (b) => b.sum(b.constant(c, [1, 3]), [1]),
      (b) => b.sum(b.constant([1, 2, 3, 4, 5, 6, 7, 9], [2, 2, 2]), [0, 2]),
      (b) => b.max(b.constant(a, [2, 3]), [0]),
      (b) => b.max(b.constant([], [2, 0]), [1]),
    ]
    for (const build of builds) {
      const graph = graphOf({}, build)
      const folded = simplify(graph)
      expect(folded.nodes.map(({ op }) => op)).toEqual(['constant'])
      expect(runner(folded, 0)({}).y).toEqual(runner(graph, 0)({}).y)
    }
  })

  it('does not spell out large constants', () => {
    expect(simplify(graphOf({}, (b) => b.broadcast(b.constant(1), [1000, 1000]))).nodes.length).toBe(2)
    const halves = new Array<number>(5000).fill(0).map((_, i) => i / 2)
    expect(simplify(graphOf({}, (b) => b.unary('exp', b.constant(halves, [5000])))).nodes.map(({ op }) => op)).toEqual(['constant', 'exp'])
  })
})

describe('a two-layer perceptron', () => {
  it('and its gradient need no other element-wise operations than these', () => {
    const graph = graphOf({ z: [ROWS, 4], w1: [4, 32], b1: [32], w2: [32, 4], b2: [4] }, (b, z, w1, b1, w2, b2) =>
      b.add(b.matmul(b.unary('tanh', b.add(b.matmul(z, w1), b1)), w2), b2),
    )
    expect(formatGraph(simplify(vjp(graph, ['z', 'w1', 'b1', 'w2', 'b2'])))).toBe(`%0 = input "z" : [rows, 4]
%1 = input "w1" : [4, 32]
%2 = input "b1" : [32]
%3 = input "w2" : [32, 4]
%4 = input "b2" : [4]
%5 = matmul %0 %1 : [rows, 32]
%6 = add %5 %2 : [rows, 32]
%7 = tanh %6 : [rows, 32]
%8 = input "bar.y" : [rows, 4]
%9 = sum %8 axes=[0] : [4]
%10 = matmul %8 %3 transposeB : [rows, 32]
%11 = matmul %7 %8 transposeA : [32, 4]
%12 = constant 1 : []
%13 = square %7 : [rows, 32]
%14 = sub %12 %13 : [rows, 32]
%15 = mul %10 %14 : [rows, 32]
%16 = sum %15 axes=[0] : [32]
%17 = matmul %15 %1 transposeB : [rows, 4]
%18 = matmul %0 %15 transposeA : [4, 32]
return "bar.z" = %17, "bar.w1" = %18, "bar.b1" = %16, "bar.w2" = %11, "bar.b2" = %9`)
  })
})
