import type { Baseline, Conditioned } from './baseline.js'
import { LEAST_VARIANCE, populationVariance, type Course } from './course.js'
import { conditionGaussian } from './linearGaussian.js'
import { learnScales } from './learnScales.js'

interface TrendScales {
  readonly noise: number
  /** Standard deviations of a series' level and of its slope before anything is known of it. */
  readonly level: number
  readonly slope: number
  /** Time after which a trend has ended, but for a third. */
  readonly damping: number
  /** Variance that a series gains per unit of that damped time, besides the line's own. */
  readonly drift: number
}

const names = ['noise', 'level', 'slope', 'damping', 'drift'] as const

/**
 * A line through what is shown of a series (Bayesian linear regression: a ridge on level and slope), which levels off outside of it:
 * h beyond the last value it has gone on for `damping (1 − exp(−h / damping))` (Gardner and McKenzie 1985).
 */
export const trend: Baseline = {
  label: 'A damped trend',
  describe: "each series' own line, which levels off beyond what is shown",
  shapes: { noise: [], level: [], slope: [], damping: [], drift: [] },
  estimate(train, _valid, seed) {
    const variance = populationVariance(train)
    const sd = Math.sqrt(variance)
    const learnt = learnScales(train, seed, [0.3 * variance, sd, sd, 0.3, variance], (scales, shown) =>
      conditionTrend(Object.fromEntries(names.map((name, i) => [name, scales[i]!])) as unknown as TrendScales, shown),
    )
    return {
      parameters: Object.fromEntries(names.map((name, i) => [name, Float64Array.of(learnt[i]!)])),
      found: `noise sd ${Math.sqrt(learnt[0]!).toPrecision(2)}`,
    }
  },
  condition: (estimates, shown) =>
    conditionTrend(Object.fromEntries(names.map((name) => [name, estimates[name]![0]!])) as unknown as TrendScales, shown),
}

function conditionTrend({ noise, level, slope, damping, drift }: TrendScales, shown: Course): Conditioned {
  const { times } = shown
  const count = times.length
  const [first, end] = [times[0] ?? 0, times[count - 1] ?? 0]
  const centre = count === 0 ? 0 : times.reduce((a, b) => a + b, 0) / count
  const damped = (distance: number): number => (distance <= 0 ? 0 : -damping * Math.expm1(-distance / damping))
  const line = conditionGaussian(
    {
      mean: () => 0,
      effects: 2,
      columns(time, into, at) {
        into[at] = level
        const along = Math.min(end, Math.max(first, time)) + damped(time - end) - damped(first - time)
        into[at + 1] = count === 0 ? 0 : slope * (along - centre)
      },
      noise: noise + LEAST_VARIANCE,
    },
    shown,
  )
  return {
    at(asked) {
      const { means, sds } = line.at(asked)
      return {
        means,
        sds: sds.map((sd, i) => Math.sqrt(sd * sd + drift * (damped(asked[i]! - end) + damped(first - asked[i]!)) * (count > 0 ? 1 : 0))),
      }
    },
  }
}
