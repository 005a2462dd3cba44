import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { readModel } from '../../src/train/modelFile.js'
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js'
import { run, runJson, useFolder } from './io.js'

useFolder()
const tiny = [
  '--latents',
  '2',
  '--encoder-units',
  '4',
  '--encoder-field-units',
  '4',
  '--field-units',
  '4',
  '--decoder-units',
  '0',
  '--samples',
  '1',
  '--validation-samples',
  '1',
  '--batch-size',
  '4',
  '--min-steps',
  '1',
]

beforeAll(async () => {
  await run('simulate', 'spirals', '--series', '12', '--points', '8', '--seed', '0')
  expect((await run('fit', 'spirals.csv', ...tiny, '--epochs', '1', '--quiet')).code).toBe(0)
}, 60_000)

/** The options in the advice of a message: `Try --noise learned (1e-30 now).` */
const advised = (message: string): string[] => /Try (--.*?) \(/.exec(message)![1]!.split(' ')

/** A command line with the values of some options in place of those it has. */
function withOptions(words: readonly string[], options: readonly string[]): string[] {
  const flags = options.filter((word) => word.startsWith('--'))
  return [...words.filter((word, i) => !flags.includes(word) && !flags.includes(words[i - 1]!)), ...options]
}

describe('fit', () => {
  test.each([
    [
      'noise',
      ['--residual', 'none', '--noise', '1e-30', '--epochs', '2'],
      /^latent-ode: All \d+ steps of training were undone: each time the loss or its gradient was not finite\. Nothing was learned, so there is no model\. Try --noise learned \(1e-30 now\)\.\n$/,
    ],
    [
      'one step only',
      ['--residual', 'none', '--noise', '1e-30', '--epochs', '1', '--batch-size', '100'],
      /^latent-ode: The one step of training was undone: its loss or gradient was not finite\. Nothing was learned, so there is no model\. Try --noise learned/,
    ],
    [
      'more steps than are undone',
      ['--residual', 'none', '--noise', '1e-25', '--epochs', '30'],
      /^latent-ode: All 20 steps of training were undone.* The learning rate was halved as often\..*Try --noise learned \(1e-25 now\)/,
    ],
    [
      'solver',
      ['--rtol', '1e-12', '--atol', '1e-14', '--max-steps', '5', '--epochs', '1'],
      /^latent-ode: In epoch 1 the solver failed for \d+ of \d+ rows .* Try --max-steps 1000 --rtol 0\.001 --atol 0\.0001 \(max-steps 5, rtol 1e-12, atol 1e-14 now\)\.\n$/,
    ],
  ])('%s: where nothing is learned there is no model, and the advice works as it is typed', async (_, options, message) => {
    const words = ['fit', 'spirals.csv', ...withOptions(tiny, options), '--out', 'none.model.safetensors', '--quiet']
    const { code, out, err } = await run(...words)
    expect(err.split('\n').at(-2) + '\n').toMatch(message)
    expect([code, out]).toEqual([2, ''])
    expect(existsSync('none.model.safetensors')).toBe(false)
    expect(existsSync('none.checkpoint.safetensors')).toBe(false)
    const mended = await run(...withOptions(words, [...advised(err), '--epochs', '1']), '--out', 'mended.model.safetensors')
    expect(mended.code).toBe(0)
    expect((await readModel('mended.model.safetensors')).keptEpoch).toBe(1)
  })

  test('a learning rate that no training stands is refused, and so are sizes there is no room for', async () => {
    for (const [options, message] of [
      [['--learning-rate', '10'], '--learning-rate is 10, but must be a number above 0 and at most 1.'],
      [['--field-layers', '1e6'], '--field-layers is 1000000, but must be a whole number from 1 to 32.'],
      [['--field-units', '5e9'], '--field-units is 5000000000, but must be "auto" or a whole number from 1 to 4096.'],
      [['--batch-size', '1e12'], '--batch-size is 1000000000000, but must be a whole number from 1 to 1000000.'],
      [['--step-size', '1e-12'], '--step-size is 1e-12, but must be a number from 0.000001 to 100.'],
    ] as const)
      expect(await run('fit', 'spirals.csv', ...options, '--quiet')).toEqual({ code: 2, out: '', err: `latent-ode: ${message}\n` })
    expect((await run('simulate', 'spirals', '--series', '1e6', '--points', '1e6')).err).toBe(
      'latent-ode: These --series and --points make 1,000,000,000,000 rows or more, where 20,000,000 are the most. Make fewer.\n',
    )
    const { code, err } = await run(
      'fit',
      'spirals.csv',
      '--field-units',
      '4096',
      '--field-layers',
      '32',
      '--out',
      'none.model.safetensors',
      '--quiet',
    )
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /^latent-ode: There is no room for it: a model of 2 channels and these sizes learns 520,\d{3},\d{3} numbers, more than 16,777,216; its largest sizes are fieldUnits 4096 and encoderUnits 32\. Make them smaller\.\n$/,
      ),
    ])
  })

  test('what was learned before training failed is not lost: the command that is named makes a model of it', async () => {
    // Dynamics 300 times as fast and steps 30 times as long: in some epoch after the first they are too fast to follow.
    const { code, err } = await run(
      'fit',
      'spirals.csv',
      ...tiny,
      '--epochs',
      '40',
      '--rate',
      '300',
      '--learning-rate',
      '0.3',
      '--max-steps',
      '250',
      '--out',
      'some.model.safetensors',
      '--quiet',
    )
    expect(code).toBe(2)
    const [, epochs, command] =
      /In epoch (\d+) the solver failed .*What was learned before is in some\.checkpoint\.safetensors; this makes a model of it: latent-ode (.*)\n$/.exec(
        err,
      )!
    expect(existsSync('some.model.safetensors')).toBe(false)
    expect((await run(...command!.split(' '), '--quiet')).code).toBe(0)
    expect((await readModel('some.model.safetensors')).history).toHaveLength(Number(epochs) - 1)
    expect(existsSync('some.checkpoint.safetensors')).toBe(false)
  })

  test('validation series whose loss is never finite are named, not said to be none', async () => {
    // One value of a validation series is out of all bounds; which series those are depends on ids and seed alone.
    const { split } = await readModel('spirals.model.safetensors')
    const wild = readFileSync('spirals.csv', 'utf8')
      .split('\n')
      .map((line) => (split.valid.some((id) => line.startsWith(`${id},`)) ? line.replace(/,[^,]*$/, ',1e200') : line))
      .join('\n')
    writeFileSync('wild.csv', wild)
    const { code, out, err } = await run('fit', 'wild.csv', ...tiny, '--epochs', '2', '--transform', 'none')
    expect(code).toBe(0)
    expect(err).toContain(
      `Warning: The loss of the ${split.valid.length} validation series was not finite after any epoch, so it could not say which ` +
        `weights are best: the last are kept. Look at these series (${split.valid.join(', ')}) for extreme values or times.`,
    )
    expect(out).toMatch(/Kept +epoch 2: loss \S+ \(the validation loss is not finite\)/)
  })
})

