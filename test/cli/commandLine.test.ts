import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { commandName, positionals } from '../../src/cli/command.js'
import { commands } from '../../src/cli/commands/index.js'
import { camel, fromText, kebab, optionFacts, refusal } from '../../src/cli/parsing/options.js'
import { version } from '../../src/version.js'
import { fakeIo, run, runJson, useFolder } from './io.js'
import { runCommandLine } from '../../src/cli/run.js'

const folder = useFolder({ each: true })

describe('options from zod', () => {
  const shape = {
    batchSize: z.number().int().positive().default(32).describe('Series per step'),
    noise: z.union([z.literal('learned'), z.number().positive()]).default('learned'),
    fraction: z.number().min(0).max(0.9).optional(),
    rate: z.number().positive().max(1).optional(),
    method: z.enum(['rk4', 'euler']).default('rk4'),
    all: z.boolean().default(false),
    values: z.array(z.string()).optional(),
    id: z.string().optional(),
  }
  const facts = Object.fromEntries(optionFacts(shape).map((fact) => [fact.key, fact]))

  test('names, kinds, defaults, choices and expectations come from the shape', () => {
    expect(facts['batchSize']).toEqual({
      key: 'batchSize',
      flag: 'batch-size',
      kind: 'number',
      describe: 'Series per step',
      expected: 'a whole number above 0',
      default: 32,
    })
    expect(facts['method']).toMatchObject({ kind: 'text', choices: ['rk4', 'euler'], default: 'rk4', expected: 'one of rk4, euler' })
    expect(Object.fromEntries(Object.values(facts).map(({ key, kind }) => [key, kind]))).toEqual({
      batchSize: 'number',
      noise: 'mixed',
      fraction: 'number',
      rate: 'number',
      method: 'text',
      all: 'boolean',
      values: 'list',
      id: 'text',
    })
    expect(facts['noise']!.expected).toBe('"learned" or a number above 0')
    expect(facts['fraction']!.expected).toBe('a number from 0 to 0.9')
    expect(facts['rate']!.expected).toBe('a number above 0 and at most 1')
  })

  test('text from the command line takes the type of its option', () => {
    expect(fromText(facts['batchSize']!, '64')).toBe(64)
    expect(fromText(facts['batchSize']!, '1e2')).toBe(100)
    expect(fromText(facts['batchSize']!, '')).toBe('')
    expect(fromText(facts['noise']!, '0.1')).toBe(0.1)
    expect(fromText(facts['noise']!, 'learned')).toBe('learned')
    expect(fromText(facts['values']!, 'a, b,c')).toEqual(['a', 'b', 'c'])
    // Ids keep their zeros.
    expect(fromText(facts['id']!, '007')).toBe('007')
  })

  test('what is wrong with a value', () => {
    expect(refusal(facts['method']!, 'rk5', '--method')).toBe('--method is "rk5", but must be one of rk4, euler. Did you mean rk4?')
    expect(refusal(facts['batchSize']!, -1, '--batch-size')).toBe('--batch-size is -1, but must be a whole number above 0.')
  })

  test('camel and kebab case are inverses', () => {
    for (const name of ['batchSize', 'klWarmup', 'id']) expect(camel(kebab(name))).toBe(name)
  })
})

