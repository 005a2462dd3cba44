import { describe, expect, test } from 'vitest'
import type { ChannelNormalisation } from '../../src/data/normalise.js'
import { noSums, type ChannelSums } from '../../src/train/channelSums.js'
import { onOneScale, pool, rank, type Contestant, type SeriesTotals } from '../../src/train/contest.js'

const scale = (sd: number, transform: ChannelNormalisation['transform'] = { kind: 'none' }): ChannelNormalisation => ({
  channel: 'x',
  transform,
  mean: 0,
  sd,
  rawMean: 0,
})

/** One value of a series with an error in the data's units and a density there, for a model of this scale. */
const value = (sd: number, error: number, logDensity: number): ChannelSums => ({
  ...noSums(),
  values: 1,
  squares: (error / sd) ** 2,
  originalSquares: error ** 2,
  meanSquares: 9,
  logDensity: logDensity + Math.log(sd),
  originalLogDensity: logDensity,
  in90: 1,
})

const contestant = (
  normalisation: ChannelNormalisation,
  errors: Readonly<Record<string, number>>,
  failed: readonly string[] = [],
): Contestant => ({
  normalisation: [normalisation],
  scores: {
    task: 'extrapolation',
    series: Object.entries(errors).map(([id, error]) => ({ id, channels: [value(normalisation.sd, error, -1)] })),
    failed,
  },
})

describe('onOneScale', () => {
  test('a channel of another scale is stretched to that of the first, densities with it', () => {
    const [first, second] = onOneScale([contestant(scale(2), { a: 2 }), contestant(scale(4), { a: 2 })])
    // Both miss by 2 in the data's units: 1 in units of the first. Both densities are −1 there, and log 2 is added.
    for (const totals of [first!, second!]) {
      expect(totals.get('a')).toMatchObject({ values: 1, in50: 0, in90: 1 })
      expect(totals.get('a')!.squares).toBeCloseTo(1, 12)
      expect(totals.get('a')!.logDensity).toBeCloseTo(-1 + Math.log(2), 12)
    }
  })

  test('where transformations differ, errors are by what the mean costs', () => {
    const log = scale(0.5, { kind: 'log', offset: 0, floor: 1 })
    const [first, second] = onOneScale([contestant(scale(2), { a: 2 }), contestant(log, { a: 3 })])
    expect(first!.get('a')!.squares).toBeCloseTo(4 / 9, 12)
    expect(second!.get('a')!.squares).toBeCloseTo(9 / 9, 12)
  })

  test('where one gives a probability and the other a density, errors are compared, and likelihoods are not', () => {
    const both = (second: ChannelSums): Contestant => ({
      normalisation: [scale(1), scale(1)],
      scores: { task: 'extrapolation', series: [{ id: 'a', channels: [value(1, 2, -1), second] }], failed: [] },
    })
    const [density, probability] = onOneScale([both(value(1, 1, 3)), both({ ...value(1, 2, -0.5), probabilities: 1 })])
    expect(density!.get('a')).toMatchObject({ values: 2, compared: 1, squares: 5, logDensity: -1 })
    expect(probability!.get('a')).toMatchObject({ values: 2, compared: 1, squares: 8, logDensity: -1 })
    const ranking = rank([
      { model: 'a', totals: density! },
      { model: 'b', totals: probability! },
    ])
    expect(ranking.models.map(({ mse, nll }) => [mse, nll])).toEqual([
      [2.5, 1],
      [4, 1],
    ])
  })

  test('two that give probabilities are compared by them', () => {
    const one = (logProbability: number): Contestant => ({
      normalisation: [scale(2)],
      scores: {
        task: 'extrapolation',
        series: [{ id: 'a', channels: [{ ...value(2, 1, logProbability), logDensity: logProbability, probabilities: 1 }] }],
        failed: [],
      },
    })
    expect(onOneScale([one(-0.3), one(-0.7)]).map((totals) => totals.get('a')!.logDensity)).toEqual([-0.3, -0.7])
  })

  test('a series that one could not forecast counts for none', () => {
    const totals = onOneScale([contestant(scale(1), { a: 1, b: 1 }), contestant(scale(1), { a: 1 }, ['b'])])
    expect(totals.map((one) => [...one.keys()])).toEqual([['a'], ['a']])
  })
})

