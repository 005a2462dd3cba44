import { describe, expect, test } from 'vitest'
import { pickSeries } from '../../src/data/batch.js'
import { readSeries } from '../../src/data/read.js'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { tfjsEngine, type TfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import type { SeriesSet } from '../../src/data/series.js'
import type { FitOptions } from '../../src/train/options.js'
import { fit } from '../../src/train/fit.js'
import { sharedFile } from '../data/support.js'

/** Arrays alive in the engine and resident memory in MB after each epoch. */
async function watch(set: SeriesSet, options: Partial<FitOptions>): Promise<{ arrays: number[]; megabytes: number[] }> {
  const engine: TfjsEngine = await tfjsEngine()
  const [arrays, megabytes]: [number[], number[]] = [[], []]
  // Epochs are watched, not what follows the last.
  const events = {
    onEpoch() {
      arrays.push(engine.live())
      megabytes.push(process.memoryUsage().rss / 2 ** 20)
    },
  }
  await fit(engine, set, { ...options, stack: 'none', calibrate: false }, events)
  engine.dispose()
  return { arrays, megabytes }
}

describe('memory is flat over epochs', () => {
  test('small series, many epochs', async () => {
    const { arrays, megabytes } = await watch(simulateOscillators({ count: 20, points: 8 }), { epochs: 60, batchSize: 5, patience: 0 })
    console.log(
      `resident MB: ${megabytes
        .filter((_, i) => i % 10 === 9)
        .map((m) => m.toFixed(0))
        .join(' ')}`,
    )
    expect(new Set(arrays).size).toBe(1)
    // Garbage is collected when V8 likes; a leak of one batch an epoch would be more than this.
    expect(megabytes.at(-1)! - megabytes[19]!).toBeLessThan(120)
  })

  const physionet = sharedFile('physionet2012/set_a.csv.gz')
  test.skipIf(physionet === undefined)('PhysioNet stays', async () => {
    const { set } = await readSeries(physionet!)
    const some = pickSeries(
      set,
      set.series.slice(0, 150).map(({ id }) => id),
    )
    const { arrays, megabytes } = await watch(some, { epochs: 7, patience: 0 })
    console.log(`resident MB: ${megabytes.map((m) => m.toFixed(0)).join(' ')}`)
    expect(new Set(arrays).size).toBe(1)
    // The heap grows to its size in four epochs.
    expect(megabytes.at(-1)! - megabytes[3]!).toBeLessThan(100)
  })
})
