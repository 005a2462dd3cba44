import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { initialise } from '../../src/nn/parameters.js'
import { latentOdeParameters } from '../../src/model/latentOdeConfig.js'
import { readCheckpoint } from '../../src/train/checkpoint.js'
import { readModel, writeModel, type FittedModel } from '../../src/train/modelFile.js'
import { latentOdeConfig, latentOdeOptions } from '../../src/model/latentOdeOptions.js'
import { trainingOptions } from '../../src/train/options.js'
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js'

const model = latentOdeOptions.parse({ latents: 3 })
const fitted: FittedModel = {
  kind: 'latent-ode', model, training: trainingOptions.parse({ epochs: 7 }), channels: ['x', 'é"<'], time: { kind: 'date', unit: 'day', epoch: '2020-01-01T00:00:00Z', dateOnly: true }, idColumn: 'id', timeColumn: 'time',
  scale: { origin: 'first', earliest: 1e12, span: 1e-12, rate: 2 },
  normalisation: { channels: ['x', 'é"<'].map((channel) => ({ channel, transform: { kind: 'none' }, mean: 0.1, sd: 2, rawMean: 0.1 })), timeScale: 1e-12 },
  split: { train: ['a'], valid: ['b'], test: ['__proto__'] }, fingerprint: 'f', keptEpoch: 1, version: '0.1.0', engine: 'tfjs float32',
  history: [{ epoch: 1, trainLoss: 1, validLoss: NaN, reconstruction: 0.5, kl: 1, beta: 0, learningRate: 1, gradientNorm: 1, evaluations: 3, seconds: 1 }],
  parameters: Object.fromEntries(Object.entries(initialise(latentOdeParameters(latentOdeConfig(model, { channels: 2, rate: 2 })), 1)).map(([name, p]) => [name, Float32Array.from(p)])),
}

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-ode-'))
  path = join(folder, 'm.safetensors')
  await writeModel(path, fitted)
})
afterAll(() => rm(folder, { recursive: true }))

/** The file with another description. */
async function withDescription(change: (json: Record<string, unknown>) => void): Promise<string> {
  const { tensors, metadata } = decodeSafetensors(await readFile(path), path)
  const json = JSON.parse(metadata['latent-ode']!) as Record<string, unknown>
  change(json)
  const changed = join(folder, 'changed.safetensors')
  await writeFile(changed, encodeSafetensors({ tensors, metadata: { 'latent-ode': JSON.stringify(json) } }))
  return changed
}

describe('a model file', () => {
  test('gives back what was written', async () => {
    expect(await readModel(path)).toEqual(fitted)
  })

  test('that is not there, a directory, truncated, or something else is refused by name', async () => {
    await expect(readModel(join(folder, 'no.safetensors'))).rejects.toThrow(/There is no file .*no\.safetensors/)
    await expect(readModel(folder)).rejects.toThrow(/is a directory/)
    const bytes = await readFile(path)
    for (const length of [0, 7, 300, bytes.length - 1]) {
      await writeFile(join(folder, 'cut'), bytes.subarray(0, length))
      await expect(readModel(join(folder, 'cut'))).rejects.toThrow(/cut is not a usable safetensors file/)
    }
    await writeFile(join(folder, 'foreign'), encodeSafetensors({ tensors: {}, metadata: {} }))
    await expect(readModel(join(folder, 'foreign'))).rejects.toThrow(/not a model of latent-ode/)
  })

  test('without a kind is a latent ODE, as all were once; one of a kind that is not known is refused, saying so', async () => {
    expect(await readModel(await withDescription((json) => { delete json.kind }))).toEqual(fitted)
    await expect(readModel(await withDescription((json) => { json.kind = 'oracle' }))).rejects.toThrow(/holds a model of the kind "oracle".*it knows latent-ode, ode-rnn/)
    await expect(readModel(await withDescription((json) => { json.kind = 'ode-rnn' }))).rejects.toThrow(/is damaged: in its description, model/)
  })

  test('from a newer version is refused, saying so', async () => {
    await expect(readModel(await withDescription((json) => { json.schema = 99; json.version = '9.0.0' }))).rejects.toThrow(/newer version of latent-ode \(9\.0\.0; file schema 99/)
  })

  test('whose description does not fit is refused, saying where', async () => {
    await expect(readModel(await withDescription((json) => { (json.model as Record<string, unknown>).latents = -1 }))).rejects.toThrow(/model\.latents/)
    await expect(readModel(await withDescription((json) => { (json.model as Record<string, unknown>).latents = 4 }))).rejects.toThrow(/have shape/)
    await expect(readModel(await withDescription((json) => { json.normalisation = { channels: [], timeScale: 1 } }))).rejects.toThrow(/normalisation/)
  })

  test('is no checkpoint', async () => {
    await expect(readCheckpoint(path)).rejects.toThrow(/finished model, not a checkpoint/)
  })
})
