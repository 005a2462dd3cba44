import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { readModel } from '../../src/train/modelFile.js'
import { optionFacts } from '../../src/cli/parsing/options.js'
import { fit } from '../../src/cli/commands/fit.js'
import { fakeIo, run, runJson, useFolder, type Result } from './io.js'

const folder = useFolder()

/** Sizes at which a fit takes a moment. */
const tiny = [
  '--epochs',
  '2',
  '--latents',
  '2',
  '--encoder-units',
  '4',
  '--encoder-field-units',
  '4',
  '--field-units',
  '4',
  '--decoder-units',
  '4',
  '--samples',
  '1',
  '--validation-samples',
  '1',
  '--batch-size',
  '4',
  '--min-steps',
  '1',
]
const model = 'spirals.model.safetensors'

const good = async (...words: string[]): Promise<Result> => {
  const result = await run(...words)
  expect(result.err).not.toContain('latent-ode:')
  expect(result.code).toBe(0)
  return result
}

/** Cells of a CSV text without quotes, by column. */
function table(text: string): Record<string, string>[] {
  const [header, ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split(','))
  return rows.map((cells) => Object.fromEntries(header!.map((name, i) => [name, cells[i]!])))
}

beforeAll(async () => {
  await good('simulate', 'spirals', '--series', '12', '--points', '8')
  await good('fit', 'spirals.csv', ...tiny)
}, 60_000)

