import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { readModel } from '../../src/train/modelFile.js'
import { fakeIo, run, runJson, useFolder } from './io.js'

useFolder()
const small = ['--latents', '2', '--encoder-units', '4', '--encoder-field-units', '4', '--field-units', '4', '--decoder-units', '0']
const tiny = [...small, '--samples', '1', '--min-steps', '1']

beforeAll(async () => {
  await run('simulate', 'spirals', '--series', '12', '--points', '6', '--quiet')
  expect((await run('fit', 'spirals.csv', ...tiny, '--epochs', '2', '--seed', '3', '--quiet')).code).toBe(0)
  copyFileSync('spirals.model.safetensors', 'first.model.safetensors')
})

describe('fit --from', () => {
  test('trains a finished model further, in place, and says what is kept', async () => {
    const before = await readModel('spirals.model.safetensors')
    const { code, document, err } = await runJson<{ epochs: number; notices: string[] }>(
      'fit',
      'spirals.csv',
      '--from',
      'spirals.model.safetensors',
      '--epochs',
      '1',
    )
    expect([code, document.epochs]).toEqual([0, 1])
    expect(err).toContain('Goes on from a model of 2 epochs: its weights, channels, normalisation and scale of time are kept.')
    expect(document.notices.some((text) => text.startsWith('Goes on from a model of 2 epochs'))).toBe(true)
    const after = await readModel('spirals.model.safetensors')
    expect(after).toMatchObject({ split: before.split, normalisation: before.normalisation, training: { seed: 3, epochs: 1 } })
    expect(after.parameters).not.toEqual(before.parameters)
  })

  test('says so where no epoch was better than the model it began from', async () => {
    const { err } = await run(
      'fit',
      'spirals.csv',
      '--from',
      'spirals.model.safetensors',
      '--epochs',
      '1',
      '--learning-rate',
      '1',
      '--clip',
      '1e6',
      '--out',
      'worse.model.safetensors',
    )
    expect(err).toContain('No epoch was better than the model that training began from: its loss on the validation series was ')
  })

  test('updates it with data that have grown, and counts the series that are there', async () => {
    const [header, ...rows] = readFileSync('spirals.csv', 'utf8').trimEnd().split('\n')
    const old = rows.filter((row) => !row.startsWith('0,'))
    const added = rows.filter((row) => /^[0-4],/.test(row)).map((row) => `new-${row}`)
    writeFileSync('grown.csv', [header, ...old, ...added, ''].join('\n'))
    const { code, document } = await runJson<{ series: Record<string, number> }>(
      'fit',
      'grown.csv',
      '--from',
      'first.model.safetensors',
      '--epochs',
      '1',
    )
    expect(code).toBe(0)
    expect(Object.values(document.series).reduce((sum, count) => sum + count, 0)).toBe(16)
    const [before, after] = [await readModel('first.model.safetensors'), await readModel('grown.model.safetensors')]
    expect(after.split.test.filter((id) => !id.startsWith('new'))).toEqual(before.split.test)
  })

  test('--resume after the end says what to type to go on, and that works', async () => {
    const { code, err } = await run('fit', 'spirals.csv', '--resume', '--epochs', '1', '--quiet')
    expect([code, err]).toEqual([
      2,
      'latent-ode: spirals.checkpoint.safetensors: there is no such checkpoint, but a finished model, spirals.model.safetensors. To go ' +
        'on from that: latent-ode fit spirals.csv --from spirals.model.safetensors --epochs 1\n',
    ])
    const command = /latent-ode (fit .*)\n/.exec(err.slice('latent-ode: '.length))![1]!
    expect((await run(...command.split(' '), '--quiet')).code).toBe(0)
  })

  test('a checkpoint is none to start from; what to type instead works', async () => {
    const io = fakeIo()
    const interrupted = runCommandLine(['fit', 'spirals.csv', ...tiny, '--epochs', '60', '--out', 'cut.model.safetensors', '--quiet'], io)
    // Once: a second Ctrl-C ends the process.
    const wait = setInterval(() => {
      if (!existsSync('cut.checkpoint.safetensors')) return
      clearInterval(wait)
      io.interrupt()
    }, 1)
    expect(await interrupted).toBe(130)
    const { code, err } = await run('fit', 'spirals.csv', '--from', 'cut.checkpoint.safetensors', '--quiet')
    expect([code, err]).toEqual([
      2,
      'latent-ode: cut.checkpoint.safetensors is a checkpoint of a fit that was interrupted, not a finished model. To go on with that: ' +
        'latent-ode fit spirals.csv --checkpoint cut.checkpoint.safetensors --resume\n',
    ])
    const resumed = await run('fit', 'spirals.csv', '--checkpoint', 'cut.checkpoint.safetensors', '--resume', '--epochs', '60', '--quiet')
    expect(resumed.code).toBe(0)
  })

  test.each([
    [['--resume'], '--resume goes on with a fit that was interrupted, --from from a finished model. Leave one of them out.'],
    [
      ['--latents', '3'],
      '--latents is 3, but first.model.safetensors has 2. With --from a model stays what it is: leave the option out, or fit a new ' +
        'model without --from.',
    ],
    [['--model', 'ode-rnn'], '--model is "ode-rnn", but first.model.safetensors has "latent-ode".'],
    [
      ['--transform', 'log'],
      '--transform is "log", but first.model.safetensors has settled it, being a fitted model of the kind latent-ode.',
    ],
    [['--values', 'x'], '--values is ["x"], but first.model.safetensors has ["x","y"].'],
    [['--checkpoint', 'first.model.safetensors'], 'first.model.safetensors: this file is read by the same command'],
  ])('with %j: refused', async (words, message) => {
    const before = readFileSync('first.model.safetensors')
    const { code, err } = await run('fit', 'spirals.csv', '--from', 'first.model.safetensors', ...words, '--quiet')
    expect(code).toBe(2)
    expect(err).toContain(`latent-ode: ${message}`)
    expect(readFileSync('first.model.safetensors').equals(before)).toBe(true)
  })

  test('data with other channels, and files that are no model', async () => {
    writeFileSync('others.csv', readFileSync('spirals.csv', 'utf8').replace('x,y', 'x,z'))
    const other = await run('fit', 'others.csv', '--from', 'first.model.safetensors', '--quiet')
    expect(other.code).toBe(2)
    expect(other.err).toMatch(/y/)
    for (const [path, message] of [
      ['none.model.safetensors', 'There is no file none.model.safetensors.'],
      ['spirals.csv', 'spirals.csv is'],
    ] as const) {
      const { code, err } = await run('fit', 'spirals.csv', '--from', path, '--quiet')
      expect(code).toBe(2)
      expect(err).toContain(message)
    }
  })
})