const totalsOf = (squares: readonly number[], logDensity = squares.map((one) => -one)): ReadonlyMap<string, SeriesTotals> =>
  new Map(squares.map((one, i) => [`s${i}`, { values: 2, squares: one, logDensity: logDensity[i]!, in50: 1, in90: 2 }]))

describe('rank', () => {
  test('a winner beyond chance: better on every series by the same share', () => {
    const ranking = rank([
      { model: 'good', totals: totalsOf([1, 2, 3, 4, 5]) },
      { model: 'bad', totals: totalsOf([2, 4, 6, 8, 10]) },
    ])
    expect(ranking).toMatchObject({ series: 5, values: 10, best: { mse: 'good', nll: 'good' }, winner: { mse: 'good', nll: 'good' } })
    const [good, bad] = ranking.models
    expect(good).toMatchObject({ mse: 1.5, nll: 1.5, coverage: { '50': 0.5, '90': 1 }, mseAgainstBest: { value: 0, low: 0, high: 0 } })
    expect(bad).toMatchObject({ mse: 3, mseAgainstBest: { value: 1, low: 1, high: 1 }, nllAgainstBest: { value: 1.5 } })
  })

  test('no winner where each is better on some series, or where series are few', () => {
    const even = rank([
      { model: 'one', totals: totalsOf([1, 9, 1, 9, 1, 9]) },
      { model: 'other', totals: totalsOf([9, 1, 9, 1, 9, 2]) },
    ])
    expect(even).toMatchObject({ best: { mse: 'one' }, winner: {} })
    expect(even.models[1]!.mseAgainstBest.low).toBeLessThan(0)
    const few = rank([
      { model: 'one', totals: totalsOf([1, 1]) },
      { model: 'other', totals: totalsOf([5, 5]) },
    ])
    expect(few).toMatchObject({ best: { mse: 'one' }, winner: {} })
    expect(few.models[1]!.mseAgainstBest).toEqual({ value: 4, low: NaN, high: NaN, series: 2 })
  })

  test('one that is not clearly worse takes the win away', () => {
    const ranking = rank([
      { model: 'best', totals: totalsOf([1, 2, 3, 4, 5]) },
      { model: 'close', totals: totalsOf([0.5, 2.5, 3.5, 3, 6]) },
      { model: 'worst', totals: totalsOf([2, 4, 6, 8, 10]) },
    ])
    expect(ranking.winner).toEqual({})
    expect(ranking.models[2]!.mseAgainstBest.low).toBeGreaterThan(0)
  })

  test('the least error and the best likelihood may be of different models', () => {
    const ranking = rank([
      { model: 'near', totals: totalsOf([1, 1, 1, 1, 1], [-5, -5, -5, -5, -5]) },
      { model: 'honest', totals: totalsOf([2, 2, 2, 2, 2], [-1, -1, -1, -1, -1]) },
    ])
    expect(ranking.best).toEqual({ mse: 'near', nll: 'honest' })
    expect(ranking.models[0]!.nllAgainstBest).toMatchObject({ value: 2, low: 2, high: 2 })
  })
})

test('a series that was tested on in two splits counts once, with all its values', () => {
  const pooled = pool([totalsOf([1, 2]), totalsOf([3])])
  expect([...pooled.keys()]).toEqual(['s0', 's1'])
  expect(pooled.get('s0')).toEqual({ values: 4, squares: 4, logDensity: -4, in50: 2, in90: 4 })
  expect(pooled.get('s1')).toMatchObject({ values: 2, squares: 2 })
})
