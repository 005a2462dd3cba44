import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commandName } from '../../src/cli/command.js'
import { commands } from '../../src/cli/commands/index.js'
import { answer } from '../../src/cli/completion/complete.js'
import { buildProgram } from './built.js'
import { run, runJson, useFolder } from './io.js'

const folder = useFolder()

beforeEach(() => {
  folder.write('visits.csv', 'patient,day,bilirubin,first visit\n1,0,2,3\n')
  folder.write('my visits.csv', 'who,when,what\n1,0,2\n')
  folder.write('a.model.safetensors', '')
  folder.write('fit.yaml', '')
  mkdirSync('more', { recursive: true })
})

describe('what may stand at the cursor', () => {
  const words = async (...typed: string[]): Promise<string[]> =>
    (await answer(['zsh', ...typed], commands))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]!)
      .filter((line) => line !== '')

  test('commands and what they do', async () => {
    expect(await words('')).toEqual([...commands.map(commandName), 'help'])
    expect(await words('pr')).toEqual(['predict'])
    expect(await words('help', '')).toEqual([...commands.map(commandName), 'help'])
    expect(await answer(['fish', 'fi'], commands)).toBe('fit\tFit a latent ODE to a table of measurements\n')
    expect(await words('--ve')).toEqual(['--version', '--verbose'])
  })

  test('options of a command, without those given', async () => {
    expect(await words('evaluate', 'm', 'd', '--sa')).toEqual(['--samples'])
    expect(await words('evaluate', 'm', 'd', '--samples', '5', '--s')).toEqual(['--shown', '--scoring', '--seed', '--skip-rows'])
    // The model knows its channels.
    expect(await words('evaluate', 'm', 'd', '--values')).toEqual([])
    expect(await words('fit', '--conf')).toEqual(['--config'])
    for (const entry of commands) expect(await words(commandName(entry), '--')).toContain('--json')
  })

  test('choices, of options in both spellings and of words', async () => {
    expect(await words('fit', 'd', '--optimiser', '')).toEqual(['adam', 'adamax'])
    expect(await words('fit', 'd', '--optimiser=adama')).toEqual(['--optimiser=adamax'])
    expect(await words('simulate', 's')).toEqual(['spirals'])
    expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(await words('fit', 'd', '--epochs', '')).toEqual([])
  })

  test('files: data, models, settings', async () => {
    expect(await words('fit', '')).toEqual([':files'])
    expect(await words('fit', '--epochs', '5', 'v')).toEqual([':files'])
    expect(await words('predict', '')).toEqual([':files.safetensors'])
    expect(await words('predict', 'a.model.safetensors', '')).toEqual([':files'])
    expect(await words('fit', 'd', '--config', '')).toEqual([':files.yaml'])
    expect(await words('fit', 'd', '--out', '')).toEqual([':files'])
    expect(await words('fit', 'd', '')).toEqual([])
  })

  test('names of columns, from the header of the data file', async () => {
    expect(await words('fit', 'visits.csv', '--id', '')).toEqual(['patient', 'day', 'bilirubin', 'first visit'])
    expect(await words('predict', 'a.model.safetensors', 'visits.csv', '--time', 'd')).toEqual(['day'])
    expect(await words('fit', '--quiet', 'my visits.csv', '--time=w')).toEqual(['--time=who', '--time=when', '--time=what'])
    expect(await words('fit', 'visits.csv', '--values', 'day,b')).toEqual(['day,bilirubin', ':open'])
    expect(await words('fit', 'none.csv', '--id', '')).toEqual([])
    expect(await words('fit', '-', '--id', '')).toEqual([])
  })

  test('bash cuts words at =', async () => {
    expect(await answer(['bash', 'fit', 'visits.csv', '--time', '=', 'd'], commands)).toBe('day\n')
    expect(await answer(['bash', 'fit', 'visits.csv', '--time', '='], commands)).toBe('patient\nday\nbilirubin\nfirst visit\n')
  })

  test('an unknown shell gets nothing, and the program answers within a run', async () => {
    expect(await answer(['csh', 'fi'], commands)).toBe('')
    expect(await answer([], commands)).toBe('')
    expect(await run('__complete', 'zsh', 'doc')).toEqual({
      code: 0,
      out: 'doctor\tShow what can compute here, and why the rest cannot\n',
      err: '',
    })
  })
})

