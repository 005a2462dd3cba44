import { describe, expect, it } from 'vitest'
import { pitHistogram, reliability } from '../../src/report/calibration.js'
import { errorsByGap, errorsByHorizon, errorsBySeries } from '../../src/report/errorsBy.js'
import { formatCount, formatDuration, formatNumber, formatPercent, formatScore, formatShare, formatTime } from '../../src/report/format.js'
import { embedJson, escapeHtml, html } from '../../src/report/html.js'
import { bestBaseline, comparison, headline } from '../../src/report/headline.js'
import { beyondTraining, notices } from '../../src/report/notices.js'
import { pack, packColumn } from '../../src/report/page/pack.js'
import type { ScoredPoint } from '../../src/train/records.js'
import { sampleContents, sampleEvaluation } from './sample.js'
import type { AgainstBaseline } from '../../src/train/records.js'

const point = (change: Partial<ScoredPoint>): ScoredPoint => ({
  series: 'a',
  time: 0,
  channel: 'x',
  observed: 0,
  mean: 0,
  sd: 1,
  normalisedObserved: 0,
  normalisedMean: 0,
  logDensity: 0,
  originalLogDensity: 0,
  pit: 0.5,
  gap: 1,
  ahead: 1,
  baselines: { mean: 0, locf: 0, linear: 0 },
  originalBaselines: { mean: 0, locf: 0, linear: 0 },
  ...change,
})

describe('calibration', () => {
  it('is on the diagonal for evenly spread transforms', () => {
    const even = Array.from({ length: 1000 }, (_, i) => point({ pit: (i + 0.5) / 1000 }))
    for (const { nominal, observed } of reliability(even)) expect(observed).toBeCloseTo(nominal, 2)
    for (const { share } of pitHistogram(even)) expect(share).toBeCloseTo(0.1, 10)
  })

  it('counts values on the ends of an interval, and transforms of 0 and 1', () => {
    const points = [0.25, 0.75, 0, 1].map((pit) => point({ pit }))
    expect(reliability(points).find(({ nominal }) => nominal === 0.5)!.observed).toBe(0.5)
    expect(pitHistogram(points, 2).map(({ share }) => share)).toEqual([0.5, 0.5])
  })
})

describe('errorsByGap', () => {
  it('makes bins of equal size with the mean of squares of each method', () => {
    const points = Array.from({ length: 80 }, (_, i) =>
      point({ gap: i, normalisedObserved: i < 40 ? 1 : 3, baselines: { mean: 0, locf: 1, linear: 2 } }),
    )
    const bins = errorsByGap(points, 2)
    expect(bins.map(({ from, to, points: n }) => [from, to, n])).toEqual([
      [0, 39, 40],
      [40, 79, 40],
    ])
    expect(bins.map(({ mse }) => mse)).toEqual([
      { model: 1, mean: 1, locf: 0, linear: 1 },
      { model: 9, mean: 9, locf: 4, linear: 1 },
    ])
  })

  it('keeps equal gaps together, and leaves out values with nothing before them', () => {
    const points = [...Array.from({ length: 60 }, () => point({ gap: 5 })), ...Array.from({ length: 60 }, () => point({ gap: -1 }))]
    expect(errorsByGap(points).map(({ points: n }) => n)).toEqual([60])
    expect(errorsByGap(points.slice(0, 10))).toEqual([])
  })
})

describe('errorsByHorizon', () => {
  it('counts from the last row that was given, and leaves out what lies inside it', () => {
    const points = [
      ...Array.from({ length: 40 }, (_, i) => point({ ahead: i - 39, normalisedObserved: 100 })),
      ...Array.from({ length: 40 }, (_, i) => point({ ahead: 1 + i, gap: 500, normalisedObserved: i < 20 ? 1 : 2 })),
    ]
    const bins = errorsByHorizon(points, 2)
    expect(bins.map(({ from, to, points: n, mse }) => [from, to, n, mse.model])).toEqual([
      [1, 20, 20, 1],
      [21, 40, 20, 4],
    ])
  })
})

describe('errorsBySeries', () => {
  it('takes the mean over each series, whatever it is called', () => {
    const points = [
      point({ series: '__proto__', normalisedObserved: 1 }),
      point({ series: 'b', normalisedObserved: 2 }),
      point({ series: '__proto__', normalisedObserved: 3, baselines: { mean: 0, locf: 3, linear: 3 } }),
    ]
    const errors = errorsBySeries(points)
    expect(errors.map(({ series, points: n, mse }) => [series, n, mse.model, mse.locf])).toEqual([
      ['__proto__', 2, 5, 0.5],
      ['b', 1, 4, 4],
    ])
  })
})

