import { describe, expect, test } from 'vitest'
import type { ChannelNormalisation } from '../../../src/data/normalise.js'
import { compareScores, differentlyTransformed } from '../../../src/report/comparison/score.js'
import type { ScoredPoint } from '../../../src/train/records.js'

const normalisation = (
  mean: number,
  sd: number,
  transform: ChannelNormalisation['transform'] = { kind: 'none' },
): ChannelNormalisation => ({ channel: 'x', transform, mean, sd, rawMean: mean })

/** What a model with that normalisation says of a value: normal with this mean and standard deviation in the data's own units. */
function say(
  series: string,
  time: number,
  observed: number,
  mean: number,
  sd: number,
  { mean: centre, sd: scale }: ChannelNormalisation,
): ScoredPoint {
  const z = (observed - mean) / sd
  const originalLogDensity = -0.5 * z * z - Math.log(sd) - 0.5 * Math.log(2 * Math.PI)
  const baselines = { mean: 0, locf: 0.5, linear: 1 }
  return {
    series,
    time,
    channel: 'x',
    observed,
    mean,
    sd,
    normalisedObserved: (observed - centre) / scale,
    normalisedMean: (mean - centre) / scale,
    originalLogDensity,
    logDensity: originalLogDensity + Math.log(scale),
    pit: z < 0 ? 0.2 : 0.99,
    ahead: 1,
    gap: 1,
    baselines,
    originalBaselines: { mean: 2, locf: 3, linear: 4 },
  }
}

const [one, other] = [normalisation(2, 2), normalisation(1, 4)]
// Values 4, 6 of series s and 2 of series t.
const first = [say('s', 0, 4, 3, 1, one), say('s', 1, 6, 6, 1, one), say('t', 0, 2, 4, 1, one)]
const second = [say('t', 0, 2, 2, 2, other), say('s', 1, 6, 8, 2, other), say('s', 0, 4, 4, 2, other)]

const half = { task: 'interpolation', conditioning: 'half' } as const

describe('compareScores', () => {
  test('both models on the first one’s scale, by hand', () => {
    const compared = compareScores([first, second], [[one], [other]], half)!
    // Errors in the data's units: 1, 0, 2 and 0, 2, 0; one unit of the first's scale is 2.
    expect(compared.scores[0].mse).toBeCloseTo((1 + 0 + 4) / 4 / 3, 12)
    expect(compared.scores[1].mse).toBeCloseTo(4 / 4 / 3, 12)
    expect(compared.mse).toMatchObject({ difference: expect.closeTo(-1 / 12, 12) as number, series: 2, lower: 1, higher: 1 })
    // Densities of the value divided by 2: log 2 is added to those in the data's units.
    const constant = 0.5 * Math.log(2 * Math.PI) - Math.log(2)
    expect(compared.scores[0].nll).toBeCloseTo(constant + (0.5 + 0 + 2) / 3, 12)
    expect(compared.scores[1].nll).toBeCloseTo(constant + Math.log(2) + 0.5 / 3, 12)
    expect(compared.scores[0].coverage).toEqual({ '50': 0, '90': 1 / 3 })
    expect(compared.bySeries).toEqual([
      { series: 's', points: 2, mse: [1 / 8, 1 / 2] },
      { series: 't', points: 1, mse: [1, 0] },
    ])
    // Normalised values are 1, 2 and 0.
    expect(compared.baselines).toEqual({
      mean: 5 / 3,
      locf: expect.closeTo((0.25 + 2.25 + 0.25) / 3, 12) as number,
      linear: expect.closeTo((0 + 1 + 1) / 3, 12) as number,
    })
    expect(compared).toMatchObject({ points: 3, series: 2, conditioning: 'half', channels: [{ channel: 'x', points: 3 }] })
  })

  test('the other way round, differences change their signs, stretched by the ratio of the scales', () => {
    const [there, back] = [compareScores([first, second], [[one], [other]], half)!, compareScores([second, first], [[other], [one]], half)!]
    expect(back.mse.difference).toBeCloseTo(-there.mse.difference / 4, 12)
    expect(back.nll.difference).toBeCloseTo(-there.nll.difference, 12)
    expect(back.nll.standardError).toBeCloseTo(there.nll.standardError, 12)
  })

  test('channels transformed in different ways are compared in their own units', () => {
    const log = normalisation(0, 1, { kind: 'log', offset: 0, floor: 1e-3 })
    expect(differentlyTransformed([[one], [log]])).toEqual(['x'])
    expect(differentlyTransformed([[one], [other]])).toEqual([])
    const compared = compareScores([first, second], [[one], [log]], half)!
    // Values 4, 6, 2: variance 8/3.
    expect(compared.scores[0].mse).toBeCloseTo(5 / 3 / (8 / 3), 12)
    expect(compared.scores[1].mse).toBeCloseTo(4 / 3 / (8 / 3), 12)
    expect(compared.baselines.mean).toBeCloseTo((4 + 16 + 0) / 3 / (8 / 3), 12)
  })

  test('values that one model has no prediction of are left out', () => {
    const compared = compareScores([first, second.slice(1)], [[one], [other]], half)!
    expect(compared).toMatchObject({ points: 2, series: 1, mse: { standardError: NaN } })
    expect(compareScores([first, []], [[one], [other]], half)).toBeUndefined()
  })
})
