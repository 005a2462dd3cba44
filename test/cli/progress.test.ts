import { describe, expect, test } from 'vitest'
import { describeCurves } from '../../src/cli/terminal/curves.js'
import { startContext } from '../../src/cli/context.js'
import {
  alignColumns,
  alignPairs,
  counted,
  formatBytes,
  formatDuration,
  formatNumber,
  formatPercent,
  formatValue,
} from '../../src/cli/terminal/layout.js'
import { progressLine, showProgress } from '../../src/cli/terminal/progress.js'
import { resumeCommand } from '../../src/cli/actions/resume.js'
import type { FitCommandOptions } from '../../src/cli/commands/fit.js'
import type { EpochRecord } from '../../src/train/records.js'
import { startPlateau } from '../../src/train/schedule.js'
import type { TrainingState } from '../../src/train/state.js'
import { fakeIo } from './io.js'

const state = (epoch: number, batch: number): TrainingState => ({ epoch, batch, ending: undefined, plateau: startPlateau }) as TrainingState
const record = (epoch: number): EpochRecord => ({ epoch, trainLoss: 2 / epoch, validLoss: 3 / epoch }) as EpochRecord

/** Ten epochs of two batches, one second a batch, eight evaluations each. */
async function train(terminal: boolean, quiet = false) {
  const io = fakeIo()
  const { context } = startContext(
    { ...io, stderr: Object.assign(io.stderr, { isTTY: terminal, columns: 200 }) },
    { json: false, quiet, verbose: false, given: new Set() },
  )
  let clock = 0
  const progress = showProgress(context, { epochs: 10, patience: 5 }, () => clock)
  for (let epoch = 0; epoch < 10; epoch++) {
    for (let batch = 1; batch <= 2; batch++) {
      clock++
      progress.step(state(epoch, batch), { batches: 2, loss: 1.25, evaluations: 8, timeLeft: Infinity })
    }
    if (epoch === 4) {
      progress.note('Series are cut.')
      progress.warn('The last step is undone.')
    }
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
      'Series are cut.',
      'Warning: The last step is undone.',
      'Epoch 6 of 10: loss 0.3333, validation 0.5, 8 evaluations/s, 8 s left at most',
      'Epoch 10 of 10: loss 0.2, validation 0.3, 8 evaluations/s, 0 s left at most',
    ])
  })

  test('without a limit of epochs: the number of the epoch, what is waited for, and the time that is left', () => {
    const io = fakeIo()
    const { context } = startContext(io, { json: false, quiet: false, verbose: false, given: new Set() })
    let clock = 0
    const progress = showProgress(context, { patience: 10 }, () => clock)
    const waiting = { ...state(1, 1), plateau: { ...startPlateau, waited: 3 } }
    clock = 2
    progress.step(waiting, { batches: 1, loss: 1, evaluations: 8, timeLeft: 60 })
    clock = 20
    progress.epoch(record(4), waiting)
    expect(io.text.err.trimEnd()).toBe(
      'Epoch 4: loss 0.5, validation 0.75, no better for 3 of 10 epochs, 0.4 evaluations/s, 42 s left at most',
    )
  })

  test('on a terminal: a bar with losses, evaluations per second and time left', async () => {
    const shown = await train(true)
    expect(shown).toContain('  5 % | epoch 1 of 10 | loss 1.25   | at most 19 s left | 8 evaluations/s')
    // Validation losses 3, 3/2, 3/4, … 1/3: the 90th percentile of nine is the first.
    expect(shown).toContain(' 95 % | epoch 10 of 10 | loss 1.25  , validation 0.3333 | at most 1 s left | █▄▃▂▂▁▁▁▁ | 8 evaluations/s')
    expect(shown).toContain('\r\u001b[KSeries are cut.\n')
    expect(shown).toContain('\r\u001b[K\u001b[33mWarning:\u001b[0m The last step is undone.\n')
    // The line is gone and the cursor back.
    expect(shown.startsWith('\u001b[?25l')).toBe(true)
    expect(shown.endsWith('\r\u001b[K\u001b[?25h')).toBe(true)
  })

  test('a line fits: of losses, time left, curve and rate those that there is room for', () => {
    const parts = {
      fraction: 0.25,
      epoch: 'epoch 3 of 10',
      losses: 'loss 1, validation 2',
      left: 'at most 5 s left',
      waiting: '',
      history: [4, 3, 2, 1],
      rate: '8 evaluations/s',
    }
    const at = (columns: number, unicode = true): string => progressLine(parts, columns, unicode)
    for (let columns = 25; columns <= 200; columns++) expect(at(columns).length, String(columns)).toBeLessThanOrEqual(columns)
    expect(at(120)).toBe(
      `${'█'.repeat(6)}${'░'.repeat(18)}  25 % | epoch 3 of 10 | loss 1, validation 2 | at most 5 s left | █▆▃▁ | 8 evaluations/s`,
    )
    expect(progressLine({ ...parts, waiting: 'no better for 3 of 10 epochs', history: [] }, 140, true)).toContain(
      'at most 5 s left | no better for 3 of 10 epochs | 8 evaluations/s',
    )
    expect(at(79)).toBe('████░░░░░░░░░░░  25 % | epoch 3 of 10 | loss 1, validation 2 | at most 5 s left')
    expect(at(60)).toBe('████░░░░░░░░░░░  25 % | epoch 3 of 10 | loss 1, validation 2')
    expect(at(32)).toBe('███░░░░░░░  25 % | epoch 3 of 10')
    expect(at(24)).toBe(' 25 % | epoch 3 of 10')
    expect(at(32, false)).toBe('###-------  25 % | epoch 3 of 10')
  })

  test('the course of training in two lines', () => {
    const history = [4, 3, 2, 1].map((loss, i) => ({ epoch: i + 1, trainLoss: loss, validLoss: [5, 1, 3, 3][i]! }) as EpochRecord)
    expect(describeCurves(history, 32, true)).toEqual([
      ['Loss', '█▆▃▁  4 → 1'],
      ['Validation', '█▁▅▅  5 → 3, least 1 in epoch 2'],
    ])
    expect(describeCurves(history.slice(0, 1), 32, true)).toEqual([])
    expect(
      describeCurves(
        history.map((entry) => ({ ...entry, validLoss: NaN })),
        32,
        true,
      ),
    ).toEqual([['Loss', '█▆▃▁  4 → 1']])
  })

  test('--quiet shows neither', async () => {
    expect(await train(false, true)).toBe('')
    expect(await train(true, true)).toBe('')
  })
})

