import type { Ref } from '../../graph/builder.js'
import { pid } from '../control/controller.js'
import { gaussNodes } from '../gauss.js'
import type { Method } from '../method.js'
import { hermitePath } from './hermitePath.js'

/** Values of the field that a step knows: at its start, and at the starts of the steps before it. */
const values = 3

/**
 * Adams–Bashforth–Moulton of order 4 with steps of any size, PECE: predicted by the polynomial through the last three values of the field,
 * corrected by that through the predicted one, too; two evaluations a step. The error is estimated by the corrector of order 3. A row
 * starts, and starts anew, with order 2: by small steps if they are
 * controlled, while steps of one size have order 3 for that reason. Hairer, Nørsett, Wanner, Solving ODEs I, III.5.
 */
export const adams: Method = {
  name: 'adams',
  order: 4,
  errorOrder: 3,
  interpolantOrder: 3,
  degree: 3,
  times: [0, 1],
  evaluations: 2,
  // Of the corrector, PECE, with constant steps.
  stabilityLimit: 1.2,
  blocks: values,
  // Steps that grow by more make a variable-step formula unstable.
  control: pid({ grow: 2, shrink: 0.2 }),
  history: { steps: values - 1, numbers: 3 * values + 2, write: writeWeights },
  step(context) {
    const { builder: b, h, y, carried, field } = context
    const sum = (from: number, terms: readonly Ref[]): Ref =>
      b.mul(
        h,
        terms.map((term, i) => b.mul(context.history(from + i), term)).reduce((x, z) => b.add(x, z)),
      )
    const predicted = b.add(y, sum(0, carried))
    const known = [field(1, predicted), ...carried]
    const y1 = b.add(y, sum(values, known))
    const slope = field(1, y1)
    return {
      y1,
      carried: [slope, ...carried.slice(0, -1)],
      errors: () => [sum(2 * values + 1, known)],
      path: () => hermitePath(context, y1, slope),
    }
  },
}

/** Weights of the predictor, of the corrector, and of what the corrector differs by from the one of an order less. */
function writeWeights(before: ArrayLike<number>, h: number, into: Float64Array | number[], at: number): void {
  // Where the field is known, in steps of this size from its start.
  const places = [0]
  for (let i = 0; i < before.length && before[i] !== 0; i++) places.push(places[i]! - before[i]! / h)
  const predictor = integrals(places)
  const corrector = integrals([1, ...places])
  const lower = integrals([1, ...places.slice(0, -1)])
  for (let i = 0; i < values; i++) into[at + i] = predictor[i] ?? 0
  for (let i = 0; i <= values; i++) {
    into[at + values + i] = corrector[i] ?? 0
    into[at + 2 * values + 1 + i] = (corrector[i] ?? 0) - (lower[i] ?? 0)
  }
}

const nodes = gaussNodes(values)

/** Integrals over [0, 1] of the polynomials that are 1 at one place and 0 at the others. */
const integrals = (places: readonly number[]): number[] =>
  places.map((place, j) =>
    nodes.reduce((sum, { theta, weight }) => {
      let product = weight
      places.forEach((other, k) => {
        if (k !== j) product *= (theta - other) / (place - other)
      })
      return sum + product
    }, 0),
  )
