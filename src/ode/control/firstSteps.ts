import type { NamedValues } from '../../engine/autodiff/program.js'
import type { Engine, FloatArray } from '../../engine/engine.js'
import type { SolverState } from '../solverState.js'
import type { Settings } from '../options.js'
import type { Stepper } from '../stepper.js'
import type { StopTimes } from '../stopTimes.js'
import { firstStep, trialStep } from './formulas.js'
import { leastStep, type Counts } from './stepControl.js'

/** Each row's first step, unsigned, `[n]`: by its field (see `formulas.ts`), as asked for, or without limit but the next output. */
export function firstWanted(
  {
    engine,
    settings,
    stepper,
  }: { readonly engine: Engine; readonly settings: Pick<Settings, 'rules' | 'firstStep' | 'stepSize'>; readonly stepper: Stepper },
  params: NamedValues,
  stops: StopTimes,
  state: SolverState,
  norms: FloatArray,
  counts: Counts,
): Float64Array {
  const { rules, firstStep, stepSize } = settings
  const n = state.rows.length
  if (!rules.controlled) return new Float64Array(n).fill(stepSize ?? Infinity)
  if (firstStep !== undefined) return new Float64Array(n).fill(Math.max(rules.minStep ?? 0, Math.min(firstStep, rules.maxStep)))
  if (n === 0) return new Float64Array(0)
  const rowOf = (i: number): number => state.rows[i]!
  const limit = (i: number): number => {
    const row = rowOf(i)
    const [start, direction] = [stops.start[row]!, stops.direction[row]!]
    const span = Math.min(rules.maxStep, Math.abs(stops.last[row]! - start))
    const smooth = stops.discontinuities.times.length === 0 ? span : Math.abs(stops.discontinuities.beyond(start, direction) - start)
    return Math.min(span, smooth, stops.change ? Math.abs(stops.change(row) - start) : span)
  }
  // A step that time cannot resolve would be none: the field asks for such where it is 0.
  const resolved = (i: number): number => Math.min(limit(i), leastStep(stops, rowOf(i), stops.start[rowOf(i)]!))
  const trial = trialSteps(norms, limit).map((h, i) => Math.max(h, resolved(i)))
  const signed = trial.map((h, i) => h * stops.direction[rowOf(i)]!)
  const change = engine.scope(() => {
    const after = signed.map((h, i) => {
      const row = rowOf(i)
      const end = stops.start[row]! + h
      // What is beyond the last time may be no number.
      return stops.discontinuities.before((end - stops.last[row]!) * h > 0 ? stops.last[row]! : end, h, stops.origin(row))
    })
    const { y, carried, inputs = y } = state
    const [norm] = stepper.trial().run(params, n, [engine.write(after, [n, 1]), engine.write(signed, [n, 1]), y, carried, inputs])
    return engine.read(norm!)
  })
  state.rows.forEach((row) => counts.evaluations[row]!++)
  return firstSteps(trial, norms, change, rules.k, limit).map((h, i) => Math.max(h, rules.minStep ?? resolved(i)))
}

/** First steps by Hairer, Nørsett and Wanner's algorithm: the trial step of each row, capped by `limit`, `[n]`. */
const trialSteps = (norms: FloatArray, limit: (i: number) => number): Float64Array =>
  Float64Array.from({ length: norms.length / 3 }, (_, i) => Math.min(trialStep(norms[3 * i]!, norms[3 * i + 1]!), limit(i)))

/** And what follows from the change of the field over it, `change` `[n]`. */
const firstSteps = (trial: Float64Array, norms: FloatArray, change: FloatArray, k: number, limit: (i: number) => number): Float64Array =>
  trial.map((h, i) => Math.min(firstStep(h, norms[3 * i + 1]!, change[i]!, k), limit(i)))
