import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../src/data/fingerprint.js'
import type { SeriesSet } from '../../src/data/series.js'
import { readText } from './support.js'

const set: SeriesSet = {
  channels: ['a', 'b'],
  time: { kind: 'number' },
  idColumn: 'id',
  timeColumn: 'time',
  series: [
    { id: 'p', times: Float64Array.from([0, 1]), values: Float64Array.from([1, 0, 3, 4]), mask: Uint8Array.from([1, 0, 1, 1]) },
    { id: 'q', times: Float64Array.from([5]), values: Float64Array.from([7, 8]), mask: Uint8Array.from([1, 1]) },
  ],
}
const first = set.series[0]!
const withFirst = (change: Partial<typeof first>): SeriesSet => ({ ...set, series: [{ ...first, ...change }, set.series[1]!] })

describe('a fingerprint', () => {
  it('is the SHA-256 of the canonical bytes', () => {
    const one: SeriesSet = {
      ...set,
      channels: ['a'],
      series: [{ id: 'p', times: Float64Array.from([2]), values: Float64Array.from([0.5]), mask: Uint8Array.from([1]) }],
    }
    // 2 is 0x4000…, 0.5 is 0x3fe0… in IEEE 754, written little-endian.
    const bytes = Buffer.concat([
      Buffer.from('["latent-ode series",1,["a"],{"kind":"number"},1]\n["p",1]\n'),
      Buffer.from('0000000000000040000000000000e03f01', 'hex'),
    ])
    expect(fingerprint(one)).toBe(createHash('sha256').update(bytes).digest('hex'))
  })
  it('does not see unobserved cells, the sign of zero, or the order of series', () => {
    expect(fingerprint(withFirst({ values: Float64Array.from([1, NaN, 3, 4]) }))).toBe(fingerprint(set))
    expect(fingerprint(withFirst({ times: Float64Array.from([-0, 1]) }))).toBe(fingerprint(set))
    expect(fingerprint({ ...set, series: [...set.series].reverse() })).toBe(fingerprint(set))
  })
  it('does not see how times are written', async () => {
    const axis = { kind: 'date', unit: 'day', epoch: '2024-01-01T00:00:00Z', dateOnly: true } as const
    expect(fingerprint({ ...set, time: { ...axis, format: 'dd/MM/yyyy' } })).toBe(fingerprint({ ...set, time: axis }))
    const [iso, german] = await Promise.all(
      ['2024-03-18', '18.03.2024'].map((day) => readText(`id,day,x\np,${day},1\np,${day.replace('18', '21')},2\n`)),
    )
    expect(fingerprint(german!.set)).toBe(fingerprint(iso!.set))
  })
  it('sees all else', () => {
    const others = [
      { ...set, channels: ['a', 'c'] },
      { ...set, channels: ['b', 'a'] },
      { ...set, time: { kind: 'date', unit: 'day', epoch: '2024-01-01T00:00:00Z', dateOnly: true } as const },
      { ...set, series: [first] },
      withFirst({ id: 'r' }),
      withFirst({ times: Float64Array.from([0, 1 + Number.EPSILON]) }),
      withFirst({ values: Float64Array.from([1, 0, 3, 5]) }),
      withFirst({ mask: Uint8Array.from([1, 1, 1, 1]) }),
    ].map(fingerprint)
    expect(new Set([fingerprint(set), ...others]).size).toBe(others.length + 1)
  })
})
