import { describe, expect, test } from 'vitest'
import { dress } from '../../src/cli/terminal/dress.js'
import { terminalOf, type Terminal } from '../../src/cli/terminal/terminal.js'

const screen = { isTTY: true, columns: 72 }
const pipe = {}

describe('what a stream can show', () => {
  test.each<[string, object, Record<string, string>, boolean]>([
    ['a terminal', screen, {}, true],
    ['a pipe', pipe, {}, false],
    ['NO_COLOR', screen, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR says nothing', screen, { NO_COLOR: '' }, true],
    ['FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, true],
    ['an empty FORCE_COLOR is one', pipe, { FORCE_COLOR: '' }, true],
    ['FORCE_COLOR=0', screen, { FORCE_COLOR: '0' }, false],
    ['both', pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['a dumb terminal', screen, { TERM: 'dumb' }, false],
  ])('colour: %s', (_, stream, env, colour) => expect(terminalOf(stream, env).colour).toBe(colour))

  test.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{ LC_ALL: 'POSIX' }, false],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'en_GB.UTF-8' }, true],
    [{ LANG: 'de_DE.ISO-8859-1' }, false],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, false],
  ])('letters beyond ASCII: %j', (env, unicode) => expect(terminalOf(screen, env).unicode).toBe(unicode))

  test('widths are those of terminals; lines of pipes stay whole', () => {
    expect(terminalOf(screen, {}).columns).toBe(72)
    expect(terminalOf({ isTTY: true }, {}).columns).toBe(80)
    expect(terminalOf({ isTTY: true, columns: 0 }, {}).columns).toBe(20)
    expect(terminalOf({ columns: 72 }, {}).columns).toBe(Infinity)
  })

  test('a line can be drawn over again on a terminal that is not dumb', () => {
    expect([terminalOf(screen, {}).live, terminalOf(screen, { TERM: 'dumb' }).live, terminalOf(pipe, {}).live]).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('dress', () => {
  const plain: Terminal = { columns: Infinity, colour: false, unicode: true, live: false }
  const wide = (columns: number): Terminal => ({ ...plain, columns })

  test('prose is broken between words and goes on below itself', () => {
    expect(dress('one two three four', wide(10))).toBe('one two\nthree four')
    expect(dress('  one two three four', wide(11))).toBe('  one two\n  three\n  four')
    expect(dress('Name    one two three', wide(16))).toBe('Name    one two\n        three')
    expect(dress('short\n\nlines\n', wide(10))).toBe('short\n\nlines\n')
  })

  test('commands to copy and rows of tables stay whole', () => {
    const command = '  latent-ode fit a-name-that-is-long.csv --id patient'
    expect(dress(command, wide(20))).toBe(command)
    const row = 'position   3,200      0 %  0.0164  0.495'
    expect(dress(row, wide(20))).toBe(row)
  })

  test('every width: no line too long where its words are not', () => {
    const text =
      'Warning: Forecasts of 177 of 200 series run up to 2.49 units past the span.\n  Series are told apart by the column "id" (--id ' +
      'names another).\nKept   epoch 3: loss 4.004, validation 4.054'
    for (let columns = 20; columns < 100; columns++) {
      const shown = dress(text, wide(columns))
      for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
      expect(shown.split(/\s+/)).toEqual(text.split(/\s+/))
    }
  })

  test('colours', () => {
    const shown = dress('latent-ode: no\nWarning: odd\nNext:\n  latent-ode fit a.csv\nOdd: text', { ...plain, colour: true })
    expect(shown).toBe(
      '\u001b[1m\u001b[31mlatent-ode:\u001b[0m no\n\u001b[33mWarning:\u001b[0m odd\n\u001b[1mNext:\u001b[0m\n  \u001b[36mlatent-ode ' +
        'fit a.csv\u001b[0m\nOdd: text',
    )
  })

  test('ASCII where there is nothing else; names of the user stay', () => {
    expect(dress('5 → 4, –, ±2 … Größe', { ...plain, unicode: false })).toBe('5 -> 4, -, +-2 ... Größe')
  })

  test('what a file holds does not command the terminal', () => {
    expect(dress('column \u001b[2J\u0007\u009b31mred', plain)).toBe('column \ufffd[2J\ufffd\ufffd31mred')
  })
})
