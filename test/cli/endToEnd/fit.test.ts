import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../../../src/cli/run.js'
import { readModel } from '../../../src/train/modelFile.js'
import { fakeIo, run, runJson, useFolder } from '../io.js'
import { good, model, small, table, tiny, trainedOnly, useFittedModel } from './support.js'

const folder = useFolder()
useFittedModel(folder)

describe('fit', () => {
  test('writes one model file and nothing else; says what it did and what to type next', async () => {
    const { out, err } = await good('fit', 'spirals.csv', ...tiny, '--out', 'one.model.safetensors')
    expect(readdirSync('.').filter((name) => name.includes('one') || name.includes('tmp'))).toEqual(['one.model.safetensors'])
    expect(err).toContain('Times are taken from the column "time" (--time names another).')
    expect(err).toContain('Epoch 2 of 2: loss ')
    expect(err).toMatch(/evaluations\/s, 0 s left at most/)
    expect(out).toContain('12 series: 8 to train on, 2 to validate, 2 to test')
    expect(out).toContain('2 epochs, 4 steps')
    expect(out).toContain('latent-ode predict one.model.safetensors spirals.csv')
  })

  test('one series: nothing is left to test on, and what it says to type next works', async () => {
    folder.write('lone.csv', 'time,a\n0,1\n1,2\n2,1\n3,2\n4,1\n')
    const { out } = await good('fit', 'lone.csv', ...tiny)
    const [next] = /latent-ode (evaluate .*)/.exec(out)!.slice(1)
    expect(next).toBe('evaluate lone.model.safetensors lone.csv --all')
    expect((await run('evaluate', 'lone.model.safetensors', 'lone.csv')).err).toContain('say --all to score it on what it was trained on.')
    expect((await good(...next!.split(' '), '--samples', '5')).out).toContain(
      'Scored on the one series of lone.csv, those that the model was fitted to among them (--all).',
    )
  })

  test('--json: one document, humans on standard error', async () => {
    const { document, err } = await runJson('fit', 'spirals.csv', ...tiny, '--out', 'json.model.safetensors')
    expect(document).toMatchObject({
      model: 'json.model.safetensors',
      data: 'spirals.csv',
      channels: ['x', 'y'],
      idColumn: 'id',
      timeColumn: 'time',
      time: { kind: 'number' },
      series: { train: 8, validation: 2, test: 2 },
      epochs: 2,
      steps: 4,
      ending: 'epochs',
      engine: expect.stringMatching(/^(native|wasm|tfjs) float32/) as string,
    })
    const { history, keptEpoch } = await readModel('json.model.safetensors')
    const kept = history.find(({ epoch }) => epoch === keptEpoch)!
    expect(document).toMatchObject({ keptEpoch, trainLoss: kept.trainLoss, validLoss: kept.validLoss })
    expect(err).toContain('Epoch 2 of 2')
  })

  test('--quiet: nothing on standard error', async () => {
    expect((await good('fit', 'spirals.csv', ...tiny, '--out', 'quiet.model.safetensors', '--quiet')).err).toBe('')
  })

  test('the same seed gives the same weights', async () => {
    await good('fit', 'spirals.csv', ...tiny, '--out', 'again.model.safetensors')
    expect((await readModel('again.model.safetensors')).parameters).toEqual((await readModel(model)).parameters)
  })

  test('dynamics that pair latents up refuse an odd number of them', async () => {
    const { code, err } = await run('fit', 'spirals.csv', ...tiny, '--latents', '3', '--dynamics', 'second-order', '--quiet')
    const why = 'the dynamics second-order pair the latents up, but latents is 3, an odd number'
    expect([code, err]).toEqual([2, `latent-ode: It cannot be made: ${why}. Give another number.\n`])
  })

  test('linear dynamics take no solver: its options are errors, and no table speaks of it', async () => {
    const sizes = tiny.filter((_, i) => tiny[i] !== '--field-units' && tiny[i - 1] !== '--field-units')
    for (const [words, name] of [
      [['--method', 'rk4'], '"method", which is set to rk4'],
      [['--time-dependent'], '"timeDependent", which is set to true'],
      [['--field-units', '5'], '"fieldUnits", which is set to 5'],
    ] as const) {
      const { code, err } = await run('fit', 'spirals.csv', ...sizes, '--dynamics', 'linear', ...words, '--quiet')
      expect([code, err]).toEqual([2, `latent-ode: The dynamics linear have no use for ${name}. Leave it out.\n`])
    }
    await good('fit', 'spirals.csv', ...sizes, '--dynamics', 'linear', '--out', 'linear.model.safetensors')
    expect((await readModel('linear.model.safetensors')).history.map(({ evaluations }) => evaluations)).toEqual([0, 0])
    const { out } = await good('inspect', 'linear.model.safetensors')
    expect(out).toMatch(/Method +none: z\(t\) is known in closed form/)
    expect(out).not.toMatch(/Rtol|Field units|Time dependent/)
    const { err } = await good('predict', 'linear.model.safetensors', 'spirals.csv', '--horizon', '50', '--verbose', '--out', 'linear.csv')
    expect(err).toContain('trajectories, none of which took a solver.')
    const ahead = table(readFileSync('linear.csv', 'utf8')).map(({ mean }) => Number(mean))
    expect(ahead.length).toBeGreaterThan(0)
    expect(ahead.every(Number.isFinite)).toBe(true)
    await good('report', 'linear.model.safetensors', 'spirals.csv', '--format', 'md', '--out', 'linear.md')
    expect(readFileSync('linear.md', 'utf8')).not.toContain('What the solver did')
  })

  test('--model ode-rnn: forecast, scored, reported, resumed; options that it has not or has no use for are errors', async () => {
    await good('fit', 'spirals.csv', ...small, '--model', 'ode-rnn', '--units', '4', '--out', 'rnn.model.safetensors')
    expect(await readModel('rnn.model.safetensors')).toMatchObject({
      kind: 'ode-rnn',
      model: { units: 4, fieldUnits: 4, residual: 'ou' },
      training: { objective: 'elbo', samples: 1, klWarmup: 0 },
    })
    expect((await good('inspect', 'rnn.model.safetensors')).out).toContain('ode-rnn')
    const { document } = await runJson<{ mse: number; points: number }>(
      'evaluate',
      'rnn.model.safetensors',
      'spirals.csv',
      '--task',
      'extrapolation',
    )
    expect(document.mse).toBeGreaterThan(0)
    await good('predict', 'rnn.model.safetensors', 'spirals.csv', '--horizon', '0.5', '--out', 'rnn.csv')
    await good('report', 'rnn.model.safetensors', 'spirals.csv', '--out', 'rnn.html')
    expect(readFileSync('rnn.html', 'utf8')).toContain('An ODE-RNN of spirals.csv')
    for (const [words, message] of [
      [
        ['--latents', '3'],
        'The model ode-rnn has no option "latents"; latent-ode has. Its own are units, fieldUnits, fieldLayers, rate, decoderUnits, residual.',
      ],
      [['--samples', '3'], 'The model ode-rnn has no use for "samples", which is set to 3. Leave it out.'],
    ] as const) {
      const { code, err } = await run(
        'fit',
        'spirals.csv',
        ...small,
        '--model',
        'ode-rnn',
        ...words,
        '--out',
        'none.model.safetensors',
        '--quiet',
      )
      expect([code, err]).toEqual([2, `latent-ode: ${message}\n`])
    }
    expect(await run('predict', 'rnn.model.safetensors', 'spirals.csv', '--samples', '5', '--quiet')).toMatchObject({
      code: 2,
      err: expect.stringContaining('which draws no samples. Leave out --samples.') as string,
    })
    expect((await run('fit', 'spirals.csv', '--model', 'ode-rn', '--quiet')).err).toContain('Did you mean ode-rnn?')
  })

  test.each([
    ['rnn-delta', 'An RNN-Δt'],
    ['rnn-decay', 'An RNN with decay'],
    ['gru-d', 'A GRU-D'],
    ['gru-ode-bayes', 'A GRU-ODE-Bayes'],
  ])('--model %s: forecast, scored, reported', async (kind, label) => {
    const tinyFilter = ['--epochs', '2', '--units', '4', '--decoder-units', '4', '--batch-size', '4', '--min-steps', '1']
    await good('fit', 'spirals.csv', ...tinyFilter, '--model', kind, '--out', 'filter.model.safetensors')
    expect(await readModel('filter.model.safetensors')).toMatchObject({ kind, model: { units: 4, residual: 'ou' } })
    const words = ['evaluate', 'filter.model.safetensors', 'spirals.csv', '--task', 'extrapolation']
    expect((await runJson<{ mse: number }>(...words)).document.mse).toBeGreaterThan(0)
    await good('predict', 'filter.model.safetensors', 'spirals.csv', '--horizon', '0.5', '--out', 'filter.csv')
    await good('report', 'filter.model.safetensors', 'spirals.csv', '--out', 'filter.html')
    expect(readFileSync('filter.html', 'utf8')).toContain(`${label} of spirals.csv`)
  })

  test('--max-steps: too few end the run with what to try', async () => {
    const { code, out, err } = await run(
      'fit',
      'spirals.csv',
      ...tiny,
      '--max-steps',
      '1',
      '--rtol',
      '1e-6',
      '--out',
      'few.model.safetensors',
      '--quiet',
    )
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^latent-ode: In epoch 1 the solver failed for .* rows .*Try --max-steps 1000/)
    expect(existsSync('few.model.safetensors')).toBe(false)
  })

  test('--engine names another; one that cannot be had is an error', async () => {
    vi.stubEnv('LATENT_ODE_NATIVE', join(folder.path, 'none.node'))
    const { code, err } = await run('fit', 'spirals.csv', ...tiny, '--engine', 'native', '--quiet')
    vi.unstubAllEnvs()
    expect(code).not.toBe(0)
    expect(err).toContain('none.node')
    const { document } = await runJson<{ engine: string }>(
      'fit',
      'spirals.csv',
      ...tiny,
      ...trainedOnly,
      '--engine',
      'tfjs',
      '--out',
      'tfjs.model.safetensors',
    )
    expect(document.engine).toBe('tfjs float32')
  })

  test('--dtype float64: weights are doubles', async () => {
    const wide = [...tiny, '--engine', 'wasm', '--dtype', 'float64', '--out', 'wide.model.safetensors', '--quiet'] as const
    await good('fit', 'spirals.csv', ...wide)
    const { parameters, engine } = await readModel('wide.model.safetensors')
    expect(engine).toMatch(/^wasm float64/)
    const weights = Object.values(parameters)
    expect(weights.every((w) => w instanceof Float64Array)).toBe(true)
    expect(weights.some((w) => w.some((x) => Math.fround(x) !== x))).toBe(true)
    const refused = await run('fit', 'spirals.csv', ...tiny, '--engine', 'tfjs', '--dtype', 'float64', '--quiet')
    expect(refused.code).not.toBe(0)
    expect(refused.err).toContain('float64')
  })

  test('--debug-nan changes no weight', async () => {
    const words = [...tiny, ...trainedOnly, '--engine', 'wasm', '--quiet'] as const
    await good('fit', 'spirals.csv', ...words, '--out', 'plain.model.safetensors')
    await good('fit', 'spirals.csv', ...words, '--debug-nan', '--out', 'watched.model.safetensors')
    const [plain, watched] = [await readModel('plain.model.safetensors'), await readModel('watched.model.safetensors')]
    for (const [name, w] of Object.entries(plain.parameters)) watched.parameters[name]!.forEach((x, i) => expect(x).toBeCloseTo(w[i]!, 4))
  })

  test('--threads and LATENT_ODE_THREADS: what is no number of threads is refused', async () => {
    expect((await run('fit', 'spirals.csv', '--threads', '0')).err).toBe(
      'latent-ode: --threads is 0, but must be a whole number from 1 to 1024.\n',
    )
    const io = fakeIo({ LATENT_ODE_THREADS: 'many' })
    expect(await runCommandLine(['fit', 'spirals.csv'], io)).toBe(2)
    expect(io.text.err).toBe('latent-ode: LATENT_ODE_THREADS is "many", but must be a whole number from 1 to 1024.\n')
  })
})