describe('help', () => {
  test('of the program: all commands; nothing on standard error', async () => {
    const { code, out, err } = await run('--help')
    expect([code, err]).toEqual([0, ''])
    for (const { usage, describe: says } of commands) {
      expect(out).toContain(`latent-ode ${usage}`)
      expect(out).toContain(says.slice(0, 20))
    }
  })

  test.each(commands.map((entry) => [commandName(entry), entry] as const))(
    'of %s: every option with its description, two examples',
    async (name, entry) => {
      const { code, out, err } = await run(name, '--help')
      expect([code, err]).toEqual([0, ''])
      const command = await entry.load()
      expect(command.examples.length).toBeGreaterThanOrEqual(2)
      const plain = out.replace(/\s+/g, ' ')
      for (const [line, says] of command.examples) {
        expect(line).toMatch(new RegExp(`^\\$0 ${name}\\b`))
        for (const word of [...line.split(' ').slice(1), ...says.split(' ')]) expect(plain).toContain(word)
      }
      for (const fact of optionFacts(command.options)) {
        expect(out).toMatch(new RegExp(positionals(entry).includes(fact.key) ? `^ +${fact.key} ` : `--${fact.flag}\\b`, 'm'))
        expect(fact.describe, fact.key).not.toBe('')
      }
      for (const flag of ['--json', '--quiet', '--config', '--help']) expect(out).toContain(flag)
    },
  )

  test('groups name options that there are', async () => {
    for (const entry of commands) {
      const { options, groups = {} } = await entry.load()
      for (const [heading, keys] of Object.entries(groups)) {
        const missing = keys.filter((key) => !(key in options))
        // The group of reading options names --values, which commands that have a model do not take.
        expect(missing.filter((key) => !(heading === 'Reading the data' && key === 'values'))).toEqual([])
      }
    }
  })

  test('types, defaults and choices are shown', async () => {
    const { out } = await run('fit', '-h')
    const plain = out.replace(/\s+/g, ' ')
    expect(plain).toMatch(/--batch-size Series per step \[number\] \[default: 32\]/)
    expect(plain).toMatch(/--optimiser Optimiser \[string\] \[choices: "adam", "adamax"\] \[default: adam\]/)
  })

  test('--version', async () => {
    for (const words of [['--version'], ['-V'], ['version'], ['-v'], ['fit', '--version']])
      expect(await run(...words), words.join(' ')).toEqual({ code: 0, out: `${version}\n`, err: '' })
    expect((await runJson('--version')).document).toEqual({ version })
  })

  test('help as a word, and as JSON', async () => {
    expect(await run('help', 'fit')).toEqual(await run('fit', '--help'))
    expect(await run('help')).toEqual(await run('--help'))
    expect((await runJson<{ help: string }>('fit', '--help')).document.help).toContain('Usage: latent-ode fit <data> [options]')
  })
})

