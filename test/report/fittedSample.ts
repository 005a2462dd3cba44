import type { SeriesSet, TimeAxis } from '../../src/data/series.js'
import type { Engine } from '../../src/engine/engine.js'
import { random } from '../../src/random.js'
import { unusedOptions } from '../../src/model/latentOdeOptions.js'
import { fit } from '../../src/train/fit.js'
import type { FittedModel } from '../../src/train/modelFile.js'
import type { FitOptions } from '../../src/train/options.js'

/** Two channels that rise and fall, one of them positive over orders of magnitude; visits at irregular days, cells missing. */
export function sampleSet({
  dates = false,
  channels = ['wave', 'level'],
  series = 12,
  name = (i: number): string => `s${i}`,
} = {}): SeriesSet {
  const time: TimeAxis = dates ? { kind: 'date', unit: 'day', epoch: '2019-03-01T00:00:00Z', dateOnly: true } : { kind: 'number' }
  return {
    channels,
    time,
    idColumn: 'id',
    timeColumn: 'time',
    series: Array.from({ length: series }, (_, i) => {
      const draw = random(3, 'sample', i)
      const length = 6 + draw.integer(6)
      const times = Float64Array.from({ length }, (_, k) => 9 * k + draw.integer(8))
      const phase = 6 * draw.uniform()
      const values = Float64Array.from({ length: length * channels.length }, (_, cell) => {
        const wave = Math.sin(times[Math.floor(cell / channels.length)]! / 14 + phase) + 0.1 * draw.normal()
        return cell % channels.length === 1 ? Math.exp(1.5 * wave) : 20 + 3 * wave
      })
      const mask = Uint8Array.from(values, (_, cell) => (cell < channels.length || draw.uniform() < 0.8 ? 1 : 0))
      for (let row = 0; row < length; row++)
        if (!mask.subarray(row * channels.length, (row + 1) * channels.length).includes(1)) mask[row * channels.length] = 1
      return { id: name(i), times, values, mask }
    }),
  }
}

/** A small model fitted to it in a moment. */
export async function sampleFit(engine: Engine, set: SeriesSet, options: Partial<FitOptions> = {}): Promise<FittedModel> {
  const unused = unusedOptions({ encoder: options.encoder ?? 'ode-rnn', dynamics: options.dynamics ?? 'mlp' })
  const sizes = Object.entries({ encoderUnits: 8, encoderFieldUnits: 8, fieldUnits: 8, decoderUnits: 8 })
  const { fitted } = await fit(engine, set, {
    epochs: 4,
    latents: 4,
    ...Object.fromEntries(sizes.filter(([name]) => !unused.has(name))),
    ...options,
  })
  return fitted
}