describe('numbers in words', () => {
  it.each([
    [0, '0'],
    [1234.5, '1,235'],
    [0.000123456, '0.000123'],
    [0.0000123, '1.23 × 10⁻⁵'],
    [2.5e12, '2.5 × 10¹²'],
    [-3.14159, '−3.14'],
    [1e-5, '10⁻⁵'],
    [0.30000000000000004, '0.3'],
    [99.96, '100'],
    [NaN, '–'],
    [Infinity, '–'],
    [1945, '1,945'],
    [12.0, '12'],
  ])('formatNumber(%d) is %s', (value, text) => expect(formatNumber(value)).toBe(text))

  it.each([
    [0.38123, '0.381'],
    [9.9999, '10.00'],
    [12.345, '12.35'],
    [1234.56, '1234.6'],
    [-0.5, '−0.500'],
    [-0.0006, '−0.001'],
    [0, '0.000'],
  ])('formatScore(%d) is %s', (value, text) => expect(formatScore(value)).toBe(text))

  it('says percentages, counts, times and durations as people do', () => {
    expect(formatPercent(0.224)).toBe('22\u202f%')
    expect([0, 0.001, 0.9999, 1].map(formatShare)).toEqual(['0\u202f%', '<\u00201\u202f%', '>\u002099\u202f%', '100\u202f%'])
    expect(formatCount(1234567)).toBe('1,234,567')
    const dates = { kind: 'date', unit: 'day', epoch: '2000-02-28T00:00:00Z', dateOnly: true } as const
    expect(formatTime(2, dates)).toBe('2000-03-01')
    expect(formatTime(0.5, { ...dates, dateOnly: false })).toBe('2000-02-28 12:00')
    expect(formatTime(1e300, dates)).toBe('–')
    expect([formatDuration(1, dates), formatDuration(90, dates), formatDuration(90, { kind: 'number' })]).toEqual([
      '1 day',
      '90 days',
      '90',
    ])
  })
})

describe('headline', () => {
  it('names the best baseline and the change against it', () => {
    const view = sampleEvaluation('interpolation', ['a'], 1, 1)
    const scored = (mse: number, against?: Partial<AgainstBaseline>): typeof view => ({
      ...view,
      scores: {
        ...view.scores,
        mse,
        baselines: { mean: { mse: 1 }, locf: { mse: 0.6 }, linear: { mse: 0.5 } },
        against: against && { baseline: 'linear', change: mse / 0.5 - 1, low: NaN, high: NaN, series: 47, ...against },
      },
    })
    expect(bestBaseline(scored(0.4))).toMatchObject({ name: 'linear', mse: 0.5 })
    expect([0.39, 0.5, 0.75].map((mse) => comparison(scored(mse)))).toEqual([
      '22\u202f% below linear interpolation',
      'level with linear interpolation',
      '50\u202f% above linear interpolation',
    ])
    const contents = { ...sampleContents(), evaluations: { interpolation: scored(0.39) } }
    expect(headline(contents)[0]).toBe('On 47 held-out series, the model’s error in filling gaps is 22\u202f% below linear interpolation.')
    expect(
      [
        scored(0.39, { low: -0.3, high: -0.12 }),
        scored(0.75, { low: 0.05, high: 0.9 }),
        scored(0.45, { low: -0.25, high: 0.06 }),
        scored(0.39, { series: 3 }),
      ].map(comparison),
    ).toEqual([
      '22\u202f% below linear interpolation (95\u202f% interval: 12 to 30\u202f% below)',
      '50\u202f% above linear interpolation (95\u202f% interval: 5 to 90\u202f% above)',
      'no clear difference from linear interpolation (95\u202f% interval: 25\u202f% below to 6\u202f% above)',
      '22\u202f% below linear interpolation (3 series, too few for an interval)',
    ])
    const both = (interpolation: typeof view, extrapolation: typeof view): string =>
      headline({ ...contents, evaluations: { interpolation, extrapolation } })
        .slice(0, 2)
        .join(' ')
    const [surely, maybe] = [scored(0.39, { low: -0.3, high: -0.12 }), scored(0.45, { low: -0.25, high: 0.06 })]
    expect(both(surely, maybe)).toBe(
      'On 47 held-out series, the model’s error is 22\u202f% below linear interpolation when it fills gaps, and shows no clear difference ' +
        'from it when it looks ahead. By 95\u202f% intervals over series, these are 12 to 30\u202f% below, and 25\u202f% below to 6\u202f% above.',
    )
    expect(both(surely, surely)).toContain('when it fills gaps, and 22\u202f% below it when it looks ahead.')
    expect(both(scored(0.39, { series: 3 }), scored(0.39, { series: 3 }))).toContain(
      '3 series are too few to say how much of that is chance.',
    )
    const unseen = {
      ...contents,
      data: { ...contents.data, split: undefined },
      evaluations: { interpolation: { ...scored(0.39), scores: { ...scored(0.39).scores, split: 'all' as const } } },
    }
    expect(headline(unseen)[0]).toContain('On 47 series that are new to it,')
  })

  it('says so where nothing was scored', () => {
    expect(headline({ ...sampleContents(), evaluations: {} })).toEqual([
      'A latent ODE fitted to 312 series of 7 channels, 12,563 values in all.',
      'It has not been scored on held-out values in this report.',
    ])
  })
})