describe('mistakes: exit code 2, a message with a remedy, no stack trace, nothing on standard output', () => {
  test.each<[string[], string]>([
    [
      ['--quiet'],
      'Say what to do: fit, predict, evaluate, compare, report, simulate, inspect, doctor, completion. "latent-ode --help" explains them.',
    ],
    [['--hlep'], 'latent-ode has no option --hlep without a command. Did you mean --help?'],
    [['--wibble'], 'latent-ode has no option --wibble without a command. "latent-ode --help" shows what there is.'],
    [['fit', '--hlep'], 'latent-ode fit has no option --hlep. Did you mean --help?'],
    [['predict', 'm.safetensors', '--horizn', '3'], 'latent-ode predict has no option --horizn. Did you mean --horizon?'],
    [['train', 'a.csv'], 'There is no command "train". Did you mean fit?'],
    [['Inspect', 'a.csv'], 'There is no command "Inspect". Did you mean inspect?'],
    [['fit', 'a.csv', '--output', 'x'], 'latent-ode fit has no option --output. Did you mean --out?'],
    [['fit', 'a.csv', '--lr', '1'], 'latent-ode fit has no option --lr. Did you mean --learning-rate?'],
    [['fit', 'a.csv', '-o', 'x'], 'latent-ode fit has no option -o. Did you mean --out?'],
    [['doctor', '-q', '-v'], '--quiet says less and --verbose more. Leave one of them out.'],
    [['fit', ''], 'The name of a file is empty. If it came from a variable of a script, that is not set.'],
    [
      ['fit', 'nowhere/a.csv'],
      'nowhere/a.csv: there is no such file. Check the name and the folder you are in. There is no folder nowhere either.',
    ],
    [['fit', '~/a.csv'], 'The shell does not expand ~ in quotes: write $HOME.'],
    [['fti', 'a.csv'], 'There is no command "fti". Did you mean fit?'],
    [['pedict'], 'There is no command "pedict". Did you mean predict?'],
    [
      ['wibble'],
      'There is no command "wibble". Commands are fit, predict, evaluate, compare, report, simulate, inspect, doctor, completion.',
    ],
    [['fit'], 'latent-ode fit needs <data>: latent-ode fit <data>. "latent-ode fit --help" shows examples.'],
    [['predict', 'm.safetensors'], 'latent-ode predict needs <model> and <data>'],
    [['fit', 'a.csv', 'b.csv'], 'latent-ode fit takes <data>; "b.csv" is one word too many. Quote names with spaces.'],
    [['fit', 'a.csv', '--epcohs', '3'], 'latent-ode fit has no option --epcohs. Did you mean --epochs?'],
    [['fit', 'a.csv', '--batchSize', '3'], 'latent-ode fit has no option --batchSize. Did you mean --batch-size?'],
    [['fit', 'a.csv', '--zzz'], 'latent-ode fit has no option --zzz. "latent-ode fit --help" lists them.'],
    [['fit', 'a.csv', '-e', '3'], 'latent-ode fit has no option -e.'],
    [['evaluate', 'm.safetensors', 'a.csv', '--values', 'x'], 'latent-ode evaluate has no option --values.'],
    [['fit', 'a.csv', '--epochs'], '--epochs needs a value.'],
    [['fit', 'a.csv', '--epochs', 'ten'], '--epochs is "ten", but must be a whole number from 1 to 100000.'],
    [['fit', 'a.csv', '--epochs', '2.5'], '--epochs is 2.5, but must be a whole number from 1 to 100000.'],
    [['fit', 'a.csv', '--epochs', '-3'], '--epochs is -3, but must be a whole number from 1 to 100000.'],
    [['fit', 'a.csv', '--epochs='], '--epochs is "", but must be a whole number from 1 to 100000.'],
    [['fit', 'a.csv', '--method', 'rk5'], 'Did you mean rk4?'],
    [['fit', 'a.csv', '--resume=yes'], '--resume is "yes", but must be true or false. Write --resume or --no-resume.'],
    [
      ['simulate', 'peridic'],
      '<kind> is "peridic", but must be one of periodic, spirals, oscillators, lotka-volterra. Did you mean periodic?',
    ],
    [
      ['predict', 'a.csv', 'm.model.safetensors'],
      'm.model.safetensors looks like a model file, and a.csv does not. The model comes first, then the data.',
    ],
    [['evaluate', 'm.safetensors', 'a.csv', '--shown', '1'], '--shown is 1, but must be a number of at least 0 and below 1.'],
    [['evaluate', 'm.safetensors', 'a.csv', '--task', 'extrapolation', '--shown', '0.3'], '--shown goes with --task interpolation.'],
    [['evaluate', 'm.safetensors', 'a.csv', '--cut', '0.3'], '--cut goes with --task extrapolation.'],
    [['doctor', 'who'], 'latent-ode doctor takes no file; "who" is one word too many.'],
    [['inspect', 'a.csv', '--config', 'none.yaml'], 'none.yaml: there is no such file. Name a YAML file of options with --config.'],
  ])('%j', async (words, message) => {
    const { code, out, err } = await run(...words)
    expect(err).toContain(message)
    expect(err).toMatch(/^latent-ode: [^\n]*\n$/)
    expect([code, out]).toEqual([2, ''])
  })

  test('no words at all: what there is, on standard error', async () => {
    const { code, out, err } = await run()
    expect([code, out]).toEqual([2, ''])
    expect(err).toBe((await run('--help')).out)
  })

  test('a file in place of a command, a name that is nearly right, a folder, a table for a model', async () => {
    for (const name of ['visits 1.csv', 'old.model.safetensors', 'visits 1.forecast.csv']) folder.write(name, 'x')
    const said = async (...words: string[]): Promise<string> => (await run(...words)).err
    expect(await said('visits 1.csv')).toBe(
      "latent-ode: visits 1.csv is a file; a command comes first. Did you mean latent-ode inspect 'visits 1.csv' or latent-ode fit " +
        "'visits 1.csv'?\n",
    )
    expect(await said('old.model.safetensors')).toContain('Did you mean latent-ode inspect old.model.safetensors?')
    expect(await said('fit', 'vists 1.csv')).toContain(
      'there is no such file. Check the name and the folder you are in. Did you mean visits 1.csv?',
    )
    expect(await said('fit', 'visits 1')).toContain('Did you mean visits 1.csv?')
    expect(await said('predict', 'odl.model.safetensors', 'visits 1.csv')).toContain('Did you mean old.model.safetensors?')
    expect(await said('fit', '.')).toContain('.: this is a directory. Name a file in it. It holds visits 1.csv.\n')
    expect(await said('predict', 'visits 1.csv', 'visits 1.csv')).toContain(
      `By its name it is a table: "latent-ode fit 'visits 1.csv'" makes a model of one.`,
    )
    const { document } = await runJson<{ error: object }>('fit', 'vists 1.csv')
    expect(document.error).toMatchObject({
      code: 'NoSuchFile',
      file: 'vists 1.csv',
      message: expect.stringContaining('Did you mean visits 1.csv?') as string,
    })
  })

  test('with --json, one document on standard output and the message on standard error', async () => {
    const { code, document, err } = await runJson('fit', 'none.csv')
    expect(code).toBe(2)
    expect(document).toEqual({
      error: {
        code: 'NoSuchFile',
        message: 'none.csv: there is no such file. Check the name and the folder you are in.',
        file: 'none.csv',
      },
    })
    expect(err).toBe('latent-ode: none.csv: there is no such file. Check the name and the folder you are in.\n')
  })

  test('--json and --out - both want standard output', async () => {
    const { code, document } = await runJson('simulate', 'periodic', '--out', '-')
    expect(code).toBe(2)
    expect(document).toEqual({
      error: { code: 'Usage', message: '--json and --out - both want standard output. Leave one of them out, or name a file with --out.' },
    })
  })

  test('LATENT_ODE_DEBUG=1 adds the stack trace', async () => {
    const io = fakeIo({ LATENT_ODE_DEBUG: '1' })
    expect(await runCommandLine(['fit', 'none.csv'], io)).toBe(2)
    expect(io.text.err).toMatch(/\n {4}at /)
  })
})

