import { describe, expect, test } from 'vitest'
import { answer } from '../../src/cli/completion/complete.js'
import { commands } from '../../src/cli/commands/index.js'
import { run, runJson, useFolder } from './io.js'

const folder = useFolder()
const rows = (delimiter: string): string =>
  Array.from({ length: 24 }, (_, i) => [`Zoë ${i % 4}`, Math.floor(i / 4), (i * 7) % 11].join(delimiter)).join('\n')

describe('how a text is written', () => {
  test('is recognised, and said', async () => {
    folder.write('visits.csv', Buffer.from(`Report of the clinic\n\nid;time;µ\n;h;mg/dL\n${rows(';')}\n`, 'latin1'))
    const { code, out } = await run('inspect', 'visits.csv')
    expect(code).toBe(0)
    expect(out).toContain('Series  4, told apart by the column "id"')
    expect(out).toContain('Read as Windows-1252 (--encoding names another).')
    expect(out).toContain('Left out what stands above the header on line 3 (--skip-rows 0 reads from the first line).')
    expect(out).toContain('Line 4 is taken as a row of units: "time" in "h", "µ" in "mg/dL".')
  })
  test('is as the options say, which the next command repeats', async () => {
    folder.write('visits.csv', Buffer.from(`a b\n1 2\nid time µ\n${rows(' ').replaceAll('Zoë ', 'z')}\n`, 'utf16le'))
    const { code, out } = await run('inspect', 'visits.csv', '--encoding', 'utf-16le', '--skip-rows', '2', '--delimiter', 'space')
    expect(code).toBe(0)
    expect(out).toContain('  latent-ode fit visits.csv --delimiter space --encoding utf-16le --skip-rows 2')
    const { document } = await runJson('inspect', 'visits.csv', '--skip-rows', '2')
    expect(document).toMatchObject({ channels: [{ channel: 'µ' }], idColumn: 'id' })
  })
  test('an encoding that there is not', async () => {
    folder.write('visits.csv', `id,time,x\n${rows(',')}\n`)
    const { code, err } = await run('fit', 'visits.csv', '--encoding', 'latin-7')
    expect(code).toBe(2)
    expect(err).toContain(
      'latent-ode: There is no encoding "latin-7" here. Did you mean latin1? Common ones are utf-8, utf-16, windows-1252',
    )
  })
  test('options of text for a file that is none', async () => {
    folder.write('visits.csv', `id,time,x\n${rows(',')}\n`)
    const { code, err } = await run('fit', 'visits.csv', '--skip-rows', '-1')
    expect(code).toBe(2)
    expect(err).toContain('--skip-rows')
  })
  test('completion knows the columns below what is skipped', async () => {
    folder.write('visits.csv', `a,b\n1,2\nwho,when,what\n${rows(',')}\n`)
    expect(await answer(['zsh', 'fit', 'visits.csv', '--skip-rows', '2', '--id', 'w'], commands)).toBe('who\nwhen\nwhat\n')
    expect(await answer(['zsh', 'fit', 'visits.csv', '--skip-rows=2', '--delimiter', ',', '--id', 'w'], commands)).toBe('who\nwhen\nwhat\n')
  })
})