describe('layout', () => {
  test('columns are aligned, the first to the left', () => {
    expect(
      alignColumns([
        ['', 'mse'],
        ['all', '0.5'],
        ['b', '12.25'],
      ]),
    ).toBe('       mse\nall    0.5\nb    12.25')
    expect(
      alignPairs([
        ['a', '1'],
        ['long', '2'],
      ]),
    ).toBe('a     1\nlong  2')
  })
  test('a table that is too wide becomes several, each with the first column', () => {
    const rows = [
      ['', 'one', 'two', 'three'],
      ['a', '1', '2', '3'],
    ]
    expect(alignColumns(rows, 18)).toBe('   one  two  three\na    1    2      3')
    expect(alignColumns(rows, 17)).toBe('   one  two\na    1    2\n\n   three\na      3')
    expect(alignColumns(rows, 1).split('\n\n')).toHaveLength(3)
    expect(alignColumns([['alone'], ['x']])).toBe('alone\nx')
  })
  test.each([
    [0.123456, '0.1235'],
    [1234567, '1.235e+6'],
    [0.00001234, '1.234e-5'],
    [0, '0'],
    [NaN, '–'],
    [-2.5, '-2.5'],
    [12345, '12350'],
  ])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
  test('durations and percentages', () => {
    expect([0.4, 59.6, 200, 3600, 7500, Infinity].map(formatDuration)).toEqual(['0 s', '1 min', '3 min 20 s', '1 h', '2 h 5 min', '–'])
    expect([0.5, 0, 1, 0.0001, 0.9999, NaN].map(formatPercent)).toEqual(['50.0 %', '0 %', '100 %', '<0.1 %', '>99.9 %', '–'])
    expect([1, 2, 1000].map((count) => counted(count, 'epoch'))).toEqual(['1 epoch', '2 epochs', '1,000 epochs'])
    expect([1, 512, 40_755, 3 * 2 ** 20].map(formatBytes)).toEqual(['1 byte', '512 bytes', '39.8 KiB', '3 MiB'])
    expect([1775.25, -166.6, 41.234, 0.00866, 2e6].map(formatValue)).toEqual(['1775', '-167', '41.2', '0.00866', '2e+6'])
  })
})

test('the command to go on with repeats what the checkpoint does not know, quoted for the shell', () => {
  const options = { data: 'my visits.csv', out: 'm.safetensors', missing: ['none', '-9'], id: "anna's", latents: 3 } as FitCommandOptions
  expect(resumeCommand(options, new Set(['out', 'missing', 'id', 'latents']))).toBe(
    `latent-ode fit 'my visits.csv' --out m.safetensors --id 'anna'\\''s' --missing none,-9 --resume`,
  )
})
