import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { filterNames } from '../../src/model/filters/index.js'
import { readModel } from '../../src/train/modelFile.js'
import type { ModelComparison } from '../../src/train/compareModels.js'
import { fakeIo, run, runJson, useFolder } from './io.js'

useFolder()
const trained = ['latent-ode', 'ode-rnn']
const small = ['--latents', '2', '--encoder-units', '4', '--encoder-field-units', '4', '--field-units', '4', '--decoder-units', '0']
const tiny = [...small, '--units', '4', '--min-steps', '1', '--epochs', '1']
const both = ['compare', 'spirals.csv', '--models', trained.join(','), ...tiny]

beforeAll(async () => {
  await run('simulate', 'spirals', '--series', '14', '--points', '6', '--quiet')
})

describe('fit', () => {
  test('--model auto keeps one of them, and says by what', async () => {
    const words = ['fit', 'spirals.csv', '--model', 'auto', ...tiny, '--valid-fraction', '0.4', '--out', 'auto.model.safetensors']
    const { code, document } = await runJson<{ choice: { chosen: string; extrapolation: { models: { model: string }[] } } }>(...words)
    expect(code).toBe(0)
    expect((await readModel('auto.model.safetensors')).kind).toBe(document.choice.chosen)
    expect(document.choice.extrapolation.models.map(({ model }) => model)).toEqual(expect.arrayContaining(trained))
    const { out, err } = await run(...words)
    expect(err).toMatch(/Fit 1 of \d+: /)
    expect(out).toContain(`Chosen: ${document.choice.chosen}, for the least negative log-likelihood on 6 validation series`)
    expect(out).toMatch(/\n +Filling gaps: MSE +NLL +from the best +Looking ahead: MSE +NLL +from the best\n/)
  })

  test('says how the model does on its validation series', async () => {
    const words = ['fit', 'spirals.csv', ...small, '--min-steps', '1', '--epochs', '1', '--valid-fraction', '0.4']
    const { document } = await runJson<{ validation: { series: number; extrapolation: { mse: number; against: { baseline: string } } } }>(
      ...words,
    )
    const { series, extrapolation } = document.validation
    expect([series, ['locf', 'mean'].includes(extrapolation.against.baseline)]).toEqual([6, true])
    const { out } = await run(...words)
    expect(out).toMatch(/\nFilling gaps +error \S+, \S+ % (below|above) .*, on 6 validation series\n/)
    expect(out).toContain(`\nLooking ahead  error ${Number(extrapolation.mse.toPrecision(3))}, `)
    expect((await run(...words, '--valid-fraction', '0')).out).not.toContain('Looking ahead')
  })
})

