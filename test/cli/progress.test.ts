import { describe, expect, test } from 'vitest'
import type { Context } from '../../src/cli/command.js'
import { alignColumns, alignPairs, formatDuration, formatNumber, formatPercent } from '../../src/cli/layout.js'
import { showProgress } from '../../src/cli/progress.js'
import { resumeCommand } from '../../src/cli/resume.js'
import type { FitCommandOptions } from '../../src/cli/commands/fit.js'
import type { EpochRecord } from '../../src/train/records.js'
import type { TrainingState } from '../../src/train/state.js'
import { fakeIo } from './io.js'

const state = (epoch: number, batch: number): TrainingState => ({ epoch, batch, finished: false } as TrainingState)
const record = (epoch: number): EpochRecord => ({ epoch, trainLoss: 2 / epoch, validLoss: 3 / epoch } as EpochRecord)

/** Ten epochs of two batches, one second a batch, eight evaluations each. */
async function train(terminal: boolean, quiet = false) {
  const io = fakeIo()
  const context: Context = {
    io: { ...io, stderr: Object.assign(io.stderr, { isTTY: terminal, columns: 200 }) }, json: false, quiet, given: new Set(),
    note: (message) => void (quiet || (io.text.err += `${message}\n`)), warn: (message) => void (quiet || (io.text.err += `Warning: ${message}\n`)),
  }
  let clock = 0
  const progress = await showProgress(context, 10, () => clock)
  for (let epoch = 0; epoch < 10; epoch++) {
    for (let batch = 1; batch <= 2; batch++) {
      clock++
      progress.step(state(epoch, batch), { batches: 2, loss: 1.25, evaluations: 8 })
    }
    if (epoch === 4) progress.note('The last step is undone.')
    progress.epoch(record(epoch + 1), state(epoch + 1, 0))
  }
  progress.end()
  return io.text.err
}

describe('progress', () => {
  test('without a terminal: a line at most every ten seconds, and the last', async () => {
    expect((await train(false)).trimEnd().split('\n')).toEqual([
      // 20 batches in all, one a second: 18 are left after the first epoch.
      'Epoch 1 of 10: loss 2, validation 3, 8 evaluations/s, 18 s left at most',
      'Warning: The last step is undone.',
      'Epoch 6 of 10: loss 0.3333, validation 0.5, 8 evaluations/s, 8 s left at most',
      'Epoch 10 of 10: loss 0.2, validation 0.3, 8 evaluations/s, 0 s left at most',
    ])
  })

  test('on a terminal: a bar with losses, evaluations per second and time left', async () => {
    const shown = await train(true)
    expect(shown).toContain('epoch 1 of 10 | loss 1.25, validation – | 8 evaluations/s | 19 s left at most')
    expect(shown).toMatch(/\d+ % \| epoch 10 of 10 \| loss 1\.25, validation 0\.3333 \| 8 evaluations\/s/)
    expect(shown).toContain('Warning: The last step is undone.\n')
  })

  test('--quiet shows neither', async () => {
    expect(await train(false, true)).toBe('')
    expect(await train(true, true)).toBe('')
  })
})

describe('layout', () => {
  test('columns are aligned, the first to the left', () => {
    expect(alignColumns([['', 'mse'], ['all', '0.5'], ['b', '12.25']])).toBe('       mse\nall    0.5\nb    12.25')
    expect(alignPairs([['a', '1'], ['long', '2']])).toBe('a     1\nlong  2')
  })
  test.each([[0.123456, '0.1235'], [1234567, '1.235e+6'], [0.00001234, '1.234e-5'], [0, '0'], [NaN, '–'], [-2.5, '-2.5'], [12345, '12350']])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
  test('durations and percentages', () => {
    expect([0.4, 59.6, 200, 3600, 7500, Infinity].map(formatDuration)).toEqual(['0 s', '1 min', '3 min 20 s', '1 h', '2 h 5 min', '–'])
    expect([0.5, 1, NaN].map(formatPercent)).toEqual(['50.0 %', '100.0 %', '–'])
  })
})

test('the command to go on with repeats what the checkpoint does not know, quoted for the shell', () => {
  const options = { data: 'my visits.csv', out: 'm.safetensors', missing: ['none', '-9'], id: "anna's", latents: 3 } as FitCommandOptions
  expect(resumeCommand(options, new Set(['out', 'missing', 'id', 'latents']))).toBe(`latent-ode fit 'my visits.csv' --out m.safetensors --id 'anna'\\''s' --missing none,-9 --resume`)
})
