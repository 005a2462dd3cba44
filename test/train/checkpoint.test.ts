import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulateOscillators } from '../../src/data/simulate/oscillators.js'
import { tfjsEngine } from '../../src/engine/tfjs/tfjs.js'
import { readCheckpoint } from '../../src/train/checkpoint.js'
import { fit } from '../../src/train/fit.js'
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js'

type Part = Record<string, unknown>

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-ode-'))
  path = join(folder, 'c.safetensors')
  const engine = await tfjsEngine()
  const stop = new AbortController()
  // Two steps into the second of four epochs of three.
  await fit(
    engine,
    simulateOscillators({ count: 12, points: 6, seed: 4 }),
    {
      epochs: 4,
      batchSize: 3,
      minSteps: 1,
      latents: 2,
      encoderUnits: 4,
      encoderFieldUnits: 4,
      fieldUnits: 4,
      decoderUnits: 0,
      samples: 1,
      klWarmup: 1,
      patience: 3,
    },
    {
      checkpoint: path,
      signal: stop.signal,
      onStep: ({ step }) => {
        if (step === 5) stop.abort()
      },
    },
  )
  engine.dispose()
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

async function withState(change: (state: Part) => void): Promise<string> {
  const { tensors, metadata } = decodeSafetensors(await readFile(path), path)
  const state = JSON.parse(metadata['latent-ode-state']!) as Part
  change(state)
  const changed = join(folder, 'changed.safetensors')
  await writeFile(changed, encodeSafetensors({ tensors, metadata: { ...metadata, 'latent-ode-state': JSON.stringify(state) } }))
  return changed
}

describe('a checkpoint', () => {
  test('is as it was saved', async () => {
    const { state } = await readCheckpoint(path)
    expect(state).toMatchObject({
      epoch: 1,
      batch: 2,
      step: 5,
      updates: 5,
      undone: 0,
      rateFactor: 1,
      ending: undefined,
      plateau: { waited: 0, cuts: 0 },
      best: { epoch: 1 },
      previous: { updates: 4 },
    })
  })

  test('of a version with another schedule is refused as such', async () => {
    const old = await withState((state) => {
      delete state.plateau
      state.finished = false
    })
    await expect(readCheckpoint(old)).rejects.toMatchObject({
      code: 'ModelVersion',
      message: `${old} was written by an older version, with another schedule of training. Start the fit again without --resume.`,
    })
  })

  test.each<[string, (state: Part) => void, RegExp]>([
    [
      'a plateau longer than all epochs',
      (s) => {
        s.plateau = { best: 1, waited: 1, cuts: 1 }
      },
      /plateau: it is of more than the 1 epochs/,
    ],
    [
      'a norm below 0',
      (s) => {
        s.norms = [1, -1]
      },
      /norms\.1: Too small/,
    ],
    [
      'an end by epochs that are not done',
      (s) => {
        s.ending = 'epochs'
      },
      /ending: there are 1 epochs of 4/,
    ],
    [
      'an epoch below 0',
      (s) => {
        s.epoch = -1000
      },
      /epoch: Too small: expected number to be >=0/,
    ],
    [
      'an epoch that is not in its history',
      (s) => {
        s.epoch = 3
      },
      /epoch: it is 3, but there are records of 1 epochs/,
    ],
    [
      'half an epoch',
      (s) => {
        s.epoch = 0.5
      },
      /epoch: Invalid input: expected int/,
    ],
    [
      'a batch in words',
      (s) => {
        s.batch = '2'
      },
      /batch: Invalid input: expected number/,
    ],
    [
      'more batches than steps',
      (s) => {
        s.batch = 1e6
      },
      /step: there are too few for 1 epochs and 1000000 steps more/,
    ],
    [
      'fewer steps than updates',
      (s) => {
        s.step = 4
      },
      /updates: there are more of them, with those undone, than the 4 steps/,
    ],
    [
      'a learning rate that was never halved so',
      (s) => {
        s.rateFactor = 0.3
      },
      /rateFactor: it is not halved 0 times/,
    ],
    [
      'a learning rate that grows',
      (s) => {
        s.rateFactor = 8
      },
      /rateFactor: Too big/,
    ],
    [
      'an end before its time',
      (s) => {
        s.ending = 'rest'
      },
      /ending: the validation loss is not at rest/,
    ],
    [
      'a best loss that no epoch had',
      (s) => {
        ;(s.best as Part).loss = -1e300
      },
      /best\.loss: it is not that of epoch 1/,
    ],
    [
      'a best epoch to come',
      (s) => {
        ;(s.best as Part).epoch = 2
      },
      /best\.epoch: there is no record of epoch 2/,
    ],
    [
      'a previous state that is not the one before',
      (s) => {
        s.previous = 2
      },
      /previous: it does not come before 5/,
    ],
    [
      'no previous state',
      (s) => {
        s.previous = null
      },
      /previous: it does not come before 5/,
    ],
    [
      'a sum that is null, as NaN is in JSON',
      (s) => {
        ;(s.sums as Part).loss = null
      },
      /sums\.loss: Invalid input: expected number/,
    ],
    [
      'a sum that is missing',
      (s) => {
        delete (s.sums as Part).observed
      },
      /sums\.observed: Invalid input/,
    ],
    [
      'more steps in a sum than in the epoch',
      (s) => {
        ;(s.sums as Part).steps = 3
      },
      /sums\.steps: there are more than the 2 of the epoch/,
    ],
    [
      'fewer steps in a sum than in the epoch',
      (s) => {
        ;(s.sums as Part).steps = 0
      },
      /sums\.steps: there are too few for the 2 of the epoch/,
    ],
    [
      'what is not part of it',
      (s) => {
        s.parameters = {}
      },
      /the whole: Unrecognized key: "parameters"/,
    ],
  ])('with %s is refused, saying where', async (_, change, message) => {
    const changed = await withState(change)
    await expect(readCheckpoint(changed)).rejects.toMatchObject({
      name: 'UserError',
      code: 'ModelFile',
      message: expect.stringMatching(
        new RegExp(`changed\\.safetensors is damaged: in its training state, ${message.source}.*Start the fit again without --resume\\.$`),
      ) as string,
    })
  })

  test.each([
    ['first.field.w0', NaN, 'a finite one'],
    ['second.field.w0', -1, 'a finite one of at least 0'],
    ['second.field.w0', Infinity, 'a finite one of at least 0'],
    ['best.field.w0', NaN, 'a finite one'],
    ['previous.second.field.w0', -1e-30, 'a finite one of at least 0'],
  ])('of which a number of %s is %d is refused', async (name, bad, wanted) => {
    const { tensors, metadata } = decodeSafetensors(await readFile(path), path)
    const data = tensors[name]!.data.slice()
    data[0] = bad
    await writeFile(join(folder, 'wild'), encodeSafetensors({ tensors: { ...tensors, [name]: { ...tensors[name]!, data } }, metadata }))
    await expect(readCheckpoint(join(folder, 'wild'))).rejects.toThrow(`number 1 of "${name}" is ${data[0]}, where ${wanted} has to be`)
  })

  test('of which tensors are missing is refused', async () => {
    const { tensors, metadata } = decodeSafetensors(await readFile(path), path)
    for (const prefix of ['first.', 'second.', 'best.', 'previous.', 'previous.first.', 'previous.second.']) {
      const { [`${prefix}field.w0`]: _, ...rest } = tensors
      await writeFile(join(folder, 'part'), encodeSafetensors({ tensors: rest, metadata }))
      await expect(readCheckpoint(join(folder, 'part'))).rejects.toThrow(`the weights "${prefix}field.w0" are missing`)
    }
  })
})
