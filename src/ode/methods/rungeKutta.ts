import { combine, zeros } from '../combine.js'
import type { Ref } from '../../graph/builder.js'
import { lazily } from '../../engine/lazily.js'
import type { Method, StepContext, StepParts } from '../method.js'
import { checkTableau, degreeOf, pathWeights, stagesOf, weightsOf, type Tableau } from './tableau.js'

/** An explicit Runge–Kutta method; it keeps its tableau. */
export interface RungeKutta extends Method {
  readonly tableau: Tableau
}

/**
 * The method of an explicit tableau. Every tableau is written so that its last stage is the field at the end of the step.
 *
 * @throws SolverError `Tableau` if its arrays do not fit together
 */
export function rungeKutta(tableau: Tableau): RungeKutta {
  checkTableau(tableau)
  const limit = lazily(() => stabilityLimit(tableau))
  return {
    tableau,
    name: tableau.name,
    order: tableau.order,
    ...(tableau.bError && { errorOrder: tableau.embeddedOrder! }),
    ...(tableau.control && { control: tableau.control }),
    interpolantOrder: tableau.interpolantOrder,
    degree: degreeOf(tableau),
    times: tableau.c,
    ...(tableau.extra && { denseTimes: tableau.extra.map(({ c }) => c) }),
    get stabilityLimit() {
      return limit()
    },
    step: (context) => explicitStep(tableau, context),
  }
}

function explicitStep(tableau: Tableau, context: StepContext): StepParts {
  const { builder, h, y, carried, field } = context
  const stages = [carried[0]!]
  const states = [y]
  for (let i = 1; i < stagesOf(tableau); i++) {
    const increment = combine(builder, tableau.a[i]!, stages)
    states.push(increment === undefined ? y : builder.add(y, builder.mul(h, increment)))
    stages.push(field(i, states[i]!))
  }
  const y1 = states.at(-1)!
  const { bError, bCrude } = tableau
  const estimate = (weights: readonly number[]): Ref => builder.mul(h, combine(builder, weights, stages)!)
  return {
    y1,
    carried: [stages.at(-1)!],
    ...(bError && { errors: () => [bError, ...(bCrude ? [bCrude] : [])].map(estimate) }),
    ...(tableau.c.at(-2) === 1 && { stiffness: () => stiffness(context, stages, states) }),
    path: () => densePath(tableau, context, stages, y1),
    quadrature: weightsOf(tableau).flatMap((weight, i) => (weight === 0 ? [] : [{ weight, evaluation: i, state: states[i]! }])),
  }
}

/** |hλ| from two stages at the end of the step: Hairer and Wanner, Solving ODEs II, IV.2, as in DOPRI5. */
function stiffness({ builder: b, h }: StepContext, stages: readonly Ref[], states: readonly Ref[]): Ref {
  const length = (x: readonly Ref[]): Ref => b.unary('sqrt', b.sum(b.unary('square', b.sub(x.at(-1)!, x.at(-2)!)), [1], true))
  const [apart, slopes] = [length(states), length(stages)]
  const none = b.binary('equal', apart, b.constant(0))
  return b.mul(b.unary('abs', h), b.select(none, b.constant(0), b.div(slopes, b.select(none, b.constant(1), apart))))
}

function densePath(tableau: Tableau, { builder, h, y, field, dim }: StepContext, stages: readonly Ref[], y1: Ref): Ref[] {
  const all = [...stages]
  for (const { a } of tableau.extra ?? []) all.push(field(all.length, builder.add(y, builder.mul(h, combine(builder, a, all)!))))
  const weights = pathWeights(tableau)
  return Array.from({ length: degreeOf(tableau) }, (_, j) => {
    if (j === 0) return builder.sub(y1, y)
    const sum = combine(
      builder,
      weights.map((row) => row[j]!),
      all,
    )
    return sum === undefined ? zeros(builder, dim) : builder.mul(h, sum)
  })
}

/** Where a step of size 1 of y' = −x y stops shrinking y: the end of the method's interval of stability. */
export function stabilityLimit(tableau: Tableau): number {
  const resolution = 1 / 64
  let x = resolution
  while (x < 1000 && Math.abs(factorOf(tableau, -x)) <= 1) x += resolution
  return x - resolution
}

/** What a step multiplies y by for y' = z y, h = 1. */
function factorOf({ a, ...rest }: Tableau, z: number): number {
  const k = [z]
  for (let i = 1; i < stagesOf({ a, ...rest }); i++) k.push(z * (1 + a[i]!.reduce((sum, weight, j) => sum + weight * k[j]!, 0)))
  return k.at(-1)! / z
}
