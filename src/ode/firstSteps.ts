import type { Engine, FloatArray } from '../engine/engine.js'
import { firstStep, trialStep } from './control.js'
import type { Front } from './march.js'
import type { Settings } from './options.js'
import { leastStep, type Counts } from './pilot.js'
import type { NamedValues } from '../engine/autodiff/program.js'
import type { Route } from './route.js'
import type { Stepper } from './stepper.js'

/** Each row's first step, unsigned, `[n]`: by its field (see `control.ts`), as asked for, or without limit but the next output. */
export function firstWanted(
  {
    engine,
    settings,
    stepper,
  }: { readonly engine: Engine; readonly settings: Pick<Settings, 'rules' | 'firstStep' | 'stepSize'>; readonly stepper: Stepper },
  params: NamedValues,
  route: Route,
  front: Front,
  norms: FloatArray,
  counts: Counts,
): Float64Array {
  const { rules, firstStep, stepSize } = settings
  const n = front.rows.length
  if (rules.k === undefined) return new Float64Array(n).fill(stepSize ?? Infinity)
  if (firstStep !== undefined) return new Float64Array(n).fill(Math.max(rules.minStep ?? 0, Math.min(firstStep, rules.maxStep)))
  if (n === 0) return new Float64Array(0)
  const rowOf = (i: number): number => front.rows[i]!
  const limit = (i: number): number => {
    const row = rowOf(i)
    const span = Math.min(rules.maxStep, Math.abs(route.last[row]! - route.start[row]!))
    return route.jumps.times.length === 0
      ? span
      : Math.min(span, Math.abs(route.jumps.beyond(route.start[row]!, route.direction[row]!) - route.start[row]!))
  }
  // A step that time cannot resolve would be none: the field asks for such where it is 0.
  const resolved = (i: number): number => Math.min(limit(i), leastStep(route, rowOf(i), route.start[rowOf(i)]!))
  const trial = trialSteps(norms, limit).map((h, i) => Math.max(h, resolved(i)))
  const signed = trial.map((h, i) => h * route.direction[rowOf(i)]!)
  const change = engine.scope(() => {
    const after = signed.map((h, i) => {
      const row = rowOf(i)
      const end = route.start[row]! + h
      // What is beyond the last time may be no number.
      return route.jumps.before((end - route.last[row]!) * h > 0 ? route.last[row]! : end, h, route.origin(row))
    })
    const [norm] = stepper.trial().run(params, n, [engine.write(after, [n, 1]), engine.write(signed, [n, 1]), front.y, front.k1])
    return engine.read(norm!)
  })
  front.rows.forEach((row) => counts.evaluations[row]!++)
  return firstSteps(trial, norms, change, rules.k, limit).map((h, i) => Math.max(h, rules.minStep ?? resolved(i)))
}

/** First steps by Hairer, Nørsett and Wanner's algorithm: the trial step of each row, capped by `limit`, `[n]`. */
const trialSteps = (norms: FloatArray, limit: (i: number) => number): Float64Array =>
  Float64Array.from({ length: norms.length / 3 }, (_, i) => Math.min(trialStep(norms[3 * i]!, norms[3 * i + 1]!), limit(i)))

/** And what follows from the change of the field over it, `change` `[n]`. */
const firstSteps = (trial: Float64Array, norms: FloatArray, change: FloatArray, k: number, limit: (i: number) => number): Float64Array =>
  trial.map((h, i) => Math.min(firstStep(h, norms[3 * i + 1]!, change[i]!, k), limit(i)))
