import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSeries } from '../../src/data/read.js'
import type { Engine } from '../../src/engine/engine.js'
import { wasmEngine } from '../../src/engine/select.js'
import { forecast } from '../../src/train/forecast.js'
import { decodeModel, readModel } from '../../src/train/modelFile.js'
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/models-0.1.0/${name}`, import.meta.url))

let engine: Engine
beforeAll(async () => {
  engine = await wasmEngine()
})
afterAll(() => engine.dispose())

/** Rows of a table of numbers and names without quotes. */
const table = (name: string): Record<string, string>[] => {
  const [header, ...lines] = readFileSync(fixture(name), 'utf8').trim().split('\n')
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [header!.split(',')[i]!, cell])))
}

describe.each(['latent-ode', 'ode-rnn'])('a model file of version 0.1.0: %s', (kind) => {
  test('is read, and forecasts what that version wrote', async () => {
    const fitted = await readModel(fixture(`${kind}.model.safetensors`))
    const { set } = await readSeries(fixture('visits.csv'))
    const forecasts = [
      ...forecast(
        engine,
        fitted,
        set.series.map((series) => ({ series, times: Float64Array.of(5, 14) })),
      ),
    ]
    // Seven digits were written; float32 rounds differently by instruction set.
    const close = (found: number, written: string): void =>
      expect(Math.abs(found - Number(written))).toBeLessThan(2e-5 * Math.max(1, Math.abs(found)))
    for (const row of table(`${kind}.csv`)) {
      const one = forecasts.find(({ id }) => id === row['id'])!
      const said = one.distribution(row['time'] === '5' ? 0 : 1, fitted.channels.indexOf(row['channel']!))
      close(said.mean, row['mean']!)
      close(said.sd, row['sd']!)
      close(said.quantile(0.05), row['q05']!)
      close(said.quantile(0.5), row['q50']!)
      close(said.quantile(0.95), row['q95']!)
    }
  })
})

test('says its parts once it is written anew', async () => {
  const { model } = await readModel(fixture('latent-ode.model.safetensors'))
  expect(model).toMatchObject({ encoder: 'ode-rnn', posterior: 'gaussian', dynamics: 'mlp', likelihood: 'gaussian' })
})

test.each(['latent-ode', 'ode-rnn'])('%s: it has no residual process, as there was none', async (kind) => {
  const { model, parameters } = await readModel(fixture(`${kind}.model.safetensors`))
  expect(model).toMatchObject({ residual: 'none' })
  expect(Object.keys(parameters).some((name) => name.startsWith('residual'))).toBe(false)
})

describe('a model file with parts that this version does not have', () => {
  const withModel = (changes: object): Uint8Array => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(fixture('latent-ode.model.safetensors')), 'm')
    const [key, text] = Object.entries(metadata)[0]!
    const described = JSON.parse(text) as { model: object }
    return encodeSafetensors({ tensors, metadata: { [key]: JSON.stringify({ ...described, model: { ...described.model, ...changes } }) } })
  }
  test.each([
    [
      { encoder: 'transformer' },
      'the encoder "transformer", which this version of latent-ode does not know (it knows ode-rnn, rnn). Update',
    ],
    [{ posterior: 'flow' }, 'the posterior "flow", which this version'],
    [{ dynamics: 'third-order' }, 'the dynamics "third-order", which this version'],
    [{ likelihood: 'weibull' }, 'the likelihood "weibull", which this version'],
    [{ likelihood: 'weight=student-t,pulse=weibull' }, 'the likelihood "weibull", which this version'],
    [{ head: 'classification' }, 'a latent ODE with a head, which this version'],
  ])('%o is refused, and says which', (changes, message) => {
    expect(() => decodeModel(withModel(changes), 'm.safetensors')).toThrow(expect.objectContaining({ code: 'ModelVersion' }) as Error)
    expect(() => decodeModel(withModel(changes), 'm.safetensors')).toThrow(message)
  })

  test('a likelihood for a channel that is not there is damage', () => {
    expect(() => decodeModel(withModel({ likelihood: 'height=student-t' }), 'm.safetensors')).toThrow(
      'm.safetensors is damaged: in its description, model: the likelihood student-t was asked for the channel "height"',
    )
  })

  test('an odd number of latents is damage where the dynamics pair them up', () => {
    expect(() => decodeModel(withModel({ dynamics: 'second-order', latents: 3 }), 'm.safetensors')).toThrow(
      'm.safetensors is damaged: in its description, model: the dynamics second-order pair the latents up, but latents is 3, an odd number',
    )
  })
})