describe('simulate', () => {
  const csv = async (...words: string[]): Promise<Record<string, string>[]> => table((await good('simulate', ...words, '--out', '-')).out)

  test.each([
    ['periodic', ['value']],
    ['spirals', ['x', 'y']],
    ['oscillators', ['position', 'velocity']],
    ['lotka-volterra', ['prey', 'predator']],
  ])('%s', async (kind, channels) => {
    const rows = await csv(kind, '--series', '3', '--points', '4')
    expect(rows).toHaveLength(12)
    expect(Object.keys(rows[0]!)).toEqual(['id', 'time', ...channels])
    expect([...new Set(rows.map(({ id }) => id))]).toEqual(['0', '1', '2'])
  })

  test('--span bounds the times, --regular spaces them evenly', async () => {
    const rows = await csv('periodic', '--series', '2', '--points', '5', '--span', '8', '--regular')
    expect(rows.map(({ time }) => Number(time))).toEqual([0, 2, 4, 6, 8, 0, 2, 4, 6, 8])
    const random = await csv('periodic', '--series', '2', '--points', '50', '--span', '8')
    expect(random.every(({ time }) => Number(time) >= 0 && Number(time) <= 8)).toBe(true)
    expect(random.some(({ time }) => Number(time) > 5)).toBe(true)
  })

  test('--noise: without it the periodic values are sines of amplitude 1', async () => {
    const [exact, noisy] = [
      await csv('periodic', '--series', '5', '--noise', '0'),
      await csv('periodic', '--series', '5', '--noise', '0.5'),
    ]
    expect(exact.every(({ value }) => Math.abs(Number(value)) <= 1)).toBe(true)
    const residuals = noisy.map(({ value }, i) => Number(value) - Number(exact[i]!['value']))
    const sd = Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / residuals.length)
    // 500 draws: the standard error of the sd is 0.5/sqrt(1000) = 0.016.
    expect(Math.abs(sd - 0.5)).toBeLessThan(0.08)
  })

  test('--rows-observed and --cells-observed thin the table', async () => {
    const rows = await csv('spirals', '--series', '20', '--points', '50', '--rows-observed', '0.4', '--cells-observed', '0.5')
    // 1,000 rows, kept with 0.4: standard deviation 15.5. A kept row keeps one cell for certain, the other with 0.5.
    expect(Math.abs(rows.length - 400)).toBeLessThan(80)
    const empty = rows.flatMap(({ x, y }) => [x, y]).filter((cell) => cell === '').length
    expect(Math.abs(empty / rows.length - 0.5)).toBeLessThan(0.13)
  })

  test('--seed', async () => {
    const [a, b, c] = await Promise.all([['1'], ['1'], ['2']].map(([seed]) => csv('periodic', '--series', '2', '--seed', seed!)))
    expect(a).toEqual(b)
    expect(a).not.toEqual(c)
  })

  test('--out and --json', async () => {
    const { document } = await runJson('simulate', 'spirals', '--series', '2', '--points', '3', '--seed', '5', '--out', 'made.csv')
    expect(document).toEqual({ out: 'made.csv', kind: 'spirals', series: 2, rows: 6, channels: ['x', 'y'], seed: 5 })
    expect(table(readFileSync('made.csv', 'utf8'))).toHaveLength(6)
  })
})

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

  /** For each option a value other than the default, with what else it needs to matter, and the values to compare with. */
  const small = ['--epochs', '2', '--field-units', '4', '--decoder-units', '4', '--batch-size', '4', '--min-steps', '1']
  const changes: Record<
    string,
    {
      words: string[]
      from?: string[]
      base?: string[]
      differs?: 'weights' | 'history' | 'rates' | 'validation' | 'split' | 'calibration'
    }
  > = {
    model: { from: small, words: ['--model', 'ode-rnn'] },
    units: { from: [...small, '--model', 'ode-rnn'], words: ['--units', '5'] },
    encoder: { from: small, words: ['--encoder', 'rnn'] },
    dynamics: { from: small, words: ['--dynamics', 'semilinear'] },
    likelihood: { words: ['--likelihood', 'student-t'] },
    latents: { words: ['--latents', '3'] },
    encoderUnits: { words: ['--encoder-units', '5'] },
    encoderFieldUnits: { words: ['--encoder-field-units', '5'] },
    fieldUnits: { words: ['--field-units', '5'] },
    fieldLayers: { words: ['--field-layers', '2'] },
    timeDependent: { words: ['--time-dependent'] },
    rate: { words: ['--rate', '3'], base: ['--rate', '1'] },
    decoderUnits: { words: ['--decoder-units', '0'] },
    noise: { words: ['--noise', '0.3'] },
    residual: { words: ['--residual', 'none'] },
    origin: { words: ['--origin', 'first'], base: ['--origin', 'common'] },
    method: { words: ['--method', 'rk4'] },
    stepSize: { words: ['--step-size', '0.2'], base: ['--method', 'euler'] },
    rtol: { words: ['--rtol', '1e-6'] },
    atol: { words: ['--atol', '1e-1'] },
    adjoint: { words: ['--adjoint', 'continuous'] },
    epochs: { words: ['--epochs', '3'], differs: 'history' },
    budget: { words: ['--budget', '0.001s'], base: ['--epochs', '30'], differs: 'history' },
    batchSize: { words: ['--batch-size', '8'] },
    minSteps: { words: ['--min-steps', '3'] },
    seed: { words: ['--seed', '2'] },
    calibrate: { words: ['--no-calibrate'], differs: 'calibration' },
    stack: { words: ['--stack', 'none'] },
    ensemble: { words: ['--ensemble', '2'] },
    folds: { words: ['--folds', '2'] },
    objective: { words: ['--objective', 'iwae'], base: ['--samples', '2'] },
    balance: { words: ['--balance', 'channels'] },
    samples: { words: ['--samples', '2'] },
    validationSamples: { words: ['--validation-samples', '3'], differs: 'validation' },
    conditioning: { words: ['--conditioning', 'all'] },
    shown: { words: ['--shown', '0.1..0.4'], base: ['--conditioning', 'interpolation'] },
    cut: { words: ['--cut', '2 rows'], base: ['--conditioning', 'extrapolation'] },
    optimiser: { words: ['--optimiser', 'adamax'] },
    learningRate: { words: ['--learning-rate', '0.02'] },
    learningRateCut: {
      words: ['--learning-rate-cut', '0.2'],
      base: ['--epochs', '6', '--kl-warmup', '0', '--learning-rate', '1e-9', '--patience', '1'],
      differs: 'rates',
    },
    learningRateFloor: {
      words: ['--learning-rate-floor', '1'],
      base: ['--epochs', '6', '--kl-warmup', '0', '--learning-rate', '1e-9', '--patience', '1'],
      differs: 'history',
    },
    weightDecay: { words: ['--weight-decay', '0.5'] },
    clip: { words: ['--clip', '1e-3'] },
    averaging: { words: ['--averaging', '0'], base: ['--averaging', '0.5'] },
    klWarmup: { words: ['--kl-warmup', '0'] },
    patience: {
      words: ['--patience', '1'],
      base: ['--epochs', '6', '--kl-warmup', '0', '--learning-rate', '1e-9', '--patience', '0'],
      differs: 'history',
    },
    transform: { words: ['--transform', 'none'], base: ['--transform', 'log'] },
    validFraction: { words: ['--valid-fraction', '0.4'], differs: 'split' },
    testFraction: { words: ['--test-fraction', '0.4'], differs: 'split' },
    window: { words: ['--window', '5'], differs: 'split' },
    stride: { words: ['--stride', '2'], base: ['--window', '5'], differs: 'split' },
  }
  const data = { spirals: 'spirals.csv', preys: 'preys.csv', gaps: 'gaps.csv' }

  beforeAll(async () => {
    await good('simulate', 'lotka-volterra', '--series', '12', '--points', '8', '--out', data.preys)
    // Of one channel every other value.
    const lines = readFileSync(data.spirals, 'utf8').split('\n')
    folder.write(data.gaps, lines.map((line, i) => (i > 0 && i % 2 === 0 ? line.replace(/[^,]+$/, '') : line)).join('\n'))
  })

  test('every option of training is tried below', () => {
    const untried = optionFacts(fit.options)
      .map(({ key }) => key)
      .filter((key) => !(key in changes))
    expect(untried).toEqual([
      'data',
      'out',
      'resume',
      'from',
      'checkpoint',
      'engine',
      'dtype',
      'debugNan',
      'threads',
      'id',
      'time',
      'dateFormat',
      'timeZone',
      'format',
      'channel',
      'value',
      'duplicates',
      'missing',
      'delimiter',
      'decimal',
      'thousands',
      'encoding',
      'skipRows',
      'values',
      'maxSteps',
    ])
  })

  test.each([
    [['--shown', '0.3'], 'The option "shown" is 0.3, but only --conditioning interpolation has a use for it'],
    [['--conditioning', 'interpolation', '--cut', '0.3'], 'Leave it out, or say --conditioning extrapolation.'],
    [
      ['--conditioning', 'interpolation', '--shown', '1.5'],
      '--shown is 1.5, but must be a number from 0 to 1 or two that it is drawn from',
    ],
    [['--conditioning', 'interpolation', '--shown', '0.9..0.1'], 'What is shown is "0.9..0.1", but must be'],
    [['--conditioning', 'extrapolation', '--cut', 'half'], 'The cut "half" is none.'],
    [['--conditioning', 'extrapolation', '--cut', '5'], 'if it is a number of rows, "5 rows"'],
  ])('%j is refused', async (words, message) => {
    const { code, err } = await run('fit', data.spirals, ...tiny, ...words, '--out', 'none.model.safetensors', '--quiet')
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync('none.model.safetensors')).toBe(false)
  })

  test.each(Object.entries(changes))(
    '%s has an effect, and is written down',
    async (key, { words, from = tiny, base = [], differs = 'weights' }) => {
      const file = key === 'transform' ? data.preys : key === 'balance' ? data.gaps : data.spirals
      await good('fit', file, ...from, ...base, '--out', 'base.model.safetensors', '--quiet')
      await good('fit', file, ...from, ...base, ...words, '--out', 'changed.model.safetensors', '--quiet')
      const [before, after] = [await readModel('base.model.safetensors'), await readModel('changed.model.safetensors')]
      if (differs === 'weights') expect(after.parameters).not.toEqual(before.parameters)
      const rates = ({ history }: typeof after): number[] => history.map(({ learningRate }) => learningRate)
      if (differs === 'rates') expect(rates(after)).not.toEqual(rates(before))
      if (differs === 'history') expect(after.history.length).not.toBe(before.history.length)
      if (differs === 'validation') expect(after.history[0]!.validLoss).not.toBe(before.history[0]!.validLoss)
      if (differs === 'calibration') expect([before.calibration === undefined, after.calibration === undefined]).toEqual([false, true])
      if (differs === 'split') {
        expect(after.split).not.toEqual(before.split)
        // 40 % of 12; windows by the split are tried elsewhere.
        if (key.endsWith('Fraction')) expect(key === 'validFraction' ? after.split.valid : after.split.test).toHaveLength(5)
      }
      const settings = { ...after.model, ...after.training } as Record<string, unknown>
      if (key in settings) expect(settings[key]).not.toEqual(({ ...before.model, ...before.training } as Record<string, unknown>)[key])
    },
  )

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
    await good('fit', 'spirals.csv', ...tiny, '--engine', 'wasm', '--out', 'plain.model.safetensors', '--quiet')
    await good('fit', 'spirals.csv', ...tiny, '--engine', 'wasm', '--debug-nan', '--out', 'watched.model.safetensors', '--quiet')
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

