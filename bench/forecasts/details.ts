import type { Series } from '../../src/data/series.js'
import type { Engine } from '../../src/engine/engine.js'
import { scoreEach } from '../../src/train/evaluate.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import { holdOut } from '../../src/train/protocol.js'
import { taskScores } from '../../src/train/taskScores.js'

/** Squared errors of a model and of the channel's mean in one series, on the normalised scale. */
export interface BesideMean {
  readonly id: string
  readonly values: number
  readonly squares: number
  readonly meanSquares: number
}

/** Values in a third of the distance ahead, and how many of them lie in the central 50 and 90 % intervals. */
export interface Coverage {
  readonly values: number
  readonly in50: number
  readonly in90: number
}

/** What the scores of both tasks do not tell. */
export interface Details {
  /** Filling gaps from a fraction of the rows; by series. */
  readonly fewerShown: readonly { readonly shown: number; readonly series: readonly BesideMean[] }[]
  /** Looking ahead: in the first, second and last third of what each series has beyond the rows that are known. */
  readonly thirds: readonly Coverage[]
}

/** Fractions of the rows shown. */
const FRACTIONS = [0.1, 0.2, 0.3, 0.5]
const SEED = 1

/** @param tested the test series, of the model's channels in its order */
export function scoreDetails(engine: Engine, fitted: FittedModel, tested: readonly Series[]): Details {
  const fewerShown = FRACTIONS.map((shown) => ({
    shown,
    series: taskScores(engine, fitted, tested, { task: 'interpolation', shown }).series.map(({ id, channels }) => ({
      id,
      values: channels.reduce((sum, { values }) => sum + values, 0),
      squares: channels.reduce((sum, { squares }) => sum + squares, 0),
      meanSquares: channels.reduce((sum, { baselines }) => sum + baselines.mean, 0),
    })),
  }))
  return { fewerShown, thirds: coverageByThird(engine, fitted, tested) }
}

function coverageByThird(engine: Engine, fitted: FittedModel, tested: readonly Series[]): Coverage[] {
  const thirds = [0, 1, 2].map(() => ({ values: 0, in50: 0, in90: 0 }))
  const usable = tested.filter(({ times }) => times.length >= 2)
  const queries = usable.length === 0 ? [] : holdOut(usable, { task: 'extrapolation' }, fitted.time, SEED)
  const lastTimes = new Map(usable.map(({ id, times }) => [id, times[times.length - 1]!]))
  for (const one of scoreEach(engine, fitted, queries, { seed: SEED })) {
    if ('error' in one) continue
    for (const { point } of one.scored) {
      const whole = point.ahead + lastTimes.get(one.id)! - point.time
      const third = thirds[Math.max(0, Math.min(2, Math.ceil((3 * point.ahead) / whole) - 1))]!
      const off = Math.abs(point.pit - 0.5)
      third.values++
      if (off <= 0.25) third.in50++
      if (off <= 0.45) third.in90++
    }
  }
  return thirds
}
