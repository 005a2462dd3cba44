import { describe, expect, it } from 'vitest'
import { principalComponents, project, projectDirection, unproject } from '../../src/report/principalComponents.js'

describe('principalComponents', () => {
  // Worked by hand. Points around (1, 2): offsets ±(3, 4) and ±(−0.8, 0.6), which are orthogonal, of lengths 5 and 1.
  // The covariance (divided by 4) has the eigenvalues 25/2 and 1/2 along (0.6, 0.8) and (−0.8, 0.6).
  const points = [
    [4, 6],
    [-2, -2],
    [0.2, 2.6],
    [1.8, 1.4],
  ]

  it('finds directions and shares of variance worked by hand', () => {
    const found = principalComponents(points)
    expect([...found.mean]).toEqual([1, 2])
    expect(found.axes[0][0]).toBeCloseTo(0.6, 12)
    expect(found.axes[0][1]).toBeCloseTo(0.8, 12)
    // The larger component is made positive.
    expect(found.axes[1][0]).toBeCloseTo(0.8, 12)
    expect(found.axes[1][1]).toBeCloseTo(-0.6, 12)
    expect(found.shares[0]).toBeCloseTo(25 / 26, 12)
    expect(found.shares[1]).toBeCloseTo(1 / 26, 12)
    const [x, y] = project(found, [4, 6])
    expect([x, y].map((value) => Math.round(value * 1e9) / 1e9 + 0)).toEqual([5, 0])
    unproject(found, project(found, [7, -3])).forEach((value, j) => expect(value).toBeCloseTo([7, -3][j]!, 12))
    expect(projectDirection(found, [0.6, 0.8])[0]).toBeCloseTo(1, 12)
  })

  it('takes the two largest of three', () => {
    const cross = [
      [9, 0, 0],
      [-9, 0, 0],
      [0, 1, 0],
      [0, -1, 0],
      [0, 0, 3],
      [0, 0, -3],
    ]
    const { axes, shares } = principalComponents(cross)
    expect([...axes[0]].map(Math.round)).toEqual([1, 0, 0])
    expect([...axes[1]].map(Math.round)).toEqual([0, 0, 1])
    expect(shares[0]).toBeCloseTo(81 / 91, 12)
    expect(shares[1]).toBeCloseTo(9 / 91, 12)
  })

  it('copes with a single dimension and with points that are all the same', () => {
    const line = principalComponents([[1], [3]])
    expect(line.shares).toEqual([1, 0])
    expect(project(line, [3])).toEqual([1, 0])
    const same = principalComponents([
      [2, 5, 1],
      [2, 5, 1],
    ])
    expect(same.shares).toEqual([0, 0])
    expect(project(same, [2, 5, 1])).toEqual([0, 0])
  })
})
