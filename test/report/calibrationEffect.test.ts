import { describe, expect, test } from 'vitest'
import { summariseCalibration, widthInWords } from '../../src/report/calibrationEffect.js'
import { reportFigures } from '../../src/report/figures/index.js'
import { renderMarkdown } from '../../src/report/markdown/renderMarkdown.js'
import { sampleContents } from './sample.js'

const [HALF, MOST] = [0.6744897501960817, 1.6448536269514722]

describe('what calibration does', () => {
  // Near a value nine in ten scores lie within 0.8 of what they would, half within 0.9: tails lighter than normal, so one factor,
  // that of nine in ten. Far away they reach 1.5 and 1.2 times as far.
  const levels = { distances: [0.01, 0.5], half: [0.9 * HALF, 1.2 * HALF], most: [0.8 * MOST, 1.5 * MOST] }
  const summary = summariseCalibration(
    {
      between: levels,
      beyond: levels,
      channels: [{ half: 1, most: 1 }],
      series: 12,
      values: 480,
      before: { '50': 0.62, '90': 0.84 },
    },
    100,
  )

  test('factors on the widths, with distances in the unit of the data', () => {
    expect(summary).toMatchObject({ series: 12, values: 480, before: { '50': 0.62, '90': 0.84 } })
    expect(summary.between.map(({ distance }) => distance)).toEqual([1, 50])
    for (const [i, half, most] of [
      [0, 0.8, 0.8],
      [1, 1.2, 1.5],
    ] as const) {
      expect(summary.between[i]!.half).toBeCloseTo(half, 12)
      expect(summary.beyond[i]!.most).toBeCloseTo(most, 12)
    }
  })

  test.each([
    [1.25, '25\u202f% wider'],
    [0.8, '20\u202f% narrower'],
    [1.004, 'as wide as before'],
    [0.996, 'as wide as before'],
  ])('%d in words: %s', (factor, words) => expect(widthInWords(factor)).toBe(words))

  const contents = { ...sampleContents({ series: 1, grid: 10 }), calibration: summary }
  const figureOf = (some: typeof contents) => reportFigures(some).find(({ name }) => name === 'calibration-effect')

  test('the figure says it in plain words, before next to after', () => {
    const { coverage } = contents.evaluations.interpolation!.scores
    const percent = (share: number): string => `${(100 * share).toFixed(0)}\u202f%`
    const { description } = figureOf(contents)!
    expect(description).toContain(
      'Before calibration, of 480 values held out of 12 validation series, the 50 % intervals held 62\u202f%, the 90 % intervals 84\u202f%.',
    )
    expect(description).toContain(
      'Calibration made, 1 (day) from the nearest value shown, both 20\u202f% narrower; 50 (day) from the nearest value shown, the 50 % ' +
        'intervals 20\u202f% wider, the 90 % intervals 50\u202f% wider.',
    )
    expect(description).toContain(`they hold filling gaps ${percent(coverage['50'])} and ${percent(coverage['90'])}, looking ahead`)
    expect(renderMarkdown(contents, reportFigures(contents), ({ name }) => `${name}.svg`)).toContain('(calibration-effect.svg)')
  })

  test('it draws what was held before and with it, and the widths', () => {
    const [held, widths] = figureOf(contents)!.panels.map(
      ({ spec }) => (spec as { datasets: Record<string, Record<string, unknown>[]> }).datasets,
    )
    const shares = (task: string): unknown[] => held!['held']!.filter((row) => row['task'] === task).map(({ share }) => share)
    expect(shares('before')).toEqual([0.62, 0.84])
    const { coverage } = contents.evaluations.extrapolation!.scores
    expect(shares('extrapolation')).toEqual([coverage['50'], coverage['90']])
    expect(widths!['widths']!.map(({ distance, level }) => [distance, level])).toEqual([
      [1, '50 % intervals'],
      [1, '90 % intervals'],
      [50, '50 % intervals'],
      [50, '90 % intervals'],
    ])
  })

  test('one distance stands for all', () => {
    const widths = [{ distance: 3, half: 1, most: 1.1 }]
    const one = { ...contents, calibration: { ...summary, between: widths, beyond: widths } }
    expect(figureOf(one)!.description).toContain(
      'Calibration made the 50 % intervals as wide as before, the 90 % intervals 10\u202f% wider.',
    )
  })

  test('between values shown and after the last are told apart where they differ', () => {
    const beyond = [
      { distance: 2, half: 1.2, most: 1.2 },
      { distance: 9, half: 1.3, most: 1.5 },
    ]
    const apart = { ...contents, calibration: { ...summary, between: [{ distance: 3, half: 1, most: 1.1 }], beyond } }
    expect(figureOf(apart)!.description).toContain(
      'Calibration made, between values shown, the 50 % intervals as wide as before, the 90 % intervals 10\u202f% wider; and, before the ' +
        'first or after the last 2 (day) from the nearest, both 20\u202f% wider; 9 (day) from the nearest, the 50 % intervals 30\u202f% ' +
        'wider, the 90 % intervals 50\u202f% wider.',
    )
    const [, { spec }] = figureOf(apart)!.panels as unknown as [unknown, { spec: { datasets: { widths: Record<string, unknown>[] } } }]
    expect(spec.datasets.widths.map(({ task, distance, width }) => [task, distance, width])).toEqual([
      ['interpolation', 3, 1],
      ['interpolation', 3, 1.1],
      ['extrapolation', 2, 1.2],
      ['extrapolation', 2, 1.2],
      ['extrapolation', 9, 1.3],
      ['extrapolation', 9, 1.5],
    ])
  })

  test('nothing is said of a model that is not calibrated, or without scores', () => {
    const { calibration: _, ...uncalibrated } = contents
    expect(reportFigures(uncalibrated).some(({ name }) => name === 'calibration-effect')).toBe(false)
    expect(figureOf({ ...contents, evaluations: {} })).toBeUndefined()
  })
})