describe('notices', () => {
  const contents = sampleContents({ series: 2 })
  const within = { ...contents.series[0]!, trainedUntil: contents.series[0]!.times.at(-1)! }

  it('warn where a forecast runs past the training span, by how far, and not otherwise', () => {
    const past = { ...within, trainedUntil: within.times.at(-1)! - 90 }
    expect(beyondTraining(past)).toBeCloseTo(90, 9)
    expect(notices({ ...contents, series: [past, within] })[0]).toEqual({
      kind: 'warning',
      text:
        'Forecasts of 1 of the 2 series run up to 90 (day) past the time span that the model was trained on. Nothing in the data says ' +
        'what happens there; the figures show that part on a tinted ground.',
    })
    expect(notices({ ...contents, series: [within] }).some(({ kind }) => kind === 'warning')).toBe(false)
  })
})

describe('markup', () => {
  it('escapes whatever is filled in, once', () => {
    expect(html`<p title="${'"><script>'}">${'a & b'}${[html`<b>${'<'}</b>`]}${false}${undefined}</p>`.markup).toBe(
      '<p title="&#34;&#62;&#60;script&#62;">a &#38; b<b>&#60;</b></p>',
    )
    expect(escapeHtml('a\0b\u202ec')).toBe('a\ufffdb\ufffdc')
  })

  it('writes JSON that no element can be broken out of, and that reads back the same', () => {
    const value = { '</script><!--': ['\u2028\u2029', '<img onerror=x>', 'a&b'] }
    expect(embedJson(value)).not.toMatch(/[<>&\u2028\u2029]/)
    expect(JSON.parse(embedJson(value))).toEqual(value)
  })
})

describe('pack', () => {
  it('keeps a specification and a column once, and leaves out nothing', () => {
    const figure = (name: string, low: number, y: number) => ({
      name,
      description: '',
      spec: {
        mark: 'point',
        params: [{ name: 'low', value: low }],
        datasets: {
          rows: [
            { x: 1, y },
            { x: 2, y: y + 1 },
          ],
          none: [],
        },
      },
    })
    expect(pack([figure('a', 0, 5), figure('b', 3, 7)])).toEqual({
      specs: [{ mark: 'point', params: [{ name: 'low' }] }],
      columns: [
        [1, 2],
        [5, 6],
        [7, 8],
      ],
      figures: [
        {
          name: 'a',
          spec: 0,
          params: [0],
          data: [
            ['rows', ['x', 'y'], [0, 1]],
            ['none', [], []],
          ],
        },
        {
          name: 'b',
          spec: 0,
          params: [3],
          data: [
            ['rows', ['x', 'y'], [0, 2]],
            ['none', [], []],
          ],
        },
      ],
    })
  })

  it('writes decimal numbers as differences of whole ones, from which they come back to the bit', () => {
    const curve = Array.from({ length: 200 }, (_, i) => Number((12.3 + Math.sin(i / 9)).toFixed(4)))
    const packed = packColumn(curve)
    if (!('steps' in packed)) throw new Error('not packed')
    let sum = 0
    expect(packed.steps.map((step) => (sum += step) / 10 ** packed.decimals)).toEqual(curve)
    expect(JSON.stringify(packed).length).toBeLessThan(0.7 * JSON.stringify(curve).length)
  })

  it.each([
    [['a', 'b', 'c', 'd', 'e']],
    [[1, null, 3, 4, 5]],
    [[1e-30, 2, 3, 4, 5]],
    [[1e300, 2e300, 3, 4, 5]],
    [[-0, 0.1, 0.2, 0.3, 0.4]],
    [[1, 2]],
  ])('leaves other columns as they are: %j', (values) => {
    expect(packColumn(values)).toBe(values)
  })
})
