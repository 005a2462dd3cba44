import type { Floats, Results } from '../contest.js'
import { parameterCount, type SolveProblem } from '../problems.js'
import { backward, forward, newTape, type Net, type Zeros } from './net.js'

/** W2 in plain loops: Kutta's method with steps from output to output, and the exact gradient of it. */
export function fixedSteps(problem: SolveProblem, parameters: Floats, zeros: Zeros): { solve(): Results; gradient(): Results } {
  const { sizes, rows, times, cotangent } = problem
  const dim = sizes[0]!
  const n = rows * dim
  const points = times.length
  const net: Net = { sizes, parameters, at: 0 }
  const tapes = Array.from({ length: 4 * (points - 1) }, () => newTape(zeros, sizes, rows))
  const bars = newTape(zeros, sizes, rows)
  const z = zeros(n)
  const values = zeros(rows * points * dim)
  const [y0, total] = [zeros(n), zeros(n)]
  const params = zeros(parameterCount(sizes))

  const put = (point: number): void => {
    for (let row = 0; row < rows; row++) for (let d = 0; d < dim; d++) values[(row * points + point) * dim + d] = z[row * dim + d]!
  }

  function solve(): Results {
    for (let i = 0; i < n; i++) z[i] = problem.z0[i]!
    put(0)
    for (let step = 0; step + 1 < points; step++) {
      const h = times[step + 1]! - times[step]!
      const [first, second, third, fourth] = tapes.slice(4 * step, 4 * step + 4)
      first![0]!.set(z)
      const k1 = forward(net, rows, first!)
      for (let i = 0; i < n; i++) second![0]![i] = z[i]! + (h / 2) * k1[i]!
      const k2 = forward(net, rows, second!)
      for (let i = 0; i < n; i++) third![0]![i] = z[i]! + (h / 2) * k2[i]!
      const k3 = forward(net, rows, third!)
      for (let i = 0; i < n; i++) fourth![0]![i] = z[i]! + h * k3[i]!
      const k4 = forward(net, rows, fourth!)
      for (let i = 0; i < n; i++) z[i]! += (h / 6) * (k1[i]! + 2 * (k2[i]! + k3[i]!) + k4[i]!)
      put(step + 1)
    }
    return { values }
  }

  function gradient(): Results {
    solve()
    y0.fill(0)
    params.fill(0)
    const bar = bars.at(-1)!
    for (let step = points - 2; step >= 0; step--) {
      const h = times[step + 1]! - times[step]!
      for (let row = 0; row < rows; row++)
        for (let d = 0; d < dim; d++) y0[row * dim + d]! += cotangent[(row * points + step + 1) * dim + d]!
      // What each stage gets: its share of the step, and what the next stage hands down from its argument.
      const shares = [h / 6, h / 3, h / 3, h / 6]
      const down = [h / 2, h / 2, h, 0]
      total.set(y0)
      for (let stage = 3; stage >= 0; stage--) {
        const below = bars[0]!
        for (let i = 0; i < n; i++) bar[i] = shares[stage]! * y0[i]! + down[stage]! * below[i]!
        backward(net, rows, tapes[4 * step + stage]!, bars, params)
        for (let i = 0; i < n; i++) total[i]! += below[i]!
      }
      y0.set(total)
    }
    for (let row = 0; row < rows; row++) for (let d = 0; d < dim; d++) y0[row * dim + d]! += cotangent[row * points * dim + d]!
    return { values, y0, params }
  }
  return { solve, gradient }
}