describe('compare', () => {
  test('the same values for every model; numbers are those of fit and evaluate', async () => {
    const { code, document } = await runJson<ModelComparison & { data: string }>(...both)
    expect(code).toBe(0)
    expect(document).toMatchObject({ models: trained, seeds: [1], failures: [], finished: true, data: 'spirals.csv' })
    expect(document.fits.map(({ model, seed }) => [model, seed])).toEqual(trained.map((model) => [model, 1]))
    for (const [i, model] of trained.entries()) {
      const own = model === 'latent-ode' ? small : ['--units', '4', '--field-units', '4', '--decoder-units', '0']
      const words = ['fit', 'spirals.csv', '--model', model, ...own, '--min-steps', '1', '--epochs', '1', '--out', 'one.model.safetensors']
      expect((await run(...words)).code).toBe(0)
      for (const task of ['interpolation', 'extrapolation'] as const) {
        const { document: one } = await runJson<{ mse: number; nll: number; series: number; points: number; coverage: object }>(
          ...['evaluate', 'one.model.safetensors', 'spirals.csv', '--task', task],
        )
        const ranking = document[task]!
        expect(ranking).toMatchObject({ series: one.series, values: one.points })
        expect(ranking.models[i]!.model).toBe(model)
        expect(ranking.models[i]!.mse).toBeCloseTo(one.mse, 10)
        expect(ranking.models[i]!.nll).toBeCloseTo(one.nll, 10)
        expect(ranking.models[i]!.coverage).toEqual(one.coverage)
      }
    }
  })

  test('all filters, by name; where none is named, the usual models', async () => {
    const words = ['compare', 'spirals.csv', '--min-steps', '1', '--epochs', '1', '--units', '4', '--decoder-units', '0', '--quiet']
    const { document } = await runJson<ModelComparison>(...words, '--models', filterNames.join(','))
    expect(document.failures).toEqual([])
    for (const task of ['interpolation', 'extrapolation'] as const) {
      expect(document[task]!.models.map(({ model }) => model)).toEqual(filterNames)
      for (const { mse, nll } of document[task]!.models) expect([mse, nll]).toSatisfy((scores: number[]) => scores.every(Number.isFinite))
    }
    const { out } = await run('compare', '--help')
    expect(out.replace(/\s+/g, ' ')).toContain('Default: latent-ode, ode-rnn, gp, mixed, last, linear, trend')
  })

  test('several seeds are several splits; a series counts once', async () => {
    const { document } = await runJson<ModelComparison>(...both, '--seeds', '3', '--seed', '5')
    expect(document.seeds).toEqual([5, 6, 7])
    expect(document.fits).toHaveLength(6)
    // Two of 14 series test in each split.
    expect(document.extrapolation!.series).toBeGreaterThan(2)
    expect(document.extrapolation!.series).toBeLessThanOrEqual(6)
  })

  test('people read a table and who is best', async () => {
    const { code, out, err } = await run(...both)
    expect(code).toBe(0)
    expect(err).toContain('Fit 1 of 2: latent-ode, seed 1.')
    expect(out).toContain('Compared on the test series of spirals.csv, seed 1.')
    expect(out).toMatch(/\n +MSE +from the best +NLL +from the best +in 50 % +in 90 % +time\nlatent-ode +\d/)
    expect(out).toMatch(/(latent-ode|ode-rnn) has the least error; 2 series are too few to say whether that is chance\./)
  })

  test('--out: a table, or a page that works offline', async () => {
    expect((await run(...both, '--out', 'models.csv')).out).toContain('models.csv is written.')
    const [header, ...rows] = readFileSync('models.csv', 'utf8').trim().split(/\r?\n/)
    expect(header).toMatch(/^task,model,series,values,mse,mseAgainstBest,/)
    expect(rows.map((row) => row.split(',', 2))).toEqual(
      ['interpolation', 'extrapolation'].flatMap((task) => trained.map((one) => [task, one])),
    )
    expect((await run(...both, '--out', '-')).out).toMatch(/^task,model/)
    expect((await run(...both, '--out', 'models.html', '--title', 'A <b>')).code).toBe(0)
    const page = readFileSync('models.html', 'utf8')
    expect(page).toContain('<h1>A &#60;b&#62;</h1>')
    expect(page).toContain('id="models-extrapolation-mse"')
    expect(page).toContain('no single observation. No series is named.')
  })

  test('Ctrl-C before a seed is done: 130, and nothing is written', async () => {
    const io = fakeIo()
    const done = runCommandLine([...both, '--epochs', '500', '--out', 'never.csv'], io)
    const press = setInterval(() => {
      if (!io.text.err.includes('Fit 1 of 2')) return
      clearInterval(press)
      io.interrupt()
    }, 1)
    expect(await done).toBe(130)
    expect(io.text.err).toContain('Interrupted before all models were fitted once')
    expect(existsSync('never.csv')).toBe(false)
  })

  test.each([
    [['--models', 'latent-od'], 'There is no model "latent-od". Did you mean "latent-ode"?'],
    [['--models', 'latent-ode', '--units', '3'], 'The option "units" means nothing to the model latent-ode. Leave it out.'],
    [['--title', 'x'], '--title is that of a page.'],
    [['--test-fraction', '0'], 'none that has two rows is kept for testing'],
    [['--json', '--out', '-'], '--json and --out - both want standard output.'],
    [['--seeds', '0'], '--seeds is 0, but must be'],
  ])('refuses %j', async (words, message) => {
    const { code, err } = await run('compare', 'spirals.csv', ...(words.includes('--units') ? [] : small), '--epochs', '1', ...words)
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
  })
})
