import { describe, expect, test } from 'vitest'
import { inCell, isBelowLast, lastValueInWords } from '../../src/report/lastValue.js'
import { renderReport } from '../../src/report/renderReport.js'
import type { Evaluation, Scores } from '../../src/train/records.js'
import { sampleContents } from './sample.js'

const scores = (mse: number, last: number): Scores => ({
  points: 10,
  mse,
  nll: 1,
  coverage: { '50': 0.5, '90': 0.9 },
  baselines: { mean: { mse: 1 }, locf: { mse: last } },
})
const channels = (errorsOf: Readonly<Record<string, readonly [number, number]>>): Pick<Evaluation, 'channels'> => ({
  channels: Object.fromEntries(Object.entries(errorsOf).map(([name, [mse, last]]) => [name, scores(mse, last)])),
})

describe('a model against the last value', () => {
  test.each([
    [0.1, 0.2, true, 'yes'],
    [0.2, 0.2, false, 'no'],
    [0.3, 0.2, false, 'no'],
    [NaN, 0.2, undefined, ''],
    [0.1, NaN, undefined, ''],
  ])('error %d, that of the last value %d: %s', (mse, last, below, cell) => {
    expect(isBelowLast(scores(mse, last))).toBe(below)
    expect(inCell(scores(mse, last))).toBe(cell)
  })

  test('names the channels where it is no better', () => {
    expect(lastValueInWords(channels({ sodium: [0.1, 0.2], creatinine: [0.3, 0.1], platelets: [0.7, 0.2], never: [NaN, NaN] }))).toBe(
      'In 1 of 3 channels the model’s error is below that of the last value carried forward; it is not in creatinine, platelets.',
    )
    expect(lastValueInWords(channels({ a: [0.1, 0.2], b: [0.1, 0.2] }))).toBe(
      'In each of the 2 channels the model’s error is below that of the last value carried forward.',
    )
    expect(lastValueInWords(channels({ a: [0.2, 0.1], b: [0.2, 0.1] }))).toBe(
      'In none of the 2 channels is the model’s error below that of the last value carried forward.',
    )
    expect(lastValueInWords(channels({ a: [0.1, 0.2] }))).toBeUndefined()
  })

  test('stands in the section of errors, with a column of its table', async () => {
    const contents = sampleContents()
    const page = await renderReport(contents)
    const { interpolation } = contents.evaluations
    expect(page).toContain(`Filling gaps: ${lastValueInWords(interpolation!.scores)}`)
    expect(page).toContain('<th scope="col">beats last value</th>')
    const cells = [...page.matchAll(/<td>(yes|no)<\/td>/g)].map(([, cell]) => cell)
    const all = Object.values(contents.evaluations).flatMap((view) => [view.scores, ...Object.values(view.scores.channels)])
    expect(cells).toEqual(all.map(({ mse, baselines }) => (mse < baselines.locf.mse ? 'yes' : 'no')))
  })
})