describe('a model with a weight that is no number', () => {
  test('is refused by every command that reads it', async () => {
    const { tensors, metadata } = decodeSafetensors(readFileSync('spirals.model.safetensors'), 'm')
    const data = tensors['decoder.w0']!.data.slice()
    data[1] = NaN
    writeFileSync(
      'nan.model.safetensors',
      encodeSafetensors({ tensors: { ...tensors, 'decoder.w0': { ...tensors['decoder.w0']!, data } }, metadata }),
    )
    for (const words of [
      ['predict', 'nan.model.safetensors', 'spirals.csv', '--out', 'nan.csv'],
      ['evaluate', 'nan.model.safetensors', 'spirals.csv'],
      ['report', 'nan.model.safetensors', 'spirals.csv', '--out', 'nan.html'],
      ['inspect', 'nan.model.safetensors'],
    ]) {
      const { code, out, err } = await run(...words, '--quiet')
      expect([code, out, err]).toEqual([
        2,
        '',
        'latent-ode: nan.model.safetensors is damaged: number 2 of "decoder.w0" is NaN, where a finite one has to be. Fit the model ' +
          'again if there is no other copy.\n',
      ])
    }
    expect([existsSync('nan.csv'), existsSync('nan.html')]).toEqual([false, false])
  })
})

