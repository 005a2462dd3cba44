import { localTask, type Contestant, type Floats, type Quantity, type Results, type Task } from '../contest.js'
import { forwardOperations, type FieldProblem, type ItemName, type Problem } from '../problems.js'
import { adaptiveSteps, continuousSteps } from '../plain/adaptive.js'
import { encoderWalk } from '../plain/encoder.js'
import { backward, forward, newTape, type Net, type Zeros } from '../plain/net.js'
import { fixedSteps } from '../plain/rk4.js'

/** How an item is done in plain loops, and how many additions and multiplications its matrix products take. */
export interface PlainItem {
  readonly forward: () => Results
  readonly gradient: () => Results
  operations(): { forward: number; gradient: number }
}

/** An item in plain typed-array loops over numbers of the kind that `zeros` makes. */
export function plainItem(problem: Problem, zeros: Zeros): PlainItem {
  const parameters = zeros(problem.parameters.length)
  parameters.set(problem.parameters)
  switch (problem.kind) {
    case 'field':
      return plainField(problem, parameters, zeros)
    case 'rk4': {
      const { solve, gradient } = fixedSteps(problem, parameters, zeros)
      const evaluations = 4 * (problem.times.length - 1) * problem.rows
      const once = evaluations * forwardOperations(problem.sizes)
      return { forward: solve, gradient, operations: () => ({ forward: once, gradient: 3 * once }) }
    }
    case 'dopri5': {
      const once = forwardOperations(problem.sizes)
      if (problem.adjoint === 'discrete') {
        const { solve, gradient, counts } = adaptiveSteps(problem, parameters, zeros)
        // Only accepted steps are pulled back; the other evaluations are made once.
        const back = () => (6 * counts.accepted + problem.rows) * 2 * once
        return {
          forward: solve,
          gradient,
          operations: () => ({ forward: counts.evaluations * once, gradient: counts.evaluations * once + back() }),
        }
      }
      const { solve, gradient, counts } = continuousSteps(problem, parameters, zeros)
      // On the way back an evaluation is one of the field and its derivative, and each stage in a step's result adds to the parameters'.
      return {
        forward: solve,
        gradient,
        operations: () => ({
          forward: counts.evaluations * once,
          gradient: (counts.evaluations + 2 * counts.backward + counts.quadrature) * once,
        }),
      }
    }
    case 'encoder': {
      const { walk, gradient } = encoderWalk(problem, parameters, zeros)
      const once = problem.steps * problem.rows * problem.nets.reduce((sum, sizes) => sum + forwardOperations(sizes), 0)
      return { forward: walk, gradient, operations: () => ({ forward: once, gradient: 3 * once }) }
    }
  }
}

function plainField(problem: FieldProblem, parameters: Floats, zeros: Zeros): PlainItem {
  const { sizes, rows } = problem
  const net: Net = { sizes, parameters, at: 0 }
  const tape = newTape(zeros, sizes, rows)
  const bars = newTape(zeros, sizes, rows)
  const params = zeros(parameters.length)
  const cotangent = zeros(problem.cotangent.length)
  cotangent.set(problem.cotangent)
  tape[0]!.set(problem.x)
  const once = rows * forwardOperations(sizes)
  return {
    forward: () => ({ y: forward(net, rows, tape) }),
    gradient() {
      const y = forward(net, rows, tape)
      params.fill(0)
      bars.at(-1)!.set(cotangent)
      return { y, x: backward(net, rows, tape, bars, params), params }
    },
    operations: () => ({ forward: once, gradient: 3 * once }),
  }
}

/** The named baseline: the loops that one would write first, in float32. Weights need no packing, so there is no `p`. */
export function plainContestant(): Contestant {
  return {
    name: 'js',
    threads: 1,
    detail: `plain loops over Float32Array, Node ${process.versions.node}`,
    tasks(_item: ItemName, problem: Problem): Partial<Record<Quantity, Task>> {
      const item = plainItem(problem, (length) => new Float32Array(length))
      return { f: localTask(item.forward, item.forward), v: localTask(item.gradient, item.gradient) }
    },
    dispose() {},
  }
}
