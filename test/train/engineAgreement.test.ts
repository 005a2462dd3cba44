import { describe, expect, test } from 'vitest'
import { simulatePeriodic } from '../../src/data/simulate/periodic.js'
import type { Engine } from '../../src/engine/engine.js'
import { nativeEngine, wasmEngine } from '../../src/engine/select.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { fit } from '../../src/train/fit.js'

const openers: Record<string, () => Promise<Engine>> = {
  native: () => nativeEngine(),
  wasm: () => wasmEngine(),
  tfjs: () => tfjsEngine(),
  'native in float64': () => nativeEngine({ dtype: 'float64' }),
  'wasm in float64': () => wasmEngine({ dtype: 'float64' }),
}

/** The loss of each of the first 20 steps. */
async function losses(open: () => Promise<Engine>): Promise<number[]> {
  const engine = await open()
  const found: number[] = []
  const set = simulatePeriodic({ count: 40, points: 12, noise: 0.1 })
  // Unlearned noise and few samples: 20 steps take seconds on TensorFlow.js.
  await fit(
    engine,
    set,
    { epochs: 4, minSteps: 5, batchSize: 12, patience: 0, samples: 2, fieldUnits: 16, encoderUnits: 16 },
    {
      onStep: (_, { loss }) => {
        found.push(loss)
      },
    },
  )
  engine.dispose()
  return found.slice(0, 20)
}

describe('training on any engine', () => {
  test('the losses of the first 20 steps agree to 1e-3', async () => {
    const all = await Promise.all(Object.entries(openers).map(async ([name, open]) => ({ name, losses: await losses(open) })))
    const native = all[0]!.losses
    expect(native).toHaveLength(20)
    // It learns: the losses are not all but the same.
    expect(native[0]! - native[19]!).toBeGreaterThan(0.1 * Math.abs(native[0]!))
    for (const { name, losses: found } of all) {
      // Losses pass through zero: differences are relative to where they began.
      const apart = Math.max(...found.map((loss, i) => Math.abs(loss - native[i]!) / Math.max(Math.abs(native[i]!), 0.1)))
      expect(apart, `${name}: ${found.join(' ')}\nnative: ${native.join(' ')}`).toBeLessThan(1e-3)
    }
  })
})
