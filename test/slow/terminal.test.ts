import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProgram, start } from '../cli/built.js'
import { useFolder } from '../cli/io.js'

const folder = useFolder()
const python = spawnSync('python3', ['-c', 'import pty, sys; sys.exit(sys.version_info < (3, 9))']).status === 0
const script = fileURLToPath(new URL('terminal.py', import.meta.url))
let program: ReturnType<typeof buildProgram>

beforeAll(() => {
  program = buildProgram()
  folder.write('good.csv', `id,time,a\n${Array.from({ length: 60 }, (_, i) => `${i % 6},${i},${(i * 7) % 5}`).join('\n')}\n`)
}, 60_000)
afterAll(() => program.remove())

const tiny = [
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
  '--threads',
  '1',
]
const plain = { TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: null, NO_COLOR: null, FORCE_COLOR: null, LATENT_ODE_THREADS: null }

interface Seen {
  readonly out: string
  readonly code: number
}

/** Runs the program as a person would, on a terminal. */
function onTerminal(
  words: readonly string[],
  { columns = 80, env = {}, keys = [] }: { columns?: number; env?: Record<string, string | null>; keys?: [string, string][] } = {},
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', [
      script,
      JSON.stringify({ words: [process.execPath, program.main, ...words], columns, env: { ...plain, ...env }, keys }),
    ])
    let [out, err] = ['', '']
    child.stdout.on('data', (text: Buffer) => (out += text.toString()))
    child.stderr.on('data', (text: Buffer) => (err += text.toString()))
    child.on('close', () => (err === '' ? resolve(JSON.parse(out) as Seen) : reject(new Error(err))))
  })
}

const ESCAPE = '\u001b['

/** What is left on the screen, line by line: carriage returns and erasing obeyed, colours left out. */
function screen(out: string): string[] {
  const lines = ['']
  let column = 0
  // eslint-disable-next-line no-control-regex
  for (const [piece] of out.matchAll(/\u001b\[[?\d;]*[a-zA-Z]|\r|\n|[^\u001b\r\n]+/g)) {
    const line = lines.at(-1)!
    if (piece === '\r') column = 0
    else if (piece === '\n') column = lines.push('') && 0
    else if (piece === `${ESCAPE}K`) lines[lines.length - 1] = line.slice(0, column)
    else if (!piece.startsWith(ESCAPE)) {
      lines[lines.length - 1] = line.slice(0, column) + piece + line.slice(column + piece.length)
      column += piece.length
    }
  }
  return lines
}

describe.skipIf(!python)('on a terminal (skipped where there is no python3)', () => {
  test('errors are coloured and broken at the width; NO_COLOR and TERM=dumb forbid colours', async () => {
    const { out, code } = await onTerminal(['fit', 'none.csv'], { columns: 40 })
    expect(code).toBe(2)
    expect(out.startsWith(`${ESCAPE}1m${ESCAPE}31mlatent-ode:${ESCAPE}0m none.csv`)).toBe(true)
    expect(screen(out)).toEqual(['latent-ode: none.csv: there is no such', 'file. Check the name and the folder you', 'are in.', ''])
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }] as Record<string, string>[])
      expect((await onTerminal(['fit', 'none.csv'], { env })).out).not.toContain(ESCAPE)
  }, 60_000)

  test.each([40, 80, 200])(
    '%d columns: nothing is wider but commands and words',
    async (columns) => {
      for (const words of [['--help'], ['fit', '--help'], ['inspect', 'good.csv'], ['doctor']]) {
        const { out, code } = await onTerminal(words, { columns })
        expect(code).toBe(0)
        for (const line of screen(out))
          if (!/^ *latent-ode /.test(line) && line.trim().includes(' '))
            expect(line.length, `${words.join(' ')}: ${line}`).toBeLessThanOrEqual(columns)
      }
    },
    120_000,
  )

  test('fit: the bar is drawn, then gone; curves in the summary; the cursor is back', async () => {
    const { out, code } = await onTerminal(['fit', 'good.csv', ...tiny, '--epochs', '4'])
    expect(code).toBe(0)
    expect(out).toContain(' % | epoch 4 of 4 | loss ')
    expect(out).toMatch(/[█░]{8,24} +\d+ %/)
    expect(out.lastIndexOf(`${ESCAPE}?25h`)).toBeGreaterThan(out.lastIndexOf(`${ESCAPE}?25l`))
    const left = screen(out).join('\n')
    expect(left).not.toContain(' % | epoch')
    expect(left).toMatch(/^Loss +[▁▂▃▄▅▆▇█]{4} {2}\S+ → \S+$/m)
  }, 60_000)

  test('without Unicode, ASCII; without a clever terminal, lines', async () => {
    const ascii = await onTerminal(['fit', 'good.csv', ...tiny, '--epochs', '3'], { env: { LC_ALL: 'C' } })
    // eslint-disable-next-line no-control-regex
    expect(ascii.out).toMatch(/^[\u0000-\u007f]*$/)
    expect(ascii.out).toMatch(/[#-]{8,24} +\d+ %/)
    const dumb = await onTerminal(['fit', 'good.csv', ...tiny, '--epochs', '3'], { env: { TERM: 'dumb' } })
    expect(dumb.out).not.toContain('\u001b')
    expect(dumb.out).toContain('Epoch 3 of 3: loss ')
  }, 60_000)

  test('Ctrl-C saves, says so, and leaves the screen in order; what it says to type goes on', async () => {
    // Whichever epoch the bar is drawn in first: it is not drawn in all.
    const { out, code } = await onTerminal(['fit', 'good.csv', ...tiny, '--epochs', '100000', '--patience', '0'], {
      keys: [[' | loss ', '\u0003']],
    })
    expect(code).toBe(130)
    expect(out.lastIndexOf(`${ESCAPE}?25h`)).toBeGreaterThan(out.lastIndexOf(`${ESCAPE}?25l`))
    const left = screen(out).join('\n')
    expect(left).toContain('Warning: Finishing the step, then saving. Ctrl-C again ends at once.\n')
    expect(left).toMatch(
      /Interrupted after [\d,]+ steps \(\d+ whole epochs\), saved in\s+good\.checkpoint\.safetensors\.\nTo go on:\n {2}latent-ode fit good\.csv --threads 1 --resume\n/,
    )
    expect(existsSync('good.checkpoint.safetensors')).toBe(true)
    expect(
      (await start(process.execPath, [program.main, 'fit', 'good.csv', '--threads', '1', '--resume', '--epochs', '8', '-q']).done).code,
    ).toBe(0)
    expect(existsSync('good.checkpoint.safetensors')).toBe(false)
  }, 60_000)
})

