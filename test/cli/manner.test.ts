import { beforeAll, describe, expect, test } from 'vitest'
import { startContext } from '../../src/cli/context.js'
import { describePreview } from '../../src/cli/actions/forecastPreview.js'
import { commandLine, READING } from '../../src/cli/actions/nextCommand.js'
import { sumSolver } from '../../src/cli/actions/solverTotals.js'
import { fakeIo, run, useFolder } from './io.js'

const folder = useFolder()
const tiny = [
  '--epochs',
  '2',
  '--latents',
  '2',
  '--encoder-units',
  '3',
  '--encoder-field-units',
  '3',
  '--field-units',
  '3',
  '--decoder-units',
  '0',
]

beforeAll(async () => {
  folder.write(
    "anna's visits.csv",
    `id;time;a;b\n${Array.from({ length: 60 }, (_, i) => `${i % 12};${i},5;${(i * 7) % 5},5;none`).join('\n')}\n0;0,5;1;1\n`,
  )
  expect(
    (await run('fit', "anna's visits.csv", ...tiny, '--duplicates', 'mean', '--missing', 'none', '--values', 'a', '--quiet')).err,
  ).toBe('')
}, 60_000)

describe('what is said', () => {
  test('--quiet: the result alone, also where there are warnings', async () => {
    const words = [
      'predict',
      "anna's visits.model.safetensors",
      "anna's visits.csv",
      '--duplicates',
      'mean',
      '--missing',
      'none',
      '--horizon',
      '500',
      '--samples',
      '2',
    ]
    expect((await run(...words)).err).toContain('Warning: Forecasts of all series')
    const quiet = await run(...words, '--quiet')
    expect([quiet.code, quiet.err]).toEqual([0, ''])
    expect(quiet.out).toBe((await run(...words, '-q')).out)
  })

  test('--verbose: what was read and decided, each epoch, solver, time by part; the result is the same', async () => {
    const words = ['fit', "anna's visits.csv", ...tiny, '--duplicates', 'mean', '--missing', 'none', '--values', 'a']
    const { code, out, err } = await run(...words, '--verbose')
    expect(code).toBe(0)
    for (const part of [
      "anna's visits.csv: 12 series, 60 rows, 1 channel (a); times are numbers.",
      'Engine: ',
      "Up to 2 epochs, on 1 thread; saved after each in anna's visits.checkpoint.safetensors.",
      /^Epoch 1 of 2: loss \S+, validation \S+, log likelihood \S+ a value, KL \S+ a series, learning rate 0\.01, gradient norm \S+, \S+ evaluations a step, \d+\.\d s$/m,
      /^Epoch 2 of 2: /m,
      /^Solver: \S+ evaluations of the vector field a step in the first epoch/m,
      /^Time: reading data \d+\.\d\d s, starting the engine \d+\.\d\d s, computing .* in all\.$/m,
    ])
      expect(err).toMatch(part instanceof RegExp ? part : new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    // But for the time it took.
    const withoutTime = (text: string): string => text.replace(/steps, .*;/m, '')
    expect(withoutTime(out)).toBe(withoutTime((await run(...words)).out))
  }, 60_000)

  test('parts are summed, and what none accounts for is the rest', async () => {
    const io = fakeIo()
    let clock = 0
    const { context, tellTimes } = startContext(io, { json: false, quiet: false, verbose: true, given: new Set() }, () => clock)
    const take = (seconds: number) => async () => void (clock += seconds)
    await context.timed('reading data', take(1))
    await context.timed('computing', take(2.5))
    await context.timed('reading data', take(0.25))
    clock += 0.5
    tellTimes()
    expect(io.text.err).toBe('Time: reading data 1.25 s, computing 2.50 s, the rest 0.50 s; 4.25 s in all.\n')
  })

  test('totals of the solver: evaluations are means over rows, steps are sums', () => {
    const told: string[] = []
    const solver = sumSolver()
    solver.tell({ detail: (message) => void told.push(message) })
    solver.add({ evaluations: 10, accepted: 100, rejected: 4, rows: 3, failed: 0, smallestStep: 0.5 })
    solver.add({ evaluations: 30, accepted: 50, rejected: 1, rows: 1, failed: 1, smallestStep: 0.25 })
    solver.tell({ detail: (message) => void told.push(message) })
    expect(told).toEqual([
      'Solver: 4 trajectories, 15 evaluations of the vector field each; 150 steps accepted, 5 rejected, the smallest 0.25; 1 failed.',
    ])
  })
})

describe('what to type next', () => {
  test('names are quoted for the shell, options of reading repeated, and each command works as it stands', async () => {
    const { out } = await run('fit', "anna's visits.csv", ...tiny, '--duplicates', 'mean', '--missing', 'none', '--values', 'a')
    const next = out
      .slice(out.indexOf('Next:'))
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter((line) => line !== '')
    const options = '--duplicates mean --missing none'
    const files = String.raw`'anna'\''s visits.model.safetensors' 'anna'\''s visits.csv'`
    expect(next).toEqual([
      `latent-ode evaluate ${files} ${options}`,
      `latent-ode predict ${files} ${options}`,
      `latent-ode report ${files} ${options}`,
    ])
    for (const line of next.slice(0, 2)) {
      const words = [...line.replaceAll(String.raw`'\''`, '\0').matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) =>
        (quoted ?? word).replaceAll('\0', "'"),
      )
      const { code, err } = await run(...words.slice(1), '--samples', '2')
      expect(err).not.toContain('latent-ode:')
      expect(code).toBe(0)
    }
  }, 60_000)

  test('one epoch is no curve, and counts are in the singular', async () => {
    const { out } = await run(
      'fit',
      "anna's visits.csv",
      ...tiny,
      '--epochs',
      '1',
      '--min-steps',
      '1',
      '--duplicates',
      'mean',
      '--missing',
      'none',
      '--values',
      'a',
    )
    expect(out).toContain('1 epoch, 1 step, ')
    expect(out).not.toMatch(/^Loss/m)
  })

  test('values that would be taken for options, or for none', () => {
    expect(
      commandLine(
        'latent-ode fit',
        ['a b.csv'],
        { missing: ['-9', 'x y'], id: '', time: 't', decimal: ',' },
        ['id', 'missing', 'decimal', 'time'],
        new Set(['id', 'missing', 'decimal']),
      ),
    ).toBe("latent-ode fit 'a b.csv' --id= --missing='-9,x y' --decimal ,")
    // The format of the data is called layout there, as --format is that of the report.
    expect(commandLine('latent-ode report', ['m', 'd'], { format: 'long' }, ['format'], new Set(['format']))).toBe(
      'latent-ode report m d --layout long',
    )
    expect(READING).not.toContain('id')
  })

  test('inspect says how to fit', async () => {
    expect((await run('inspect', "anna's visits.csv", '--duplicates', 'mean', '--missing', 'none')).out).toContain(String.raw`Next:
  latent-ode fit 'anna'\''s visits.csv' --duplicates mean --missing none`)
  })
})

test('the preview of a forecast: the first rows, rounded, in the data’s own units', () => {
  const rows = Array.from({ length: 8 }, (_, i) => ({
    id: 'p 1',
    time: i * 0.123456789,
    channel: i % 2 === 0 ? 'weight' : 'pulse',
    mean: 71.23456,
    q05: 70.1,
    q95: 1 / 3,
  }))
  expect(describePreview(rows, Infinity).split('\n').slice(2)).toEqual([
    'The first 6 rows, of series "p 1"; 9 of 10 observations are expected between "least" and "most":',
    'channel      time   mean  least    most',
    'weight          0  71.23   70.1  0.3333',
    'pulse    0.123457  71.23   70.1  0.3333',
    'weight   0.246914  71.23   70.1  0.3333',
    'pulse     0.37037  71.23   70.1  0.3333',
    'weight   0.493827  71.23   70.1  0.3333',
    'pulse    0.617284  71.23   70.1  0.3333',
  ])
  expect(describePreview([], 80)).toBe('')
})
