import { dopri5 } from '../../src/ode/methods/dopri5.js'
import type { Floats, Results } from '../contest.js'
import { parameterCount, type SolveProblem } from '../problems.js'
import { createWalk, outputWeights, stageCount } from './dopri5.js'
import { backward, forward, newTape, type Net, type Tape, type Zeros } from './net.js'

/** An accepted step: its stages' tapes, and the outputs in it with the weights of the stages (times h). */
interface Step {
  readonly h: number
  readonly tapes: readonly Tape[]
  readonly outputs: { readonly point: number; readonly weights: Float64Array }[]
}

const a = dopri5.a
const b = [...dopri5.a.at(-1)!, 0]

/** W3 and W3d in plain loops: rows one after the other, each with its own steps, or all as one state with one step size. */
export function adaptiveSteps(problem: SolveProblem, parameters: Floats, zeros: Zeros) {
  const { sizes, rows: allRows, times, cotangent, shared } = problem
  const dim = sizes[0]!
  const points = times.length
  const together = shared ? allRows : 1
  const size = together * dim
  const net: Net = { sizes, parameters, at: 0 }
  const spare: Tape[] = []
  const newStage = (): Tape => spare.pop() ?? newTape(zeros, sizes, together)
  const bars = newTape(zeros, sizes, together)
  const values = zeros(allRows * points * dim)
  const y0 = zeros(allRows * dim)
  const params = zeros(parameterCount(sizes))
  let tapes: Tape[] = Array.from({ length: stageCount }, newStage)
  const last = times[points - 1]!
  const span = last - times[0]!

  const walk = createWalk(
    {
      size,
      rowSize: dim,
      field(y, out, stage) {
        const tape = tapes[stage]!
        tape[0]!.set(y)
        out.set(forward(net, together, tape))
      },
    },
    problem,
    zeros,
  )
  const counts = { evaluations: 0, accepted: 0 }

  const scatter = (first: number, point: number, from: Floats): void => {
    for (let row = 0; row < together; row++)
      for (let d = 0; d < dim; d++) values[((first + row) * points + point) * dim + d] = from[row * dim + d]!
  }
  const output = zeros(size)

  /** Solves the rows that begin with `first`; keeps the steps if asked to. */
  function solveRows(first: number, keep: boolean): Step[] {
    const steps: Step[] = []
    for (let i = 0; i < size; i++) walk.y[i] = problem.z0[first * dim + i]!
    scatter(first, 0, walk.y)
    walk.start(times[0]!, 1, span)
    let next = 1
    while (next < points) {
      if (!walk.attempt(Infinity)) continue
      counts.accepted += together
      const { t, h, end } = walk.step
      const outputs: Step['outputs'] = []
      for (; next < points && times[next]! <= end; next++) {
        const weights = outputWeights((times[next]! - t) / h, h)
        for (let i = 0; i < size; i++) {
          let sum = walk.y[i]!
          for (let j = 0; j < stageCount; j++) sum += weights[j]! * walk.stages[j]![i]!
          output[i] = sum
        }
        scatter(first, next, output)
        outputs.push({ point: next, weights })
      }
      if (keep) {
        steps.push({ h, tapes, outputs })
        // The last stage is the next step's first: both must find its tape.
        const following = Array.from({ length: stageCount }, newStage)
        following[0] = tapes[stageCount - 1]!
        tapes = following
      }
      walk.advance()
    }
    return steps
  }

  const kBars = Array.from({ length: stageCount }, () => zeros(size))
  const yBar = zeros(size)

  /** The exact gradient with the steps held fixed. */
  function pullRows(first: number, steps: readonly Step[]): void {
    yBar.fill(0)
    for (const kBar of kBars) kBar.fill(0)
    for (let s = steps.length - 1; s >= 0; s--) {
      const { h, tapes: stages, outputs } = steps[s]!
      const lastBar = kBars[stageCount - 1]!
      if (s + 1 < steps.length) lastBar.set(kBars[0]!)
      for (let j = 0; j + 1 < stageCount; j++) kBars[j]!.fill(0)
      const stateBar = yBar.slice()
      for (const { point, weights } of outputs) {
        for (let row = 0; row < together; row++) {
          for (let d = 0; d < dim; d++) {
            const g = cotangent[((first + row) * points + point) * dim + d]!
            yBar[row * dim + d]! += g
            for (let j = 0; j < stageCount; j++) kBars[j]![row * dim + d]! += weights[j]! * g
          }
        }
      }
      for (let stage = stageCount - 1; stage > 0; stage--) {
        bars.at(-1)!.set(kBars[stage]!)
        const argumentBar = backward(net, together, stages[stage]!, bars, params)
        const isNew = stage + 1 === stageCount
        for (let i = 0; i < size; i++) {
          const g = argumentBar[i]! + (isNew ? stateBar[i]! : 0)
          yBar[i]! += isNew ? argumentBar[i]! : g
          for (let j = 0; j < stage; j++) kBars[j]![i]! += h * a[stage]![j]! * g
        }
      }
    }
    bars.at(-1)!.set(kBars[0]!)
    const below = backward(net, together, steps[0]!.tapes[0]!, bars, params)
    for (let i = 0; i < size; i++) y0[first * dim + i] = yBar[i]! + below[i]!
    for (let row = first; row < first + together; row++)
      for (let d = 0; d < dim; d++) y0[row * dim + d]! += cotangent[row * points * dim + d]!
  }

  function reuse(steps: readonly Step[]): void {
    steps.forEach(({ tapes: stages }, s) =>
      spare.push(...(s === 0 ? stages.slice(0, 1) : []), ...stages.slice(1, stageCount - (s + 1 === steps.length ? 1 : 0))),
    )
  }

  return {
    counts,
    solve(): Results {
      counts.evaluations = counts.accepted = 0
      for (let row = 0; row < allRows; row += together) {
        walk.evaluations = 0
        solveRows(row, false)
        counts.evaluations += walk.evaluations * together
      }
      return { values }
    },
    gradient(): Results {
      counts.evaluations = counts.accepted = 0
      params.fill(0)
      for (let row = 0; row < allRows; row += together) {
        walk.evaluations = 0
        const steps = solveRows(row, true)
        pullRows(row, steps)
        reuse(steps)
        counts.evaluations += walk.evaluations * together
      }
      return { values, y0, params }
    },
  }
}