describe('in a pipe', () => {
  test('no colours, whole lines; FORCE_COLOR brings them', async () => {
    const words = ['-c', `"$0" "$1" fit none.csv`, process.execPath, program.main]
    const { err } = await start('sh', words, { FORCE_COLOR: '' }).done
    expect(err).toContain(ESCAPE)
    const without = await start('sh', ['-c', `unset FORCE_COLOR; ${words[1]!}`, ...words.slice(2)]).done
    expect(without.err).toBe('latent-ode: none.csv: there is no such file. Check the name and the folder you are in.\n')
  }, 60_000)

  test.each(['simulate periodic --out -', 'fit --help', 'inspect good.csv', 'simulate spirals --json'])(
    'a reader that has enough: %s',
    async (line) => {
      const { out, err } = await start('bash', [
        '-c',
        `"$0" "$1" ${line} | head -c 5; echo; echo "\${PIPESTATUS[0]}"`,
        process.execPath,
        program.main,
      ]).done
      expect(err).toBe('')
      expect(out.split('\n').slice(-3)).toEqual([expect.stringMatching(/^.{0,5}$/), '0', ''])
    },
    60_000,
  )

  test('--json is one document everywhere, also for help and mistakes', async () => {
    for (const words of [
      ['doctor'],
      ['inspect', 'good.csv'],
      ['--help'],
      ['fit', '--help'],
      ['--version'],
      ['fti'],
      [],
      ['completion', 'zsh'],
      ['fit', 'none.csv', '-v'],
      ['inspect', 'good.csv', '--verbose'],
    ]) {
      const { out } = await start(process.execPath, [program.main, ...words, '--json']).done
      expect(out, words.join(' ')).toMatch(/^\{.*\}\n$/)
      JSON.parse(out)
    }
  }, 120_000)
})