describe('a model that no series can be forecast by', () => {
  beforeAll(() => {
    // Weights of 1e38 are finite in float32, their products are not.
    const { tensors, metadata } = decodeSafetensors(readFileSync('spirals.model.safetensors'), 'm')
    const huge = tensors['decoder.w0']!.data.slice().fill(1e38)
    const bias = tensors['decoder.b0']!.data.slice().fill(3e38)
    writeFileSync(
      'huge.model.safetensors',
      encodeSafetensors({
        tensors: {
          ...tensors,
          'decoder.w0': { ...tensors['decoder.w0']!, data: huge },
          'decoder.b0': { ...tensors['decoder.b0']!, data: bias },
        },
        metadata,
      }),
    )
  })

  test('predict, evaluate and report say so, write nothing, and exit with 2', async () => {
    for (const [words, what] of [
      [
        ['predict', 'huge.model.safetensors', 'spirals.csv', '--out', 'huge.csv'],
        'None of the 12 series could be forecast, so there is nothing to write',
      ],
      [
        ['evaluate', 'huge.model.safetensors', 'spirals.csv', '--all'],
        'None of the 12 series could be forecast, so there is nothing to score',
      ],
      [
        ['report', 'huge.model.safetensors', 'spirals.csv', '--all', '--out', 'huge.html'],
        'None of the 12 series could be forecast, so there is nothing to score',
      ],
    ] as const) {
      const { code, out, err } = await run(...words, '--quiet')
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(
        new RegExp(
          `^latent-ode: ${what}\\. The first: The prediction .*\\. Check that times and values are in the units of the data that the ` +
            `model was fitted to .*\\n$`,
        ),
      )
    }
    expect([existsSync('huge.csv'), existsSync('huge.html')]).toEqual([false, false])
    const { code, document } = await runJson<{ error: { code: string } }>('predict', 'huge.model.safetensors', 'spirals.csv')
    expect([code, document.error.code]).toEqual([2, 'NoForecast'])
  })
})

describe('inspect', () => {
  test('says of a damaged checkpoint that it is damaged, not that it is a finished model', async () => {
    const { tensors, metadata } = decodeSafetensors(readFileSync('spirals.model.safetensors'), 'm')
    writeFileSync(
      'bad.checkpoint.safetensors',
      encodeSafetensors({ tensors, metadata: { ...metadata, 'latent-ode-state': '{"epoch":-1000}' } }),
    )
    const { code, err } = await run('inspect', 'bad.checkpoint.safetensors', '--quiet')
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /^latent-ode: bad\.checkpoint\.safetensors is damaged: in its training state, .*Start the fit again without --resume\.\n$/,
      ),
    ])
    expect((await run('fit', 'spirals.csv', '--checkpoint', 'bad.checkpoint.safetensors', '--resume', '--quiet')).code).toBe(2)
  })
})

describe('a model that some series cannot be forecast by', () => {
  test('report draws the others and names those, evaluate counts them', async () => {
    // A thousand times as long as those that were fitted to: more steps than the solver may take.
    const rows = Array.from({ length: 8 }, (_, i) => `long,${250 * i},${Math.sin(i)},${Math.cos(i)}`)
    writeFileSync('some.csv', `${readFileSync('spirals.csv', 'utf8').trim()}\n${rows.join('\n')}\n`)
    expect(
      (await run('fit', 'spirals.csv', ...tiny, '--epochs', '1', '--max-steps', '12', '--out', 'short.model.safetensors', '--quiet')).code,
    ).toBe(0)
    const { code, document } = await runJson<{ series: string[]; notices: string[] }>(
      'report',
      'short.model.safetensors',
      'some.csv',
      '--ids',
      'long,3',
      '--out',
      'some.html',
    )
    expect([code, document.series]).toEqual([0, ['3']])
    expect(document.notices).toContainEqual(
      expect.stringMatching(/^1 of the 2 series to draw could not be forecast and is left out: long\. The first: Row \d+ at t = /),
    )
    const scored = await runJson<{ series: number; failed: number }>(
      'evaluate',
      'short.model.safetensors',
      'some.csv',
      '--task',
      'extrapolation',
    )
    expect([scored.code, scored.document.series, scored.document.failed]).toEqual([0, 12, 1])
    expect(scored.err).toMatch(/Warning: 1 of 13 series could not be forecast and is not scored\. The first: Row/)
  })
})
