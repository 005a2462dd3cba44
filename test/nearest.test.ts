import { expect, it } from 'vitest'
import { editDistance, nearestName } from '../src/nearest.js'

it('edit distances of the literature', () => {
  // Wagner and Fischer's and everybody's examples.
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('saturday', 'sunday')).toBe(3)
  expect(editDistance('', 'abc')).toBe(3)
  // A swap of neighbours is one edit, and what was swapped stays so.
  expect(editDistance('hlep', 'help')).toBe(1)
  expect(editDistance('ca', 'abc')).toBe(3)
  expect(editDistance('abc', 'abc')).toBe(0)
})

it('suggests what is near, and nothing where nothing is', () => {
  const columns = ['patient_id', 'day', 'bilirubin', 'albumin']
  expect(nearestName('patientid', columns)).toBe('patient_id')
  expect(nearestName('Albumine', columns)).toBe('albumin')
  expect(nearestName('bili', columns)).toBe('bilirubin')
  expect(nearestName('dya', columns)).toBe('day')
  expect(nearestName('dey', columns)).toBe('day')
  expect(nearestName('platelets', columns)).toBeUndefined()
})