describe('reading options', () => {
  const inspect = async (file: string, ...words: string[]) =>
    (
      await runJson<{
        series: number
        rows: number
        idColumn: string
        timeColumn: string
        channels: { channel: string; observed: number; max: number }[]
        error?: unknown
      }>('inspect', file, ...words)
    ).document
  const { write } = folder

  test('--id, --time, --values', async () => {
    const file = write('roles.csv', 'who,id,time,later,a,b\nx,1,0,5,1,2\nx,2,1,6,2,3\ny,1,2,5,3,4\ny,2,3,7,5,6\n')
    expect(await inspect(file)).toMatchObject({ idColumn: 'id', timeColumn: 'time' })
    const document = await inspect(file, '--id', 'who', '--time', 'later', '--values', 'b')
    expect(document).toMatchObject({ idColumn: 'who', timeColumn: 'later', series: 2 })
    expect(document.channels.map(({ channel }) => channel)).toEqual(['b'])
    expect(await inspect(write('lone.csv', 'id,time,a\n1,0,1\n2,1,2\n'), '--id=')).toMatchObject({ idColumn: '', series: 1 })
  })

  test('--format, --channel, --value', async () => {
    const file = write('long.csv', 'id,time,what,much,spare\nx,0,p,1,9\nx,1,p,2,9\nx,0,q,3,9\nx,1,q,5,8\n')
    const document = await inspect(file, '--format', 'long', '--channel', 'what', '--value', 'much')
    expect(document.channels.map(({ channel, max }) => [channel, max])).toEqual([
      ['p', 2],
      ['q', 5],
    ])
  })

  test('--duplicates', async () => {
    const file = write('twice.csv', 'id,time,a\nx,0,1\nx,1,2\nx,1,8\n')
    expect((await inspect(file)).error).toMatchObject({ code: 'DuplicateRows' })
    expect((await inspect(file, '--duplicates', 'mean')).channels[0]!.max).toBe(5)
    expect((await inspect(file, '--duplicates', 'last')).channels[0]!.max).toBe(8)
  })

  test('--missing', async () => {
    const file = write('gaps.csv', 'id,time,a\nx,0,1\nx,1,-999\nx,2,3\nx,3,none\n')
    expect((await inspect(file, '--missing=-999,none')).channels[0]).toMatchObject({ observed: 2, max: 3 })
  })

  test('--delimiter, --decimal', async () => {
    const file = write('marks.csv', 'id;time;a\nx;0;1,500\nx;1;2,500\n')
    expect((await inspect(file)).channels[0]!.max).toBe(2.5)
    expect((await inspect(file, '--decimal', '.')).error).toBeDefined()
    expect((await inspect(file, '--delimiter', '|')).error).toBeDefined()
    expect((await inspect(write('tabs.txt', 'id\ttime\ta\nx\t0\t1\nx\t1\t2\n'), '--delimiter', 'tab')).series).toBe(1)
  })
})

