import { describe, expect, test } from 'vitest'
import { againstBaselines as againstSums, verdictOf } from '../../src/train/againstBaseline.js'
import { sumPoints } from '../../src/train/channelSums.js'
import type { BaselineValues, ScoredPoint } from '../../src/train/records.js'

/** A value of 0 that the model misses by `model`, the baselines by their own numbers. */
const point = (series: string, channel: string, model: number, baselines: BaselineValues): ScoredPoint => ({
  series,
  channel,
  time: 0,
  observed: 0,
  mean: model,
  sd: 1,
  normalisedObserved: 0,
  normalisedMean: model,
  logDensity: 0,
  originalLogDensity: 0,
  pit: 0.5,
  gap: 1,
  ahead: 1,
  baselines,
  originalBaselines: baselines,
})

const ids = ['a', 'b', 'c', 'd', 'e']

const againstBaselines = (points: readonly ScoredPoint[], channels: readonly string[], task: 'interpolation' | 'extrapolation') =>
  againstSums(sumPoints(points, channels), channels.length, task)

describe('againstBaselines', () => {
  test('each channel, and all of them, against its own best baseline', () => {
    const points = ids.flatMap((id) => [
      // Squared errors: the model's 1 and 4; linear 4 and 9, the mean 16 and 1.
      point(id, 'x', 1, { linear: 2, locf: 3, mean: 4 }),
      point(id, 'y', 2, { linear: 3, locf: 4, mean: 1 }),
    ])
    const { all, channels } = againstBaselines(points, ['x', 'y'], 'interpolation')
    // Series are alike, so nothing is left to chance.
    const surely = (change: number) => ({ change, low: change, high: change, series: 5 })
    expect(channels[0]).toEqual({ baseline: 'linear', ...surely(1 / 4 - 1) })
    expect(channels[1]).toEqual({ baseline: 'mean', ...surely(4 - 1) })
    expect(all).toEqual({ baseline: 'linear', ...surely(5 / 13 - 1) })
    expect([channels[0]!, channels[1]!].map(verdictOf)).toEqual(['better', 'worse'])
  })

  test('looking ahead there is no line, the same numbers are those of the last value', () => {
    const points = ids.map((id) => point(id, 'x', 1, { linear: 2, locf: 2, mean: 4 }))
    expect(againstBaselines(points, ['x'], 'extrapolation').all.baseline).toBe('locf')
    expect(againstBaselines(points, ['x'], 'interpolation').all.baseline).toBe('linear')
  })

  test('where all are the mean, as where nothing is shown, it is called that', () => {
    const points = ids.map((id) => point(id, 'x', 1, { linear: 2, locf: 2, mean: 2 }))
    expect(againstBaselines(points, ['x'], 'interpolation').all.baseline).toBe('mean')
    expect(againstBaselines(points, ['x'], 'extrapolation').all.baseline).toBe('mean')
  })

  test('a channel that was not scored, and nothing scored at all', () => {
    const unknown = { change: NaN, low: NaN, high: NaN, series: 0 }
    const { all, channels } = againstBaselines([point('a', 'x', 1, { linear: 2, locf: 2, mean: 4 })], ['x', 'y'], 'interpolation')
    expect(channels[1]).toMatchObject(unknown)
    expect(all).toMatchObject({ change: -0.75, series: 1, low: NaN })
    expect(againstBaselines([], ['x'], 'interpolation').all).toMatchObject(unknown)
    expect(verdictOf(all)).toBe('unclear')
  })
})
