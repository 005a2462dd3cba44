import type { Ref } from '../../graph/builder.js'
import { combine } from '../combine.js'
import type { Method, StepContext, StepParts } from '../method.js'
import { hermitePath } from './hermitePath.js'
import { newtonFactors } from './newtonMatrix.js'

/**
 * A stiffly accurate diagonally implicit Runge–Kutta method with an explicit first stage, as data. With w = h·k, stage i solves
 * wᵢ = h f(t + cᵢh, y + Σ aᵢⱼwⱼ + γwᵢ); the last stage is the new state.
 */
export interface EsdirkTableau {
  readonly name: string
  readonly order: number
  /** Order of the solution that the error estimate is that of; without it steps are fixed. */
  readonly errorOrder?: number
  readonly gamma: number
  /** Times of stages, `[stages]`; the first is 0, the last 1. */
  readonly c: readonly number[]
  /** Row i has i weights, those of the stages before it. */
  readonly a: readonly (readonly number[])[]
  /** Weights of the error estimate, `[stages]`. */
  readonly error?: readonly number[]
  /** Whether (I − hγJ)⁻¹ is applied to the estimate: it would be too large for stiff components otherwise (Hosea and Shampine, 1996). */
  readonly filtered?: boolean
  /** Iterations of Newton's method in each stage; with the Jacobian at the start of the step, or with that of each iterate. */
  readonly iterations: number
  readonly newJacobians?: boolean
}

/** How far from the solution of its equations a stage may be, over the tolerance. */
const nearness = 0.01

/** The method of such a tableau. Its derivative is that of the equations, by the implicit function theorem, not that of the iteration. */
export function esdirk(tableau: EsdirkTableau): Method {
  const { c, iterations } = tableau
  return {
    name: tableau.name,
    order: tableau.order,
    ...(tableau.errorOrder !== undefined && { errorOrder: tableau.errorOrder }),
    interpolantOrder: Math.min(3, tableau.order),
    degree: 3,
    times: c,
    evaluations: (c.length - 1) * iterations,
    stabilityLimit: Infinity,
    unknowns: c.length - 1,
    step: (context) => implicitStep(tableau, context),
  }
}

function implicitStep(tableau: EsdirkTableau, context: StepContext): StepParts {
  const { builder, h, y, carried, dim } = context
  const { c, a, gamma, error, filtered } = tableau
  const scaled = builder.mul(builder.constant(gamma), h)
  const atStart = (): Ref => newtonFactors(builder, scaled, context.jacobian(0, y), dim)
  const w: Ref[] = [builder.mul(h, carried[0]!)]
  const states = [y]
  const solved: Ref[] = []
  for (let i = 1; i < c.length; i++) {
    const known = builder.add(y, combine(builder, a[i]!, w) ?? builder.constant(0))
    const stage = solveStage(tableau, context, i, known, predict(tableau, context, i, known, w, states), atStart)
    w.push(stage.w)
    states.push(stateOf(tableau, context, known, stage.w))
    if (stage.solved !== undefined) solved.push(stage.solved)
  }
  const y1 = states.at(-1)!
  const slope = builder.div(w.at(-1)!, h)
  return {
    y1,
    carried: [slope],
    ...(error && {
      errors: () => {
        const estimate = combine(builder, error, w)!
        return [filtered ? builder.luSolve(atStart(), estimate) : estimate]
      },
    }),
    ...(solved.length > 0 && { solved: solved.reduce((x, z) => builder.mul(x, z)) }),
    unknowns: w.slice(1),
    path: () => hermitePath(context, y1, slope),
  }
}

const stateOf = ({ gamma }: EsdirkTableau, { builder }: StepContext, known: Ref, w: Ref): Ref =>
  builder.add(known, builder.mul(builder.constant(gamma), w))

/** Solves a stage by Newton's method; or, where its solution was found, takes a step from there that has the solution's derivative. */
function solveStage(
  tableau: EsdirkTableau,
  context: StepContext,
  i: number,
  known: Ref,
  predicted: Ref,
  atStart: () => Ref,
): { readonly w: Ref; readonly solved?: Ref } {
  const { builder: b, h, dim, found, norm } = context
  const at = (w: Ref): Ref => stateOf(tableau, context, known, w)
  const factorsAt = (w: Ref): Ref => newtonFactors(b, b.mul(b.constant(tableau.gamma), h), context.jacobian(i, at(w)), dim)
  const correction = (w: Ref, factors: Ref): Ref => b.luSolve(factors, b.sub(b.mul(h, context.field(i, at(w))), w))
  if (found) {
    const w = found[i - 1]!
    return { w: b.add(w, correction(w, factorsAt(w))) }
  }
  let w = predicted
  let [size, before]: (Ref | undefined)[] = []
  for (let iteration = 0; iteration < tableau.iterations; iteration++) {
    const delta = correction(w, tableau.newJacobians ? factorsAt(w) : atStart())
    w = b.add(w, delta)
    before = size
    size = norm?.(delta)
  }
  return { w, ...(size !== undefined && before !== undefined && { solved: converged(context, size, before) }) }
}

/** 1 where the last correction and the rate of convergence say that what is left of the error is far below the tolerance. */
function converged({ builder: b }: StepContext, size: Ref, before: Ref): Ref {
  // size²/(before − size) is what the corrections still to come add up to, if they go on to shrink at this rate.
  const left = b.div(b.unary('square', size), b.sub(before, size))
  const near = (x: Ref, limit: number): Ref => b.binary('lessEqual', x, b.constant(limit))
  const shrinking = b.binary('less', size, before)
  return b.select(
    near(size, nearness / 10),
    b.constant(1),
    b.select(shrinking, b.select(near(left, nearness), b.constant(1), b.constant(0)), b.constant(0)),
  )
}

/** Where the iteration of a stage starts: at the state of a stage before at the same time, else where the slopes so far lead. */
function predict(
  { c, gamma }: EsdirkTableau,
  { builder: b }: StepContext,
  i: number,
  known: Ref,
  w: readonly Ref[],
  states: readonly Ref[],
): Ref {
  if (i > 1 && c[i] === c[i - 1]) return b.mul(b.constant(1 / gamma), b.sub(states[i - 1]!, known))
  const nodes = Array.from({ length: Math.min(i, 3) }, (_, j) => j)
  const weights = nodes.map((j) => nodes.reduce((product, k) => (k === j ? product : (product * (c[i]! - c[k]!)) / (c[j]! - c[k]!)), 1))
  return combine(b, weights, w)!
}
