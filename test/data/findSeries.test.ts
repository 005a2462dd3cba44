import { expect, test } from 'vitest'
import { findSeries } from '../../src/data/findSeries.js'
import type { SeriesSet } from '../../src/data/series.js'

const set = (...ids: string[]): SeriesSet => ({
  channels: ['x'],
  time: { kind: 'number' },
  idColumn: 'patient',
  timeColumn: 'day',
  series: ids.map((id) => ({ id, times: new Float64Array(1), values: new Float64Array(1), mask: new Uint8Array(1) })),
})
const found = (ids: string[], ...words: string[]): string[] => findSeries(set(...ids), words, 'visits.csv').map(({ id }) => id)

test('in the order of the list, each once', () => expect(found(['a', 'b', 'c'], 'c', 'a', 'c')).toEqual(['c', 'a']))
test('an id is a word, not a number', () => expect(found(['07', '7'], '07')).toEqual(['07']))
test('ids with commas: as many words as make an id', () => {
  // As `--ids "Doe, Jane,Roe,Doe"` is split.
  expect(found(['Doe, Jane', 'Doe', 'Roe'], 'Doe', 'Jane', 'Roe', 'Doe')).toEqual(['Doe, Jane', 'Roe', 'Doe'])
  expect(found(['Doe, Jane', 'Doe'], 'Doe, Jane')).toEqual(['Doe, Jane'])
  expect(found(['a,b,c', 'a,b', 'a'], 'a', 'b', 'a', 'b', 'c')).toEqual(['a,b', 'a,b,c'])
})
test('one that there is not', () => {
  expect(() => found(['patient-1', 'patient-2'], 'patient_2')).toThrow(
    'visits.csv, column "patient", series "patient_2": there is no such series. Did you mean "patient-2"?',
  )
  expect(() => found(['1', '2', '3'], '2', 'x,y,z')).toThrow('series "x,y,z": there is no such series. There are "1", "2", "3".')
})
