import type { Series } from '../../src/data/series.js'
import type { Engine } from '../../src/engine/engine.js'
import { addPoint, noSums, sum, type ChannelSums } from '../../src/train/channelSums.js'
import { scoreEach } from '../../src/train/evaluate.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import { holdOut } from '../../src/train/protocol.js'
import { taskScores, type TaskScores } from '../../src/train/taskScores.js'

/** Squared errors of a model and of the channel's mean in one series, on the normalised scale. */
export interface BesideMean {
  readonly id: string
  readonly values: number
  readonly squares: number
  readonly meanSquares: number
}

/** Values in a third of the distance ahead, and how many of them lie in the central 50 and 90 % intervals. */
export type Coverage = Readonly<Pick<ChannelSums, 'values' | 'in50' | 'in90'>>

/** What the scores of both tasks do not tell. */
export interface Details {
  /** Filling gaps from a fraction of the rows; by series. */
  readonly fewerShown: readonly { readonly shown: number; readonly series: readonly BesideMean[] }[]
  /** Looking ahead: in the first, second and last third of what each series has beyond the rows that are known. */
  readonly thirds: readonly Coverage[]
}

/** Fractions of the rows shown, besides the half of the usual scores. */
const FRACTIONS = [0.1, 0.2, 0.3]
const SEED = 1

/**
 * @param tested the test series, of the model's channels in its order
 * @param half their usual scores of filling gaps, from half of the rows
 */
export function scoreDetails(engine: Engine, fitted: FittedModel, tested: readonly Series[], half: TaskScores): Details {
  const fewer = FRACTIONS.map((shown) => ({ shown, scores: taskScores(engine, fitted, tested, { task: 'interpolation', shown }) }))
  return {
    fewerShown: [...fewer, { shown: 0.5, scores: half }].map(({ shown, scores }) => ({ shown, series: scores.series.map(besideMean) })),
    thirds: coverageByThird(engine, fitted, tested),
  }
}

const besideMean = ({ id, channels }: TaskScores['series'][number]): BesideMean => ({
  id,
  values: sum(channels, 'values'),
  squares: sum(channels, 'squares'),
  meanSquares: channels.reduce((all, { baselines }) => all + baselines.mean, 0),
})

function coverageByThird(engine: Engine, fitted: FittedModel, tested: readonly Series[]): Coverage[] {
  const thirds = [0, 1, 2].map(noSums)
  const usable = tested.filter(({ times }) => times.length >= 2)
  const queries = usable.length === 0 ? [] : holdOut(usable, { task: 'extrapolation' }, fitted.time, SEED)
  const lastTimes = new Map(usable.map(({ id, times }) => [id, times[times.length - 1]!]))
  for (const one of scoreEach(engine, fitted, queries, { seed: SEED })) {
    if ('error' in one) continue
    for (const { point } of one.scored) {
      const whole = point.ahead + lastTimes.get(one.id)! - point.time
      addPoint(thirds[Math.max(0, Math.min(2, Math.ceil((3 * point.ahead) / whole) - 1))]!, point)
    }
  }
  return thirds.map(({ values, in50, in90 }) => ({ values, in50, in90 }))
}