describe('predict', () => {
  const predict = async (...words: string[]): Promise<Record<string, string>[]> =>
    table((await good('predict', model, 'spirals.csv', '--samples', '20', ...words, '--out', '-')).out)

  test('the default: a file of its own, each series over its span and a quarter more', async () => {
    const { out } = await good('predict', model, 'spirals.csv', '--samples', '20')
    expect(out).toContain('spirals.forecast.csv: 1,224 rows, 12 series, x, y')
    const rows = table(readFileSync('spirals.forecast.csv', 'utf8'))
    expect(rows).toHaveLength(12 * 51 * 2)
    expect(Object.keys(rows[0]!)).toEqual(['id', 'time', 'channel', 'mean', 'sd', 'q05', 'q25', 'q50', 'q75', 'q95'])
    const observed = table(readFileSync('spirals.csv', 'utf8'))
      .filter(({ id }) => id === '3')
      .map(({ time }) => Number(time))
    const times = rows.filter(({ id }) => id === '3').map(({ time }) => Number(time))
    expect(times[0]).toBeCloseTo(observed[0]!, 12)
    expect(times.at(-1)).toBeCloseTo(observed[0]! + 1.25 * (observed.at(-1)! - observed[0]!), 12)
  })

  test('quantiles ascend, the median is near the mean, spread is positive', async () => {
    for (const row of await predict('--at', '0.2,1')) {
      const [q05, q25, q50, q75, q95] = ['q05', 'q25', 'q50', 'q75', 'q95'].map((name) => Number(row[name])) as [
        number,
        number,
        number,
        number,
        number,
      ]
      expect(q05 < q25 && q25 < q50 && q50 < q75 && q75 < q95).toBe(true)
      expect(Math.abs(q50 - Number(row['mean']))).toBeLessThan(Number(row['sd']))
      // For a bell curve q95 − q05 is 3.29 sd.
      expect((q95 - q05) / Number(row['sd'])).toBeGreaterThan(2.8)
      expect((q95 - q05) / Number(row['sd'])).toBeLessThan(3.8)
    }
  })

  test('--at', async () => {
    const rows = await predict('--at', '0:1:0.25,3')
    expect(rows.filter(({ id, channel }) => id === '5' && channel === 'x').map(({ time }) => time)).toEqual([
      '0',
      '0.25',
      '0.5',
      '0.75',
      '1',
      '3',
    ])
  })

  test('--horizon and --step count from the last observation; running past the training span is a warning', async () => {
    await good('fit', 'spirals.csv', ...tiny, '--origin', 'first', '--out', 'first.model.safetensors')
    const { out, err } = await good(
      'predict',
      'first.model.safetensors',
      'spirals.csv',
      '--horizon',
      '10',
      '--step',
      '5',
      '--samples',
      '2',
      '--out',
      '-',
    )
    const last = Number(
      table(readFileSync('spirals.csv', 'utf8'))
        .filter(({ id }) => id === '0')
        .at(-1)!['time'],
    )
    const times = table(out)
      .filter(({ id, channel }) => id === '0' && channel === 'y')
      .map(({ time }) => Number(time))
    expect(times[0]).toBeCloseTo(last + 5, 9)
    expect(times[1]).toBeCloseTo(last + 10, 9)
    expect(times).toHaveLength(2)
    expect(err).toMatch(/Warning: Forecasts of all series run up to [\d.]+ units of time past the time span that the model was trained on/)
    expect((await good('predict', 'first.model.safetensors', 'spirals.csv', '--at', '-5', '--samples', '2', '--out', '-')).err).toContain(
      'Warning: For all series times before the first observation are asked for.',
    )
  })

  test('--samples and --seed', async () => {
    const [a, b, c, d] = [
      await predict('--at', '1'),
      await predict('--at', '1'),
      await predict('--at', '1', '--seed', '2'),
      await predict('--at', '1', '--samples', '21'),
    ]
    expect(a).toEqual(b)
    expect(a).not.toEqual(c)
    expect(a).not.toEqual(d)
  })

  test('--json: the rows of the table, or where they are', async () => {
    const { document } = await runJson<{ rows: Record<string, unknown>[]; warnings: string[] }>(
      'predict',
      model,
      'spirals.csv',
      '--at',
      '1',
      '--samples',
      '20',
    )
    expect(document.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, String(cell)])))).toEqual(
      await predict('--at', '1'),
    )
    expect(document).toMatchObject({
      model,
      data: 'spirals.csv',
      channels: ['x', 'y'],
      series: 12,
      failed: [],
      samples: 20,
      seed: 1,
      time: { kind: 'number' },
    })
    const other = await runJson('predict', model, 'spirals.csv', '--at', '1', '--samples', '2', '--out', 'rows.csv')
    expect(other.document).toMatchObject({ out: 'rows.csv', rowCount: 24 })
    expect(other.document).not.toHaveProperty('rows')
    expect(table(readFileSync('rows.csv', 'utf8'))).toHaveLength(24)
  })

  test('a series is predicted the same alone as among others', async () => {
    const { write } = folder
    const [header, ...lines] = readFileSync('spirals.csv', 'utf8').trim().split('\n')
    const alone = write('alone.csv', `${[header, ...lines.filter((line) => line.startsWith('7,'))].join('\n')}\n`)
    const rows = table((await good('predict', model, alone, '--samples', '20', '--at', '1', '--out', '-')).out)
    const among = (await predict('--at', '1')).filter(({ id }) => id === '7')
    // The engine computes in single precision, and sums in an order that depends on the batch.
    rows.forEach((row, i) => expect(Number(row['mean'])).toBeCloseTo(Number(among[i]!['mean']), 4))
  })

  test('a series whose solve fails is left out, with a warning', async () => {
    await good('fit', 'spirals.csv', ...tiny, '--max-steps', '10', '--out', 'short.model.safetensors', '--quiet')
    const { document, err } = await runJson<{ rows: unknown[]; failed: string[]; series: number; warnings: string[] }>(
      'predict',
      'short.model.safetensors',
      'spirals.csv',
      '--at',
      '60',
      '--samples',
      '2',
    )
    expect(document.failed.length).toBeGreaterThan(0)
    expect(document.series).toBe(12 - document.failed.length)
    expect(document.series).toBeGreaterThan(0)
    expect(document.rows).toHaveLength(2 * document.series)
    expect(err).toContain(`${document.failed.length} of 12 series could not be forecast and have no rows: `)
  })

  test('dates come back as dates', async () => {
    const { write } = folder
    const rows = ['s1', 's2', 's3', 's4'].flatMap((id, s) =>
      Array.from({ length: 6 }, (_, i) => `${id},2024-01-${String(1 + 2 * i + (s % 2)).padStart(2, '0')},${Math.sin(i + s)}`),
    )
    const file = write('sales.csv', `shop,date,sold\n${rows.join('\n')}\n`)
    await good('fit', file, '--id', 'shop', ...tiny)
    const at = table(
      (await good('predict', 'sales.model.safetensors', file, '--at', '2024-01-03:2024-01-17:7', '--samples', '3', '--out', '-')).out,
    )
    expect(at.filter(({ id }) => id === 's2').map(({ time }) => time)).toEqual(['2024-01-03', '2024-01-10', '2024-01-17'])
    const ahead = table(
      (await good('predict', 'sales.model.safetensors', file, '--horizon', '4', '--step', '2', '--samples', '3', '--out', '-')).out,
    )
    expect(ahead.filter(({ id }) => id === 's1').map(({ time }) => time)).toEqual(['2024-01-13', '2024-01-15'])
    const { code, err } = await run('predict', 'sales.model.safetensors', file, '--at', '7')
    expect([code, err]).toEqual([2, expect.stringContaining('The time "7" is no ISO date, and times here are dates.')])
  })

  test('Ctrl-C while it writes: exit code 130 and no file', async () => {
    const io = fakeIo()
    const watch = setInterval(() => io.interrupt(), 1)
    const code = await runCommandLine(['predict', model, 'spirals.csv', '--samples', '400', '--out', 'never.csv'], {
      ...io,
      onInterrupt: (listener) => once(io, listener),
    })
    clearInterval(watch)
    expect(code).toBe(130)
    expect(io.text.err).toContain('latent-ode: Interrupted: never.csv was not written.')
    expect(readdirSync('.').filter((name) => name.includes('never'))).toEqual([])
  })
})

