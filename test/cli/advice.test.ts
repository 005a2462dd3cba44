import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { run, runJson, useFolder } from './io.js'

const folder = useFolder()

/** The words that a shell makes of what a message says to type. */
const typed = (text: string): string[] =>
  execFileSync('bash', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)

const rows = (cells: readonly string[], header = 'id,time,x'): string =>
  `${header}\n${cells.map((cell, i) => `p,${i},${cell}`).join('\n')}\n`
const visits = ['calm', 'rough', 'fair']
  .flatMap((id, s) => Array.from({ length: 9 }, (_, i) => `${id},${i * 3.17 + s},${(i * 7) % 5}`))
  .join('\n')

/** What is wrong with a file, and what the message says to type, all of which must work. */
const refused: [name: string, text: string, code: string, advice: string[]][] = [
  ['words among numbers', rows(['1', 'high', '2', 'not done', '3', '4']), 'TextInNumericColumn', ["--missing 'high,not done'"]],
  ['a word with a comma', rows(['1', '"no, none"', '2', '3']), 'TextInNumericColumn', [`--missing '"no, none"'`]],
  ['a word that begins with a dash', rows(['1', '-x', '2', '3']), 'TextInNumericColumn', ['--missing=-x']],
  ['a word with an apostrophe', rows(['1', "can't", '2', '3']), 'TextInNumericColumn', [`--missing 'can'\\''t'`]],
  ['a word of two lines', rows(['1', '"not\nyet"', '2', '3']), 'TextInNumericColumn', ["--missing $'not\\u000ayet'"]],
  ['numbers that could be two', rows(['850', '990', '1.020']), 'AmbiguousNumbers', ['--decimal .', '--thousands .']],
  ['a column that may be the id', `zzz,day,x\n${visits}\n`, 'AmbiguousId', ['--id zzz', '--id none']],
  ['one with a blank in its name', `zzz zz,day,x\n${visits}\n`, 'AmbiguousId', ["--id 'zzz zz'", '--id none']],
  [
    'rows that a second column tells apart',
    `store,item,day,x\n${[0, 1, 2, 3].flatMap((day) => ['a', 'b'].flatMap((s) => ['u', 'v'].map((item, i) => `${s},${item},${day},${day * day + i}`))).join('\n')}\n`,
    'DuplicateRows',
    ['--id store,item'],
  ],
  ['rows of one id and time', 'id,time,x\np,0,1\np,0,2\np,1,3\n', 'DuplicateRows', ['--duplicates mean', '--duplicates last']],
  [
    'dates that could be two',
    'id,date,x\np,03/04/2024,1\np,05/04/2024,2\n',
    'AmbiguousDates',
    ['--date-format dd/MM/yyyy', '--date-format MM/dd/yyyy'],
  ],
]

/** What a notice says to type, and what that changes. */
const noticed: [name: string, text: string, advice: string][] = [
  ['a sign for missing values', rows(['5.1', '-999.0', '5.3', '4.9', '5.0', '-999']), '--missing=-999'],
]

describe('what a message says to type works when it is typed', () => {
  for (const [name, text, code, advice] of refused) {
    test(name, async () => {
      folder.write('bad.csv', text)
      const { code: exit, document, err } = await runJson<{ error: { code: string } }>('inspect', 'bad.csv')
      expect([exit, document.error.code]).toEqual([2, code])
      for (const one of advice) {
        expect(err).toContain(one)
        expect(await run('inspect', 'bad.csv', ...typed(one))).toMatchObject({ code: 0, err: '' })
      }
    })
  }
  for (const [name, text, advice] of noticed) {
    test(name, async () => {
      folder.write('odd.csv', text)
      const { out } = await run('inspect', 'odd.csv')
      expect(out).toContain(advice)
      const again = await run('inspect', 'odd.csv', ...typed(advice))
      expect(again.code).toBe(0)
      expect(again.out).not.toContain('far from all others')
    })
  }
})

describe('options that are lists', () => {
  test('may be given in pieces, and in quotes', async () => {
    folder.write('wide.csv', 'id,time,a,"b, c",d\np,0,1,2,3\np,1,2,4,5\np,2,5,6,9\n')
    const channels = async (...words: string[]): Promise<string[]> =>
      (await runJson<{ channels: { channel: string }[] }>('inspect', 'wide.csv', ...words)).document.channels.map(({ channel }) => channel)
    expect(await channels('--values', 'a', '--values', 'd')).toEqual(['a', 'd'])
    expect(await channels('--values', 'd,a')).toEqual(['d', 'a'])
    expect(await channels('--values', '"b, c",a')).toEqual(['b, c', 'a'])
    expect(await channels('--values', 'b, c')).toEqual(['b, c'])
    expect(await channels('--values=a', '--values="b, c"')).toEqual(['a', 'b, c'])
  })
  test('of options that are none the last counts', async () => {
    folder.write('ids.csv', 'a,b,time,x\np,u,0,1\np,v,1,2\nq,u,2,3\nq,v,3,4\n')
    expect((await runJson<{ idColumn: string }>('inspect', 'ids.csv', '--id', 'a', '--id', 'b')).document.idColumn).toBe('b')
  })
})
