import { describe, expect, test } from 'vitest'
import type { TimeAxis } from '../../src/data/series.js'
import { outsideWarnings } from '../../src/report/outside.js'
import type { TimeScale } from '../../src/train/selection.js'
import { outsideTrained, trainedRange } from '../../src/train/trainedRange.js'

// Trained on days 100 to 400, no series longer than 50.
const scale = { earliest: 100, latest: 400, span: 50, rate: 1 }
const first: TimeScale = { ...scale, origin: 'first' }
const common: TimeScale = { ...scale, origin: 'common' }
const zero: TimeScale = { ...scale, origin: 'zero' }
const { latest: _, ...unsaid } = common
const days: TimeAxis = { kind: 'date', unit: 'day', epoch: '2020-01-01T00:00:00Z', dateOnly: true }
const asked = (observed: number[], times: number[]) => ({ series: { times: Float64Array.from(observed) }, times: Float64Array.from(times) })

describe('what a model was trained on', () => {
  test.each([
    [first, { from: 300, until: 350 }],
    [common, { from: 100, until: 400 }],
    [zero, { from: 100, until: 400 }],
    [unsaid, { from: 300, until: 350 }],
  ])('by its own clock, %o', (given, range) => {
    expect(trainedRange(given, 300)).toEqual(range)
  })

  test.each<[string, TimeScale, number[], number[], number, number]>([
    ['time since the start, within', first, [900, 910], [950], 0, 0],
    ['time since the start, 11 past', first, [900, 910], [905, 961], 11, 0],
    ['time since the start, 5 before', first, [900, 910], [895], 0, 5],
    ['time itself, long after the start but within', common, [100, 110], [400], 0, 0],
    ['time itself, 500 past', common, [380, 390], [395, 900], 500, 0],
    ['time itself, 30 before', zero, [100, 110], [70, 120], 0, 30],
    ['time itself, before the first observation but within', common, [300, 310], [150], 0, 0],
    ['observations of another time', common, [900, 910], [300], 510, 0],
    ['both ends', common, [50, 60], [500], 100, 50],
    ['a regular grid, rounded up', first, [0, 10], [50 * (1 + 1e-12)], 0, 0],
  ])('%s', (_name, given, observed, times, past, before) => {
    expect(outsideTrained(given, [asked(observed, times), asked([120], [130])])).toEqual({
      series: 2,
      past: { series: past > 0 ? 1 : 0, by: past },
      before: { series: before > 0 ? 1 : 0, by: before },
    })
  })

  test('nothing asked is nothing outside', () =>
    expect(outsideTrained(common, [asked([1], []), asked([], [1])])).toMatchObject({ past: { series: 0 }, before: { series: 0 } }))
})

describe('the warning says how far, past what, and by which clock', () => {
  test('of a model that goes by the date', () => {
    const outside = outsideTrained(common, [asked([90, 110], [1312])])
    expect(outsideWarnings(outside, common, days, 'forecasts')).toEqual([
      'Forecasts of the one series run up to 912 days past the times that the model was trained on, which end at 2021-02-04. It goes ' +
        'by the date, not by the time since a series began (--origin common): nothing in the data says what happens there.',
      'Forecasts of the one series begin up to 10 days before the times that the model was trained on, which begin at 2020-04-10. It ' +
        'goes by the date, not by the time since a series began (--origin common): nothing in the data says what happens there.',
    ])
  })

  test('of a model that goes by numbers', () => {
    expect(
      outsideWarnings(
        outsideTrained(zero, [asked([90, 110], [410]), asked([100], [410]), asked([100], [110])]),
        zero,
        { kind: 'number' },
        'scores',
      ),
    ).toEqual([
      'The values scored of 2 of 3 series reach up to 10 units of time past the times that the model was trained on, which end at ' +
        '400. It goes by time itself, not by the time since a series began (--origin zero): nothing in the data says what happens there.',
      'The values scored of 1 of 3 series begin up to 10 units of time before the times that the model was trained on, which begin ' +
        'at 100. It goes by time itself, not by the time since a series began (--origin zero): nothing in the data says what happens there.',
    ])
  })

  test('of a model that goes by the time since the start', () => {
    expect(outsideWarnings(outsideTrained(first, [asked([0, 10], [-3, 77])]), first, days, 'forecasts')).toEqual([
      'Forecasts of the one series run up to 27 days past the time span that the model was trained on (50 from the first ' +
        'observation). Nothing in the data says what happens there.',
      'For the one series times before the first observation are asked for. The model was not trained to look back.',
    ])
  })
})
