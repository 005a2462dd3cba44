import { describe, expect, it } from 'vitest'
import { classify } from '../../src/report/classes.js'

describe('classify', () => {
  it('puts numbers into seven classes of equally many, whatever their distribution', () => {
    const values = Array.from({ length: 70 }, (_, i) => 10 ** (i / 10))
    const { classes, legend } = classify({ name: 'x', values })
    expect(new Set(classes)).toEqual(new Set(['s0', 's1', 's2', 's3', 's4', 's5', 's6']))
    for (const name of new Set(classes)) expect(classes.filter((other) => other === name)).toHaveLength(10)
    expect(classes[0]).toBe('s0')
    expect(classes[69]).toBe('s6')
    // The first class holds 10⁰ to 10^0.9 = 7.943.
    expect(legend[0]).toEqual({ name: 's0', label: '1 to 7.94' })
  })

  it('gives few distinct numbers a class each, ends at the ends', () => {
    const { classes, legend } = classify({ name: 'x', values: [2, 1, null, 1, 3] })
    expect(classes).toEqual(['s3', 's0', 'none', 's0', 's6'])
    expect(legend.map(({ label }) => label)).toEqual(['1', '2', '3', 'not known'])
  })

  it('copes with one value, with none, and with many that are equal', () => {
    expect(classify({ name: 'x', values: [5, 5] }).classes).toEqual(['s3', 's3'])
    expect(classify({ name: 'x', values: [null] })).toEqual({
      classes: ['none'],
      shown: ['not known'],
      legend: [{ name: 'none', label: 'not known' }],
    })
    const skewed = classify({ name: 'x', values: [...Array.from({ length: 90 }, () => 0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] })
    expect(skewed.classes[0]).toBe('s0')
    expect(skewed.legend.map(({ label }) => label)).toEqual(['0', '1', '2', '3', '4', '5', '6 to 10'])
  })

  it('gives colours to the most frequent labels, and says how many have none', () => {
    const values = [...'aaabbcdefgh', null]
    const { classes, shown, legend } = classify({ name: 'x', values })
    expect(classes.slice(0, 4)).toEqual(['c0', 'c0', 'c0', 'c1'])
    expect(classes.at(-2)).toBe('none')
    expect(shown.at(-1)).toBe('not known')
    expect(legend.map(({ label }) => label)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', '1 other label, not known'])
  })

  it('takes labels that are names of the language as labels', () => {
    expect(classify({ name: 'x', values: ['__proto__', 'constructor', '__proto__'] }).legend.map(({ label }) => label)).toEqual([
      '__proto__',
      'constructor',
    ])
  })
})
