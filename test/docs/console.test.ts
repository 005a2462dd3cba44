import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { commands } from '../../src/cli/commands/index.js'
import { parseCommandLine } from '../../src/cli/parsing/parse.js'
import { fitOptions } from '../../src/train/options.js'
import { blocksOf, pages } from './blocks.js'
import { root } from './package.js'

/**
 * What is done with a fenced block, by its language. Nothing else may be fenced.
 *
 * - `ts`: its types are checked, and it is run (examples.test.ts)
 * - `sh`: commands of a user, all run (examples.test.ts)
 * - `console`: commands in a clone of the repository, or ones that compute for minutes: not run here, since they are the
 *   tests, the build and the benchmarks themselves; that each of them exists, and takes these options, is checked below
 * - `js`: for the console of a browser in which a report is open: checked for its syntax only
 * - `yaml`: options of a fit, checked below
 * - `python`: what one would write for other packages; run where Python has them (python.test.ts)
 * - `text`: what a command printed. docs/cli.md is compared with the commands (cliReference.test.ts); the figures of
 *   docs/performance.md are of one machine on one day
 */
const kinds = ['ts', 'sh', 'js', 'console', 'yaml', 'python', 'text']
const blocks = pages.flatMap(blocksOf)
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

test('every fenced block is of a kind that is checked', () => {
  expect(
    blocks.filter(({ language }) => !kinds.includes(language)).map(({ where, language }) => `${where} ${language || 'has no language'}`),
  ).toEqual([])
})

test('blocks of a user have commands of latent-ode only', () => {
  const others = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ where, text }) =>
      linesOf(text)
        .filter((line) => !line.startsWith('npx latent-ode '))
        .map((line) => `${where} ${line}`),
    )
  expect(others).toEqual([])
})

describe('commands in a clone', () => {
  const lines = blocks
    .filter(({ language }) => language === 'console')
    .flatMap(({ where, text }) => linesOf(text).map((line) => ({ where, line })))

  test('there are some', () => expect(lines).not.toEqual([]))

  test.each(lines)('$where: $line', async ({ line }) => {
    for (const command of line.split('&&')) await checkCommand(command.trim())
  })
})

test.each(blocks.filter(({ language }) => language === 'js'))('$where is JavaScript', ({ text }) => {
  expect(() => new Script(text)).not.toThrow()
})

test.each(blocks.filter(({ language }) => language === 'yaml'))('$where is a configuration of fit', ({ text }) => {
  const camel = Object.fromEntries(
    Object.entries(parse(text) as Record<string, unknown>).map(([key, value]) => [
      key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
  expect(fitOptions.safeParse(camel)).toMatchObject({ success: true })
})

/** The commands of a block, without comments. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/\s+#.*$/, '')
        .replace(/^#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '')
}

/** Fails for a command that there is not. */
async function checkCommand(command: string): Promise<void> {
  const [program = '', first = '', ...rest] = command.replace(/^([A-Z_]+=\S* )+/, '').split(/\s+/)
  const words = [first, ...rest]
  switch (`${program} ${first}`) {
    case 'npm install':
      return expect(rest).toEqual([])
    case 'npm test':
      return expect(Object.keys(scripts)).toContain('test')
    case 'npm run':
      return expect(Object.keys(scripts)).toContain(rest[0])
    case 'npx vitest': {
      expect(rest[0]).toBe('run')
      const paths = rest.slice(1).filter((word) => word.startsWith('test/'))
      expect(paths).not.toEqual([])
      return expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
    }
    case 'npx latent-ode':
      expect((await parseCommandLine(rest, commands)).kind).toBe('run')
      return
    default:
      expect(program).toBe('node')
      return expect(words.filter((word) => /\.(mjs|js)$/.test(word) && !existsSync(join(root, word)))).toEqual([])
  }
}
