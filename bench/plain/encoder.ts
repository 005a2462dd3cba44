import type { Floats, Results } from '../contest.js'
import { parameterCount, type EncoderProblem } from '../problems.js'
import { backward, forward, newTape, type Net, type Zeros } from './net.js'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** W4 in plain loops. */
export function encoderWalk(problem: EncoderProblem, parameters: Floats, zeros: Zeros): { walk(): Results; gradient(): Results } {
  const { rows, steps, dim, move, nets, x } = problem
  const n = rows * dim
  const offsets = nets.map((_, i) => nets.slice(0, i).reduce((sum, sizes) => sum + parameterCount(sizes), 0))
  const [field, updateNet, resetNet, candidateNet] = nets.map((sizes, i): Net => ({ sizes, parameters, at: offsets[i]! })) as [
    Net,
    Net,
    Net,
    Net,
  ]
  const tape = (net: Net) => newTape(zeros, net.sizes, rows)
  const records = Array.from({ length: steps }, () => ({
    field: tape(field),
    update: tape(updateNet),
    reset: tape(resetNet),
    candidate: tape(candidateNet),
    moved: zeros(n),
    deviation: zeros(n),
    u: zeros(n),
    r: zeros(n),
  }))
  const [mean, deviation] = [zeros(n), zeros(n)]
  const bars = { field: tape(field), update: tape(updateNet), reset: tape(resetNet), candidate: tape(candidateNet) }
  const params = zeros(parameters.length)

  function walk(): Results {
    mean.fill(0)
    deviation.fill(0)
    records.forEach((record, step) => {
      const seen = (steps - 1 - step) * n
      record.field[0]!.set(mean)
      const slope = forward(field, rows, record.field)
      for (let i = 0; i < n; i++) record.moved[i] = mean[i]! + move * slope[i]!
      record.deviation.set(deviation)
      gather(record.update[0]!, record.moved, deviation, x, seen, undefined)
      record.reset[0]!.set(record.update[0]!)
      const u = forward(updateNet, rows, record.update)
      const r = forward(resetNet, rows, record.reset)
      for (let i = 0; i < n; i++) {
        record.u[i] = sigmoid(u[i]!)
        record.r[i] = sigmoid(r[i]!)
      }
      gather(record.candidate[0]!, record.moved, deviation, x, seen, record.r)
      const candidate = forward(candidateNet, rows, record.candidate)
      for (let row = 0; row < rows; row++) {
        for (let d = 0; d < dim; d++) {
          const i = row * dim + d
          const keep = record.u[i]!
          mean[i] = (1 - keep) * candidate[2 * row * dim + d]! + keep * record.moved[i]!
          deviation[i] = (1 - keep) * Math.abs(candidate[(2 * row + 1) * dim + d]!) + keep * deviation[i]!
        }
      }
    })
    return { mean, deviation }
  }

  /** [means, deviations, observation], the first two times the reset gate. */
  function gather(to: Floats, means: Floats, deviations: Floats, observed: Floats, at: number, reset: Floats | undefined): void {
    for (let row = 0; row < rows; row++) {
      for (let d = 0; d < dim; d++) {
        const i = row * dim + d
        const gate = reset ? reset[i]! : 1
        to[3 * row * dim + d] = means[i]! * gate
        to[(3 * row + 1) * dim + d] = deviations[i]! * gate
        to[(3 * row + 2) * dim + d] = observed[at + i]!
      }
    }
  }

  const [barMean, barDeviation, barMoved] = [zeros(n), zeros(n), zeros(n)]
  function gradient(): Results {
    walk()
    params.fill(0)
    barMean.set(problem.meanCotangent)
    barDeviation.set(problem.deviationCotangent)
    for (let step = steps - 1; step >= 0; step--) {
      const record = records[step]!
      const { moved, u, r } = record
      const candidate = record.candidate.at(-1)!
      const [barCandidate, barUpdate, barReset] = [bars.candidate.at(-1)!, bars.update.at(-1)!, bars.reset.at(-1)!]
      for (let row = 0; row < rows; row++) {
        for (let d = 0; d < dim; d++) {
          const i = row * dim + d
          const [a, b] = [candidate[2 * row * dim + d]!, candidate[(2 * row + 1) * dim + d]!]
          const [g1, g2, keep] = [barMean[i]!, barDeviation[i]!, u[i]!]
          barUpdate[i] = (g1 * (moved[i]! - a) + g2 * (record.deviation[i]! - Math.abs(b))) * keep * (1 - keep)
          barCandidate[2 * row * dim + d] = g1 * (1 - keep)
          barCandidate[(2 * row + 1) * dim + d] = g2 * (1 - keep) * Math.sign(b)
          barMoved[i] = g1 * keep
          barDeviation[i] = g2 * keep
        }
      }
      const into = backward(candidateNet, rows, record.candidate, bars.candidate, params)
      for (let row = 0; row < rows; row++) {
        for (let d = 0; d < dim; d++) {
          const i = row * dim + d
          const [g1, g2, gate] = [into[3 * row * dim + d]!, into[(3 * row + 1) * dim + d]!, r[i]!]
          barMoved[i]! += g1 * gate
          barDeviation[i]! += g2 * gate
          barReset[i] = (g1 * moved[i]! + g2 * record.deviation[i]!) * gate * (1 - gate)
        }
      }
      for (const gate of [
        backward(resetNet, rows, record.reset, bars.reset, params),
        backward(updateNet, rows, record.update, bars.update, params),
      ]) {
        for (let row = 0; row < rows; row++) {
          for (let d = 0; d < dim; d++) {
            barMoved[row * dim + d]! += gate[3 * row * dim + d]!
            barDeviation[row * dim + d]! += gate[(3 * row + 1) * dim + d]!
          }
        }
      }
      const barSlope = bars.field.at(-1)!
      for (let i = 0; i < n; i++) barSlope[i] = move * barMoved[i]!
      const below = backward(field, rows, record.field, bars.field, params)
      for (let i = 0; i < n; i++) barMean[i] = barMoved[i]! + below[i]!
    }
    return { mean, deviation, params }
  }
  return { walk, gradient }
}
