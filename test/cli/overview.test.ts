import { expect, test } from 'vitest'
import { commands } from '../../src/cli/commands/index.js'
import { asksForOverview, overview } from '../../src/cli/parsing/overview.js'
import { parseCommandLine } from '../../src/cli/parsing/parse.js'

test('no line is longer than the terminal is wide, and no word gets lost', () => {
  const words = (columns: number): string[] => overview(commands, columns).split(/\s+/).sort()
  for (const columns of [60, 70, 80, 92, 100, 110]) {
    for (const line of overview(commands, columns).split('\n')) expect(line.length, `${columns}: ${line}`).toBeLessThanOrEqual(columns)
    expect(words(columns)).toEqual(words(200))
  }
})

test('a description that does not fit goes on below itself, its type flush right', () => {
  const lines = overview(commands, 80).split('\n')
  const at = lines.findIndex((line) => line.includes('--json'))
  expect(lines.slice(at, at + 2)).toEqual([
    '      --json     Print one JSON document on standard output, and nothing else',
    '                 there                                                 [boolean]',
  ])
})

test('it is what help shows wherever no command is named', async () => {
  expect(asksForOverview(['-h'], commands)).toBe(true)
  expect(asksForOverview(['fit', '--help'], commands)).toBe(false)
  expect(asksForOverview(['--json'], commands)).toBe(false)
  const text = { kind: 'help', about: 'help', text: `${overview(commands, 80)}\n` }
  // The last is left to yargs, which takes "fit" for the file.
  for (const words of [['--help'], ['-h', '--json'], ['fti', '--help'], ['help'], ['--config', 'fit', '--help']])
    expect(await parseCommandLine(words, commands, 80), words.join(' ')).toEqual(text)
})
