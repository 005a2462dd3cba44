import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../src/graph/builder.js'
import { ROWS } from '../../src/graph/shape.js'
import { formatGraph } from '../../src/graph/text.js'

describe('formatGraph', () => {
  it('prints every kind of node on a line of its own', () => {
    const b = new GraphBuilder()
    const x = b.input('x', [ROWS, 4])
    const w = b.input('w "1"', [3, 4])
    const bias = b.constant([0.5, -0, NaN], [3])
    const product = b.matmul(x, w, { transposeB: true })
    const padded = b.pad(b.slice(product, [0, 1], [ROWS, 2]), [0, 1], [0, 3])
    b.sum(b.transpose(b.concat([padded, product], 1), [1, 0]), [0])
    b.select(b.binary('less', b.max(x, [0, 1]), b.rows()), b.constant([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [10]), b.constant(-Infinity))
    b.broadcast(b.reshape(x, [4 * ROWS]), [2, 4 * ROWS])
    b.scatter(b.gather(w, b.constant([2], [1])), b.constant([0], [1]), 2)
    b.output('y', product)
    b.output('bias', bias)
    b.output('pad', padded)
    expect(formatGraph(b.build())).toBe(`%0 = input "x" : [rows, 4]
%1 = input "w \\"1\\"" : [3, 4]
%2 = constant [0.5, -0, NaN] : [3]
%3 = matmul %0 %1 transposeB : [rows, 3]
%4 = slice %3 begin=[0, 1] : [rows, 2]
%5 = pad %4 before=[0, 1] after=[0, 3] : [rows, 6]
%6 = concat %5 %3 axis=1 : [rows, 9]
%7 = transpose %6 permutation=[1, 0] : [9, rows]
%8 = sum %7 axes=[0] : [rows]
%9 = max %0 axes=[0, 1] : []
%10 = rows : []
%11 = less %9 %10 : []
%12 = constant [1, 2, 3, 4, 5, 6, 7, 8, … 2 more] : [10]
%13 = constant -Infinity : []
%14 = select %11 %12 %13 : [10]
%15 = reshape %0 : [4·rows]
%16 = broadcast %15 : [2, 4·rows]
%17 = constant [2] : [1]
%18 = gather %1 %17 : [1, 4]
%19 = constant [0] : [1]
%20 = scatter %18 %19 : [2, 4]
return "y" = %3, "bias" = %2, "pad" = %5`)
  })

  it('prints a Graph without outputs', () => {
    expect(formatGraph(new GraphBuilder().build())).toBe('return')
  })
})