/** A second Ctrl-C would end the test's process. */
function once(io: ReturnType<typeof fakeIo>, listener: () => void): () => void {
  let pressed = false
  return io.onInterrupt(() => {
    if (!pressed) listener()
    pressed = true
  })
}

describe('evaluate', () => {
  interface Scores {
    mse: number
    nll: number
    points: number
    coverage: Record<string, number>
    baselines: Record<string, { mse: number }>
    against: { baseline: string; change: number; low: number | null; high: number | null; series: number }
  }
  interface Document extends Scores {
    task: string
    scoring: string
    split: string
    series: number
    skipped: number
    shown?: number
    cut?: number | string
    fittedTo: boolean
    channels: Record<string, Scores & { mseOriginal: number }>
  }
  const evaluate = async (...words: string[]): Promise<Document> => {
    const { code, document } = await runJson<Document>('evaluate', model, 'spirals.csv', '--samples', '20', ...words)
    expect(code).toBe(0)
    return document
  }

  test('--json has the published keys; only test series of a file that was fitted to', async () => {
    const document = await evaluate()
    expect(document).toMatchObject({
      task: 'interpolation',
      scoring: 'held-out',
      split: 'test',
      series: 2,
      skipped: 0,
      shown: 0.5,
      fittedTo: true,
    })
    // 2 series of 8 rows, half of them held out, 2 channels.
    expect(document.points).toBe(16)
    expect(Object.keys(document.channels)).toEqual(['x', 'y'])
    for (const scores of [document, ...Object.values(document.channels)]) {
      expect(Object.keys(scores.coverage)).toEqual(['50', '90'])
      expect(Object.keys(scores.baselines)).toEqual(['mean', 'locf', 'linear'])
      for (const value of [
        scores.mse,
        scores.nll,
        ...Object.values(scores.coverage),
        ...Object.values(scores.baselines).map(({ mse }) => mse),
      ])
        expect(Number.isFinite(value)).toBe(true)
    }
    // The total is the mean over points of the channels, which have 8 each.
    expect(document.mse).toBeCloseTo((document.channels['x']!.mse + document.channels['y']!.mse) / 2, 10)
  })

  test('a file with the same ids that is not the one fitted to: a warning', async () => {
    folder.write('grown.csv', `${readFileSync('spirals.csv', 'utf8')}new,0,1,1\nnew,1,2,2\n`)
    const { err } = await good('evaluate', model, 'grown.csv', '--samples', '5')
    expect(err).toContain('Warning: 10 of these series bear the id of one that the model was trained on.')
  })

  test('the table for humans shows the same numbers, and which series were used', async () => {
    const document = await evaluate()
    const { out } = await good('evaluate', model, 'spirals.csv', '--samples', '20')
    const total = out
      .split('\n')
      .find((line) => line.startsWith('all '))!
      .split(/\s+/)
    expect(Number(total[1])).toBe(16)
    expect(Number(total[2])).toBe(Number(document.mse.toPrecision(3)))
    expect(total.slice(3, 6).map(Number)).toEqual(
      ['mean', 'locf', 'linear'].map((name) => Number(document.baselines[name]!.mse.toPrecision(3))),
    )
    expect(out).toContain(
      'Scored on 2 series of spirals.csv that were kept for testing; the model was fitted with the other 10 (--all scores them too).',
    )
    expect(out).toContain('16 values scored: those held out.')
    expect(out).toMatch(/linear +beats last +NLL/)
    for (const name of ['x', 'y']) {
      const { mse, baselines } = document.channels[name]!
      expect(out).toMatch(new RegExp(`\\n${name} .* ${mse < baselines['locf']!.mse ? 'yes' : 'no'} `))
    }
    expect(out).toMatch(/\nIn .* channels .*the model's error (is )?below that of the last value carried forward/)
    expect(out).toMatch(/The model's error is .* \(2 series, too few for an interval\)\./)
    expect(document.against).toMatchObject({ low: null, high: null, series: 2 })
  })

  test('--task extrapolation', async () => {
    const document = await evaluate('--task', 'extrapolation')
    expect(document.task).toBe('extrapolation')
    expect(document.cut).toBe(0.5)
    expect(document).not.toHaveProperty('shown')
    expect(Object.keys(document.baselines)).toEqual(['mean', 'locf'])
    expect((await good('evaluate', model, 'spirals.csv', '--task', 'extrapolation', '--samples', '2')).out).toContain(
      "Extrapolation: the model is shown the first half of each series' span of time.",
    )
  })

  test('--shown', async () => {
    // 8 rows: a quarter is 2 shown, 6 held out of each of 2 series, 2 channels.
    expect(await evaluate('--shown', '0.25')).toMatchObject({ shown: 0.25, points: 24 })
    expect((await evaluate('--shown', '0')).points).toBe(32)
    expect((await good('evaluate', model, 'spirals.csv', '--shown', '0', '--samples', '2')).out).toContain(
      'Interpolation: the model is shown nothing of each series.',
    )
  })

  test('--cut', async () => {
    const ahead = ['--task', 'extrapolation', '--cut']
    expect(await evaluate(...ahead, '3 rows')).toMatchObject({ cut: '3 rows', points: 20 })
    expect((await evaluate(...ahead, 'next 1')).points).toBe(4)
    expect((await evaluate(...ahead, '0')).points).toBe(28)
    expect((await good('evaluate', model, 'spirals.csv', ...ahead, 'next 3', '--samples', '2')).out).toContain(
      'Extrapolation: the model is shown all but the last 3 rows of each series.',
    )
    for (const [cut, message] of [
      ['12', 'If it is a time, write "at 12"'],
      ['nxt 3', 'The cut "nxt 3" is none.'],
      ['8 rows', 'The cut "8 rows" leaves nothing to score'],
      ['at noon', 'In the cut "at noon": The time "noon" is no finite number.'],
    ] as const) {
      const { code, err } = await run('evaluate', model, 'spirals.csv', ...ahead, cut)
      expect([code, err]).toEqual([2, expect.stringContaining(message)])
    }
    const refused = await run('evaluate', model, 'spirals.csv', ...ahead, '0.3', '--scoring', 'published')
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('no other cut goes with it')])
  })

  test('series without a row after the cut are counted', async () => {
    folder.write('uneven.csv', 'id,time,x,y\na,0,1,2\na,1,2,1\na,2,2,1\nb,0,1,1\nb,1,1,1\n')
    expect((await good('evaluate', model, 'uneven.csv', '--task', 'extrapolation', '--cut', '2 rows', '--samples', '2')).out).toContain(
      '1 more has no row after the cut and is left out.',
    )
  })

  test('--scoring published scores every point', async () => {
    expect(await evaluate('--scoring', 'published')).toMatchObject({ scoring: 'published', points: 32 })
  })

  test('--all scores the others too, and says so', async () => {
    expect(await evaluate('--all')).toMatchObject({ split: 'all', series: 12, points: 96 })
    const { out, err } = await good('evaluate', model, 'spirals.csv', '--samples', '2', '--all')
    expect(out).toMatch(/The model's error (is|shows) .* \(95 % interval: .* (below|above)\)\./)
    expect(out).toContain('Scored on all 12 series of spirals.csv, those that the model was fitted to among them (--all).')
    expect(err).toContain('Warning: These scores include series that the model was fitted to: they flatter it.')
  })

  test('data that it was not fitted to: all series, and those too short are counted', async () => {
    const { write } = folder
    write('others.csv', 'id,time,x,y\na,0,1,2\na,1,2,1\na,1.2,2,1\nb,0,1,1\n')
    const { document } = await runJson<Document>('evaluate', model, 'others.csv', '--samples', '5')
    expect(document).toMatchObject({ split: 'all', series: 1, skipped: 1, fittedTo: false })
    expect((await good('evaluate', model, 'others.csv', '--samples', '5')).out).toContain(
      'Scored on the one series of others.csv, which is not the file that the model was fitted to. 1 more has fewer than two rows ' +
        'and is left out.',
    )
  })

  test('--samples and --seed', async () => {
    const [a, b, c, d] = [await evaluate(), await evaluate(), await evaluate('--seed', '3'), await evaluate('--samples', '30')]
    expect(a).toEqual(b)
    expect(a.mse).not.toBe(c.mse)
    expect(a.mse).not.toBe(d.mse)
  })
})

describe('report', () => {
  test('writes one page and says where; --title, --series, --horizon, --out', async () => {
    const { out, err } = await good('report', model, 'spirals.csv', '--samples', '5', '--series', '1')
    expect(out).toMatch(/^spirals\.report\.html \([\d.]+ [KM]iB\)/)
    expect(err).not.toContain('Error')
    const page = readFileSync('spirals.report.html', 'utf8')
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).toContain('A latent ODE of spirals.csv')
    const { document } = await runJson<{ series: string[]; title: string; out: string; bytes: number }>(
      'report',
      model,
      'spirals.csv',
      '--samples',
      '5',
      '--series',
      '2',
      '--horizon',
      '50',
      '--title',
      'Turning & turning',
      '--out',
      'r.html',
    )
    expect(document).toMatchObject({ out: 'r.html', title: 'Turning & turning' })
    expect(document.series).toHaveLength(2)
    const other = readFileSync('r.html', 'utf8')
    expect(other).toMatch(/<h1>Turning &(amp|#38); turning<\/h1>/)
    expect(Buffer.byteLength(other)).toBe(document.bytes)
    expect(other).toMatch(/run up to [\d.,]+ .*past the time span/)
  })

  test('--labels colours the latent space; labels of other series are an error', async () => {
    const ids = [
      ...new Set(
        readFileSync('spirals.csv', 'utf8')
          .split('\n')
          .slice(1)
          .filter(Boolean)
          .map((line) => line.split(',')[0]!),
      ),
    ]
    writeFileSync('turns.csv', ['id,turn,phase', ...ids.map((id, i) => `${id},${i % 2 ? 'left' : 'right'},${i}`)].join('\n'))
    await good(
      'report',
      model,
      'spirals.csv',
      '--samples',
      '5',
      '--series',
      '1',
      '--labels',
      'turns.csv',
      '--name-all',
      '--out',
      'labels.html',
    )
    const page = readFileSync('labels.html', 'utf8')
    expect(page).toMatch(/<option value="\d+" >label turn<\/option>/)
    expect(page).toMatch(/<li><svg[^>]*><rect [^>]*\/><\/svg>right<\/li>/)
    writeFileSync('strange.csv', 'id,turn\nnobody,left\n')
    const refused = await run('report', model, 'spirals.csv', '--samples', '5', '--labels', 'strange.csv', '--out', 'strange.html')
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('none of the 1 rows has the id of a series of the data')
  })

  test('--all takes series that were trained on, and says so', async () => {
    const { document } = await runJson<{ series: string[] }>(
      'report',
      model,
      'spirals.csv',
      '--samples',
      '5',
      '--series',
      '9',
      '--all',
      '--out',
      'all.html',
    )
    expect(document.series).toHaveLength(9)
    expect(
      (await runJson<{ series: string[] }>('report', model, 'spirals.csv', '--samples', '5', '--series', '9', '--out', 'test.html'))
        .document.series,
    ).toHaveLength(2)
    expect(readFileSync('all.html', 'utf8')).toContain('flatter it')
  })

  test('its numbers are those that evaluate prints', async () => {
    await good('report', model, 'spirals.csv', '--samples', '20', '--series', '0', '--out', 'numbers.html')
    const page = readFileSync('numbers.html', 'utf8')
    for (const task of ['interpolation', 'extrapolation']) {
      const { document } = await runJson<{ mse: number }>('evaluate', model, 'spirals.csv', '--task', task, '--samples', '20')
      // Shown rounded; the whole number is in the markup.
      expect(page).toContain(`<data value="${document.mse}"`)
    }
  })
})

describe('inspect and doctor', () => {
  test('a data file: columns, lengths, channels, times, what was guessed', async () => {
    const { write } = folder
    const file = write('visits.csv', 'patient,day,name,bili,chol\n1,0,anna,1,\n1,10,anna,3,5\n2,5,bert,2,7\n')
    const { document } = await runJson('inspect', file)
    expect(document).toMatchObject({
      kind: 'data',
      file,
      idColumn: 'patient',
      timeColumn: 'day',
      series: 2,
      rows: 3,
      observed: 5,
      single: 1,
      earliest: 0,
      latest: 10,
      channels: [
        { channel: 'bili', observed: 3, mean: 2, min: 1, max: 3 },
        { channel: 'chol', observed: 2, mean: 6 },
      ],
      lengths: { min: 1, max: 2 },
      spans: { max: 10 },
    })
    const { out, err } = await good('inspect', file)
    expect(err).toBe('')
    for (const part of [
      'told apart by the column "patient"',
      'Left out the column "name": it holds text',
      '1 series of 2 has a single row',
    ])
      expect(out).toContain(part)
  })

  test('a model file, also by its content', async () => {
    const { document } = await runJson('inspect', model)
    expect(document).toMatchObject({
      kind: 'model',
      channels: ['x', 'y'],
      idColumn: 'id',
      split: { train: 8, validation: 2, test: 2 },
      epochs: 2,
      options: { latents: 2, epochs: 2 },
    })
    const { write } = folder
    write('renamed.bin', readFileSync(model))
    expect((await runJson('inspect', 'renamed.bin')).document).toMatchObject({ kind: 'model', parameters: document['parameters'] })
    const { out } = await good('inspect', model)
    for (const part of ['a fitted model', '8 to train on, 2 to validate, 2 to test', 'Latents', 'Learning rate'])
      expect(out).toContain(part)
  })

  test('doctor: what can compute', async () => {
    const { code, document } = await runJson<{
      ok: boolean
      node: string
      engines: { name: string; available: boolean; detail: string }[]
    }>('doctor')
    expect(code).toBe(0)
    expect(document).toMatchObject({ ok: true, node: process.versions.node })
    expect(document.engines.find(({ name }) => name === 'tfjs')).toMatchObject({ available: true })
    for (const { detail } of document.engines) expect(detail).not.toBe('')
    const { out } = await good('doctor')
    for (const part of ['Node', 'Memory', 'Engines:', 'tfjs/wasm', 'All is well']) expect(out).toContain(part)
  })
})