/**
 * W3 in plain loops: the adjoint equation solved backward row by row, z and its adjoint as one state, from output time
 * to output time; the gradient of the parameters is a quadrature over the accepted steps.
 */
export function continuousSteps(problem: SolveProblem, parameters: Floats, zeros: Zeros) {
  const { sizes, rows, times, cotangent } = problem
  const dim = sizes[0]!
  const points = times.length
  const net: Net = { sizes, parameters, at: 0 }
  const tape = newTape(zeros, sizes, 1)
  const bars = newTape(zeros, sizes, 1)
  const ahead = adaptiveSteps(problem, parameters, zeros)
  const y0 = zeros(rows * dim)
  const params = zeros(parameterCount(sizes))
  const span = times[points - 1]! - times[0]!
  const counts = { evaluations: 0, backward: 0, quadrature: 0 }

  const walk = createWalk(
    {
      size: 2 * dim,
      field(y, out) {
        for (let d = 0; d < dim; d++) tape[0]![d] = y[d]!
        const slope = forward(net, 1, tape)
        for (let d = 0; d < dim; d++) bars.at(-1)![d] = y[dim + d]!
        const pulled = backward(net, 1, tape, bars)
        for (let d = 0; d < dim; d++) {
          out[d] = slope[d]!
          out[dim + d] = -pulled[d]!
        }
      },
    },
    problem,
    zeros,
  )

  /** Adds −h Σ b_i (∂f/∂θ)ᵀ a_i for the step just accepted. */
  function addQuadrature(): void {
    const { h } = walk.step
    for (let stage = 0; stage < stageCount; stage++) {
      if (b[stage] === 0) continue
      for (let i = 0; i < 2 * dim; i++) {
        let sum = 0
        for (let j = 0; j < stage; j++) sum += a[stage]![j]! * walk.stages[j]![i]!
        const value = walk.y[i]! + h * sum
        if (i < dim) tape[0]![i] = value
        else bars.at(-1)![i - dim] = -h * b[stage]! * value
      }
      forward(net, 1, tape)
      backward(net, 1, tape, bars, params)
      counts.quadrature++
    }
  }

  function pullRow(row: number, values: Floats): void {
    const jump = (point: number): void => {
      for (let d = 0; d < dim; d++) {
        walk.y[d] = values[(row * points + point) * dim + d]!
        walk.y[dim + d]! += cotangent[(row * points + point) * dim + d]!
      }
    }
    walk.y.fill(0)
    jump(points - 1)
    walk.start(times[points - 1]!, -1, span)
    for (let target = points - 2; target >= 0; target--) {
      while (walk.t !== times[target]) {
        if (!walk.attempt(times[target]!)) continue
        addQuadrature()
        walk.advance()
      }
      jump(target)
      if (target > 0) walk.refresh()
    }
    for (let d = 0; d < dim; d++) y0[row * dim + d] = walk.y[dim + d]!
  }

  return {
    counts,
    solve: ahead.solve,
    gradient(): Results {
      const values = ahead.solve()['values']!
      params.fill(0)
      counts.evaluations = ahead.counts.evaluations
      counts.backward = counts.quadrature = 0
      for (let row = 0; row < rows; row++) {
        walk.evaluations = 0
        pullRow(row, values)
        counts.backward += walk.evaluations
      }
      return { values, y0, params }
    },
  }
}
