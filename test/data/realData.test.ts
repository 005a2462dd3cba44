import { describe, expect, it } from 'vitest'
import { batchPositions, pickSeries, toBatch } from '../../src/data/batch.js'
import { fitNormalisation, normaliseSeries } from '../../src/data/normalise.js'
import { readSeries } from '../../src/data/read.js'
import { splitSeries } from '../../src/data/split.js'
import { sharedFile } from './support.js'

/** Counts are those that the data's own description gives. */
const known: [path: string, channels: number, series: number, rows: number][] = [
  ['lynx_hare/lynx_hare.csv', 2, 1, 21],
  ['pbcseq/pbcseq.csv', 7, 312, 1945],
  ['ushcn/ushcn.csv.gz', 5, 1101, 346_927],
]

describe('real data, beside the checkout (skipped where it is absent)', () => {
  for (const [path, channels, series, rows] of known) {
    const source = sharedFile(path)
    it.skipIf(source === undefined)(path, async () => {
      const { set } = await readSeries(source!)
      expect(set.channels.length).toBe(channels)
      expect(set.series.length).toBe(series)
      expect(set.series.reduce((sum, { times }) => sum + times.length, 0)).toBe(rows)
    })
  }

  const activity = sharedFile('activity/activity.csv.gz')
  it.skipIf(activity === undefined)('activity: its label is a class, and a channel only where it is named', async () => {
    const { set } = await readSeries(activity!)
    expect(set.series.length).toBe(655)
    expect(set.channels.length).toBe(12)
    const named = await readSeries(activity!, { values: [...set.channels, 'label'] })
    expect(named.set.channels.length).toBe(13)
  })

  const physionet = sharedFile('physionet2012/set_a.csv.gz')
  it.skipIf(physionet === undefined)('PhysioNet set a: read, cleaned and batched in seconds', async () => {
    const { set, notices } = await readSeries(physionet!)
    expect(set.series.length).toBe(3997)
    // Mechanical ventilation is recorded only where there is any.
    expect(notices).toContain('Left out the channel "MechVent": it always has the value 1.')
    const { train } = splitSeries(set.series.map(({ id }) => id))
    const normalisation = fitNormalisation(pickSeries(set, train))
    let series = 0
    for (const positions of batchPositions(set.series.length)) {
      const batch = toBatch(
        positions.map((i) => normaliseSeries(set.series[i]!, normalisation)),
        set.channels.length,
      )
      series += batch.rows
      expect(batch.values.every(Number.isFinite)).toBe(true)
    }
    expect(series).toBe(3997)
  })
})
