import { describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/data/fingerprint.js'
import { readSeries } from '../../src/data/read.js'
import { selectEngine } from '../../src/engine/select.js'
import { evaluate } from '../../src/train/evaluate.js'
import { fit } from '../../src/train/fit.js'
import { sharedFile } from '../data/support.js'

const file = sharedFile('pbcseq/pbcseq.csv')

describe.skipIf(file === undefined)('primary biliary cirrhosis, default settings, held-out patients', () => {
  test('beats the baselines with honest intervals', async () => {
    const engine = await selectEngine()
    const { set } = await readSeries(file!)
    const { fitted } = await fit(engine, set)
    const score = (task: 'interpolation' | 'extrapolation') => evaluate(engine, fitted, set, fingerprint(set), { task }).evaluation
    const [inside, ahead] = [score('interpolation'), score('extrapolation')]
    console.log(
      `interpolation ${JSON.stringify({ ...inside, channels: undefined })}\nextrapolation ` +
        `${JSON.stringify({ ...ahead, channels: undefined })}`,
    )
    for (const baseline of Object.values(inside.baselines)) expect(inside.mse).toBeLessThan(baseline.mse)
    expect(ahead.mse).toBeLessThan(ahead.baselines.mean.mse)
    expect(ahead.mse).toBeLessThan(ahead.baselines.locf.mse)
    for (const { coverage } of [inside, ahead]) {
      expect(coverage['90']).toBeGreaterThan(0.8)
      expect(coverage['90']).toBeLessThan(0.97)
    }
    engine.dispose()
  })
})
