import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { run, runJson, useFolder } from './io.js'

const folder = useFolder()

const sizes = '--latents 2 --encoder-units 4 --encoder-field-units 4 --field-units 4 --decoder-units 4 --samples 1 --min-steps 1'.split(' ')
const tiny = ['--epochs', '2', ...sizes]
const model = 'folds.model.safetensors'

beforeAll(async () => {
  await run('simulate', 'spirals', '--series', '12', '--points', '8')
  await run('fit', 'spirals.csv', ...tiny, '--folds', '3', '--out', model)
}, 300_000)

describe('a model of several trainings', () => {
  test('fit says what it does, how each training goes, and what came of them', async () => {
    const { code, out, err } = await run('fit', 'spirals.csv', ...tiny, '--folds', 'auto', '--out', 'auto.model.safetensors', '--verbose')
    expect(code).toBe(0)
    expect(err).toMatch(/^Trains 5 times, on 5 folds: validation would have only 2 series/m)
    expect(err).toContain('Training 5 of 5, epoch 2 of 2: loss')
    expect(out).toContain('5 trainings, each validated with a fold')
    expect(out).toContain('on 10 validation series')
  })

  test('a limit of epochs in a file of options is one as on the command line', async () => {
    const members = async (yaml: string): Promise<number | undefined> => {
      const { document } = await runJson<{ members?: object[] }>(
        ...[
          'fit',
          'spirals.csv',
          ...sizes,
          '--stack',
          'none',
          '--config',
          folder.write('fit.yaml', yaml),
          '--out',
          'config.model.safetensors',
        ],
      )
      return document.members?.length
    }
    expect(await members('epochs: 2\n')).toBeUndefined()
    expect(await members('epochs: 2\nfolds: auto\n')).toBe(5)
    expect(await members('budget: 0.01s\n')).toBe(5)
  })

  // At least one series tests and one validates: of 5 three are left to train on, of 6 four; of 30 five validate.
  test.each([
    [1, undefined],
    [2, undefined],
    [3, undefined],
    [5, undefined],
    [6, 5],
    [26, 5],
    [30, undefined],
  ])('a set of %i series, with a budget of a moment: %s trainings', async (series, members) => {
    await run('simulate', 'spirals', '--series', String(series), '--points', '6', '--out', 'few.csv')
    const { code, document, err } = await runJson<{ members?: object[] }>('fit', 'few.csv', '--budget', '0.01s', '--stack', 'last')
    expect([code, document.members?.length]).toEqual([0, members])
    expect(err.includes('Trains 5 times, on 5 folds')).toBe(members === 5)
  })

  test('--json gives each member', async () => {
    const { document } = await runJson<{ members: object[]; folds: number }>('fit', 'spirals.csv', ...tiny, '--ensemble', '2')
    expect(document).toMatchObject({ folds: 1, members: [{ seed: 1, epochs: 2 }, { seed: 2, epochs: 2 }] }) // prettier-ignore
  })

  test('inspect, predict, evaluate and report take it', async () => {
    expect((await run('inspect', model)).out).toMatch(/Averaged over +3 trainings, each validated with a fold/)
    const { document } = await runJson<{ series: number; mse: number }>('evaluate', model, 'spirals.csv')
    expect(document.series).toBe(2)
    expect(document.mse).toBeGreaterThan(0)
    expect((await run('predict', model, 'spirals.csv', '--horizon', '0.5', '--out', 'ahead.csv')).code).toBe(0)
    expect((await run('report', model, 'spirals.csv', '--out', 'page.html')).code).toBe(0)
    const page = readFileSync('page.html', 'utf8')
    expect(page).toContain('The model is the average of 3 trainings; this is the first.')
    expect(page).toContain('each with a latent space of its own; this is that of the first.')
  })

  test.each([
    [['--ensemble', '0'], '--ensemble'],
    [['--ensemble', '2', '--folds', '3'], 'do not go together'],
    [['--folds', '11'], 'but 10 series are not kept for testing. Give at most 10.'],
    [['--folds', '2', '--valid-fraction', '0.2'], 'Leave --valid-fraction out'],
    [['--folds', '2', '--window', '5'], '--window none'],
    [['--model', 'gp', '--ensemble', '2'], 'has no use for "ensemble"'],
    [['--from', model], 'The model is the average of 3 trainings'],
  ])('%j is refused, with what to do', async (words, message) => {
    const { code, err } = await run('fit', 'spirals.csv', ...words, '--out', 'none.model.safetensors', '--quiet')
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
  })
})