describe('scripts', () => {
  const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0
  let program: ReturnType<typeof buildProgram>
  let path = ''

  beforeAll(() => {
    program = buildProgram()
    mkdirSync('bin')
    chmodSync(program.main, 0o755)
    symlinkSync(program.main, 'bin/latent-ode')
    path = `${join(folder.path, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`
  }, 60_000)
  afterAll(() => program.remove())

  const shell = (name: string, script: string): string => {
    writeFileSync('script', script)
    const { stdout, stderr, status } = spawnSync(
      name,
      [...(name === 'zsh' ? ['-f'] : name === 'bash' ? ['--norc'] : ['--no-config']), 'script'],
      { encoding: 'utf8', env: { ...process.env, PATH: path, HOME: folder.path, TERM: 'dumb' } },
    )
    expect(stderr).toBe('')
    expect(status).toBe(0)
    return stdout
  }

  /** What bash itself would offer: it calls the function that `complete` names, with the variables it sets. */
  const inBash = (...lines: string[][]): string[][] =>
    shell(
      'bash',
      `eval "$(latent-ode completion bash)"
complete -p latent-ode >/dev/null || exit 1
offer() {
  COMP_WORDS=(latent-ode "$@"); COMP_CWORD=$#; COMPREPLY=()
  _latent_ode latent-ode "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}" 2>/dev/null
  local IFS='|'; echo "\${COMPREPLY[*]}"
}
${lines.map((words) => `offer ${words.map((word) => `'${word}'`).join(' ')}`).join('\n')}
`,
    )
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|').sort())

  test('bash', () => {
    expect(
      inBash(
        ['ins'],
        ['fit', 'visits.csv', '--id', 'p'],
        ['fit', 'visits.csv', '--time', '=', 'f'],
        ['fit', 'vis'],
        ['predict', ''],
        ['fit', 'my visits.csv', '--id', 'wha'],
        ['fit', 'visits.csv', '--values', 'day,p'],
      ),
    ).toEqual([
      ['inspect'],
      ['patient'],
      ['first\\ visit'],
      ['visits.csv'],
      ['a.model.safetensors', 'bin', 'more'],
      ['what'],
      ['day,patient'],
    ])
  }, 60_000)

  test.skipIf(!has('zsh'))(
    'zsh (skipped where there is none)',
    () => {
      // Its own functions show what they are given.
      const out = shell(
        'zsh',
        `functions[compdef]='true'; eval "$(latent-ode completion zsh)"
_describe() { print -r -- "describe: \${(P)4[*]} \${@[5,-1]}" }
_files() { print -r -- "files: $*" }
offer() { words=(latent-ode "$@"); CURRENT=$#words; _latent_ode }
offer ins
offer fit visits.csv --id ''
offer predict ''
offer fit ''
offer fit visits.csv --values day,
`,
      )
      expect(out.split('\n')).toEqual([
        'describe: inspect:Show what is in a data file or a model file ',
        'describe: patient day bilirubin first visit ',
        'files: -g *.safetensors',
        'files: ',
        'describe: day,patient day,bilirubin day,first visit -S ',
        '',
      ])
    },
    60_000,
  )

  test.skipIf(!has('fish'))(
    'fish (skipped where there is none)',
    () => {
      const out = shell(
        'fish',
        `latent-ode completion fish | source
complete -C 'latent-ode ins'
echo ==
complete -C 'latent-ode fit visits.csv --id p'
echo ==
complete -C 'latent-ode fit vis'
echo ==
complete -C 'latent-ode fit visits.csv --time='
echo ==
complete -C 'latent-ode predict a'
`,
      )
      expect(out.split('==\n')[0]).toBe('inspect\tShow what is in a data file or a model file\n')
      expect(out).toContain('patient\n')
      expect(out).toContain('visits.csv')
      expect(out).toContain('--time=day\n')
      expect(out).toContain('a.model.safetensors')
    },
    60_000,
  )
})

describe('latent-ode completion', () => {
  test('prints the script of a shell, or of the one in use', async () => {
    expect((await run('completion', 'bash')).out).toContain('complete -F _latent_ode latent-ode')
    const { document } = await runJson<{ shell: string; script: string }>('completion', 'fish')
    expect(document.shell).toBe('fish')
    expect((await run('completion', 'fish')).out).toBe(document.script)
  })

  test('a shell that it does not know', async () => {
    expect(await run('completion', 'tcsh')).toEqual({
      code: 2,
      out: '',
      err: 'latent-ode: <shell> is "tcsh", but must be one of bash, zsh, fish.\n',
    })
    // The io of tests has no SHELL.
    expect((await run('completion')).err).toContain('Name one: latent-ode completion bash.')
  })
})
