import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../../src/errors.js'
import { initialise } from '../../src/nn/parameters.js'
import { latentOdeParameters } from '../../src/model/latentOdeConfig.js'
import { readCheckpoint } from '../../src/train/checkpoint.js'
import { readModel, writeModel, type FittedModel } from '../../src/train/modelFile.js'
import { sized } from '../../src/model/sizes.js'
import { latentOdeConfig, latentOdeOptions } from '../../src/model/latentOdeOptions.js'
import { trainingOptions } from '../../src/train/options.js'
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js'

const model = sized(latentOdeOptions.parse({ latents: 3 }), 2)
const fitted: FittedModel = {
  kind: 'latent-ode',
  model,
  training: trainingOptions.parse({ epochs: 7, folds: 1 }),
  channels: ['x', 'é"<'],
  time: { kind: 'date', unit: 'day', epoch: '2020-01-01T00:00:00Z', dateOnly: true },
  idColumn: 'id',
  timeColumn: 'time',
  scale: { origin: 'first', earliest: 1e12, span: 1e-12, rate: 2 },
  normalisation: {
    channels: ['x', 'é"<'].map((channel) => ({ channel, transform: { kind: 'none' }, mean: 0.1, sd: 2, rawMean: 0.1 })),
    timeScale: 1e-12,
  },
  split: { train: ['a'], valid: ['b'], test: ['__proto__'] },
  fingerprint: 'f',
  keptEpoch: 1,
  version: '0.1.0',
  engine: 'tfjs float32',
  history: [
    {
      epoch: 1,
      trainLoss: 1,
      validLoss: NaN,
      reconstruction: 0.5,
      kl: 1,
      beta: 0,
      learningRate: 1,
      gradientNorm: 1,
      evaluations: 3,
      seconds: 1,
    },
  ],
  parameters: Object.fromEntries(
    Object.entries(initialise(latentOdeParameters(latentOdeConfig(model, { channels: 2, rate: 2 })), 1)).map(([name, p]) => [
      name,
      Float32Array.from(p),
    ]),
  ),
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

  test('of a version that weighed all values alike says so', async () => {
    const old = await readModel(
      await withDescription((json) => {
        delete (json.training as Record<string, unknown>).balance
      }),
    )
    expect(old.training.balance).toBe('values')
    expect(old).not.toHaveProperty('channelWeights')
  })

  test('says until when it was trained, unless it was written before files did', async () => {
    const scale = { ...fitted.scale, latest: 2e12 }
    expect(
      (
        await readModel(
          await withDescription((json) => {
            json.scale = scale
          }),
        )
      ).scale,
    ).toEqual(scale)
    expect((await readModel(path)).scale).toEqual({ origin: 'first', earliest: 1e12, span: 1e-12, rate: 2 })
  })

  test('keeps how times are written; of a version that knew ISO dates only it is read as it was', async () => {
    const withTime = (time: unknown): Promise<string> =>
      withDescription((json) => {
        json.time = time
      })
    const iso = { kind: 'date', unit: 'day', epoch: '2020-01-01T00:00:00Z', dateOnly: true }
    expect((await readModel(await withTime(iso))).time).toEqual(iso)
    for (const time of [
      { ...iso, format: 'dd/MM/yyyy HH:mm', zone: 'Europe/Berlin', digits: 6 },
      { kind: 'duration', unit: 'week', format: `w 'weeks'` },
    ]) {
      expect((await readModel(await withTime(time))).time).toEqual(time)
    }
    for (const time of [
      { ...iso, zone: 'Mars/Olympus' },
      { ...iso, format: '' },
      { kind: 'duration', unit: 'week', format: 'xyz!' },
    ]) {
      await expect(readModel(await withTime(time))).rejects.toMatchObject({
        code: 'ModelFile',
        message: expect.stringContaining('in its description, time') as string,
      })
    }
  })

  test('without a kind is a latent ODE, as all were once; one of a kind that is not known is refused, saying so', async () => {
    expect(
      await readModel(
        await withDescription((json) => {
          delete json.kind
        }),
      ),
    ).toEqual(fitted)
    await expect(
      readModel(
        await withDescription((json) => {
          json.kind = 'oracle'
        }),
      ),
    ).rejects.toThrow(/holds a model of the kind "oracle".*it knows latent-ode, ode-rnn/)
    await expect(
      readModel(
        await withDescription((json) => {
          json.kind = 'ode-rnn'
        }),
      ),
    ).rejects.toThrow(/is damaged: in its description, model/)
  })

  test('from a newer version is refused, saying so', async () => {
    await expect(
      readModel(
        await withDescription((json) => {
          json.schema = 99
          json.version = '9.0.0'
        }),
      ),
    ).rejects.toThrow(/newer version of latent-ode \(9\.0\.0; file schema 99/)
  })

  test('whose description does not fit is refused, saying where', async () => {
    await expect(
      readModel(
        await withDescription((json) => {
          ;(json.model as Record<string, unknown>).latents = -1
        }),
      ),
    ).rejects.toThrow(/model\.latents/)
    await expect(
      readModel(
        await withDescription((json) => {
          ;(json.model as Record<string, unknown>).latents = 4
        }),
      ),
    ).rejects.toThrow(/have shape/)
    await expect(
      readModel(
        await withDescription((json) => {
          json.normalisation = { channels: [], timeScale: 1 }
        }),
      ),
    ).rejects.toThrow(/normalisation/)
  })

  type Part = Record<string, unknown>
  const numbers = (json: Record<string, unknown>): Part[] => (json.normalisation as { channels: Part[] }).channels
  test.each<[string, (json: Record<string, unknown>) => void, RegExp]>([
    [
      'a million layers',
      (json) => {
        ;(json.model as Part).fieldLayers = 1e6
      },
      /model\.fieldLayers: Too big: expected number to be <=32/,
    ],
    [
      '5e9 layers',
      (json) => {
        ;(json.model as Part).fieldLayers = 5e9
      },
      /model\.fieldLayers: Too big/,
    ],
    [
      'more weights than there is room for',
      (json) => {
        Object.assign(json.model as Part, { fieldLayers: 32, fieldUnits: 4096 })
      },
      /model: a model of 2 channels and these sizes learns 520,\d{3},\d{3} numbers, more than 16,777,216; its largest sizes are fieldUnits 4096 and encoderUnits 32/,
    ],
    [
      'a million epochs',
      (json) => {
        ;(json.training as Part).epochs = 1e6
      },
      /training\.epochs: Too big/,
    ],
    [
      'no schema',
      (json) => {
        delete json.schema
      },
      /schema: Invalid input/,
    ],
    [
      'no channels',
      (json) => {
        json.channels = []
        json.normalisation = { channels: [], timeScale: 1e-12 }
      },
      /channels: there are none/,
    ],
    [
      'a channel twice',
      (json) => {
        json.channels = ['x', 'x']
      },
      /channels: "x" stands there twice/,
    ],
    [
      'channels that read alike when joined',
      (json) => {
        json.channels = ['x,é"<', 'y']
      },
      /normalisation: its channels are not those of the model/,
    ],
    [
      'a standard deviation of 0',
      (json) => {
        numbers(json)[1]!.sd = 0
      },
      /normalisation\.channels\.1\.sd: Too small/,
    ],
    [
      'a mean that is null, as NaN is in JSON',
      (json) => {
        numbers(json)[0]!.mean = null
      },
      /normalisation\.channels\.0\.mean: Invalid input/,
    ],
    [
      'a mean that is not the mean',
      (json) => {
        numbers(json)[0]!.mean = 1e6
      },
      /normalisation\.channels\.0\.mean: it is not the rawMean/,
    ],
    [
      'a logarithm of no number',
      (json) => {
        Object.assign(numbers(json)[0]!, { transform: { kind: 'log', offset: 0, floor: 1 }, mean: 1e300 })
      },
      /normalisation\.channels\.0: no double has such a logarithm/,
    ],
    [
      'a weight for one channel of two',
      (json) => {
        json.channelWeights = [2]
      },
      /channelWeights: there are 1 of them for 2 channels/,
    ],
    [
      'a weight of 0',
      (json) => {
        json.channelWeights = [2, 0]
      },
      /channelWeights\.1: Too small/,
    ],
    [
      'an epoch that is no date',
      (json) => {
        ;(json.time as Part).epoch = 'yesterday'
      },
      /time\.epoch: this is no date/,
    ],
    [
      'two units of time',
      (json) => {
        ;(json.scale as Part).span = 5
      },
      /scale\.span: it is not the timeScale of the normalisation/,
    ],
    [
      'two origins',
      (json) => {
        ;(json.model as Part).origin = 'first'
        ;(json.scale as Part).origin = 'zero'
      },
      /scale\.origin: it is not that of the model/,
    ],
    [
      'a series in two parts',
      (json) => {
        ;(json.split as Part).test = ['a']
      },
      /split: the series "a" stands there twice/,
    ],
    [
      'no series to train on',
      (json) => {
        ;(json.split as Part).train = []
      },
      /split\.train: no series was trained on/,
    ],
    [
      'an epoch that is left out',
      (json) => {
        ;(json.history as Part[])[0]!.epoch = 2
      },
      /history\.0\.epoch: it should be 1/,
    ],
    [
      'weights of an epoch that never was',
      (json) => {
        json.keptEpoch = 2
      },
      /keptEpoch: there are records of 1 epochs only/,
    ],
    [
      'half an epoch',
      (json) => {
        json.keptEpoch = 0.5
      },
      /keptEpoch: Invalid input: expected int/,
    ],
  ])('with %s is refused, saying where', async (_, change, message) => {
    const changed = await withDescription(change)
    await expect(readModel(changed)).rejects.toMatchObject({
      name: 'UserError',
      code: 'ModelFile',
      message: expect.stringMatching(new RegExp(`changed\\.safetensors is damaged: in its description, .*${message.source}`)) as string,
    })
  })

  test('whose description has a key twice, or __proto__, is refused or takes nothing from it', async () => {
    const { tensors, metadata } = decodeSafetensors(await readFile(path), path)
    const write = (text: string) => writeFile(join(folder, 'keys'), encodeSafetensors({ tensors, metadata: { 'latent-ode': text } }))
    await write(metadata['latent-ode']!.replace('{', '{"keptEpoch":0,'))
    await expect(readModel(join(folder, 'keys'))).rejects.toThrow(/in its description, the key "keptEpoch" stands twice in one object/)
    await write(metadata['latent-ode']!.replace('{', '{"__proto__":{"polluted":1},'))
    expect(await readModel(join(folder, 'keys'))).toEqual(fitted)
    await write(metadata['latent-ode']!.replace('"model":{', '"model":{"__proto__":{"latents":9},'))
    const parsed = await readModel(join(folder, 'keys')).catch((error: unknown) => error)
    expect(parsed instanceof UserError || (parsed as FittedModel).model).not.toMatchObject({ latents: 9 })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test('of which a weight is not finite is refused, saying which', async () => {
    const { tensors, metadata } = decodeSafetensors(await readFile(path), path)
    for (const bad of [NaN, Infinity, -Infinity]) {
      const data = tensors['field.w0']!.data.slice()
      data[4] = bad
      await writeFile(
        join(folder, 'wild'),
        encodeSafetensors({ tensors: { ...tensors, 'field.w0': { ...tensors['field.w0']!, data } }, metadata }),
      )
      await expect(readModel(join(folder, 'wild'))).rejects.toMatchObject({
        code: 'ModelFile',
        message: expect.stringContaining(
          `wild is damaged: number 5 of "field.w0" is ${bad}, where a finite one has to be. Fit the model again`,
        ) as string,
      })
    }
  })

  test('that is a device, or no safetensors but large, is refused by its first bytes', async () => {
    await expect(readModel('/dev/zero')).rejects.toThrow('/dev/zero is a device, not a model file.')
    // Sparse: no byte of it is on the disk.
    await writeFile(join(folder, 'large'), 'id,time,x')
    await truncate(join(folder, 'large'), 2 ** 40)
    await expect(readModel(join(folder, 'large'))).rejects.toThrow(
      /large is not a usable safetensors file: it does not begin with the length of a header/,
    )
  })

  test('is no checkpoint', async () => {
    await expect(readCheckpoint(path)).rejects.toThrow(/finished model, not a checkpoint/)
  })
})