describe('--config', () => {
  const simulate = (...words: string[]) => run('simulate', 'periodic', '--out', '-', ...words)

  test('its options hold, in both spellings, and the command line wins', async () => {
    folder.write('c.yaml', 'series: 3\nrows-observed: 0.5\n# a comment\npoints: 7\n')
    folder.write('d.yaml', 'series: 3\nrowsObserved: 0.5\npoints: 5\n')
    const expected = await simulate('--series', '3', '--rows-observed', '0.5', '--points', '5')
    expect(expected.code).toBe(0)
    expect((await simulate('--config', 'd.yaml')).out).toBe(expected.out)
    expect((await simulate('--config', 'c.yaml', '--points', '5')).out).toBe(expected.out)
    expect((await simulate('--config', 'c.yaml')).out).not.toBe(expected.out)
  })

  test('lists and empty files', async () => {
    folder.write('data.csv', 'id,time,a,b\nx,0,1,2\nx,1,2,3\ny,0,3,5\ny,1,5,4\n')
    folder.write('c.yaml', 'values: [b]\nid: id\n')
    folder.write('empty.yaml', '# nothing yet\n')
    const { document } = await runJson<{ channels: { channel: string }[] }>('inspect', 'data.csv', '--config', 'c.yaml')
    expect(document.channels.map(({ channel }) => channel)).toEqual(['b'])
    expect((await run('inspect', 'data.csv', '--config', 'empty.yaml')).code).toBe(0)
  })

  test.each<[string, string]>([
    ['series: 3\n\nponits: 5\n', 'c.yaml, line 3: latent-ode simulate has no option "ponits". Did you mean "points"?'],
    ['kind: spirals\n', 'c.yaml, line 1: latent-ode simulate has no option "kind".'],
    ['json: true\n', 'c.yaml, line 1: latent-ode simulate has no option "json".'],
    ['seed: 1\nseries: many\n', 'c.yaml, line 2: series is "many", but must be a whole number from 1 to 1000000.'],
    ['series:\n', 'c.yaml, line 1: series is null, but must be a whole number from 1 to 1000000.'],
    ['series: {a: 1}\n', 'c.yaml, line 1: series is {"a":1}, but must be a whole number from 1 to 1000000.'],
    ['rows-observed: 1\nrowsObserved: 1\n', 'c.yaml, line 2: the option "rowsObserved" is given twice. Keep one of them.'],
    ['seed: 1\nseries: [1\n', 'c.yaml, line 3: this is not YAML:'],
    ['- 1\n', 'c.yaml: the file must hold options by name. Write one a line, like "epochs: 50".'],
  ])('%j is refused', async (text, message) => {
    folder.write('c.yaml', text)
    const { code, out, err } = await simulate('--config', 'c.yaml')
    expect(err).toContain(message)
    expect([code, out]).toEqual([2, ''])
  })
})

describe('failures of the program', () => {
  afterEach(() => vi.restoreAllMocks())

  test('exit code 1, and how to see more', async () => {
    vi.spyOn(
      commands.find((entry) => commandName(entry) === 'doctor')!,
      'load',
    ).mockRejectedValue(new TypeError('boom'))
    expect(await run('doctor')).toEqual({
      code: 1,
      out: '',
      err: 'latent-ode: boom\nThis was not expected. LATENT_ODE_DEBUG=1 shows where it happened.\n',
    })
  })

  test('a reader that has enough ends the program quietly', async () => {
    const io = fakeIo()
    const closed = {
      ...io,
      stdout: { write: (_: string, done: (error?: Error) => void) => (done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })), true) },
    }
    expect(await runCommandLine(['simulate', 'periodic', '--series', '2', '--out', '-'], closed)).toBe(0)
    expect(io.text.err).toBe('')
  })

  test('a full disk behind standard output', async () => {
    const io = fakeIo()
    const full = {
      ...io,
      stdout: { write: (_: string, done: (error?: Error) => void) => (done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })), true) },
    }
    expect(await runCommandLine(['simulate', 'periodic', '--series', '2', '--out', '-'], full)).toBe(2)
    expect(io.text.err).toBe(
      'latent-ode: Standard output cannot be written: the disk is full. Make room, or write to another place with --out.\n',
    )
  })
})
