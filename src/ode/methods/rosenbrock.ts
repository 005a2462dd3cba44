import type { Ref } from '../../graph/builder.js'
import { combine } from '../combine.js'
import { predictive } from '../control/controller.js'
import type { Method, StepContext, StepParts } from '../method.js'
import { newtonFactors } from './newtonMatrix.js'

/**
 * A Rosenbrock–Wanner method as data, in the form of Hairer and Wanner (Solving ODEs II, IV.7, and their code RODAS): with J and f_t at the
 * start of the step,
 *
 *     (I/(hγ) − J) uᵢ = f(t + αᵢh, y + Σ aᵢⱼuⱼ) + Σ cᵢⱼuⱼ/h + γᵢ h f_t,    y₁ = y + Σ mⱼuⱼ.
 */
export interface RosenbrockTableau {
  readonly name: string
  readonly order: number
  readonly errorOrder: number
  readonly gamma: number
  /** Times of stages, and what f_t is multiplied by, `[stages]`. */
  readonly alpha: readonly number[]
  readonly gammas: readonly number[]
  /** Row i has i weights. */
  readonly a: readonly (readonly number[])[]
  readonly c: readonly (readonly number[])[]
  /** Weights of the solution, and of the error estimate, `[stages]`. */
  readonly m: readonly number[]
  readonly error: readonly number[]
  /** Dense output, (1 − θ)y + θ(y₁ + (1 − θ)(k₁ + θ(k₂ + θk₃ …))): weights of the uⱼ in each k, `[terms, stages]`. */
  readonly dense: readonly (readonly number[])[]
  readonly interpolantOrder: number
}

/** The method of such a tableau: no iteration, a Jacobian and a factorisation in each step. */
export function rosenbrock(tableau: RosenbrockTableau): Method {
  const stages = tableau.alpha.length
  return {
    name: tableau.name,
    order: tableau.order,
    errorOrder: tableau.errorOrder,
    control: predictive,
    interpolantOrder: tableau.interpolantOrder,
    degree: 2 + tableau.dense.length - 1,
    times: [...tableau.alpha, 1],
    evaluations: stages,
    stabilityLimit: Infinity,
    step: (context) => linearlyImplicitStep(tableau, context),
  }
}

function linearlyImplicitStep(tableau: RosenbrockTableau, context: StepContext): StepParts {
  const { builder, h, y, carried, field, dim } = context
  const { gamma, a, c, gammas, m, error, dense, alpha } = tableau
  const scaled = builder.mul(builder.constant(gamma), h)
  const jacobian = context.jacobian(0, y)
  const factors = newtonFactors(builder, scaled, jacobian, dim)
  const byTime = context.timeDerivative(0, y)
  const u: Ref[] = []
  for (let i = 0; i < alpha.length; i++) {
    const state = plus(context, y, combine(builder, a[i]!, u))
    const slope = i === 0 ? carried[0]! : field(i, state)
    let right = builder.mul(scaled, slope)
    const before = combine(
      builder,
      c[i]!.map((weight) => weight * gamma),
      u,
    )
    if (before !== undefined) right = builder.add(right, before)
    if (byTime !== undefined && gammas[i] !== 0)
      right = builder.add(right, builder.mul(builder.mul(builder.constant(gammas[i]!), builder.mul(scaled, h)), byTime))
    u.push(builder.luSolve(factors, right))
  }
  const y1 = plus(context, y, combine(builder, m, u))
  return {
    y1,
    carried: [field(alpha.length, y1)],
    errors: () => [combine(builder, error, u)!],
    // The largest sum of a row of the Jacobian, which no eigenvalue exceeds.
    stiffness: () => builder.mul(builder.unary('abs', h), builder.max(builder.sum(builder.unary('abs', jacobian), [2]), [1], true)),
    path: () => [builder.sub(y1, y), ...denseTerms(dense).map((weights) => combine(builder, weights, u)!)],
  }
}

const plus = ({ builder }: StepContext, y: Ref, increment: Ref | undefined): Ref =>
  increment === undefined ? y : builder.add(y, increment)

/** Terms k₁ + θ(k₂ + θk₃) as p₂, p₃, p₄ of p₂ + θ(p₃ + (1 − θ)p₄). */
function denseTerms([first, second, third]: readonly (readonly number[])[]): (readonly number[])[] {
  if (third === undefined) return [first!, second!]
  return [first!, second!.map((weight, i) => weight + third[i]!), third.map((weight) => -weight)]
}
