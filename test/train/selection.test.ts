import { expect, test } from 'vitest'
import { BatchMemory } from '../../src/data/batch.js'
import { fitNormalisation, normaliseSeries } from '../../src/data/normalise.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { allRows, observationsOf, select } from '../../src/train/selection.js'

const scale = { origin: 'first', earliest: 0, span: 10, rate: 1 } as const
const set = simulateOscillators({ count: 5, points: 7, seed: 4, rowsObserved: 0.7, cellsObserved: 0.6 })
const normalisation = fitNormalisation(set)
const shown = set.series.map((series, i) =>
  select(
    series,
    scale,
    Int32Array.from({ length: 1 + (i % 3) }, (_, row) => row),
  ),
)

test('a batch is normalised in its own memory to what batches of normalised series are, to the bit', () => {
  const memory = new BatchMemory()
  for (const [selections, whole] of [
    [shown, false],
    [shown, true],
    [shown.slice(1, 3), false],
  ] as const) {
    const normalised = selections.map((selection) => ({
      ...selection,
      series: normaliseSeries(selection.series, normalisation),
      ...(whole && { rows: allRows(selection.series) }),
    }))
    expect(observationsOf(selections, 2, scale, { normalisation, memory, whole })).toEqual(observationsOf(normalised, 2, scale))
  }
})

test('a batch leaves the series as they are', () => {
  const before = structuredClone(set.series)
  observationsOf(shown, 2, scale, { normalisation, whole: true })
  expect(set.series).toEqual(before)
})
